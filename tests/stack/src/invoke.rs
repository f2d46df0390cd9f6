//! Lambda, as far as functions notice it: a payload in JSON, a deadline, a limit of size each way,
//! one error for whatever went wrong inside. Invocations of a function run side by side; an
//! environment that is frozen or thrown away between them is absent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use lambda_runtime::Context;
use sandbox::Clock;
use serde_json::Value;

/// The most bytes that a caller may hand to a function.
pub const REQUEST_LIMIT_BYTES: usize = 6_291_456;
/// The most bytes that a function may answer with.
pub const ANSWER_LIMIT_BYTES: usize = 6_291_556;

/// A function's code: the payload's bytes in, the answer's bytes or an error's text out.
pub type Code = Arc<dyn Fn(Bytes, Context) -> BoxFuture<'static, Result<Vec<u8>, String>> + Send + Sync>;

/// A function that can be invoked.
#[derive(Clone)]
pub struct Deployed {
    /// Its code.
    pub code: Code,
    /// How long one invocation may take, of real time.
    pub timeout: Duration,
    /// Memory, in MB; nothing enforces it here.
    pub memory_mb: i32,
}

/// Why an invocation gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// There is no such function.
    #[error("there is no function {0}")]
    Unknown(String),
    /// The payload is over [`REQUEST_LIMIT_BYTES`].
    #[error("the payload of {0} bytes is over Lambda's limit")]
    TooLarge(usize),
    /// The function failed, panicked, or answered too much.
    #[error("{0}")]
    Failed(String),
    /// The function took longer than its timeout.
    #[error("the task timed out after {0:?}")]
    TimedOut(Duration),
}

/// All functions of a running stack; all clones are one.
#[derive(Clone)]
pub struct Invoker {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    functions: BTreeMap<String, Deployed>,
    in_flight: AtomicUsize,
    begun: AtomicU64,
}

impl Invoker {
    /// Takes over functions by their names in the template.
    #[must_use]
    pub fn new(clock: Clock, functions: BTreeMap<String, Deployed>) -> Self {
        let shared = Shared { clock, functions, in_flight: AtomicUsize::new(0), begun: AtomicU64::new(0) };
        Self { shared: Arc::new(shared) }
    }

    /// How many invocations are running.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::SeqCst)
    }

    /// How many invocations have begun since the start.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.shared.begun.load(Ordering::SeqCst)
    }

    /// Calls a function and waits for its answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        let deployed = self.shared.functions.get(function).cloned();
        let deployed = deployed.ok_or_else(|| InvokeError::Unknown(function.to_owned()))?;
        let payload = Bytes::from(payload.to_string());
        if payload.len() > REQUEST_LIMIT_BYTES {
            return Err(InvokeError::TooLarge(payload.len()));
        }
        let context = self.context(function, &deployed);
        let _running = Running::begin(&self.shared);
        let answer = run(&deployed, payload, context).await;
        if let Err(cause) = &answer {
            tracing::warn!(function, %cause, "a function failed");
        }
        answer
    }

    fn context(&self, function: &str, deployed: &Deployed) -> Context {
        let timeout_ms = i64::try_from(deployed.timeout.as_millis()).unwrap_or(i64::MAX);
        let deadline_ms = self.shared.clock.now().as_millisecond().saturating_add(timeout_ms);
        let mut context = Context::default();
        context.request_id = request_id();
        context.deadline = u64::try_from(deadline_ms).unwrap_or_default();
        context.invoked_function_arn = format!("arn:aws:lambda:local:{}:function:{function}", crate::template::ACCOUNT);
        context.env_config = Arc::new(lambda_runtime::Config {
            function_name: function.to_owned(),
            memory: deployed.memory_mb,
            version: "$LATEST".to_owned(),
            log_stream: "local".to_owned(),
            log_group: format!("/aws/lambda/{function}"),
        });
        context
    }
}

async fn run(deployed: &Deployed, payload: Bytes, context: Context) -> Result<Value, InvokeError> {
    // In a task of its own, so that a panic is that invocation's and a timeout ends it.
    let mut task = tokio::spawn((deployed.code)(payload, context));
    let answer = match tokio::time::timeout(deployed.timeout, &mut task).await {
        Ok(Ok(answer)) => answer.map_err(InvokeError::Failed)?,
        Ok(Err(panic)) => {
            return Err(InvokeError::Failed(format!("the function panicked: {panic}")));
        }
        Err(_) => {
            task.abort();
            return Err(InvokeError::TimedOut(deployed.timeout));
        }
    };
    if answer.len() > ANSWER_LIMIT_BYTES {
        return Err(InvokeError::Failed(format!("the answer of {} bytes is over Lambda's limit", answer.len())));
    }
    serde_json::from_slice(&answer).map_err(|cause| InvokeError::Failed(format!("the answer is no JSON: {cause}")))
}

/// An id of the form that Lambda gives its requests.
fn request_id() -> String {
    let hex = format!("{:032x}", rand::random::<u128>());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

struct Running<'a>(&'a Shared);

impl<'a> Running<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.in_flight.fetch_add(1, Ordering::SeqCst);
        shared.begun.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn invoker(code: Code, timeout: Duration) -> Invoker {
        let deployed = Deployed { code, timeout, memory_mb: 128 };
        Invoker::new(Clock::new(), BTreeMap::from([("OneFunction".to_owned(), deployed)]))
    }

    fn code<F>(run: impl Fn(Bytes) -> F + Send + Sync + 'static) -> Code
    where
        F: Future<Output = Result<Vec<u8>, String>> + Send + 'static,
    {
        Arc::new(move |payload, _| Box::pin(run(payload)))
    }

    #[tokio::test]
    async fn an_answer_comes_back_as_json_and_nothing_is_left_running() {
        let invoker = invoker(code(|payload| async move { Ok(payload.to_vec()) }), Duration::from_secs(3));
        let answer = invoker.invoke("OneFunction", &json!({ "job": "sweep" })).await;
        assert_eq!(answer, Ok(json!({ "job": "sweep" })));
        assert_eq!((invoker.in_flight(), invoker.begun()), (0, 1));
        let unknown = invoker.invoke("Other", &Value::Null).await;
        assert_eq!(unknown, Err(InvokeError::Unknown("Other".to_owned())));
    }

    #[tokio::test]
    async fn a_function_that_takes_too_long_is_ended() {
        let forever = code(|_| futures::future::pending());
        let invoker = invoker(forever, Duration::from_millis(20));
        let answer = invoker.invoke("OneFunction", &Value::Null).await;
        assert_eq!(answer, Err(InvokeError::TimedOut(Duration::from_millis(20))));
        assert_eq!(invoker.in_flight(), 0);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_that_invocation_alone() {
        let invoker = invoker(code(|_| async { panic!("no such day") }), Duration::from_secs(3));
        let answer = invoker.invoke("OneFunction", &Value::Null).await;
        assert!(matches!(answer, Err(InvokeError::Failed(text)) if text.contains("no such day")));
        assert_eq!(invoker.in_flight(), 0);
    }

    #[tokio::test]
    async fn lambdas_limits_of_size_hold_each_way() {
        let much = code(|_| async { Ok(format!("\"{}\"", "x".repeat(ANSWER_LIMIT_BYTES)).into_bytes()) });
        let invoker = invoker(much, Duration::from_secs(3));
        let answer = invoker.invoke("OneFunction", &Value::Null).await;
        assert!(matches!(answer, Err(InvokeError::Failed(_))));
        let payload = Value::String("x".repeat(REQUEST_LIMIT_BYTES));
        let answer = invoker.invoke("OneFunction", &payload).await;
        assert_eq!(answer, Err(InvokeError::TooLarge(REQUEST_LIMIT_BYTES + 2)));
    }
}
