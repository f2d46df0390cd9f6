//! One `TransactWriteItems`: all of it or nothing, repeated with the same client token, so that a repeat
//! after a lost answer is the same transaction.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem};

use crate::call::{Trouble, by_code, unexpected};
use crate::error::{Conflict, StoreError, What};
use crate::store::Store;

/// The code of a write whose condition did not hold.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// What a transaction came to.
pub(crate) enum Transacted {
    /// All was written.
    Done,
    /// Nothing was: the reason of each write, in their order. At least one is [`CONDITION_FAILED`].
    Refused(Vec<CancellationReason>),
}

fn code(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or("None")
}

/// A broken condition is an answer, whatever else went wrong; the rest may pass.
fn trouble(error: &TransactWriteItemsError) -> Trouble {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else { return by_code(error) };
    let has = |codes: &[&str]| canceled.cancellation_reasons().iter().any(|reason| codes.contains(&code(reason)));
    if has(&[CONDITION_FAILED, "ValidationError"]) {
        Trouble::Final
    } else if has(&["TransactionConflict", "DuplicateItem"]) {
        Trouble::Contended
    } else {
        Trouble::Down
    }
}

impl Store {
    /// Writes all or nothing.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>, token: String) -> Result<Transacted, StoreError> {
        let request = self
            .dynamo()
            .transact_write_items()
            .set_transact_items(Some(writes))
            .client_request_token(token)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match self.call(trouble, || request.clone().send()).await? {
            Ok(answer) => {
                self.count_writes(answer.consumed_capacity());
                Ok(Transacted::Done)
            }
            Err(error) => refused(error),
        }
    }
}

fn refused(error: TransactWriteItemsError) -> Result<Transacted, StoreError> {
    match error {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            let reasons = canceled.cancellation_reasons.unwrap_or_default();
            if reasons.iter().any(|reason| code(reason) == CONDITION_FAILED) {
                return Ok(Transacted::Refused(reasons));
            }
            let said = reasons.iter().map(|reason| format!("{}: {}", code(reason), reason.message().unwrap_or_default()));
            Err(StoreError::Corrupt(format!("the table refused a commit: {}", said.collect::<Vec<_>>().join("; "))))
        }
        TransactWriteItemsError::IdempotentParameterMismatchException(_) => Err(Conflict::Exists(What::Token).into()),
        other if other.code() == Some("ItemCollectionSizeLimitExceededException") => {
            Err(StoreError::Corrupt("a collection of items is too large".to_owned()))
        }
        other => Err(unexpected(other)),
    }
}
