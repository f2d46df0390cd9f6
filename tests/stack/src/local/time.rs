//! The clock, scheduled jobs, waiting for rest, starting over.
//!
//! | route | |
//! |---|---|
//! | `GET /local/clock` · `POST /local/clock` `{advance: "P30D"}` | the one clock |
//! | `GET /local/jobs` · `POST /local/jobs/{name}` | scheduled jobs, run now |
//! | `POST /local/settle` | waits until nothing more happens by itself |
//! | `POST /local/reset` | back to the seeded world |

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router, body::Bytes};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::reply::{Reply, Trouble, body};
use crate::config::StackError;
use crate::stack::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/local/clock", get(clock).post(advance))
        .route("/local/jobs", get(jobs))
        .route("/local/jobs/{name}", post(run))
        .route("/local/settle", post(settle))
        .route("/local/reset", post(reset))
}

async fn clock(State(shared): State<Arc<Shared>>) -> Reply {
    let clock = &shared.plan.clock;
    let ahead = SignedDuration::from_millis(clock.offset_ms());
    Ok(Json(json!({ "now": clock.now(), "ahead_by": ahead })))
}

#[derive(Deserialize)]
struct Advance {
    advance: String,
}

async fn advance(State(shared): State<Arc<Shared>>, bytes: Bytes) -> Reply {
    let Advance { advance } = body(&bytes)?;
    let clock = &shared.plan.clock;
    let by = duration(&advance, clock.now());
    let by = by.ok_or_else(|| Trouble::misunderstood("advance must be a duration like P30D or PT90S, not below zero"))?;
    let now = clock.advance(by);
    if let Some(aws) = &shared.aws {
        aws.clock_moved().await.map_err(|cause| Trouble::impossible(cause.to_string()))?;
    }
    Ok(Json(json!({ "now": now })))
}

/// How long a duration is from `now` on: a day has 24 hours, a month and a year follow the calendar.
fn duration(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let then = now.to_zoned(TimeZone::UTC).checked_add(span).ok()?.timestamp();
    Some(then.duration_since(now)).filter(|by| !by.is_negative())
}

async fn jobs(State(shared): State<Arc<Shared>>) -> Reply {
    let jobs = shared.world().await.map(|world| world.sources.jobs());
    Ok(Json(json!({ "jobs": jobs.unwrap_or_default() })))
}

async fn run(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Reply {
    let began = Instant::now();
    let Some(world) = shared.world().await else {
        return Err(Trouble::impossible("a reset is under way"));
    };
    match world.sources.run(&name).await {
        None => Err(Trouble::new(StatusCode::NOT_FOUND, "there is no job of this name")),
        Some(Err(cause)) => Err(Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, cause.to_string())),
        Some(Ok(answer)) => Ok(Json(json!({ "job": name, "ms": milliseconds(began), "answer": answer }))),
    }
}

async fn settle(State(shared): State<Arc<Shared>>) -> Reply {
    let began = Instant::now();
    let settled = shared.settle().await;
    settled.map_err(|restless| Trouble::new(StatusCode::GATEWAY_TIMEOUT, restless.to_string()))?;
    Ok(Json(json!({ "settled": true, "ms": milliseconds(began) })))
}

async fn reset(State(shared): State<Arc<Shared>>) -> Reply {
    let began = Instant::now();
    match shared.reset().await {
        Ok(()) => Ok(Json(json!({ "reset": true, "ms": milliseconds(began) }))),
        Err(cause @ StackError::NotOurs) => Err(Trouble::impossible(cause.to_string())),
        Err(cause) => Err(Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, cause.to_string())),
    }
}

fn milliseconds(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_24_hours_and_months_follow_the_calendar() {
        let now = "2026-11-21T06:54:00Z".parse().unwrap();
        let hours = |text| duration(text, now).map(|by| by.as_hours());
        assert_eq!(hours("P30D"), Some(720));
        assert_eq!(hours("P1M"), Some(720));
        assert_eq!(hours("P1Y"), Some(8760));
        assert_eq!(hours("PT90M"), Some(1));
        assert_eq!(hours("-P1D"), None);
        assert_eq!(hours("soon"), None);
    }
}
