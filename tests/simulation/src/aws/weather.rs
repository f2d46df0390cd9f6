//! What may befall a request to AWS: it is slow, refused for a moment, lost on its way, late, or done while
//! its answer is lost.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::call::{Call, Service};
use crate::dice::Dice;
use crate::tally::Tally;

/// The longest way of an answer when nothing is wrong, in milliseconds.
const USUAL_MS: u64 = 12;

/// What befalls one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Fair,
    /// It takes that long.
    Slow(Duration),
    /// The service asks for patience.
    Throttled,
    /// The service fails.
    Failed,
    /// Others write the same records.
    Contended,
    /// It never arrives.
    Lost,
    /// It is done, and its answer is lost.
    AnswerLost,
    /// It is done when its sender has given up long ago.
    Late(Duration),
    /// Some messages of a batch are not taken.
    Partial,
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Fair => "fair",
            Self::Slow(_) => "slow",
            Self::Throttled => "throttled",
            Self::Failed => "500",
            Self::Contended => "contended",
            Self::Lost => "request lost",
            Self::AnswerLost => "answer lost",
            Self::Late(_) => "late request",
            Self::Partial => "part of a batch not taken",
        }
    }
}

/// The weather over AWS in one story.
pub(crate) struct Weather {
    dice: Dice,
    /// How many of a thousand requests something befalls.
    permille: AtomicU32,
    tally: Tally,
}

impl Weather {
    /// Fair weather.
    pub(crate) const fn new(dice: Dice, tally: Tally) -> Self {
        Self { dice, permille: AtomicU32::new(0), tally }
    }

    /// From now on something befalls so many of a thousand requests.
    pub(crate) fn set(&self, permille: u32) {
        self.permille.store(permille, Ordering::Relaxed);
    }

    /// The usual time of a way there or back.
    pub(crate) fn way(&self) -> Duration {
        self.dice.time(1, USUAL_MS)
    }

    /// Counts a request.
    pub(crate) fn count(&self, call: &Call) {
        self.tally.count(&format!("requests: {} {}", service(call), call.operation));
    }

    /// What befalls this request.
    pub(crate) fn fate(&self, call: &Call) -> Fate {
        let is_hit = self.dice.permille(self.permille.load(Ordering::Relaxed));
        if !is_hit {
            return Fate::Fair;
        }
        let fate = match self.dice.number(0, 9) {
            0 | 1 => Fate::Throttled,
            2 => Fate::Failed,
            3 => Fate::Lost,
            4 | 5 if call.changes() => Fate::AnswerLost,
            6 if call.changes() => Fate::Late(self.dice.time(4_500, 30_000)),
            7 if call.service == Service::Tables && call.changes() => Fate::Contended,
            8 if call.operation == "SendMessageBatch" => Fate::Partial,
            _ => Fate::Slow(self.dice.time(100, 3_500)),
        };
        self.tally.count(&format!("{} {}", service(call), fate.word()));
        fate
    }
}

fn service(call: &Call) -> &'static str {
    match call.service {
        Service::Tables => "table",
        Service::Queue => "queue",
        Service::Secrets => "secrets",
        Service::Bucket => "bucket",
    }
}
