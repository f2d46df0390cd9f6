//! One delivery from its first attempt to its last.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::{Attempt, Delivery, Outcome, Shared};
use crate::clock::later;

/// How long a reordered webhook waits to be overtaken, in real milliseconds.
const HELD_LIMIT_MS: u64 = 500;
/// The most attempts of one delivery, whatever its schedule says.
const ATTEMPTS_LIMIT: u32 = 1_000;
/// How much of an answer is kept, in characters.
const ANSWER_KEPT: usize = 2_000;

pub(super) struct Run {
    pub(super) id: u64,
    pub(super) delivery: Delivery,
    pub(super) duplicate: bool,
    pub(super) shared: Arc<Shared>,
}

impl Run {
    /// Tries until it is accepted or given up.
    pub(super) async fn deliver(self, held: bool) {
        if held {
            self.be_overtaken().await;
        }
        for number in 1..=ATTEMPTS_LIMIT {
            if self.attempt(number).await == Outcome::Retrying {
                continue;
            }
            break;
        }
        self.shared.finish(self.id, self.delivery.provider);
    }

    async fn be_overtaken(&self) {
        let provider = self.delivery.provider;
        let mut ended = self.shared.ended.subscribe();
        let before = ended.borrow_and_update().get(&provider).copied();
        let overtaken = ended.wait_for(|ended| ended.get(&provider).copied() != before);
        let _ = tokio::time::timeout(Duration::from_millis(HELD_LIMIT_MS), overtaken).await;
    }

    /// One attempt; when another is to come, returns when that one is due.
    async fn attempt(&self, number: u32) -> Outcome {
        let (status, answer) = self.exchange(number).await;
        let accepted = status.is_some_and(|status| (self.delivery.accepts)(status));
        let pause = if accepted { None } else { (self.delivery.retry)(number) };
        let pause = pause.filter(|_| number < ATTEMPTS_LIMIT);
        let outcome = match (accepted, pause) {
            (true, _) => Outcome::Delivered,
            (false, Some(_)) => Outcome::Retrying,
            (false, None) => Outcome::GivenUp,
        };
        self.note(number, status, answer, outcome);
        if let Some(pause) = pause {
            let due = later(self.shared.clock.now(), pause);
            self.shared.wait_until(self.id, due);
            self.shared.clock.sleep_until(due).await;
        }
        outcome
    }

    async fn exchange(&self, number: u32) -> (Option<u16>, String) {
        let answer = match self.request(number) {
            Ok(request) => (self.shared.carry)(request).await,
            Err(cause) => Err(cause),
        };
        match answer {
            Ok(response) => {
                let answer = String::from_utf8_lossy(response.body()).chars().take(ANSWER_KEPT).collect();
                (Some(response.status().as_u16()), answer)
            }
            Err(cause) => (None, cause),
        }
    }

    fn request(&self, number: u32) -> Result<Request<Bytes>, String> {
        let (headers, body) = (self.delivery.build)(number, self.shared.clock.now());
        let url = url::Url::parse(&self.delivery.url).map_err(|cause| cause.to_string())?;
        let request = Request::builder().method(self.delivery.method.clone()).uri(url.as_str());
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(body).map_err(|cause| cause.to_string())
    }

    fn note(&self, number: u32, status: Option<u16>, answer: String, outcome: Outcome) {
        let attempt = Attempt {
            provider: self.delivery.provider,
            label: self.delivery.label.clone(),
            url: self.delivery.url.clone(),
            number,
            at: self.shared.clock.now(),
            status,
            answer,
            outcome,
            duplicate: self.duplicate,
        };
        if let Some(observe) = &self.delivery.observe {
            observe(&attempt);
        }
        self.shared.log().push(attempt);
    }
}
