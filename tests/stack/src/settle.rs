//! Waits until nothing more happens by itself: no message, no change, no schedule that is due, no
//! invocation, no webhook on its way. What waits for a later time of the clock does not count.

use std::time::{Duration, Instant};

use sandbox::Sandbox;

use crate::invoke::Invoker;
use crate::sources::Sources;

/// How long to wait at most, of real time.
pub(crate) const SETTLE_LIMIT: Duration = Duration::from_secs(60);
/// How often all must be found quiet, with nothing done in between.
const QUIET_TIMES: u32 = 2;
/// How long between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// What would not come to rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not quiet after {SETTLE_LIMIT:?}: {}", .0.join(", "))]
pub struct Restless(pub Vec<String>);

/// Waits.
///
/// # Errors
/// When it is not quiet within `SETTLE_LIMIT`.
pub(crate) async fn settle(sources: &Sources, invoker: &Invoker, sandbox: &Sandbox) -> Result<(), Restless> {
    let began = Instant::now();
    let mut quiet_times = 0;
    let mut seen = steps(sources, invoker);
    let mut last = Vec::new();
    while began.elapsed() < SETTLE_LIMIT {
        let restless = restless(sources, invoker, sandbox).await;
        let now = steps(sources, invoker);
        let is_quiet = restless.is_empty() && now == seen;
        quiet_times = if is_quiet { quiet_times + 1 } else { 0 };
        if quiet_times >= QUIET_TIMES {
            return Ok(());
        }
        (seen, last) = (now, restless);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(Restless(last))
}

fn steps(sources: &Sources, invoker: &Invoker) -> (u64, u64) {
    (sources.steps(), invoker.begun())
}

async fn restless(sources: &Sources, invoker: &Invoker, sandbox: &Sandbox) -> Vec<String> {
    let mut restless = sources.restless().await;
    let running = invoker.in_flight();
    restless.extend((running > 0).then(|| format!("{running} functions are running")));
    // What the clock has made due at PayPal comes first: it may send webhooks.
    sandbox.paypal.catch_up();
    let due = sandbox.whapi.waiting_now();
    restless.extend((due > 0).then(|| format!("{due} things are due at WHAPI")));
    let webhooks = sandbox.deliverer.waiting_now();
    restless.extend((webhooks > 0).then(|| format!("{webhooks} webhooks are on their way")));
    restless
}
