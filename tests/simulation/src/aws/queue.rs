//! The queue of jobs: it delivers late, twice and in no order; what is not deleted in time comes again, and
//! after so many receives goes to the dead letters. The numbers are the template's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sandbox::Clock;
use tokio::sync::Notify;

use super::call::{Answer, Call};
use crate::dice::Dice;
use crate::tally::Tally;
use serde_json::{Value, json};

/// The longest that a message usually takes, in milliseconds.
const USUAL_MS: u64 = 400;
/// The longest that one takes in bad weather, in milliseconds.
const LATE_MS: u64 = 90_000;

/// How the queue is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueRules {
    /// How long a message that was received is hidden.
    pub(crate) hidden_for: SignedDuration,
    /// How often it may be received before it is a dead letter.
    pub(crate) receives: u32,
    /// How many of a thousand messages are delivered twice or late.
    pub(crate) permille: u32,
}

#[derive(Clone, Debug)]
struct Letter {
    id: u64,
    body: String,
    visible_at: Timestamp,
    receives: u32,
}

/// A message that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// By which it is deleted.
    pub(crate) id: u64,
    /// What it says.
    pub(crate) body: String,
}

#[derive(Default)]
struct State {
    letters: Vec<Letter>,
    dead: Vec<String>,
    next_id: u64,
    calm: bool,
}

/// The queue.
pub(crate) struct JobQueue {
    clock: Clock,
    dice: Dice,
    rules: QueueRules,
    tally: Tally,
    state: Mutex<State>,
    /// Told of each message that comes.
    pub(crate) changed: Notify,
}

fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}

impl JobQueue {
    pub(crate) fn new(clock: Clock, dice: Dice, rules: QueueRules, tally: Tally) -> Self {
        Self { clock, dice, rules, tally, state: Mutex::default(), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on each message is delivered soon, and once.
    pub(crate) fn calm(&self) {
        self.state().calm = true;
    }

    /// Takes a message; in bad weather it is late, or comes twice.
    pub(crate) fn send(&self, body: &str) {
        let (now, calm) = (self.clock.now(), self.state().calm);
        let hit = |kind: &str| {
            let is_hit = !calm && self.dice.permille(self.rules.permille);
            if is_hit {
                self.tally.count(kind);
            }
            is_hit
        };
        let wait_ms = |most| i64::try_from(self.dice.number(1, most)).unwrap_or_default();
        let first = if hit("message late") { wait_ms(LATE_MS) } else { wait_ms(USUAL_MS) };
        let again = hit("message twice").then(|| wait_ms(LATE_MS));
        let mut state = self.state();
        for wait in std::iter::once(first).chain(again) {
            state.next_id += 1;
            let letter =
                Letter { id: state.next_id, body: body.to_owned(), visible_at: later(now, SignedDuration::from_millis(wait)), receives: 0 };
            state.letters.push(letter);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Receives what is visible, in no order; what was received too often becomes a dead letter.
    pub(crate) fn receive(&self, most: usize) -> Vec<Received> {
        let now = self.clock.now();
        let mut state = self.state();
        let (dying, living): (Vec<_>, Vec<_>) = std::mem::take(&mut state.letters)
            .into_iter()
            .partition(|letter| letter.visible_at <= now && letter.receives >= self.rules.receives);
        state.letters = living;
        for letter in dying {
            self.tally.count("dead letter");
            state.dead.push(letter.body);
        }
        let mut visible: Vec<usize> = (0..state.letters.len()).filter(|place| state.letters[*place].visible_at <= now).collect();
        let mut received = Vec::new();
        while received.len() < most && !visible.is_empty() {
            let place = visible.swap_remove(self.dice.place(visible.len()));
            let letter = &mut state.letters[place];
            letter.receives += 1;
            letter.visible_at = later(now, self.rules.hidden_for);
            received.push(Received { id: letter.id, body: letter.body.clone() });
        }
        received
    }

    /// Deletes what was worked off.
    pub(crate) fn delete(&self, id: u64) {
        self.state().letters.retain(|letter| letter.id != id);
    }

    /// When the next message is visible.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.state().letters.iter().map(|letter| letter.visible_at).min()
    }

    /// The dead letters.
    pub(crate) fn dead(&self) -> Vec<String> {
        self.state().dead.clone()
    }

    /// Answers a request; `partial` leaves messages of a batch out.
    pub(crate) fn answer(&self, call: &Call, partial: bool) -> Answer {
        let said = call.json();
        match call.operation.as_str() {
            "SendMessage" => {
                self.send(said["MessageBody"].as_str().unwrap_or_default());
                Answer::done(json!({ "MessageId": "sent" }).to_string())
            }
            "SendMessageBatch" => self.batch(&said, partial),
            _ => Answer::refused(400, "UnsupportedOperation"),
        }
    }

    fn batch(&self, said: &Value, partial: bool) -> Answer {
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for entry in said["Entries"].as_array().into_iter().flatten() {
            if partial && self.dice.permille(500) {
                failed.push(json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false }));
                continue;
            }
            self.send(entry["MessageBody"].as_str().unwrap_or_default());
            taken.push(json!({ "Id": entry["Id"], "MessageId": "sent", "MD5OfMessageBody": "" }));
        }
        Answer::done(json!({ "Successful": taken, "Failed": failed }).to_string())
    }
}
