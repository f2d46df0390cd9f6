//! What waits for a person. The same thing found again is the same finding, settled or not; open and
//! settled ones lie apart, so that the list of open ones stays short to read.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::Timestamp;
use domain::id::FindingId;
use domain::notice::Finding;

use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::item::{Attributes, FindingKeyRow, Item, from_item, to_item};
use crate::key::{FINDINGS, Key};
use crate::page::{Page, PageRequest};
use crate::read::{List, key_map};
use crate::store::Store;
use crate::transact::Transacted;

impl Store {
    /// The open findings, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn findings(&self, page: PageRequest) -> Result<Page<Finding>, StoreError> {
        let list = List { pk: FINDINGS.to_owned(), prefix: "OPEN#".to_owned(), consistent: true };
        self.page(&list, &page, |_| true).await
    }

    /// Keeps a finding, unless the same thing was found before; whether it is new.
    ///
    /// # Errors
    /// What the store says.
    pub async fn put_finding(&self, finding: &Finding) -> Result<bool, StoreError> {
        let unique = FindingKeyRow { about: finding.key.clone(), finding_id: finding.id.clone() };
        if self.get::<FindingKeyRow>(&unique.key()).await?.is_some() {
            return Ok(false);
        }
        let writes = vec![self.put_if_absent(to_item(&unique))?, self.put_if_absent(to_item(finding))?];
        self.transact(writes, self.entropy().token()).await.map(|_| true)
    }

    /// A finding, open or settled.
    ///
    /// # Errors
    /// What the store says.
    pub async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        let found = self.get_all(&[Key::OpenFinding(id.clone()), Key::SettledFinding(id.clone())]).await?;
        found.first().map(from_item).transpose()
    }

    /// Settles a finding; one that is settled already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn resolve_finding(&self, id: &FindingId, at: Timestamp) -> Result<Finding, StoreError> {
        let mut finding = self.finding(id).await?.ok_or(StoreError::NotFound)?;
        if finding.resolved_at.is_some() {
            return Ok(finding);
        }
        let open = self.delete_if_present(&finding.key())?;
        finding.resolved_at = Some(at);
        let settled = self.put_if_absent(to_item(&finding))?;
        match self.transact(vec![open, settled], self.entropy().token()).await? {
            Transacted::Done => Ok(finding),
            Transacted::Refused(_) => Err(Conflict::VersionMoved(What::Finding).into()),
        }
    }

    pub(crate) fn put_if_absent(&self, item: Attributes) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.table()).set_item(Some(item)).set_condition_expression(Expression::absent().condition());
        Ok(TransactWriteItem::builder().put(put.build().map_err(StoreError::unavailable)?).build())
    }

    fn delete_if_present(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(self.table())
            .set_key(Some(key_map(&key.pk(), &key.sk())))
            .set_condition_expression(Expression::present().condition());
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(StoreError::unavailable)?).build())
    }
}
