//! What was tried, for people, tests and the providers' own records.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

use super::Delivery;
use crate::faults::Provider;

/// How many attempts are kept; the oldest go first.
const ATTEMPTS_LIMIT: usize = 10_000;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted.
    Delivered,
    /// Refused or not answered; another attempt is to come.
    Retrying,
    /// Refused or not answered, and given up.
    GivenUp,
    /// Dropped by a fault rule, never sent.
    Dropped,
}

/// One attempt to deliver.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// Whose webhook.
    pub provider: Provider,
    /// What it was.
    pub label: String,
    /// Where it went.
    pub url: String,
    /// 1 is the first; 0 was never sent.
    pub number: u32,
    /// When it ended, by the shared clock.
    pub at: Timestamp,
    /// What the receiver answered; `None` without an answer.
    pub status: Option<u16>,
    /// The receiver's headers and the first of its answer, for records that show them.
    pub answer: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether a fault rule made this second copy.
    pub duplicate: bool,
}

impl Attempt {
    pub(super) fn dropped(delivery: &Delivery, at: Timestamp) -> Self {
        Self {
            provider: delivery.provider,
            label: delivery.label.clone(),
            url: delivery.url.clone(),
            number: 0,
            at,
            status: None,
            answer: String::new(),
            outcome: Outcome::Dropped,
            duplicate: false,
        }
    }
}

#[derive(Default)]
pub(super) struct Log {
    attempts: VecDeque<Attempt>,
}

impl Log {
    pub(super) fn push(&mut self, attempt: Attempt) {
        if self.attempts.len() >= ATTEMPTS_LIMIT {
            self.attempts.pop_front();
        }
        self.attempts.push_back(attempt);
    }

    pub(super) fn list(&self) -> Vec<Attempt> {
        self.attempts.iter().cloned().collect()
    }
}
