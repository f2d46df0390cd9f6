//! What is kept for the whole business and not for one customer: our account at WHAPI and the
//! catalogue. None of it is written on a hot path.

use domain::Timestamp;
use domain::creations::Creations;
use domain::id::PlanId;
use domain::notice::PartnerBalanceNotice;
use domain::plan::Plan;

use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::item::{Item, to_item};
use crate::key::{Key, PARTNER, PLANS};
use crate::page::{Page, PageRequest};
use crate::read::List;
use crate::store::Store;
use crate::write::Written;

/// What is known of our own account at WHAPI. A figure that could not be read is `None`, never zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartnerState {
    /// Whether WHAPI refused the partner token when it was last used.
    pub token_invalid: bool,
    /// The days that are left, by WHAPI's latest notice.
    pub current_days: Option<i64>,
    /// The limit that set the notice off.
    pub days_limit: Option<i64>,
    /// When that notice came.
    pub received_at: Option<Timestamp>,
    /// The days that are left, as last read.
    pub live_days: Option<i64>,
    /// When that was read.
    pub read_at: Option<Timestamp>,
    /// The latest answer, cut at a few kilobytes, for people.
    pub raw: Option<String>,
    /// By how many days what is left exceeded what was owed to customers, when both were last known.
    pub margin_days: Option<i64>,
    /// Whether that was less than is wanted.
    pub margin_low: bool,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

impl Store {
    fn partner_notices() -> List {
        List { pk: PARTNER.to_owned(), prefix: "NOTICE#".to_owned(), consistent: true }
    }

    /// The catalogue, oldest plan first, retired ones too.
    ///
    /// # Errors
    /// What the store says.
    pub async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        let list = List { pk: PLANS.to_owned(), prefix: "PLAN#".to_owned(), consistent: true };
        self.whole(&list, |_| true).await
    }

    /// A plan.
    ///
    /// # Errors
    /// What the store says.
    pub async fn plan(&self, id: &PlanId) -> Result<Option<Plan>, StoreError> {
        self.get(&Key::Plan(id.clone())).await
    }

    /// The queue of creations at WHAPI, as it is now; empty before the first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn creations(&self) -> Result<Creations, StoreError> {
        Ok(self.get(&Key::Creations).await?.unwrap_or_default())
    }

    /// Saves the queue of creations.
    ///
    /// # Errors
    /// [`Conflict::VersionMoved`] when it is not as it was read any more.
    pub async fn save_creations(&self, creations: &Creations) -> Result<(), StoreError> {
        let next = Creations { version: creations.version + 1, ..creations.clone() };
        self.put_version(&next, creations.version, What::Creations).await
    }

    /// What is known of our account at WHAPI; nothing before the first time.
    ///
    /// # Errors
    /// What the store says.
    pub async fn partner_state(&self) -> Result<PartnerState, StoreError> {
        Ok(self.get(&Key::PartnerState).await?.unwrap_or_default())
    }

    /// Saves what is known of our account at WHAPI.
    ///
    /// # Errors
    /// [`Conflict::VersionMoved`] when it is not as it was read any more.
    pub async fn save_partner_state(&self, state: &PartnerState) -> Result<(), StoreError> {
        let next = PartnerState { version: state.version + 1, ..state.clone() };
        self.put_version(&next, state.version, What::PartnerState).await
    }

    async fn put_version<T: Item>(&self, record: &T, read: u64, what: What) -> Result<(), StoreError> {
        match self.put(&record.key(), to_item(record), Expression::version(read)).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err(Conflict::VersionMoved(what).into()),
        }
    }

    /// Keeps a low-balance notice; the same id again is the same notice.
    ///
    /// # Errors
    /// What the store says.
    pub async fn put_notice(&self, notice: &PartnerBalanceNotice) -> Result<(), StoreError> {
        self.put(&notice.key(), to_item(notice), Expression::absent()).await.map(|_| ())
    }

    /// The latest low-balance notice.
    ///
    /// # Errors
    /// What the store says.
    pub async fn latest_notice(&self) -> Result<Option<PartnerBalanceNotice>, StoreError> {
        let page = self.page(&Self::partner_notices(), &PageRequest::first(1), |_| true).await?;
        Ok(page.items.into_iter().next())
    }

    /// The low-balance notices, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn notices(&self, page: PageRequest) -> Result<Page<PartnerBalanceNotice>, StoreError> {
        self.page(&Self::partner_notices(), &page, |_| true).await
    }
}
