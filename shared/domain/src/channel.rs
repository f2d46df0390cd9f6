//! A WhatsApp channel: how it comes to be, gets days, is linked, runs out and goes.
//!
//! Invariants: `paid_till` counts only days that the customer paid for; while a turn stands nothing else
//! changes the channel at WHAPI; a deleted channel stays as a tombstone.

use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::days::Days;
use crate::extension::Turn;
use crate::id::{ChannelId, UserId};
use crate::phone::PhoneNumber;
use crate::refusal::Refusal;

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
/// How long we wait for somebody to scan a code before the link is given up.
pub const LINK_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How often a link under way is looked at when no webhook tells of it.
pub const LINK_POLL: SignedDuration = SignedDuration::from_secs(30);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word back.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Which way a channel is connected.
    Kind {
        /// Through WHAPI, by a scan.
        Unofficial = "unofficial",
        /// Through Meta.
        Official = "official",
    }
}

words! {
    /// Where a channel stands.
    Status {
        /// No days yet.
        Pending = "pending",
        /// Has days.
        Active = "active",
        /// Has days, and a code was given.
        QrGenerated = "qr_generated",
        /// Its days ran out.
        Expired = "expired",
        /// Being deleted.
        Deleting = "deleting",
        /// Gone; the record is a tombstone.
        Deleted = "deleted",
    }
}

words! {
    /// Whether a number is linked.
    AuthStatus {
        /// Not yet.
        Pending = "pending",
        /// Linked.
        Authorized = "authorized",
    }
}

words! {
    /// How its connection to WhatsApp is.
    Connection {
        /// Not started.
        Inactive = "inactive",
        /// Starting.
        Initializing = "initializing",
        /// Waiting for a scan.
        QrPending = "qr_pending",
        /// Scanned, being checked.
        Authenticating = "authenticating",
        /// Connecting.
        Connecting = "connecting",
        /// Works.
        Active = "active",
        /// Was linked, and is not any more.
        Disconnected = "disconnected",
        /// Does not work.
        Error = "error",
    }
}

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
    /// When it was made, by WHAPI's clock once known.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

/// The next thing to be done for a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Create it at WHAPI, or find it there.
    Provision,
    /// Read it back after its creation.
    Confirm,
    /// Ask WHAPI for its webhooks.
    SetWebhooks,
    /// Set mode `live`.
    SetMode,
    /// See whether the code was scanned.
    WatchLink,
    /// Extend it before it ends.
    Renew,
    /// Mark it as run out.
    Expire,
    /// Go on with its deletion.
    Delete,
}

/// A name that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing in it.
    #[error("Give the channel a name.")]
    Empty,
    /// Too long.
    #[error("A name has 60 characters at most.")]
    TooLong,
    /// Has a character that no name has, or our mark.
    #[error("A name has no line breaks or control characters, and no “ · ”.")]
    Forbidden,
}

/// Checks and trims a customer's name for a channel.
///
/// # Errors
/// [`NameError`].
pub fn name(text: &str) -> Result<String, NameError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(NameError::Empty);
    }
    if trimmed.chars().count() > LONGEST_NAME {
        return Err(NameError::TooLong);
    }
    if trimmed.chars().any(char::is_control) || trimmed.contains('·') {
        return Err(NameError::Forbidden);
    }
    Ok(trimmed.to_owned())
}

/// Our id at the end of a name that came from WHAPI.
pub fn id_in_name(name: &str) -> Option<ChannelId> {
    name.rsplit_once(NAME_MARK).and_then(|(_, id)| ChannelId::parse(id.trim()).ok())
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
            auth_status: AuthStatus::Pending,
            connection: Connection::Inactive,
            health: None,
            auto_renew: true,
            active_till: None,
            paid_till: None,
            mode_live: false,
            webhooks_set: false,
            provision: Provision::Waiting { place: None, expected_at: None },
            turn: None,
            code_given_at: None,
            deletion: None,
            retry_at: None,
            attempts: 0,
            renewal_skipped_for: None,
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
        if matches!(self.status, Status::Pending | Status::Expired) {
            self.status = Status::Active;
        }
        self.touch(now);
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

    /// What is to be done next, and from when on.
    pub fn next_need(&self) -> Option<(Need, Timestamp)> {
        let (need, at) = self.raw_need()?;
        Some((need, self.retry_at.map_or(at, |retry| retry.max(at))))
    }

    fn raw_need(&self) -> Option<(Need, Timestamp)> {
        let at_once = self.updated_at;
        match (self.status, &self.provision) {
            (Status::Deleted, _) => None,
            (Status::Deleting, _) => Some((Need::Delete, at_once)),
            (_, Provision::Refused { .. }) => None,
            (_, Provision::Waiting { expected_at, .. }) => Some((Need::Provision, expected_at.unwrap_or(at_once))),
            (_, Provision::Calling { .. }) => Some((Need::Provision, at_once)),
            (_, Provision::Created) => Some((Need::Confirm, at_once)),
            (Status::Pending, _) if !self.webhooks_set => Some((Need::SetWebhooks, at_once)),
            (Status::Pending, _) => None,
            (_, _) if !self.mode_live && self.paid_till.is_some() && self.status != Status::Expired => Some((Need::SetMode, at_once)),
            (_, _) if !self.webhooks_set => Some((Need::SetWebhooks, at_once)),
            (Status::Expired, _) => None,
            (status, _) => self.timed_need(status),
        }
    }

    fn timed_need(&self, status: Status) -> Option<(Need, Timestamp)> {
        let till = self.active_till?;
        let renewing = self.auto_renew && self.renewal_skipped_for != Some(till);
        let renew = renewing.then(|| (Need::Renew, till.saturating_sub(RENEW_BEFORE).unwrap_or(till)));
        let watch = self.code_given_at.filter(|_| status == Status::QrGenerated);
        let watch = watch.map(|_| (Need::WatchLink, self.updated_at.saturating_add(LINK_POLL).unwrap_or(Timestamp::MAX)));
        [renew, watch, Some((Need::Expire, till))].into_iter().flatten().min_by_key(|(_, at)| *at)
    }
}

/// Shares arriving days out: pending channels first, oldest first, then those about to renew, then expired
/// ones that renew by themselves and ended not long ago. One step each, or what is left.
pub fn share_out(channels: &[Channel], remaining: Days, now: Timestamp) -> Vec<(ChannelId, Days)> {
    let recently = |till: Timestamp| now.duration_since(till) < ABANDONED_AFTER;
    let rank = |channel: &Channel| match (channel.status, channel.active_till) {
        _ if channel.check_extendable().is_err() || channel.turn.is_some() => None,
        (Status::Pending, _) => Some(0),
        (Status::Active | Status::QrGenerated, Some(till)) if channel.auto_renew && till.duration_since(now) <= RENEW_BEFORE => Some(1),
        (Status::Expired, Some(till)) if channel.auto_renew && recently(till) => Some(2),
        _ => None,
    };
    let mut wanting: Vec<_> = channels.iter().filter_map(|channel| Some((rank(channel)?, &channel.id))).collect();
    wanting.sort();
    let mut left = remaining;
    let mut shares = Vec::new();
    for (_, id) in wanting {
        let days = STEP.min(left);
        if days.is_zero() {
            break;
        }
        left = left.saturating_sub(days);
        shares.push((id.clone(), days));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn channel(number: u128) -> Channel {
        let now = at("2026-11-21T09:00:00Z");
        let mut channel = Channel::new(ChannelId::new(now, number), UserId::new(now, 1), "Shop".to_owned(), None, now);
        channel.provision = Provision::Confirmed;
        channel.webhooks_set = true;
        channel
    }

    #[test]
    fn our_id_is_found_at_the_end_of_the_name_and_cannot_be_typed() {
        let channel = channel(1);
        assert_eq!(id_in_name(&channel.provider_name()), Some(channel.id.clone()));
        assert_eq!(name(&channel.provider_name()), Err(NameError::Forbidden));
        assert_eq!(name("  Manama Flowers "), Ok("Manama Flowers".to_owned()));
    }

    #[test]
    fn only_paid_days_come_back_from_a_deleted_channel() {
        let now = at("2026-11-21T09:00:00Z");
        let mut channel = channel(1);
        assert_eq!(channel.worth_back(Some(at("2026-11-27T09:00:00Z")), now), Days::ZERO, "a trial is not the customer's");
        channel.take_days(Days::new(10), at("2026-12-07T09:00:00Z"), now);
        assert_eq!(channel.worth_back(channel.active_till, now), Days::new(10));
        assert_eq!(channel.worth_back(channel.active_till, at("2026-11-25T10:00:00Z")), Days::new(5));
        assert_eq!(channel.worth_back(Some(at("2026-11-23T09:00:00Z")), now), Days::new(2), "never more than WHAPI still has");
    }

    #[test]
    fn arriving_days_go_to_pending_channels_oldest_first_in_steps() {
        let now = at("2026-11-21T09:00:00Z");
        let (old, young) = (channel(1), channel(2));
        let mut expired = channel(3);
        expired.status = Status::Expired;
        expired.active_till = Some(at("2026-11-10T09:00:00Z"));
        let mut abandoned = expired.clone();
        abandoned.id = ChannelId::new(now, 4);
        abandoned.active_till = Some(at("2026-10-01T09:00:00Z"));
        let all = [abandoned, young.clone(), expired.clone(), old.clone()];
        let shares = share_out(&all, Days::new(70), now);
        assert_eq!(shares, [(old.id, STEP), (young.id, STEP), (expired.id, Days::new(10))]);
        assert!(share_out(&all, Days::ZERO, now).is_empty());
    }
}
