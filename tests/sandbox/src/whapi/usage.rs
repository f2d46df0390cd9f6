//! What a trial or sandbox channel has used of its limits: messages and number checks a day,
//! chats and requests a month, all by the calendar of UTC. A live channel is never counted.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::{Channel, DAY_MS};

const MESSAGES_A_DAY: u32 = 150;
const CHECKS_A_DAY: u32 = 30;
const CHATS_A_MONTH: usize = 5;
const REQUESTS_A_MONTH: u32 = 1_000;

/// The counters.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    day: i64,
    month: i32,
    messages: u32,
    checks: u32,
    requests: u32,
    chats: BTreeSet<String>,
}

impl Usage {
    fn roll(&mut self, now_ms: i64) {
        let (day, month) = (now_ms.div_euclid(DAY_MS), month_of(now_ms));
        if self.day != day {
            (self.day, self.messages, self.checks) = (day, 0, 0);
        }
        if self.month != month {
            (self.month, self.requests) = (month, 0);
            self.chats.clear();
        }
    }

    /// What is left, in the words of `GET /limits`.
    pub(crate) fn left(&mut self, now_ms: i64) -> Value {
        self.roll(now_ms);
        json!({
            "messages": MESSAGES_A_DAY.saturating_sub(self.messages),
            "chats": self.chats,
            "checks": CHECKS_A_DAY.saturating_sub(self.checks),
            "requests": REQUESTS_A_MONTH.saturating_sub(self.requests),
        })
    }
}

fn month_of(now_ms: i64) -> i32 {
    let date = Timestamp::from_millisecond(now_ms).map(|now| now.to_zoned(TimeZone::UTC).date());
    date.map_or(0, |date| i32::from(date.year()) * 12 + i32::from(date.month()))
}

impl Channel {
    /// Counts one request; refuses it when the month's are used up.
    pub(crate) fn charge_request(&mut self, now_ms: i64) -> Result<(), Refusal> {
        if !self.is_limited() {
            return Ok(());
        }
        self.usage.roll(now_ms);
        if self.usage.requests >= REQUESTS_A_MONTH {
            return Err(Refusal::trial_limit());
        }
        self.usage.requests += 1;
        Ok(())
    }

    /// Counts one message to a chat; refuses it past the day's messages or the month's chats.
    pub(crate) fn charge_message(&mut self, chat: &str, now_ms: i64) -> Result<(), Refusal> {
        if !self.is_limited() {
            return Ok(());
        }
        self.charge_request(now_ms)?;
        let usage = &mut self.usage;
        let too_many_chats = !usage.chats.contains(chat) && usage.chats.len() >= CHATS_A_MONTH;
        if usage.messages >= MESSAGES_A_DAY || too_many_chats {
            return Err(Refusal::trial_limit());
        }
        usage.messages += 1;
        usage.chats.insert(chat.to_owned());
        Ok(())
    }

    /// Counts one story, which is a message to no chat.
    pub(crate) fn charge_story(&mut self, now_ms: i64) -> Result<(), Refusal> {
        if !self.is_limited() {
            return Ok(());
        }
        self.charge_request(now_ms)?;
        if self.usage.messages >= MESSAGES_A_DAY {
            return Err(Refusal::trial_limit());
        }
        self.usage.messages += 1;
        Ok(())
    }

    /// Counts checks of numbers; refuses them past the day's.
    pub(crate) fn charge_checks(&mut self, count: usize, now_ms: i64) -> Result<(), Refusal> {
        if !self.is_limited() {
            return Ok(());
        }
        self.charge_request(now_ms)?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if self.usage.checks.saturating_add(count) > CHECKS_A_DAY {
            return Err(Refusal::trial_limit());
        }
        self.usage.checks += count;
        Ok(())
    }
}
