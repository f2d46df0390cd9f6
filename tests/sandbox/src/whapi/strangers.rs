//! A stranger's hand: what somebody does in the vendor's own panel, behind the back of whoever has the
//! partner's token. It goes by the vendor's rules and is paid from the same account.

use serde_json::json;

use super::Whapi;
use super::account::Custom;
use super::state::World;
use super::truth::Hand;
use crate::control::{ControlError, ControlResult};

/// What a stranger says with an extension.
const COMMENT: &str = "by hand";

impl Whapi {
    /// Somebody adds days to a channel.
    ///
    /// # Errors
    /// Unknown channel; impossible when the account has not so many days.
    pub fn stranger_extends(&self, channel: &str, days: i64) -> ControlResult {
        self.core.act(|world, now_ms| {
            let id = world.named(channel)?;
            let till_ms = world.extend(&id, days as f64, COMMENT, now_ms).map_err(refused)?;
            let addition = world.channels.get_mut(&id).and_then(|channel| channel.additions.last_mut());
            addition.into_iter().for_each(|addition| addition.by = Hand::Stranger);
            Ok(json!({"channel_id": id, "days": days, "activeTill": till_ms}))
        })
    }

    /// Somebody deletes a channel.
    ///
    /// # Errors
    /// Unknown channel.
    pub fn stranger_deletes(&self, channel: &str) -> ControlResult {
        self.core.act(|world, now_ms| {
            let id = world.named(channel)?;
            world.delete(&id, now_ms).map_err(refused)?;
            let departed = world.departed.last_mut().and_then(|truth| truth.departed.as_mut());
            departed.into_iter().for_each(|departed| departed.by = Hand::Stranger);
            Ok(json!({"channel_id": id}))
        })
    }

    /// Somebody makes a channel of any name in the default project.
    ///
    /// # Errors
    /// Impossible while the vendor allows no more creations.
    pub fn stranger_creates(&self, name: &str) -> ControlResult {
        let custom =
            Custom { name: name.to_owned(), project: "default".to_owned(), phone: None, payment_id: None, previous_payment_id: None };
        self.core.act(|world, now_ms| {
            let id = world.create(custom, now_ms).map_err(refused)?;
            world.channels.get_mut(&id).into_iter().for_each(|channel| channel.made_by = Hand::Stranger);
            Ok(json!({"channel_id": id, "name": name}))
        })
    }
}

impl World {
    /// The id of the newest channel that is named by its id or by what stands at the end of its name.
    pub(crate) fn named(&self, named: &str) -> Result<String, ControlError> {
        let mut found: Vec<_> =
            self.channels.values().filter(|channel| channel.id == named || channel.reference() == Some(named)).collect();
        found.sort_by_key(|channel| channel.created_ms);
        found.pop().map(|channel| channel.id.clone()).ok_or(ControlError::Unknown)
    }
}

fn refused(refusal: super::refusal::Refusal) -> ControlError {
    ControlError::Impossible(refusal.to_string())
}
