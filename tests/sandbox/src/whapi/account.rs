//! The partner's days: what creating, extending, stopping and deleting a channel does to the
//! account, and the notice when little is left.
//!
//! None of it is idempotent and nothing remembers a request: asking twice does it twice.

use serde_json::Value;

use super::ids::Ids;
use super::refusal::Refusal;
use super::session::Session;
use super::state::{Channel, DAY_MS, Mode, Switches, World, first_settings};
use super::store::Store;
use super::truth::Hand;
use super::usage::Usage;
use http::StatusCode;

/// Creations that any half an hour allows.
const CREATIONS_LIMIT: usize = 20;
/// How long a creation is counted.
const CREATIONS_WINDOW_MS: i64 = 30 * 60 * 1_000;
/// The trial of a new channel, in days.
const TRIAL_DAYS: i64 = 5;
/// How long it runs on after the trial, in days.
const GRACE_DAYS: i64 = 1;
/// How often a fresh id may turn out taken.
const ID_TRIES: usize = 16;
/// The furthest that a channel can be paid: 1 January 2200.
const FURTHEST_MS: i64 = 7_258_118_400_000;

/// What a request to create or change a channel says.
pub(crate) struct Custom {
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) phone: Option<String>,
    pub(crate) payment_id: Option<String>,
    pub(crate) previous_payment_id: Option<String>,
}

impl World {
    /// Makes a channel in trial. Its token is unknown to the gate for a while.
    pub(crate) fn create(&mut self, custom: Custom, now_ms: i64) -> Result<String, Refusal> {
        let project_id = self.project_id(&custom.project)?;
        self.count_creation(now_ms)?;
        let free = std::iter::repeat_with(|| self.ids.channel_id()).take(ID_TRIES).find(|id| !self.channels.contains_key(id));
        let id = free.ok_or_else(|| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Error"))?;
        let channel = new_channel(&self.ids, id.clone(), project_id, custom, now_ms, &self.switches);
        self.channels.insert(id.clone(), channel);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.watch_lapse();
        }
        Ok(id)
    }

    fn count_creation(&mut self, now_ms: i64) -> Result<(), Refusal> {
        let counted = &mut self.creations.at_ms;
        counted.retain(|at_ms| (0..CREATIONS_WINDOW_MS).contains(&(now_ms - at_ms)));
        if counted.len() >= CREATIONS_LIMIT {
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
        }
        counted.push(now_ms);
        Ok(())
    }

    /// Moves days from the account to a channel, from its end or from now if that has passed.
    /// Answers the new end.
    pub(crate) fn extend(&mut self, id: &str, days: f64, comment: &str, now_ms: i64) -> Result<i64, Refusal> {
        let days_ms = (days * DAY_MS as f64) as i64;
        let (balance_ms, switches) = (self.partner.balance_ms, self.switches.clone());
        let channel = self.channel(id)?;
        if days_ms < 1 {
            return Err(Refusal::wrong("days must be more than 0"));
        }
        if days_ms > balance_ms {
            let status = StatusCode::from_u16(switches.insufficient_status).unwrap_or(StatusCode::BAD_REQUEST);
            return Err(Refusal::new(status, "Not enough days on balance"));
        }
        let from_now = switches.trial_extends_from_now && channel.mode == Mode::Trial;
        let base_ms = if from_now { now_ms } else { channel.active_till_ms.max(now_ms) };
        let till_ms = base_ms.saturating_add(days_ms);
        if till_ms > FURTHEST_MS {
            return Err(Refusal::wrong("days is too much"));
        }
        let was_alive = channel.is_alive(now_ms);
        channel.active_till_ms = till_ms;
        channel.added_ms += days_ms;
        channel.note_addition(days_ms, comment, now_ms);
        channel.watch_lapse();
        if !was_alive {
            channel.revive(now_ms, &switches);
        }
        self.change_balance(-days_ms);
        Ok(till_ms)
    }

    /// Takes the unused whole days of a channel back to the account: no more than extensions
    /// added, because trial days were never the account's.
    fn give_back(&mut self, id: &str, now_ms: i64) -> Result<(), Refusal> {
        let channel = self.channel(id)?;
        let unused_ms = (channel.active_till_ms - now_ms).max(0) / DAY_MS * DAY_MS;
        let back_ms = unused_ms.min(channel.added_ms);
        channel.active_till_ms = channel.active_till_ms.min(now_ms);
        channel.returned_ms += back_ms;
        self.change_balance(back_ms);
        Ok(())
    }

    /// Deletes a channel for ever; its unused days go back.
    pub(crate) fn delete(&mut self, id: &str, now_ms: i64) -> Result<(), Refusal> {
        self.give_back(id, now_ms)?;
        if let Some(channel) = self.channels.remove(id) {
            self.note_departure(&channel, now_ms);
            self.outgoing.extend(channel.outgoing);
        }
        Ok(())
    }

    /// Stops a channel; its days run on, or go back when `save_days` says so.
    pub(crate) fn stop(&mut self, id: &str, save_days: bool, now_ms: i64) -> Result<(), Refusal> {
        let channel = self.channel(id)?;
        if !channel.is_ready(now_ms) {
            return Err(not_ready("stopped"));
        }
        channel.stopped = true;
        channel.tell_health(now_ms);
        if save_days {
            self.give_back(id, now_ms)?;
        }
        Ok(())
    }

    /// Starts a stopped channel.
    pub(crate) fn start(&mut self, id: &str, now_ms: i64) -> Result<(), Refusal> {
        let switches = self.switches.clone();
        let channel = self.channel(id)?;
        if !channel.is_ready(now_ms) {
            return Err(not_ready("started"));
        }
        if std::mem::take(&mut channel.stopped) {
            channel.revive(now_ms, &switches);
        }
        Ok(())
    }

    /// Launches a running channel again.
    pub(crate) fn restart(&mut self, id: &str, now_ms: i64) -> Result<(), Refusal> {
        let switches = self.switches.clone();
        let channel = self.channel(id)?;
        if !channel.is_ready(now_ms) || !channel.is_alive(now_ms) {
            return Err(not_ready("restarted"));
        }
        channel.launch(now_ms, &switches);
        Ok(())
    }

    /// Sets how a channel is paid for. Nobody goes back from live to trial.
    pub(crate) fn set_mode(&mut self, id: &str, mode: Mode) -> Result<(), Refusal> {
        let ignored = self.switches.modes_ignored > 0;
        let channel = self.channel(id)?;
        if mode == Mode::Trial && channel.mode == Mode::Live {
            return Err(Refusal::forbidden("Forbidden"));
        }
        if ignored {
            self.switches.modes_ignored -= 1;
        } else {
            channel.mode = mode;
        }
        Ok(())
    }

    /// Adds to the account or takes from it, and tells the partner when little is left.
    pub(crate) fn change_balance(&mut self, by_ms: i64) {
        self.partner.balance_ms += by_ms;
        self.watch_balance();
    }

    /// Tells the partner once each time the balance reaches the limit.
    pub(crate) fn watch_balance(&mut self) {
        let limit = self.partner.settings.days_limit;
        let is_low = self.partner.balance_ms as f64 <= limit * DAY_MS as f64;
        if is_low && !self.partner.warned {
            let hooks: Vec<Value> = self.partner.settings.webhooks.clone();
            self.send_low_balance(&hooks, limit);
        }
        self.partner.warned = is_low;
    }
}

impl Channel {
    fn watch_lapse(&mut self) {
        self.later(self.active_till_ms, super::agenda::What::Lapse);
    }

    fn revive(&mut self, now_ms: i64, switches: &Switches) {
        if self.session.user.is_some() {
            self.launch(now_ms, switches);
        } else {
            self.enter(super::session::Phase::NotInit, now_ms);
        }
    }
}

fn not_ready(what: &str) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, format!("The channel is not ready to be {what}"))
}

fn new_channel(ids: &Ids, id: String, project_id: String, custom: Custom, now_ms: i64, switches: &Switches) -> Channel {
    Channel {
        id,
        token: ids.channel_token(),
        name: custom.name,
        project_id,
        phone: custom.phone.unwrap_or_default(),
        payment_id: custom.payment_id,
        previous_payment_id: custom.previous_payment_id,
        created_ms: now_ms,
        trial_ms: now_ms + TRIAL_DAYS * DAY_MS,
        active_till_ms: now_ms + (TRIAL_DAYS + GRACE_DAYS) * DAY_MS,
        ready_ms: now_ms + switches.provisioning_ms,
        mode: Mode::Trial,
        stopped: false,
        added_ms: 0,
        made_by: Hand::Partner,
        additions: Vec::new(),
        returned_ms: 0,
        settings: first_settings(),
        session: Session::asleep(now_ms),
        usage: Usage::default(),
        store: Store::default(),
        agenda: Vec::new(),
        outgoing: Vec::new(),
        ids: ids.clone(),
    }
}
