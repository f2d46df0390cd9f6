//! Lambda's runtime API, as far as a function's process sees it: it polls for an event and posts its answer.
//!
//! Each start has a place of its own under a number, gets the same event a few times and is then left
//! waiting. The times are taken where requests arrive, on a thread of their own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{Error, Result};

/// How long an invocation is said to have, in milliseconds since 1970: until 2100.
const DEADLINE_MS: &str = "4102444800000";
/// What `X-Ray` would say.
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";
/// The function's name in its ARN; functions do not look at it.
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:bench";

/// What a process did, when, and how long it has been computing by then.
#[derive(Debug)]
pub enum Seen {
    /// It asked for an event.
    Polled(Instant, Duration),
    /// It answered one.
    Answered(Instant, Duration, Bytes),
    /// It said that it failed.
    Failed(String),
}

struct Place {
    event: Bytes,
    given: u64,
    events: u64,
    /// The process, once it is known.
    process: Arc<AtomicU32>,
    seen: UnboundedSender<Seen>,
}

impl Place {
    /// How long the process has been computing: what a busy machine does not change.
    fn computed(&self) -> Duration {
        let process = self.process.load(Ordering::Acquire);
        let said = std::fs::read_to_string(format!("/proc/{process}/schedstat")).unwrap_or_default();
        let nanoseconds = said.split_whitespace().next().and_then(|number| number.parse().ok());
        Duration::from_nanos(nanoseconds.unwrap_or_default())
    }
}

type Places = Arc<Mutex<HashMap<u64, Place>>>;

/// The running API. It lives as long as the program.
pub struct RuntimeApi {
    places: Places,
    next: AtomicU64,
    url: String,
}

impl RuntimeApi {
    /// Listens on a thread of its own.
    ///
    /// # Errors
    /// When it cannot.
    pub fn start() -> Result<Self> {
        let places = Places::default();
        let routes = routes(Arc::clone(&places));
        let (told, hears) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return told.send(Err(error)),
            };
            runtime.block_on(async move {
                match sandbox::serve::serve(routes, 0).await {
                    Ok(listening) => {
                        let said = told.send(Ok(listening.url()));
                        std::future::pending::<()>().await;
                        drop(listening);
                        said
                    }
                    Err(error) => told.send(Err(error)),
                }
            })
        });
        let url = hears.recv().map_err(|_| Error::from("the runtime API did not start"))??;
        Ok(Self { places, next: AtomicU64::new(1), url })
    }

    /// A place for one process that gets the event so many times: the address for it, and what it does. The
    /// caller puts the process's number in.
    pub fn place(&self, event: Bytes, events: u64, process: Arc<AtomicU32>) -> (String, UnboundedReceiver<Seen>) {
        let (seen, hears) = unbounded_channel();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = Place { event, given: 0, events, process, seen };
        self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(number, place);
        (format!("{}/{number}", self.url), hears)
    }
}

fn routes(places: Places) -> Router {
    Router::new()
        .route("/{place}/2018-06-01/runtime/invocation/next", get(next))
        .route("/{place}/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/{place}/2018-06-01/runtime/invocation/{id}/error", post(failure))
        .route("/{place}/2018-06-01/runtime/init/error", post(init_failure))
        .with_state(places)
}

async fn next(State(places): State<Places>, Path(number): Path<u64>) -> Response {
    let event = {
        let now = Instant::now();
        let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = places.get_mut(&number) else { return StatusCode::NOT_FOUND.into_response() };
        let _ = place.seen.send(Seen::Polled(now, place.computed()));
        place.given += 1;
        (place.given <= place.events).then(|| place.event.clone())
    };
    let Some(event) = event else { return std::future::pending().await };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", DEADLINE_MS),
        ("lambda-runtime-invoked-function-arn", ARN),
        ("lambda-runtime-trace-id", TRACE),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

fn tell(places: &Places, number: u64, seen: impl FnOnce(&Place) -> Seen) -> StatusCode {
    let places = places.lock().unwrap_or_else(PoisonError::into_inner);
    let told = places.get(&number).is_some_and(|place| place.seen.send(seen(place)).is_ok());
    if told { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND }
}

async fn answer(State(places): State<Places>, Path((number, _)): Path<(u64, String)>, body: Bytes) -> StatusCode {
    let now = Instant::now();
    tell(&places, number, |place| Seen::Answered(now, place.computed(), body))
}

async fn failure(State(places): State<Places>, Path((number, _)): Path<(u64, String)>, body: Bytes) -> StatusCode {
    tell(&places, number, |_| Seen::Failed(String::from_utf8_lossy(&body).into_owned()))
}

async fn init_failure(State(places): State<Places>, Path(number): Path<u64>, body: Bytes) -> StatusCode {
    tell(&places, number, |_| Seen::Failed(String::from_utf8_lossy(&body).into_owned()))
}
