//! The controls: what the phone, the people who write to it, and WHAPI itself do.
//!
//! Channels are named by WHAPI's id or by the id that stands at the end of their name after
//! ` · `. A control says what it did, [`ControlError::Unknown`] for a channel that is not there,
//! and [`ControlError::Impossible`] for what the real service could not do in that state.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ids;
use super::session::Phase;
use super::state::{Channel, DAY_MS, Switches, World, days_json};
use super::{Core, Whapi};
use crate::control::{ControlError, ControlResult};

/// Where the product takes the partner's notices, unless the partner set another address.
const PARTNER_PATH: &str = "/v1/webhooks/whapi/partner";

impl Whapi {
    /// A phone scans the QR code that the channel shows, or types its pairing code. The number
    /// is one of Bahrain unless said, or the one that the pairing code was asked for.
    ///
    /// # Errors
    /// Unknown channel; impossible when no code is shown that has not expired.
    pub fn scan(&self, channel: &str, phone: Option<String>) -> ControlResult {
        let digits = phone.map(|phone| phone.trim_start_matches('+').to_owned());
        if digits.as_deref().is_some_and(|digits| digits.is_empty() || !ids::is_contact(digits)) {
            return Err(ControlError::impossible("a phone number has 7 to 15 digits"));
        }
        self.core.on_channel(channel, |channel, now_ms| {
            let number = channel.scan(digits.as_deref(), now_ms).map_err(ControlError::Impossible)?;
            Ok(json!({"channel_id": channel.id, "phone": number, "status": channel.phase(now_ms).json()}))
        })
    }

    /// The phone's owner ends the link on the phone.
    ///
    /// # Errors
    /// Unknown channel; impossible when no phone is linked.
    pub fn unlink(&self, channel: &str) -> ControlResult {
        let switches = self.switches();
        self.core.on_channel(channel, |channel, now_ms| {
            let phone = channel.session.user.as_ref().map(|user| user.id.clone());
            if !channel.unlink(now_ms, &switches) {
                return Err(ControlError::impossible("no phone is linked"));
            }
            Ok(json!({"channel_id": channel.id, "phone": phone}))
        })
    }

    /// Somebody writes a text to the linked number.
    ///
    /// # Errors
    /// Unknown channel; impossible when no phone is linked.
    pub fn message(&self, channel: &str, from: &str, text: &str) -> ControlResult {
        let from: String = from.chars().filter(char::is_ascii_digit).collect();
        self.core.on_channel(channel, |channel, now_ms| {
            let linked = channel.need_link(now_ms).is_ok();
            linked.then_some(()).ok_or_else(|| ControlError::impossible("no phone is linked"))?;
            let message = channel.receive(&from, "text", json!({ "body": text }), now_ms);
            Ok(json!({"channel_id": channel.id, "message": message}))
        })
    }

    /// WHAPI's session of the channel breaks.
    ///
    /// # Errors
    /// Unknown channel; impossible when the channel is stopped or has no days.
    pub fn error(&self, channel: &str) -> ControlResult {
        self.break_session(channel, Phase::Error)
    }

    /// The channel falls out of sync: it sends, but reads fail.
    ///
    /// # Errors
    /// Unknown channel; impossible when no phone is linked.
    pub fn sync_error(&self, channel: &str) -> ControlResult {
        self.break_session(channel, Phase::SyncError)
    }

    fn break_session(&self, channel: &str, to: Phase) -> ControlResult {
        self.core.on_channel(channel, |channel, now_ms| {
            if !channel.is_alive(now_ms) {
                return Err(ControlError::impossible("the channel is stopped"));
            }
            if to == Phase::SyncError && channel.session.user.is_none() {
                return Err(ControlError::impossible("no phone is linked"));
            }
            channel.fail(to, now_ms);
            Ok(json!({"channel_id": channel.id, "status": channel.phase(now_ms).json()}))
        })
    }

    /// The account runs low: it now holds this many days, and WHAPI says so to the addresses in
    /// the partner's settings, or to the product where none is set.
    ///
    /// # Errors
    /// Impossible for less than no days.
    pub fn low_balance(&self, days: i64) -> ControlResult {
        let product = self.core.shared.public_url.get();
        if days < 0 {
            return Err(ControlError::impossible("a balance is not below zero"));
        }
        self.core.act(|world, _| {
            world.partner.balance_ms = days.saturating_mul(DAY_MS);
            let mut hooks = world.partner.settings.webhooks.clone();
            if hooks.is_empty() {
                hooks.push(json!({"url": format!("{product}{PARTNER_PATH}")}));
            }
            // A notice comes only at the limit, so that is where the limit must be.
            let limit = world.partner.settings.days_limit.max(days as f64);
            world.send_low_balance(&hooks, limit);
            world.partner.warned = true;
            Ok(json!({"days_balance": days, "days_limit": limit, "sent_to": hooks}))
        })
    }

    /// The truth about the account.
    ///
    /// # Errors
    /// None.
    pub fn account(&self) -> ControlResult {
        Ok(self.core.read(|world| {
            let channels: Vec<Value> = world.channels.values().map(row).collect();
            json!({"days_balance": days_json(world.partner.balance_ms), "channels": channels})
        }))
    }

    /// Days are bought for the account, or taken from it.
    ///
    /// # Errors
    /// None.
    pub fn set_balance(&self, days: i64) -> ControlResult {
        self.core.act(|world, _| {
            world.partner.balance_ms = days.saturating_mul(DAY_MS);
            world.watch_balance();
            Ok(json!({"days_balance": days}))
        })
    }

    /// The token that the manager takes.
    #[must_use]
    pub fn partner_token(&self) -> String {
        self.core.read(|world| world.partner.token.clone())
    }

    /// The manager takes another token from now on; answers it.
    #[must_use]
    pub fn rotate_partner_token(&self) -> String {
        self.core.act(|world, _| {
            world.partner.token = world.ids.partner_token(&world.partner.name, &world.partner.owner_id);
            world.partner.token.clone()
        })
    }

    /// The name in the partner's own paths.
    #[must_use]
    pub fn partner_name(&self) -> String {
        self.core.read(|world| world.partner.name.clone())
    }

    /// The id of the account's default project.
    #[must_use]
    pub fn project_id(&self) -> String {
        self.core.read(|world| world.project_id("default").unwrap_or_default())
    }

    /// What is switched how.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.core.switches()
    }

    /// Switches this WHAPI: harder, kinder, faster.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.core.act(|world, _| change(&mut world.switches));
    }

    /// How many things are due by the clock and not played yet.
    #[must_use]
    pub fn waiting_now(&self) -> usize {
        let now_ms = self.core.now_ms();
        self.core.read(|world| world.channels.values().flat_map(|channel| &channel.agenda).filter(|due| due.at_ms <= now_ms).count())
    }

    /// A fresh world. The partner keeps its token and its default project, so that who was given
    /// them can go on.
    pub fn reset(&self) {
        self.core.act(|world, _| {
            let mut fresh = World { ids: world.ids.clone(), ..World::default() };
            fresh.partner.owner_id.clone_from(&world.partner.owner_id);
            fresh.partner.token.clone_from(&world.partner.token);
            fresh.projects = std::mem::take(&mut world.projects);
            fresh.projects.retain(|_, project| project.is_default);
            *world = fresh;
        });
    }
}

impl Core {
    /// Does something to the channel that is named by either of its ids.
    pub(crate) fn on_channel(&self, named: &str, act: impl FnOnce(&mut Channel, i64) -> ControlResult) -> ControlResult {
        self.act(|world, now_ms| {
            let id = world.named(named)?;
            world.channels.get_mut(&id).map_or(Err(ControlError::Unknown), |channel| act(channel, now_ms))
        })
    }
}

fn row(channel: &Channel) -> Value {
    let active_till = Timestamp::from_millisecond(channel.active_till_ms).ok();
    json!({
        "id": channel.id,
        "name": channel.name,
        "phone": channel.phone,
        "mode": channel.mode,
        "active_till": active_till.map(|till| till.to_string()),
        "days_added": days_json(channel.added_ms),
        "created_by_us": channel.reference().is_some_and(|reference| reference.starts_with("chn_")),
    })
}
