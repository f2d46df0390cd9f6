//! Extending a channel: days are reserved, WHAPI is called in the channel's turn, and the reservation is
//! posted or given back. A lost answer is settled by reading the channel back, never by a second call.

use jiff::{SignedDuration, Timestamp};

use crate::account::{Account, AccountChange, Guard};
use crate::channel::Channel;
use crate::days::Days;
use crate::id::{ChannelId, EntryId, ExtensionId, UserId};
use crate::ledger::{Cause, Entry, EntryKind};
use crate::refusal::Refusal;

/// How far `activeTill` may be from what we expect and still be our doing.
pub const READ_BACK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);
/// How often WHAPI is asked for one extension in all, before its days go back.
pub const MOST_CALLS: u32 = 3;
/// How long after the time that was written down for it a request to WHAPI leaves at the latest.
pub const SENT_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// Where an extension stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtensionState {
    /// Reserved, waiting for its turn.
    Queued,
    /// In its turn.
    Calling,
    /// Called, and no answer.
    Unknown,
    /// The days are on the channel.
    Posted,
    /// It did not happen; the days are back.
    Void,
}

impl ExtensionState {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Calling => "calling",
            Self::Unknown => "unknown",
            Self::Posted => "posted",
            Self::Void => "void",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Calling, Self::Unknown, Self::Posted, Self::Void].into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing follows.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Posted | Self::Void)
    }
}

/// Who wanted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The customer's button.
    Customer,
    /// Days arrived, or the channel was just created.
    Automatic,
    /// A day before the channel ends.
    Renewal,
    /// Staff.
    Admin,
}

impl Origin {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Automatic => "automatic",
            Self::Renewal => "renewal",
            Self::Admin => "admin",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Customer, Self::Automatic, Self::Renewal, Self::Admin].into_iter().find(|origin| origin.word() == word)
    }
}

/// One extension of a channel. Its record is written when it is reserved and when it is settled; between
/// the two the channel's [`Turn`] tells how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its id; stands in WHAPI's billing comment.
    pub id: ExtensionId,
    /// Whose days.
    pub user_id: UserId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// How many.
    pub days: Days,
    /// Where it stands.
    pub state: ExtensionState,
    /// Who wanted it.
    pub origin: Origin,
    /// Why it came to nothing, or what is wrong, for people.
    pub reason: Option<String>,
    /// When there is something to do.
    pub due_at: Option<Timestamp>,
    /// Looks that came to nothing in a row.
    pub attempts: u32,
    /// Turns in which WHAPI was asked for it, or may have been.
    pub calls: u32,
    /// When it was reserved.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

/// A remote call under way on a channel: while it stands, nothing else happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Whose turn.
    pub extension_id: ExtensionId,
    /// By how many days.
    pub days: Days,
    /// `activeTill` as WHAPI said just before the call.
    pub before: Timestamp,
    /// When the call was about to be made: it left within [`SENT_WITHIN`], or never.
    pub called_at: Timestamp,
    /// Whether the answer was lost.
    pub unknown: bool,
}

/// All that a reservation does, to be committed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The extension.
    pub extension: Extension,
    /// The debit.
    pub entry: Entry,
    /// The account's change, guarded by what remains.
    pub change: AccountChange,
}

/// The ids of a reservation.
#[derive(Debug, Clone)]
pub struct ReservationIds {
    /// The extension's.
    pub extension: ExtensionId,
    /// The debit's.
    pub entry: EntryId,
}

/// Reserves days for a channel.
///
/// # Errors
/// [`Refusal`] when the account is not open, the channel cannot be extended, or the days are not there.
pub fn reserve(
    account: &Account,
    channel: &Channel,
    days: Days,
    origin: Origin,
    ids: ReservationIds,
    now: Timestamp,
) -> Result<Reservation, Refusal> {
    account.check_open()?;
    channel.check_extendable()?;
    let remaining = account.balance.remaining();
    if days.is_zero() || remaining < days {
        return Err(Refusal::NoDays { remaining, wanted: days });
    }
    let extension = Extension {
        id: ids.extension.clone(),
        user_id: account.user_id.clone(),
        channel_id: channel.id.clone(),
        days,
        state: ExtensionState::Queued,
        origin,
        reason: None,
        due_at: Some(now),
        attempts: 0,
        calls: 0,
        created_at: now,
        updated_at: now,
        version: 0,
    };
    let entry = movement(&extension, EntryKind::Debit, Cause::extend(&extension.id), ids.entry, now);
    let mut change = entry.account_change().guarded(Guard::Remaining(days)).guarded(Guard::Open);
    change.reserved = i64::from(days.count());
    Ok(Reservation { extension, entry, change })
}

fn movement(extension: &Extension, kind: EntryKind, cause: Cause, id: EntryId, now: Timestamp) -> Entry {
    Entry {
        id,
        user_id: extension.user_id.clone(),
        at: now,
        kind,
        days: extension.days,
        cause,
        channel_id: Some(extension.channel_id.clone()),
        subscription_id: None,
        lot_id: None,
        lapses_at: None,
        note: None,
        by: None,
    }
}

/// The account's change when an extension is settled, either way: its days are set aside no more.
fn settled(extension: &Extension, now: Timestamp) -> AccountChange {
    let mut change = AccountChange::new(extension.user_id.clone(), now);
    change.reserved = -i64::from(extension.days.count());
    change
}

/// Settles it as done: the extension afterwards, the channel with its days, and the account's change.
pub fn post(mut extension: Extension, mut channel: Channel, active_till: Timestamp, now: Timestamp) -> (Extension, Channel, AccountChange) {
    channel.take_days(extension.days, active_till, now);
    channel.turn = None;
    extension.state = ExtensionState::Posted;
    extension.due_at = None;
    extension.reason = None;
    extension.updated_at = now;
    let change = settled(&extension, now);
    (extension, channel, change)
}

/// Settles it as not done: the extension afterwards, the entry that gives the days back, and the account's change
/// beside what the entry does to it.
pub fn void(mut extension: Extension, reason: &str, entry_id: EntryId, now: Timestamp) -> (Extension, Entry, AccountChange) {
    let entry = movement(&extension, EntryKind::Return, Cause::void(&extension.id), entry_id, now);
    extension.state = ExtensionState::Void;
    extension.due_at = None;
    extension.reason = Some(reason.to_owned());
    extension.updated_at = now;
    let change = settled(&extension, now);
    (extension, entry, change)
}

/// What reading a channel back says of a call whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBack {
    /// The days are on the channel.
    Happened,
    /// They are not, and no late request can bring them any more.
    DidNotHappen,
    /// They are not, but a late request may still arrive.
    TooEarly,
    /// Somebody else's hand: a finding, never a guess.
    SomethingElse,
}

/// Reads a turn back. `late` is the longest time that a request may still arrive after it was sent.
pub fn read_back(turn: &Turn, active_till: Timestamp, now: Timestamp, late: SignedDuration) -> ReadBack {
    let near = |expected: Timestamp| active_till.duration_since(expected).abs() <= READ_BACK_TOLERANCE;
    // Days count from the end on, or from the call on where the end was past or was a trial's. That it moved comes first: a
    // trial may end just as many days after the call as somebody asked for.
    let moved = active_till != turn.before;
    if moved && (near(turn.days.after(turn.before)) || near(turn.days.after(turn.called_at))) {
        return ReadBack::Happened;
    }
    if moved {
        return ReadBack::SomethingElse;
    }
    if now >= latest_arrival(turn.called_at, late) { ReadBack::DidNotHappen } else { ReadBack::TooEarly }
}

/// When a request that was to be sent at that time can arrive no more. `late` is the longest time that a request may
/// still arrive after it was sent.
pub fn latest_arrival(called_at: Timestamp, late: SignedDuration) -> Timestamp {
    called_at.saturating_add(SENT_WITHIN).and_then(|sent| sent.saturating_add(late)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: SignedDuration = SignedDuration::from_mins(2);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn turn(before: &str) -> Turn {
        Turn {
            extension_id: ExtensionId::new(Timestamp::UNIX_EPOCH, 1),
            days: Days::new(30),
            before: at(before),
            called_at: at("2026-11-21T09:00:00Z"),
            unknown: true,
        }
    }

    #[test]
    fn a_lost_answer_is_read_off_the_channel() {
        let running = turn("2026-11-25T12:00:00Z");
        let soon = at("2026-11-21T09:00:30Z");
        let not_late_enough = at("2026-11-21T09:02:09Z");
        let later = at("2026-11-21T09:02:10Z");
        assert_eq!(read_back(&running, at("2026-12-25T12:00:00Z"), soon, LATE), ReadBack::Happened);
        assert_eq!(read_back(&running, at("2026-11-25T12:00:00Z"), soon, LATE), ReadBack::TooEarly);
        assert_eq!(read_back(&running, at("2026-11-25T12:00:00Z"), not_late_enough, LATE), ReadBack::TooEarly, "it may have left late");
        assert_eq!(read_back(&running, at("2026-11-25T12:00:00Z"), later, LATE), ReadBack::DidNotHappen);
        assert_eq!(read_back(&running, at("2027-01-24T12:00:00Z"), later, LATE), ReadBack::SomethingElse);
        let young = turn("2026-12-21T09:00:00Z");
        assert_eq!(read_back(&young, young.before, soon, LATE), ReadBack::TooEarly, "its end is as far away as it was");
        assert_eq!(read_back(&young, young.before, later, LATE), ReadBack::DidNotHappen);
        assert_eq!(read_back(&young, at("2027-01-20T09:00:00Z"), later, LATE), ReadBack::Happened);
        assert_eq!(read_back(&young, at("2026-12-21T09:00:02Z"), later, LATE), ReadBack::Happened, "a trial that does not count");
        let expired = turn("2026-11-01T12:00:00Z");
        assert_eq!(read_back(&expired, at("2026-12-21T09:00:02Z"), soon, LATE), ReadBack::Happened);
    }
}
