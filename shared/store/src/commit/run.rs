//! Sends a commit and says what came of it. Several conditions may have failed at once: the one that tells
//! most is told, a cause that happened already before all others.

use aws_sdk_dynamodb::types::{CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};

use super::Commit;
use super::prepare::{Action, Prepared, prepare};
use crate::error::{Conflict, StoreError, What};
use crate::read::key_map;
use crate::store::Store;
use crate::transact::{CONDITION_FAILED, Transacted};
use crate::write::Written;

/// The longest client token that DynamoDB takes.
const LONGEST_TOKEN: usize = 36;

impl Store {
    /// Commits all of it or nothing. A single put goes as one; everything else as one transaction, whose
    /// client token makes a repeat after a lost answer the same commit.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] by the name of the condition that did not hold; [`StoreError::NotFound`] when
    /// the account that is to change is not there; [`StoreError::Corrupt`] for a commit that must not be.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let token = commit.token;
        if token.as_ref().is_some_and(|token| token.is_empty() || token.len() > LONGEST_TOKEN) {
            return Err(StoreError::Corrupt("a commit's token has 1 to 36 characters".to_owned()));
        }
        let mut prepared = prepare(commit.writes)?;
        match (prepared.as_slice(), &token) {
            ([], _) => Ok(()),
            ([Prepared { action: Action::Put(_), .. }], None) => self.commit_one(prepared.remove(0)).await,
            _ => self.commit_all(prepared, token.unwrap_or_else(|| self.entropy().token())).await,
        }
    }

    async fn commit_one(&self, prepared: Prepared) -> Result<(), StoreError> {
        let Action::Put(item) = prepared.action else { return Ok(()) };
        match self.put(&prepared.key, item, prepared.expression).await? {
            Written::Done => Ok(()),
            Written::Refused(found) => Err(prepared.broken.error(found.as_ref())),
        }
    }

    async fn commit_all(&self, prepared: Vec<Prepared>, token: String) -> Result<(), StoreError> {
        let writes = prepared.iter().map(|one| self.transact_item(one)).collect::<Result<_, _>>()?;
        match self.transact(writes, token).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(reasons) => Err(verdict(&prepared, &reasons)),
        }
    }

    fn transact_item(&self, prepared: &Prepared) -> Result<TransactWriteItem, StoreError> {
        let expression = &prepared.expression;
        let item = TransactWriteItem::builder();
        let item = match &prepared.action {
            Action::Put(attributes) => {
                let put = Put::builder()
                    .table_name(self.table())
                    .set_item(Some(attributes.clone()))
                    .set_condition_expression(expression.condition())
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                item.put(put.build().map_err(StoreError::unavailable)?)
            }
            Action::Update => {
                let update = Update::builder()
                    .table_name(self.table())
                    .set_key(Some(key_map(&prepared.key.pk(), &prepared.key.sk())))
                    .update_expression(expression.update().unwrap_or_default())
                    .set_condition_expression(expression.condition())
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values())
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                item.update(update.build().map_err(StoreError::unavailable)?)
            }
        };
        Ok(item.build())
    }
}

/// How much an error tells: the smallest is told.
fn rank(error: &StoreError) -> u8 {
    match error {
        StoreError::Conflict(Conflict::Exists(What::Cause)) => 0,
        StoreError::Conflict(Conflict::Exists(_)) => 1,
        StoreError::NotFound => 2,
        StoreError::Conflict(Conflict::NotOpen) => 3,
        StoreError::Conflict(Conflict::NotEnoughDays) => 4,
        StoreError::Conflict(Conflict::ChannelLimit) => 5,
        StoreError::Conflict(Conflict::VersionMoved(_)) => 6,
        _ => 7,
    }
}

fn verdict(prepared: &[Prepared], reasons: &[CancellationReason]) -> StoreError {
    let broken = prepared.iter().zip(reasons).filter(|(_, reason)| reason.code() == Some(CONDITION_FAILED));
    let errors = broken.map(|(one, reason)| one.broken.error(reason.item()));
    errors.min_by_key(rank).unwrap_or(StoreError::Conflict(Conflict::Contention))
}
