//! Lots: which days came from where. Nothing of this is stored; it is folded from the entries. Days that lapse
//! burn first, then the oldest; what comes back goes to the lots that it was taken from.
//!
//! Invariant: what the lots have left is the sum of the entries, in whatever order the entries come. Ids of one
//! millisecond sort by chance and clocks differ, so a debit may stand before the credit that it was taken from,
//! and a return before its debit: what cannot be placed yet is owed, or waits.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::days::Days;
use crate::id::{ChannelId, EntryId};
use crate::ledger::{Cause, Entry, EntryKind};

/// What is left of one credit or grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The credit or grant that made it.
    pub entry_id: EntryId,
    /// Why there was one.
    pub origin: Cause,
    /// When it was made.
    pub at: Timestamp,
    /// When what is left of it lapses; `None` is never.
    pub lapses_at: Option<Timestamp>,
    /// How many days it had.
    pub days: Days,
    /// How many of them can still be spent.
    pub left: Days,
    /// How many are frozen.
    pub frozen: Days,
    /// How many have lapsed so far.
    pub lapsed: Days,
    /// How often some of it has lapsed.
    pub lapses: u32,
    /// Whether its sale was refunded or reversed and nobody released it: what comes back to it freezes again.
    pub refunded: bool,
}

impl Lot {
    fn new(entry: &Entry) -> Self {
        Self {
            entry_id: entry.id.clone(),
            origin: entry.cause.clone(),
            at: entry.at,
            lapses_at: entry.lapses_at,
            days: entry.days,
            left: entry.days,
            frozen: Days::ZERO,
            lapsed: Days::ZERO,
            lapses: 0,
            refunded: false,
        }
    }

    /// How many of its days were put on channels and are not back.
    pub fn used(&self) -> Days {
        self.days.saturating_sub(self.left).saturating_sub(self.frozen).saturating_sub(self.lapsed)
    }

    /// How it stands among those that burn: what lapses soonest, then the oldest.
    fn rank(&self) -> (Timestamp, Timestamp, &EntryId) {
        (self.lapses_at.unwrap_or(Timestamp::MAX), self.at, &self.entry_id)
    }
}

/// One debit: which lots it burnt, and how much no lot could give yet.
#[derive(Debug, Clone)]
struct Taking {
    cause: Cause,
    channel: Option<ChannelId>,
    parts: Vec<(usize, u32)>,
    owed: u32,
}

impl Taking {
    /// Whether a return belongs to it: a void to its own reservation, a deletion to its channel.
    fn is_meant_by(&self, returned: &Entry) -> bool {
        match returned.cause.voided() {
            Some(reserved) => self.cause == reserved,
            None => self.channel.is_some() && self.channel == returned.channel_id,
        }
    }

    /// Takes days back, first what no lot gave, then the last burnt first; which lots get how many.
    fn undo(&mut self, wanted: &mut u32) -> Vec<(usize, u32)> {
        let unowed = self.owed.min(*wanted);
        self.owed -= unowed;
        *wanted -= unowed;
        let mut given = Vec::new();
        while let Some((index, part)) = self.parts.pop_if(|_| *wanted > 0) {
            let back = part.min(*wanted);
            if back < part {
                self.parts.push((index, part - back));
            }
            *wanted -= back;
            given.push((index, back));
        }
        given
    }

    /// Gives up what it burnt of one lot, as far as that is wanted elsewhere: then it is owed from another.
    fn leave(&mut self, lot: usize, wanted: &mut u32) {
        for (_, part) in self.parts.iter_mut().filter(|(index, _)| *index == lot) {
            let moved = (*part).min(*wanted);
            *part -= moved;
            *wanted -= moved;
            self.owed += moved;
        }
        self.parts.retain(|(_, part)| *part > 0);
    }
}

/// The lots of one customer.
#[derive(Debug, Clone, Default)]
pub struct Lots {
    lots: Vec<Lot>,
    burning: Vec<usize>,
    takings: Vec<Taking>,
    by_entry: HashMap<EntryId, usize>,
    waiting: Vec<Entry>,
}

impl Lots {
    /// Folds entries, in whatever order.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut lots = Self::default();
        for entry in entries {
            lots.apply(entry);
        }
        lots
    }

    /// The lots, in the order of their entries.
    pub fn all(&self) -> &[Lot] {
        &self.lots
    }

    /// What can be spent in all.
    pub fn left(&self) -> Days {
        self.lots.iter().map(|lot| lot.left).sum()
    }

    /// What is frozen in all.
    pub fn frozen(&self) -> Days {
        self.lots.iter().map(|lot| lot.frozen).sum()
    }

    /// The lot that a cause made.
    pub fn of_origin(&self, origin: &Cause) -> Option<&Lot> {
        self.lots.iter().find(|lot| &lot.origin == origin)
    }

    /// The lots whose days have lapsed by `now` and are still there.
    pub fn lapsed_by(&self, now: Timestamp) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(move |lot| !lot.left.is_zero() && lot.lapses_at.is_some_and(|at| at <= now))
    }

    /// Applies one more entry.
    pub fn apply(&mut self, entry: &Entry) {
        self.place(entry);
        let waiting = std::mem::take(&mut self.waiting);
        waiting.iter().for_each(|early| self.place(early));
        self.settle_owed();
    }

    /// What of a return goes to refunded lots and so must be frozen again, lot by lot.
    pub fn refrozen_by(&self, returned: &Entry) -> Vec<(EntryId, Days)> {
        let mut after = self.clone();
        let parts = after.give_back(returned);
        let refunded = |index: usize| after.lots.get(index).filter(|lot| lot.refunded);
        let mut days: Vec<(EntryId, Days)> = Vec::new();
        for (index, part) in parts {
            let Some(lot) = refunded(index) else { continue };
            match days.iter_mut().find(|(id, _)| *id == lot.entry_id) {
                Some((_, sum)) => *sum = sum.saturating_add(Days::new(part)),
                None => days.push((lot.entry_id.clone(), Days::new(part))),
            }
        }
        days
    }

    fn place(&mut self, entry: &Entry) {
        match entry.kind {
            EntryKind::Credit | EntryKind::Grant => self.open(entry),
            EntryKind::Debit => self.take(entry),
            EntryKind::Return => {
                self.give_back(entry);
            }
            EntryKind::Freeze => self.draw(entry, |lot| {
                lot.frozen = lot.frozen.saturating_add(entry.days);
                lot.refunded = true;
            }),
            EntryKind::Lapse => self.draw(entry, |lot| {
                lot.lapsed = lot.lapsed.saturating_add(entry.days);
                lot.lapses += 1;
            }),
            EntryKind::Release => self.release(entry),
        }
    }

    fn open(&mut self, entry: &Entry) {
        let index = self.lots.len();
        self.by_entry.insert(entry.id.clone(), index);
        self.lots.push(Lot::new(entry));
        let lots = &self.lots;
        let later = |other: &usize| lots.get(*other).zip(lots.get(index)).is_some_and(|(other, new)| other.rank() > new.rank());
        let place = self.burning.iter().position(later).unwrap_or(self.burning.len());
        self.burning.insert(place, index);
    }

    fn take(&mut self, entry: &Entry) {
        let (cause, channel) = (entry.cause.clone(), entry.channel_id.clone());
        self.takings.push(Taking { cause, channel, parts: Vec::new(), owed: entry.days.count() });
        self.settle_owed();
    }

    /// Has every debit burn what there is for it, the oldest debit first.
    fn settle_owed(&mut self) {
        for taking in self.takings.iter_mut().filter(|taking| taking.owed > 0) {
            for index in &self.burning {
                let Some(lot) = self.lots.get_mut(*index).filter(|lot| !lot.left.is_zero()) else { continue };
                let part = taking.owed.min(lot.left.count());
                if part > 0 {
                    lot.left = lot.left.saturating_sub(Days::new(part));
                    taking.owed -= part;
                    taking.parts.push((*index, part));
                }
            }
        }
    }

    /// Gives days back, the last taken first, and says which lots got how many. What finds no debit waits for it.
    fn give_back(&mut self, entry: &Entry) -> Vec<(usize, u32)> {
        let mut wanted = entry.days.count();
        let mut given = Vec::new();
        for taking in self.takings.iter_mut().rev().filter(|taking| taking.is_meant_by(entry)) {
            given.extend(taking.undo(&mut wanted));
        }
        for (index, back) in &given {
            if let Some(lot) = self.lots.get_mut(*index) {
                lot.left = lot.left.saturating_add(Days::new(*back));
            }
        }
        if wanted > 0 {
            self.waiting.push(Entry { days: Days::new(wanted), ..entry.clone() });
        }
        given
    }

    /// Takes days out of one lot; debits that burnt them burn others instead.
    fn draw(&mut self, entry: &Entry, note: impl FnOnce(&mut Lot)) {
        let Some(index) = self.lot_of(entry) else { return self.waiting.push(entry.clone()) };
        let left = self.lots.get(index).map_or(0, |lot| lot.left.count());
        let mut lacking = entry.days.count().saturating_sub(left);
        for taking in self.takings.iter_mut().rev() {
            taking.leave(index, &mut lacking);
        }
        if let Some(lot) = self.lots.get_mut(index) {
            lot.left = lot.left.saturating_sub(entry.days);
            note(lot);
        }
    }

    fn release(&mut self, entry: &Entry) {
        let Some(index) = self.lot_of(entry) else { return self.waiting.push(entry.clone()) };
        if let Some(lot) = self.lots.get_mut(index) {
            lot.frozen = lot.frozen.saturating_sub(entry.days);
            lot.left = lot.left.saturating_add(entry.days);
            lot.refunded = false;
        }
    }

    fn lot_of(&self, entry: &Entry) -> Option<usize> {
        entry.lot_id.as_ref().and_then(|id| self.by_entry.get(id)).copied()
    }
}

#[cfg(test)]
mod tests;
