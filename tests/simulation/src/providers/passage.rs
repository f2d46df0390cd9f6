//! One request on its way through the weather to a provider's router, and its answer on the way back.

use std::io;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, StatusCode, header, response};
use sandbox::faults::{self, Provider};
use sandbox::serve::hang_up;

use super::mutation::{Asked, Mutant};
use super::weather::{Fault, Journey, Weather};
use crate::dice::Dice;

/// The longest request or answer, in bytes.
const LONGEST_BODY: usize = 8 * 1024 * 1024;
/// A page of whoever stands between us and a provider.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Checking your connection.</body></html>\n";
/// Bodies that are no JSON.
const GARBAGE: [&[u8]; 4] = [b"", b"{\"id\": \"cut o", b"\x1f\x8b\x08\x00\x00\xff\xfe", b"OK"];

/// The way to one provider.
#[derive(Clone)]
pub(super) struct Passage {
    pub(super) host: String,
    pub(super) provider: Provider,
    pub(super) weather: Weather,
    pub(super) mutant: Arc<Mutant>,
}

/// How it ends for the caller.
enum Ending {
    Answer(Whole),
    /// The connection ends in the middle of the answer.
    Cut(Whole),
    HungUp,
    /// The connection stays, and nothing comes.
    Silence,
}

/// An answer that has been read.
pub(super) struct Whole {
    pub(super) head: response::Parts,
    pub(super) body: Bytes,
}

/// Takes a request through.
pub(super) async fn meet(State(passage): State<Passage>, request: Request, next: Next) -> Response {
    // A task of its own: what has arrived is done, though its caller be gone.
    let passed = tokio::spawn(passage.pass(request, next)).await;
    match passed.unwrap_or(Ending::HungUp) {
        Ending::Answer(whole) => Response::from_parts(whole.head, Body::from(whole.body)),
        Ending::Cut(whole) => cut(whole),
        Ending::HungUp => hang_up(),
        Ending::Silence => std::future::pending().await,
    }
}

impl Passage {
    async fn pass(self, request: Request, next: Next) -> Ending {
        let (head, body) = request.into_parts();
        // Who dies while sending has not sent it.
        let Ok(body) = to_bytes(body, LONGEST_BODY).await else { return Ending::HungUp };
        let asked = Asked::new(&self.host, &head.method, head.uri.path());
        let journey = self.weather.journey(&head.method, &self.host, head.uri.path());
        tokio::time::sleep(journey.there).await;
        let request = Request::from_parts(head, Body::from(body));
        let call = Call { passage: self, asked, request, next };
        let back = journey.back;
        let ending = call.befall(journey).await;
        tokio::time::sleep(back).await;
        ending
    }
}

/// A request that is about to arrive.
struct Call {
    passage: Passage,
    asked: Asked,
    request: Request,
    next: Next,
}

impl Call {
    async fn befall(self, journey: Journey) -> Ending {
        let (provider, dice) = (self.passage.provider, &journey.dice);
        let status = *dice.pick(&[500, 502, 503]);
        let quietly = || if dice.permille(500) { Ending::Silence } else { Ending::HungUp };
        match journey.fault {
            None | Some(Fault::Slow | Fault::Unreachable | Fault::SkippedRow) => self.arrive(&journey, true).await,
            Some(Fault::RequestLost) => quietly(),
            Some(Fault::AnswerLost) => match self.arrive(&journey, false).await {
                Ending::Answer(whole) if dice.permille(330) && !whole.body.is_empty() => Ending::Cut(whole),
                _ => quietly(),
            },
            Some(Fault::Late) => {
                let ending = quietly();
                self.arrive_late(journey);
                ending
            }
            Some(Fault::TooMany) => read(faults::refusal(provider, 429)).await,
            Some(Fault::FailedBefore) => read(faults::refusal(provider, status)).await,
            Some(Fault::FailedAfter) => self.arrive_for(&journey, faults::refusal(provider, status)).await,
            Some(Fault::Garbage) => self.perhaps(&journey, garbage(dice)).await,
            Some(Fault::Html) => self.perhaps(&journey, ([(header::CONTENT_TYPE, "text/html")], PAGE).into_response()).await,
        }
    }

    /// It is done, or it is not; the answer is another one.
    async fn perhaps(self, journey: &Journey, answer: Response) -> Ending {
        if journey.dice.permille(500) { self.arrive_for(journey, answer).await } else { read(answer).await }
    }

    async fn arrive_for(self, journey: &Journey, answer: Response) -> Ending {
        self.arrive(journey, false).await;
        read(answer).await
    }

    /// It is done when its time comes; nobody waits for it.
    fn arrive_late(self, journey: Journey) {
        let lateness = self.passage.weather.lateness(&journey.dice).saturating_sub(journey.there);
        let under_way = self.passage.weather.sets_out();
        self.passage.mutant.unheard(&self.asked);
        tokio::spawn(async move {
            tokio::time::sleep(lateness).await;
            self.arrive(&journey, false).await;
            drop(under_way);
        });
    }

    /// It is done.
    async fn arrive(self, journey: &Journey, is_heard: bool) -> Ending {
        let Self { passage, asked, request, next } = self;
        let (mutant, weather) = (&passage.mutant, &passage.weather);
        if !is_heard {
            mutant.unheard(&asked);
        }
        let Ending::Answer(whole) = read(next.run(request).await).await else { return Ending::HungUp };
        if !is_heard {
            mutant.unheard_answer(&asked, &whole);
        }
        let whole = mutant.falsify(&asked, whole);
        let row = if asked == Asked::List { mutant.skippable(&whole, &journey.dice) } else { None };
        let skipped = row.filter(|_| is_heard && weather.hits_now(Fault::SkippedRow, &journey.dice));
        Ending::Answer(match skipped {
            Some(row) => mutant.skip(whole, &row),
            None => whole,
        })
    }
}

async fn read(response: Response) -> Ending {
    let (head, body) = response.into_parts();
    match to_bytes(body, LONGEST_BODY).await {
        Ok(body) => Ending::Answer(Whole { head, body }),
        Err(_) => Ending::HungUp,
    }
}

fn garbage(dice: &Dice) -> Response {
    let body: &'static [u8] = GARBAGE[dice.place(GARBAGE.len())];
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer that promises all of its body and breaks off in the middle.
fn cut(whole: Whole) -> Response {
    let Whole { mut head, body } = whole;
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let parts = [Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    Response::from_parts(head, Body::from_stream(stream::iter(parts)))
}
