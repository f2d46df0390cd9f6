//! A WhatsApp channel: how it comes to be, gets days, is linked, runs out and goes.
//!
//! Invariants: `paid_till` counts only days that the customer paid for; while a turn stands nothing else
//! changes the channel at WHAPI; a deleted channel stays as a tombstone.

mod name;
mod need;
mod sharing;
mod words;

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::days::Days;
use crate::extension::Turn;
use crate::id::{ChannelId, UserId};
use crate::phone::PhoneNumber;
use crate::refusal::Refusal;

pub use name::{NameError, id_in_name, name};
pub use need::Need;
pub use sharing::{beyond_limit, share_out};
pub use words::{AuthStatus, Connection, Kind, Status};

/// What stands between the customer's name of a channel and our id in the name sent to WHAPI.
pub const NAME_MARK: &str = " · ";
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// How long before its end a channel renews by itself.
pub const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How many days one step of automatic extension has.
pub const STEP: Days = Days::new(30);
/// How long after its end an expired channel still gets arriving days by itself.
pub const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long no days go to a channel by themselves after WHAPI took none for it once, twice, … in a row, in minutes.
/// Never long: it may be our own account at WHAPI that was empty, and is filled by now.
const RESTS_MINUTES: [i64; 4] = [10, 30, 60, 120];
/// How often WHAPI is asked to create one channel in all, before it counts as refused.
pub const MOST_CREATIONS: u32 = 5;
/// How long we wait for somebody to scan a code before the link is given up.
pub const LINK_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How often a link under way is looked at when no webhook tells of it.
pub const LINK_POLL: SignedDuration = SignedDuration::from_secs(30);

/// How far the creation at WHAPI is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provision {
    /// Recorded, not yet asked for; with its place in the queue when it must wait.
    Waiting {
        /// The first place is 1; `None` when it goes at once.
        place: Option<u32>,
        /// When its turn is expected.
        expected_at: Option<Timestamp>,
    },
    /// Asked for at that time; the answer was not seen yet.
    Calling {
        /// When.
        at: Timestamp,
        /// Whole sweeps of WHAPI's list in which it was not found.
        sweeps: u8,
    },
    /// The answer was saved.
    Created,
    /// Read back and confirmed.
    Confirmed,
    /// WHAPI refused it; its place under the limit was given back.
    Refused {
        /// Why, for people.
        reason: String,
    },
}

/// What a deletion is about to give back, stored before WHAPI is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The days to return, once they were worked out.
    pub return_days: Option<Days>,
}

/// What was last seen of its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// WHAPI's word, such as `AUTH`.
    pub text: String,
    /// When it was read.
    pub read_at: Timestamp,
}

/// A text that only the store's keyring opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(pub String);

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub user_id: UserId,
    /// Which way it is connected.
    pub kind: Kind,
    /// The customer's name for it.
    pub name: String,
    /// The number that the customer gave when adding it.
    pub phone: Option<PhoneNumber>,
    /// The number that is linked, as WHAPI says it, digits only.
    pub whatsapp_number: Option<String>,
    /// WHAPI's id.
    pub channel_ref: Option<String>,
    /// WHAPI's token of the channel, sealed.
    pub token: Option<Sealed>,
    /// Where it stands.
    pub status: Status,
    /// WHAPI's word for its status.
    pub provider_status: Option<String>,
    /// Whether WHAPI has stopped it.
    pub stopped: bool,
    /// Whether WHAPI does not have it any more, though nobody deleted it here.
    pub gone: bool,
    /// Whether a number is linked.
    pub auth_status: AuthStatus,
    /// How its connection is.
    pub connection: Connection,
    /// What was last seen of its health.
    pub health: Option<Health>,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// When WHAPI ends it.
    pub active_till: Option<Timestamp>,
    /// Until when the customer has paid for it.
    pub paid_till: Option<Timestamp>,
    /// Whether mode `live` was seen at WHAPI.
    pub mode_live: bool,
    /// Whether WHAPI sends us its webhooks.
    pub webhooks_set: bool,
    /// How far its creation is.
    pub provision: Provision,
    /// How often WHAPI was asked to create it, or may have been.
    pub creations: u32,
    /// The remote call under way.
    pub turn: Option<Turn>,
    /// When the last code was given.
    pub code_given_at: Option<Timestamp>,
    /// Its deletion, once asked for.
    pub deletion: Option<Deletion>,
    /// Not before then: a step that failed is tried again.
    pub retry_at: Option<Timestamp>,
    /// Steps that failed in a row.
    pub attempts: u32,
    /// The `active_till` for which a renewal found no days.
    pub renewal_skipped_for: Option<Timestamp>,
    /// Extensions by themselves, in a row, of which WHAPI made nothing.
    pub refusals: u32,
    /// No days go to it by themselves before then.
    pub rests_until: Option<Timestamp>,
    /// When it was made, by WHAPI's clock once known.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

impl Channel {
    /// A new unofficial channel, not yet asked for at WHAPI.
    pub fn new(id: ChannelId, user_id: UserId, name: String, phone: Option<PhoneNumber>, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            kind: Kind::Unofficial,
            name,
            phone,
            whatsapp_number: None,
            channel_ref: None,
            token: None,
            status: Status::Pending,
            provider_status: None,
            stopped: false,
            gone: false,
            auth_status: AuthStatus::Pending,
            connection: Connection::Inactive,
            health: None,
            auto_renew: true,
            active_till: None,
            paid_till: None,
            mode_live: false,
            webhooks_set: false,
            provision: Provision::Waiting { place: None, expected_at: None },
            creations: 0,
            turn: None,
            code_given_at: None,
            deletion: None,
            retry_at: None,
            attempts: 0,
            renewal_skipped_for: None,
            refusals: 0,
            rests_until: None,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }

    /// The name that WHAPI gets: ours at its end, so that a channel whose answer was lost is found again.
    pub fn provider_name(&self) -> String {
        format!("{}{NAME_MARK}{}", self.name, self.id)
    }

    /// The word on its badge (CH-9).
    pub fn badge(&self) -> &'static str {
        match (self.status, self.auth_status) {
            (Status::Active, AuthStatus::Authorized) => "authorized",
            (status, _) => status.word(),
        }
    }

    /// Whole days until it ends.
    pub fn days_left(&self, now: Timestamp) -> Days {
        match (self.status, self.paid_till, self.active_till) {
            (Status::Pending, ..) => Days::ZERO,
            (_, _, Some(till)) => Days::whole_between(now, till),
            _ => Days::ZERO,
        }
    }

    /// Whether the channel has time left that was given by an extension.
    pub fn has_days(&self, now: Timestamp) -> bool {
        matches!(self.status, Status::Active | Status::QrGenerated) && self.active_till.is_some_and(|till| till > now)
    }

    /// Whether it exists at WHAPI, as far as we know.
    pub fn is_provisioned(&self) -> bool {
        matches!(self.provision, Provision::Created | Provision::Confirmed)
    }

    /// Whether days may be reserved for it.
    ///
    /// # Errors
    /// [`Refusal`] when it is being created, deleted, or gone.
    pub fn check_extendable(&self) -> Result<(), Refusal> {
        match (self.status, &self.provision) {
            (Status::Deleting | Status::Deleted, _) => Err(Refusal::StateForbids("This channel is being deleted.")),
            _ if self.gone => Err(Refusal::StateForbids("WHAPI does not have this channel any more. Delete it: its days come back.")),
            (_, Provision::Refused { .. }) => Err(Refusal::StateForbids("WHAPI refused this channel. Delete it and add a new one.")),
            (_, Provision::Created | Provision::Confirmed) if self.kind == Kind::Unofficial => Ok(()),
            _ => Err(Refusal::ChannelProvisioning),
        }
    }

    /// Whether a code may be shown (CH-6, BAL-4): the channel has days and no number is linked.
    ///
    /// # Errors
    /// [`Refusal`] that says which of it is not so.
    pub fn check_linkable(&self, account: &Account, now: Timestamp) -> Result<(), Refusal> {
        account.check_open()?;
        self.check_extendable()?;
        if !self.has_days(now) {
            let empty = account.balance.remaining().is_zero();
            return Err(if empty { Refusal::NoDaysLeft } else { Refusal::ChannelNotActive });
        }
        if self.auth_status == AuthStatus::Authorized && self.connection != Connection::Disconnected {
            return Err(Refusal::AlreadyLinked);
        }
        Ok(())
    }

    /// Takes days that were put on it at WHAPI: `paid_till` moves on by them, the channel is active.
    pub fn take_days(&mut self, days: Days, active_till: Timestamp, now: Timestamp) {
        let from = self.paid_till.map_or(now, |till| till.max(now));
        self.paid_till = Some(days.after(from));
        self.active_till = Some(active_till);
        self.stopped = false;
        self.renewal_skipped_for = None;
        self.refusals = 0;
        self.rests_until = None;
        if matches!(self.status, Status::Pending | Status::Expired) {
            self.status = Status::Active;
        }
        self.touch(now);
    }

    /// WHAPI made nothing of an extension that nobody asked for: the next one waits, longer each time.
    pub fn rest(&mut self, now: Timestamp) {
        let index = usize::try_from(self.refusals).unwrap_or(usize::MAX);
        let minutes = RESTS_MINUTES.get(index).or(RESTS_MINUTES.last()).copied().unwrap_or_default();
        self.refusals = self.refusals.saturating_add(1);
        self.rests_until = now.saturating_add(SignedDuration::from_mins(minutes)).ok();
        self.updated_at = now;
    }

    /// Whether no days go to it by themselves yet.
    pub fn is_resting(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// A code was given to somebody.
    pub fn give_code(&mut self, now: Timestamp) {
        self.status = Status::QrGenerated;
        self.connection = Connection::QrPending;
        self.code_given_at = Some(now);
        self.touch(now);
    }

    /// A number is linked.
    pub fn link(&mut self, number: Option<String>, now: Timestamp) {
        self.auth_status = AuthStatus::Authorized;
        self.connection = Connection::Active;
        self.stopped = false;
        self.code_given_at = None;
        if self.status == Status::QrGenerated {
            self.status = Status::Active;
        }
        self.whatsapp_number = number.or(self.whatsapp_number.take());
        self.touch(now);
    }

    /// The number was unlinked.
    pub fn unlink(&mut self, now: Timestamp) {
        self.auth_status = AuthStatus::Pending;
        self.connection = Connection::Disconnected;
        self.touch(now);
    }

    /// The link was given up: nobody scanned in time.
    pub fn time_out_link(&mut self, now: Timestamp) {
        if self.status == Status::QrGenerated {
            self.status = Status::Active;
            self.connection = Connection::Inactive;
        }
        self.touch(now);
    }

    /// Its days ran out.
    pub fn expire(&mut self, now: Timestamp) {
        if matches!(self.status, Status::Active | Status::QrGenerated) {
            self.status = Status::Expired;
            self.connection = Connection::Inactive;
        }
        self.touch(now);
    }

    /// Asks for its deletion.
    ///
    /// # Errors
    /// [`Refusal`] when it is deleted already.
    pub fn begin_deletion(&mut self, now: Timestamp) -> Result<(), Refusal> {
        match self.status {
            Status::Deleted => Err(Refusal::StateForbids("This channel is deleted already.")),
            Status::Deleting => Ok(()),
            _ => {
                self.status = Status::Deleting;
                self.deletion = Some(Deletion { asked_at: now, return_days: None });
                self.retry_at = None;
                self.attempts = 0;
                self.touch(now);
                Ok(())
            }
        }
    }

    /// What a deletion gives back: whole days that were paid for and are still there. WHAPI's trial, grace
    /// and gifts are not the customer's.
    pub fn worth_back(&self, active_till: Option<Timestamp>, now: Timestamp) -> Days {
        match (self.paid_till, active_till) {
            (Some(paid), Some(active)) => Days::whole_between(now, paid).min(Days::whole_between(now, active)),
            _ => Days::ZERO,
        }
    }

    /// A step came to nothing: it is tried again later.
    pub fn postpone(&mut self, until: Timestamp, now: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.retry_at = Some(until);
        self.updated_at = now;
    }

    /// A step was done: nothing is held back any more.
    pub fn touch(&mut self, now: Timestamp) {
        self.attempts = 0;
        self.retry_at = None;
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests;
