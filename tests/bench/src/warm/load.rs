//! Some clients that each send one request after the other, until the time is over or there is nothing
//! more to send.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use reqwest::RequestBuilder;

use crate::Result;
use crate::figures::{Samples, ratio};

/// What was measured.
pub struct Measured {
    /// Of each request, in milliseconds.
    pub latencies: Samples,
    /// Requests answered a second, over all clients.
    pub per_second: f64,
}

/// Sends requests from so many clients for that time, `most` at most; `make` gives the request of a number
/// and ends it all with `None`.
///
/// # Errors
/// The first answer that is no success.
pub async fn load(clients: usize, time: Duration, most: usize, make: impl Fn(usize) -> Option<RequestBuilder>) -> Result<Measured> {
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    let (make, next) = (&make, &next);
    let client = |_| async move {
        let mut took = Vec::new();
        while began.elapsed() < time {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = (number < most).then(|| make(number)).flatten() else { break };
            took.push(timed(request).await?);
        }
        Ok::<_, crate::Error>(took)
    };
    let took: Vec<Duration> = try_join_all((0..clients).map(client)).await?.into_iter().flatten().collect();
    let latencies = Samples::of_times(took);
    let per_second = ratio(counted(latencies.count()), began.elapsed().as_secs_f64());
    Ok(Measured { latencies, per_second })
}

async fn timed(request: RequestBuilder) -> Result<Duration> {
    let began = Instant::now();
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().path().to_owned());
    let body = response.bytes().await?;
    if !status.is_success() {
        return Err(format!("{url} answered {status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(began.elapsed())
}

#[allow(clippy::cast_precision_loss, reason = "a count of requests stays far below 2^53")]
fn counted(requests: usize) -> f64 {
    requests as f64
}
