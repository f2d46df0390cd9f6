//! One call to the table and its repeats: bounded, with growing waits and jitter. What may be repeated is
//! only what is safe to repeat; the callers see to that (client tokens, marks, conditions).

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::error::{Conflict, StoreError};
use crate::store::Store;

/// How often a call is tried when others write the same records.
const MOST_CONTENDED: u32 = 8;
/// How often a call is tried when the table does not answer, fails, or asks for patience.
const MOST_FAILED: u32 = 4;
/// The wait before the second try; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_millis(400);

/// Whether a refusal may pass by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It will not: it is an answer.
    Final,
    /// Others were writing the same records.
    Contended,
    /// The service is busy or broken.
    Down,
}

/// What the error's code says.
pub(crate) fn by_code<E: ProvideErrorMetadata>(error: &E) -> Trouble {
    match error.code().unwrap_or_default() {
        "TransactionConflictException" | "TransactionInProgressException" | "ReplicatedWriteConflictException" => Trouble::Contended,
        "ThrottlingException"
        | "Throttling"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "InternalServerError"
        | "InternalServerErrorException"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Trouble::Down,
        _ => Trouble::Final,
    }
}

type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

impl Store {
    /// Calls until there is an answer. The outer error is of the store, the inner one is the answer “no”.
    pub(crate) async fn call<T, E, F, Fut>(&self, trouble: fn(&E) -> Trouble, attempt: F) -> Result<Result<T, E>, StoreError>
    where
        E: Error + Send + Sync + 'static,
        F: Fn() -> Fut,
        Fut: Future<Output = Answer<T, E>>,
    {
        let (mut contended, mut failed) = (0, 0);
        loop {
            if let Some(meter) = self.meter() {
                meter.request();
            }
            let error = match attempt().await {
                Ok(answer) => return Ok(Ok(answer)),
                Err(error) => error,
            };
            let gone = match kind(&error, trouble) {
                Trouble::Final => return answer(error),
                Trouble::Contended => {
                    contended += 1;
                    (contended >= MOST_CONTENDED).then_some(StoreError::Conflict(Conflict::Contention))
                }
                Trouble::Down => {
                    failed += 1;
                    (failed >= MOST_FAILED).then(|| StoreError::unavailable(error))
                }
            };
            match gone {
                Some(gone) => return Err(gone),
                None => tokio::time::sleep(self.entropy().jittered(wait(contended + failed))).await,
            }
        }
    }

    /// Counts what reads cost.
    pub(crate) fn count_reads<'a>(&self, used: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        if let Some(meter) = self.meter() {
            used.into_iter().for_each(|used| meter.read(used.capacity_units().unwrap_or_default()));
        }
    }

    /// Counts what writes cost.
    pub(crate) fn count_writes<'a>(&self, used: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        if let Some(meter) = self.meter() {
            used.into_iter().for_each(|used| meter.wrote(used.capacity_units().unwrap_or_default()));
        }
    }
}

fn kind<E: Error>(error: &SdkError<E, HttpResponse>, trouble: fn(&E) -> Trouble) -> Trouble {
    match error {
        SdkError::ServiceError(context) => match trouble(context.err()) {
            Trouble::Final if context.raw().status().as_u16() >= 500 => Trouble::Down,
            other => other,
        },
        SdkError::ConstructionFailure(_) => Trouble::Final,
        _ => Trouble::Down,
    }
}

fn answer<T, E: Error + Send + Sync + 'static>(error: SdkError<E, HttpResponse>) -> Result<Result<T, E>, StoreError> {
    match error {
        SdkError::ServiceError(context) => Ok(Err(context.into_err())),
        other => Err(StoreError::unavailable(other)),
    }
}

/// An answer “no” that nobody expected.
pub(crate) fn unexpected<E: ProvideErrorMetadata + Error + Send + Sync + 'static>(error: E) -> StoreError {
    if error.code() == Some("ValidationException") {
        return StoreError::Corrupt(format!("the table refused a request: {}", DisplayErrorContext(&error)));
    }
    StoreError::unavailable(error)
}

fn wait(tries: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_short() {
        assert_eq!(wait(1), Duration::from_millis(20));
        assert_eq!(wait(3), Duration::from_millis(80));
        assert_eq!(wait(60), LONGEST_WAIT);
    }
}
