//! The jobs of the clock: `{"job": "sweep"}` and the nightly ones. Two at once do no harm.

use app::App;
use app::schedule::{ScheduledJob, run};
use boot::{Boot, BootError};
use serde::{Deserialize, Serialize};

/// What a schedule sends.
#[derive(Debug, Clone, Deserialize)]
pub struct Tick {
    /// The job's name.
    pub job: String,
}

/// What is answered.
#[derive(Debug, Clone, Serialize)]
pub struct Ran {
    /// The job that ran.
    pub job: String,
}

/// Runs jobs.
#[derive(Clone)]
pub struct Handler(App);

/// The function's handler.
///
/// # Errors
/// [`BootError`].
pub fn handler(boot: &Boot) -> Result<Handler, BootError> {
    Ok(Handler(boot.app()?))
}

impl Handler {
    /// Runs a job to its end.
    ///
    /// # Errors
    /// A job that nobody knows, or what the job says.
    pub async fn call(&self, tick: Tick) -> Result<Ran, lambda_runtime::Error> {
        let job = ScheduledJob::parse(&tick.job).ok_or_else(|| format!("no job is called {:?}", tick.job))?;
        run(&self.0, job).await?;
        tracing::info!(job = tick.job, "scheduled job done");
        Ok(Ran { job: tick.job })
    }
}
