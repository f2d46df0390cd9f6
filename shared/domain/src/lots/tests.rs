//! Stories of lots, and the proof that chance in the order of entries changes no sum.

use super::*;
use crate::id::{ExtensionId, UserId};
use proptest::prelude::*;

fn entry(number: u128, kind: EntryKind, days: u32, cause: Cause, channel: Option<u128>, lot: Option<&Entry>) -> Entry {
    let at = Timestamp::from_second(1_000 + i64::try_from(number).unwrap()).unwrap();
    Entry {
        id: EntryId::new(at, number),
        user_id: UserId::new(Timestamp::UNIX_EPOCH, 1),
        at,
        kind,
        days: Days::new(days),
        cause,
        channel_id: channel.map(channel_id),
        subscription_id: None,
        lot_id: lot.map(|lot| lot.id.clone()),
        lapses_at: None,
        note: None,
        by: None,
    }
}

fn channel_id(number: u128) -> ChannelId {
    ChannelId::new(Timestamp::UNIX_EPOCH, number)
}

fn extension(number: u128) -> ExtensionId {
    ExtensionId::new(Timestamp::UNIX_EPOCH, number)
}

fn left(lots: &Lots) -> Vec<u32> {
    lots.all().iter().map(|lot| lot.left.count()).collect()
}

#[test]
fn the_oldest_days_go_first_and_come_back_to_where_they_were() {
    let (first, second) = (extension(1), extension(2));
    let march = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let april = entry(2, EntryKind::Credit, 30, Cause::paypal_sale("B"), None, None);
    let used = entry(3, EntryKind::Debit, 20, Cause::extend(&first), Some(7), None);
    let more = entry(4, EntryKind::Debit, 20, Cause::extend(&second), Some(8), None);
    let lots = Lots::fold([&march, &april, &used, &more]);
    assert_eq!(left(&lots), [0, 20]);
    let voided = entry(5, EntryKind::Return, 20, Cause::void(&second), Some(8), None);
    let lots = Lots::fold([&march, &april, &used, &more, &voided]);
    assert_eq!(left(&lots), [10, 30]);
}

#[test]
fn thirty_days_bought_twelve_used_eighteen_left() {
    let bought = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let used = entry(2, EntryKind::Debit, 12, Cause::extend(&extension(1)), Some(7), None);
    let lots = Lots::fold([&bought, &used]);
    let lot = lots.of_origin(&Cause::paypal_sale("A")).unwrap();
    assert_eq!((lot.days.count(), lot.used().count(), lot.left.count()), (30, 12, 18));
    assert_eq!(lot.at, bought.at);
}

#[test]
fn days_that_lapse_burn_before_older_ones_that_do_not() {
    let old = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let mut lapsing = entry(2, EntryKind::Credit, 30, Cause::paypal_sale("B"), None, None);
    lapsing.lapses_at = Some(Days::new(60).after(lapsing.at));
    let used = entry(3, EntryKind::Debit, 40, Cause::extend(&extension(1)), Some(7), None);
    let lots = Lots::fold([&old, &lapsing, &used]);
    assert_eq!(left(&lots), [20, 0]);
    let back = entry(4, EntryKind::Return, 15, Cause::delete(&channel_id(7)), Some(7), None);
    let lots = Lots::fold([&old, &lapsing, &used, &back]);
    assert_eq!(left(&lots), [30, 5], "they go back to the lots that they were taken from, the last taken first");
    let end = lapsing.lapses_at.unwrap();
    assert_eq!(lots.lapsed_by(end).map(|lot| lot.entry_id.clone()).collect::<Vec<_>>(), [lapsing.id.clone()]);
    assert_eq!(lots.lapsed_by(lapsing.at).count(), 0);
    let lapse = entry(5, EntryKind::Lapse, 5, Cause::lapse(&lapsing.id, 1), None, Some(&lapsing));
    let lots = Lots::fold([&old, &lapsing, &used, &back, &lapse]);
    assert_eq!((left(&lots), lots.all()[1].used().count(), lots.all()[1].lapses), (vec![30, 0], 25, 1));
}

#[test]
fn days_of_a_refunded_sale_freeze_again_when_a_channel_gives_them_back() {
    let sale = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let used = entry(2, EntryKind::Debit, 20, Cause::extend(&extension(1)), Some(7), None);
    let frozen = entry(3, EntryKind::Freeze, 10, Cause::freeze("A"), None, Some(&sale));
    let lots = Lots::fold([&sale, &used, &frozen]);
    assert_eq!((lots.left().count(), lots.all()[0].frozen.count()), (0, 10));
    let back = entry(4, EntryKind::Return, 15, Cause::delete(&channel_id(7)), Some(7), None);
    assert_eq!(lots.refrozen_by(&back), [(sale.id.clone(), Days::new(15))]);
}

#[test]
fn a_debit_that_stands_before_its_credit_burns_it_all_the_same() {
    let used = entry(1, EntryKind::Debit, 20, Cause::extend(&extension(1)), Some(7), None);
    let voided = entry(2, EntryKind::Return, 5, Cause::void(&extension(2)), Some(7), None);
    let bought = entry(3, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let second = entry(4, EntryKind::Debit, 5, Cause::extend(&extension(2)), Some(7), None);
    assert_eq!(left(&Lots::fold([&used, &voided, &bought, &second])), [10]);
}

#[test]
fn a_debit_burns_another_lot_when_its_own_was_frozen_first() {
    let refunded = entry(1, EntryKind::Credit, 30, Cause::paypal_sale("A"), None, None);
    let kept = entry(2, EntryKind::Credit, 30, Cause::paypal_sale("B"), None, None);
    let used = entry(3, EntryKind::Debit, 10, Cause::extend(&extension(1)), Some(7), None);
    let frozen = entry(4, EntryKind::Freeze, 30, Cause::freeze("A"), None, Some(&refunded));
    let lots = Lots::fold([&refunded, &kept, &used, &frozen]);
    assert_eq!((left(&lots), lots.frozen().count()), (vec![0, 20], 30));
}

/// A ledger as the product writes it: every step is possible when it is made.
fn history(steps: &[(u8, u32)]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (number, (what, days)) in steps.iter().enumerate() {
        let number = number as u128 + 1;
        let lots = Lots::fold(&entries);
        entries.extend(step(number, *what, *days, &lots, &entries));
    }
    entries
}

fn step(number: u128, what: u8, days: u32, lots: &Lots, entries: &[Entry]) -> Option<Entry> {
    let spendable = lots.left().count();
    let open = |entry: &&Entry| {
        let done = |other: &Entry| other.cause.voided().as_ref() == Some(&entry.cause);
        entry.kind == EntryKind::Debit && !entries.iter().any(done)
    };
    match what {
        0 => Some(entry(number, EntryKind::Credit, days, Cause::paypal_sale(&number.to_string()), None, None)),
        1 | 2 if spendable > 0 => {
            let days = days.min(spendable);
            Some(entry(number, EntryKind::Debit, days, Cause::extend(&extension(number)), Some(number % 3), None))
        }
        3 => entries.iter().rfind(open).map(|debit| {
            let id = debit.cause.as_str().trim_start_matches("extend:").parse().unwrap();
            entry(number, EntryKind::Return, debit.days.count(), Cause::void(&id), None, None)
        }),
        4 => lots.all().iter().find(|lot| !lot.refunded && lot.left.count() > 0).map(|lot| {
            let of = entries.iter().find(|entry| entry.id == lot.entry_id);
            entry(number, EntryKind::Freeze, lot.left.count(), Cause::freeze(&number.to_string()), None, of)
        }),
        _ => None,
    }
}

proptest! {
    #[test]
    fn the_lots_sum_to_the_balance_in_whatever_order_entries_stand(
        steps in prop::collection::vec((0_u8..5, 1_u32..40), 1..40),
        swaps in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut entries = history(&steps);
        let balance: i64 = entries.iter().map(Entry::effect).sum();
        let frozen = Lots::fold(&entries).frozen();
        prop_assert_eq!(i64::from(Lots::fold(&entries).left().count()), balance);
        let neighbours = entries.len().saturating_sub(1);
        for swap in swaps.iter().filter(|_| neighbours > 0) {
            let at = swap.index(neighbours);
            entries.swap(at, at + 1);
        }
        prop_assert_eq!(i64::from(Lots::fold(&entries).left().count()), balance);
        prop_assert_eq!(Lots::fold(&entries).frozen(), frozen);
    }
}
