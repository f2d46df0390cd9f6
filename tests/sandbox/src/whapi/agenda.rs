//! What will happen to a channel by itself, and when: steps of a launch, the end of its days, the
//! way of a sent message. Nothing here waits; [`World::settle`] plays what is due, in order, with
//! the time at which each was due, so that a clock moved by a month plays the month.

use serde::{Deserialize, Serialize};

use super::session::Phase;
use super::state::{Channel, Switches, World};

/// How many steps one settling plays; what is left is played by the next.
const STEPS_LIMIT: usize = 100_000;

/// Something due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Due {
    pub(crate) at_ms: i64,
    what: What,
}

/// What is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// A step of the launch of this number.
    Step { launch: u64, to: Phase },
    /// The days may have run out.
    Lapse,
    /// A sent message gets this far.
    Status { message: String, status: String },
    /// A call has rung for long enough.
    CallMissed { call: String },
}

impl Channel {
    /// Puts something on the agenda.
    pub(crate) fn later(&mut self, at_ms: i64, what: What) {
        self.agenda.push(Due { at_ms, what });
    }

    fn next_due(&mut self, now_ms: i64) -> Option<Due> {
        let due = self.agenda.iter().enumerate().filter(|(_, due)| due.at_ms <= now_ms);
        let (place, _) = due.min_by_key(|(place, due)| (due.at_ms, *place))?;
        Some(self.agenda.remove(place))
    }

    fn play(&mut self, due: Due, switches: &Switches) {
        match due.what {
            What::Step { launch, to } => self.step(launch, to, due.at_ms, switches),
            What::Lapse if !self.stopped && !self.is_alive(due.at_ms) => self.tell_health(due.at_ms),
            What::Lapse => {}
            What::Status { message, status } => self.progress(&message, &status, due.at_ms),
            What::CallMissed { call } => self.end_call(&call, "missed", due.at_ms),
        }
    }
}

impl World {
    /// Plays all that is due by now.
    pub(crate) fn settle(&mut self, now_ms: i64) {
        let switches = self.switches.clone();
        for channel in self.channels.values_mut() {
            for _ in 0..STEPS_LIMIT {
                let Some(due) = channel.next_due(now_ms) else {
                    break;
                };
                channel.play(due, &switches);
            }
        }
    }

    /// When the next thing is due.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        self.channels.values().flat_map(|channel| &channel.agenda).map(|due| due.at_ms).min()
    }
}
