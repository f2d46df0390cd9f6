//! Lots: which days came from where. Nothing of this is stored; it is folded from the entries, oldest
//! lot first, and what comes back goes to the lots that it was taken from.

use std::collections::HashMap;

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
    pub at: jiff::Timestamp,
    /// How many days it had.
    pub days: Days,
    /// How many of them can still be spent.
    pub left: Days,
    /// How many are frozen.
    pub frozen: Days,
    /// Whether its sale was refunded or reversed: what comes back to it freezes again.
    pub refunded: bool,
}

#[derive(Debug, Clone)]
struct Taking {
    cause: Cause,
    channel: Option<ChannelId>,
    parts: Vec<(usize, u32)>,
}

/// The lots of one customer.
#[derive(Debug, Clone, Default)]
pub struct Lots {
    lots: Vec<Lot>,
    takings: Vec<Taking>,
    by_entry: HashMap<EntryId, usize>,
}

impl Lots {
    /// Folds entries, which must be in the order of their ids.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut lots = Self::default();
        for entry in entries {
            lots.apply(entry);
        }
        lots
    }

    /// The lots, oldest first.
    pub fn all(&self) -> &[Lot] {
        &self.lots
    }

    /// What can be spent in all.
    pub fn left(&self) -> Days {
        self.lots.iter().map(|lot| lot.left).sum()
    }

    /// The lot that a cause made.
    pub fn of_origin(&self, origin: &Cause) -> Option<&Lot> {
        self.lots.iter().find(|lot| &lot.origin == origin)
    }

    /// Applies one more entry.
    pub fn apply(&mut self, entry: &Entry) {
        match entry.kind {
            EntryKind::Credit | EntryKind::Grant => self.open(entry),
            EntryKind::Debit => self.take(entry),
            EntryKind::Return => {
                self.give_back(entry);
            }
            EntryKind::Freeze => self.on_lot(entry, |lot, days| {
                lot.left = lot.left.saturating_sub(days);
                lot.frozen = lot.frozen.saturating_add(days);
                lot.refunded = true;
            }),
            EntryKind::Release => self.on_lot(entry, |lot, days| {
                lot.frozen = lot.frozen.saturating_sub(days);
                lot.left = lot.left.saturating_add(days);
            }),
            EntryKind::Lapse => self.on_lot(entry, |lot, days| lot.left = lot.left.saturating_sub(days)),
        }
    }

    /// What of a return goes to refunded lots and so must be frozen again, lot by lot.
    pub fn refrozen_by(&self, returned: &Entry) -> Vec<(EntryId, Days)> {
        let mut after = self.clone();
        let parts = after.give_back(returned);
        parts
            .into_iter()
            .filter_map(|(index, days)| after.lots.get(index).filter(|lot| lot.refunded).map(|lot| (lot.entry_id.clone(), Days::new(days))))
            .collect()
    }

    fn open(&mut self, entry: &Entry) {
        self.by_entry.insert(entry.id.clone(), self.lots.len());
        self.lots.push(Lot {
            entry_id: entry.id.clone(),
            origin: entry.cause.clone(),
            at: entry.at,
            days: entry.days,
            left: entry.days,
            frozen: Days::ZERO,
            refunded: false,
        });
    }

    fn take(&mut self, entry: &Entry) {
        let mut wanted = entry.days.count();
        let mut parts = Vec::new();
        for (index, lot) in self.lots.iter_mut().enumerate() {
            let part = wanted.min(lot.left.count());
            if part > 0 {
                lot.left = lot.left.saturating_sub(Days::new(part));
                wanted -= part;
                parts.push((index, part));
            }
        }
        self.takings.push(Taking { cause: entry.cause.clone(), channel: entry.channel_id.clone(), parts });
    }

    /// Gives the days back, the last taken first, and says which lots got how many.
    fn give_back(&mut self, entry: &Entry) -> Vec<(usize, u32)> {
        let mut wanted = entry.days.count();
        let mut given = Vec::new();
        let voided = entry.cause.as_str().strip_prefix("void:").map(|id| format!("extend:{id}"));
        for taking in self.takings.iter_mut().rev() {
            let fits = match &voided {
                Some(cause) => taking.cause.as_str() == cause,
                None => taking.channel.is_some() && taking.channel == entry.channel_id,
            };
            while fits && wanted > 0 {
                let Some((index, part)) = taking.parts.pop() else { break };
                let back = part.min(wanted);
                if back < part {
                    taking.parts.push((index, part - back));
                }
                wanted -= back;
                given.push((index, back));
            }
        }
        for (index, back) in &given {
            if let Some(lot) = self.lots.get_mut(*index) {
                lot.left = lot.left.saturating_add(Days::new(*back));
            }
        }
        given
    }

    fn on_lot(&mut self, entry: &Entry, change: impl FnOnce(&mut Lot, Days)) {
        let index = entry.lot_id.as_ref().and_then(|id| self.by_entry.get(id));
        if let Some(lot) = index.and_then(|index| self.lots.get_mut(*index)) {
            change(lot, entry.days);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ExtensionId, UserId};
    use jiff::Timestamp;

    fn entry(number: u128, kind: EntryKind, days: u32, cause: Cause, channel: Option<u128>, lot: Option<&Entry>) -> Entry {
        let at = Timestamp::from_second(1_000 + i64::try_from(number).unwrap()).unwrap();
        Entry {
            id: EntryId::new(at, number),
            user_id: UserId::new(Timestamp::UNIX_EPOCH, 1),
            at,
            kind,
            days: Days::new(days),
            cause,
            channel_id: channel.map(|number| ChannelId::new(Timestamp::UNIX_EPOCH, number)),
            subscription_id: None,
            lot_id: lot.map(|lot| lot.id.clone()),
            note: None,
        }
    }

    #[test]
    fn the_oldest_days_go_first_and_come_back_to_where_they_were() {
        let (first, second) = (ExtensionId::new(Timestamp::UNIX_EPOCH, 1), ExtensionId::new(Timestamp::UNIX_EPOCH, 2));
        let march = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
        let april = entry(2, EntryKind::Credit, 30, Cause::paypal_sale("B"), None, None);
        let used = entry(3, EntryKind::Debit, 20, Cause::extend(&first), Some(7), None);
        let more = entry(4, EntryKind::Debit, 20, Cause::extend(&second), Some(8), None);
        let lots = Lots::fold([&march, &april, &used, &more]);
        assert_eq!(lots.all().iter().map(|lot| lot.left.count()).collect::<Vec<_>>(), [0, 20]);
        let voided = entry(5, EntryKind::Return, 20, Cause::void(&second), Some(8), None);
        let lots = Lots::fold([&march, &april, &used, &more, &voided]);
        assert_eq!(lots.all().iter().map(|lot| lot.left.count()).collect::<Vec<_>>(), [10, 30]);
    }

    #[test]
    fn days_of_a_refunded_sale_freeze_again_when_a_channel_gives_them_back() {
        let id = ExtensionId::new(Timestamp::UNIX_EPOCH, 1);
        let channel = ChannelId::new(Timestamp::UNIX_EPOCH, 7);
        let sale = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
        let used = entry(2, EntryKind::Debit, 20, Cause::extend(&id), Some(7), None);
        let frozen = entry(3, EntryKind::Freeze, 10, Cause::freeze("A"), None, Some(&sale));
        let lots = Lots::fold([&sale, &used, &frozen]);
        assert_eq!((lots.left().count(), lots.all()[0].frozen.count()), (0, 10));
        let back = entry(4, EntryKind::Return, 15, Cause::delete(&channel), Some(7), None);
        assert_eq!(lots.refrozen_by(&back), [(sale.id.clone(), Days::new(15))]);
    }
}
