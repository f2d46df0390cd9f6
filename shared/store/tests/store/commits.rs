//! Days, limits, causes and versions when several people decide at once.

use domain::account::{AccountChange, Guard};
use domain::ledger::{Cause, EntryKind};
use domain::{Days, Timestamp};
use futures::future::join_all;
use store::{Commit, Conflict, Pointer, PointerKind, ProfileChange, Store, StoreError, What};

use crate::world::{World, account, add_channel, after, channel, channel_id, credit, entry, extension, plan, spend, start, user};

/// Commits and says the conflict, if there was one.
async fn outcome(store: &Store, commit: Commit) -> Result<(), Conflict> {
    match store.commit(commit).await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict(conflict)) => Err(conflict),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_spends_on_a_hundred_days() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 100).await;
    let spends = (0..500).map(|number| outcome(&world.store, spend(tenant.user_id(), number, 1)));
    let outcomes = join_all(spends).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 100);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Conflict::NotEnoughDays)).count(), 400);
    let balance = tenant.account().await.unwrap().balance;
    assert_eq!((balance.total, balance.consumed, balance.remaining()), (Days::new(100), Days::new(100), Days::ZERO));
    let entries = tenant.all_entries().await.unwrap();
    assert_eq!(entries.len(), 101);
    assert_eq!(entries.iter().map(domain::ledger::Entry::effect).sum::<i64>(), 0);
    assert_eq!(tenant.open_extensions(&channel_id(1)).await.unwrap().len(), 100);
}

#[tokio::test]
async fn the_same_sale_twice_is_credited_once() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    assert_eq!(outcome(&world.store, credit(tenant.user_id(), 7, 30)).await, Ok(()));
    let before = tenant.account().await.unwrap();
    assert_eq!(outcome(&world.store, credit(tenant.user_id(), 7, 30)).await, Err(Conflict::Exists(What::Cause)));
    let again = entry(tenant.user_id(), 8, EntryKind::Credit, 30, Cause::paypal_sale("SALE-7"));
    let again = Commit::new().account(again.account_change()).entry(again);
    assert_eq!(outcome(&world.store, again).await, Err(Conflict::Exists(What::Cause)), "under another entry");
    assert_eq!(tenant.account().await.unwrap(), before);
    assert_eq!(tenant.all_entries().await.unwrap().len(), 1);
    let record = world.store.cause(&Cause::paypal_sale("SALE-7")).await.unwrap().unwrap();
    assert_eq!((&record.user_id, record.entry_id), (tenant.user_id(), tenant.all_entries().await.unwrap()[0].id.clone()));
    assert_eq!(world.store.cause(&Cause::paypal_sale("SALE-8")).await.unwrap(), None);
}

#[tokio::test]
async fn one_sale_for_two_customers_is_credited_to_the_first() {
    let world = World::begin().await;
    let (first, second) = (world.customer(1, None, 0).await, world.customer(2, None, 0).await);
    assert_eq!(outcome(&world.store, credit(first.user_id(), 7, 30)).await, Ok(()));
    assert_eq!(outcome(&world.store, credit(second.user_id(), 7, 30)).await, Err(Conflict::Exists(What::Cause)));
    assert_eq!(second.account().await.unwrap().balance.total, Days::ZERO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_channels_at_once_where_five_fit() {
    let world = World::begin().await;
    let tenant = world.customer(1, Some(5), 1).await;
    let outcomes = join_all((0..50).map(|number| outcome(&world.store, add_channel(tenant.user_id(), number)))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Conflict::ChannelLimit)).count(), 45);
    assert_eq!(tenant.account().await.unwrap().channels_used, 5);
    assert_eq!(tenant.all_channels().await.unwrap().len(), 5);
}

#[tokio::test]
async fn without_a_limit_there_is_always_room() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 1).await;
    for number in 0..3 {
        assert_eq!(outcome(&world.store, add_channel(tenant.user_id(), number)).await, Ok(()));
    }
    let mut smaller = AccountChange::new(tenant.user_id().clone(), after(1));
    smaller.plan = Some(Some(plan(Some(2))));
    assert_eq!(outcome(&world.store, Commit::new().account(smaller)).await, Ok(()));
    assert_eq!(outcome(&world.store, add_channel(tenant.user_id(), 9)).await, Err(Conflict::ChannelLimit));
    let account = tenant.account().await.unwrap();
    assert_eq!((account.channels_used, account.plan), (3, Some(plan(Some(2)))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_read_the_same_version_one_writes() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    assert_eq!(outcome(&world.store, Commit::new().channel(channel(tenant.user_id(), 1))).await, Ok(()));
    let read = tenant.channel(&channel_id(1)).await.unwrap().unwrap();
    assert_eq!(read.version, 1);
    // Both write the very same thing: that it looks alike must not make both believe that it was theirs.
    let outcomes = join_all((0..10).map(|_| outcome(&world.store, Commit::new().channel(read.clone())))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Conflict::VersionMoved(What::Channel))).count(), 9);
    assert_eq!(tenant.channel(&channel_id(1)).await.unwrap().unwrap().version, 2);
    let new = Commit::new().channel(channel(tenant.user_id(), 1));
    assert_eq!(outcome(&world.store, new).await, Err(Conflict::Exists(What::Channel)));
}

#[tokio::test]
async fn a_guard_that_does_not_hold_changes_nothing_at_all() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let before = tenant.account().await.unwrap();
    assert_eq!(outcome(&world.store, spend(tenant.user_id(), 1, 11)).await, Err(Conflict::NotEnoughDays));
    let stale = AccountChange::new(tenant.user_id().clone(), start()).guarded(Guard::Version(before.version - 1));
    assert_eq!(outcome(&world.store, Commit::new().account(stale)).await, Err(Conflict::VersionMoved(What::Account)));
    assert_eq!(tenant.account().await.unwrap(), before);
    assert_eq!(tenant.extension(&channel_id(1), &extension(tenant.user_id(), &channel_id(1), 1).id).await.unwrap(), None);
    assert_eq!(outcome(&world.store, spend(tenant.user_id(), 1, 10)).await, Ok(()));
}

#[tokio::test]
async fn an_unguarded_spend_does_not_go_below_zero_either() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let freeze = entry(tenant.user_id(), 2, EntryKind::Freeze, 11, Cause::freeze("SALE-1"));
    let freeze = Commit::new().account(freeze.account_change()).entry(freeze);
    assert_eq!(outcome(&world.store, freeze).await, Err(Conflict::NotEnoughDays));
    let mut fewer = AccountChange::new(tenant.user_id().clone(), start());
    fewer.channels = -1;
    let error = world.store.commit(Commit::new().account(fewer)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(what) if what.contains("channels_used")), "{error:?}");
}

#[tokio::test]
async fn a_suspended_or_closing_account_spends_nothing() {
    let world = World::begin().await;
    for (number, suspended) in [(1, true), (2, false)] {
        let mut shut = account(user(number));
        (shut.suspended, shut.closing) = (suspended, !suspended);
        assert_eq!(outcome(&world.store, Commit::new().new_account(shut)).await, Ok(()));
        assert_eq!(outcome(&world.store, credit(&user(number), number, 5)).await, Ok(()), "a payment is credited all the same");
        assert_eq!(outcome(&world.store, spend(&user(number), 1, 1)).await, Err(Conflict::NotOpen));
    }
}

#[tokio::test]
async fn days_of_nobody_are_not_found() {
    let world = World::begin().await;
    assert!(matches!(world.store.commit(credit(&user(9), 1, 5)).await, Err(StoreError::NotFound)));
    assert!(matches!(world.store.custody(&user(9)).account().await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn entries_and_the_account_must_agree() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let debit = entry(tenant.user_id(), 2, EntryKind::Debit, 3, Cause::grant("a"));
    let other = entry(tenant.user_id(), 3, EntryKind::Debit, 4, Cause::grant("b"));
    let wrong = [
        Commit::new().entry(debit.clone()),
        Commit::new().account(debit.account_change()),
        Commit::new().account(other.account_change()).entry(debit.clone()),
        Commit::new().account(debit.account_change()).account(other.account_change()).entry(debit.clone()),
    ];
    for commit in wrong {
        assert!(matches!(world.store.commit(commit).await, Err(StoreError::Corrupt(_))));
    }
    let both = Commit::new().account(debit.account_change()).entry(debit).account(other.account_change()).entry(other);
    assert_eq!(outcome(&world.store, both).await, Ok(()));
    assert_eq!(tenant.account().await.unwrap().balance.consumed, Days::new(7));
}

#[tokio::test]
async fn a_commit_that_is_too_large_or_writes_twice_is_refused() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    let many = (0..101).fold(Commit::new(), |commit, number| commit.channel(channel(tenant.user_id(), number)));
    assert!(matches!(world.store.commit(many).await, Err(StoreError::Corrupt(_))));
    let most = (0..100).fold(Commit::new(), |commit, number| commit.channel(channel(tenant.user_id(), number)));
    assert_eq!(outcome(&world.store, most).await, Ok(()));
    let twice = Commit::new().channel(channel(tenant.user_id(), 1)).channel(channel(tenant.user_id(), 1));
    assert!(matches!(world.store.commit(twice).await, Err(StoreError::Corrupt(_))));
    assert_eq!(outcome(&world.store, Commit::new()).await, Ok(()));
}

#[tokio::test]
async fn a_pointer_belongs_to_one_customer() {
    let world = World::begin().await;
    let to = |number: u128, target: &str| Pointer { user_id: user(number), target: target.to_owned() };
    let point = |pointer: Pointer| Commit::new().pointer(PointerKind::WhapiChannel, "MANTIS-1", pointer);
    assert_eq!(outcome(&world.store, point(to(1, "chn_1"))).await, Ok(()));
    assert_eq!(outcome(&world.store, point(to(1, "chn_1"))).await, Ok(()), "the same again");
    assert_eq!(outcome(&world.store, point(to(2, "chn_1"))).await, Err(Conflict::Exists(What::Pointer)));
    assert_eq!(outcome(&world.store, point(to(1, "chn_2"))).await, Err(Conflict::Exists(What::Pointer)));
    let found = |kind, id: String| async move { world_pointer(&world.store, kind, &id).await };
    assert_eq!(found(PointerKind::WhapiChannel, "MANTIS-1".to_owned()).await, Some(to(1, "chn_1")));
}

async fn world_pointer(store: &Store, kind: PointerKind, id: &str) -> Option<Pointer> {
    assert_eq!(store.pointer(PointerKind::Channel, id).await.unwrap(), None, "another kind");
    assert_eq!(store.pointer(kind, &"x".repeat(5_000)).await.unwrap(), None, "longer than any key");
    store.pointer(kind, id).await.unwrap()
}

#[tokio::test]
async fn a_profile_changes_what_is_given_and_no_more() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 3).await;
    let before = tenant.account().await.unwrap();
    let change = ProfileChange { locale: Some("ar".to_owned()), at: after(5), version: before.version, ..ProfileChange::default() };
    let commit = || Commit::new().profile(user(1), change.clone());
    assert_eq!(outcome(&world.store, commit()).await, Ok(()));
    let changed = tenant.account().await.unwrap();
    assert_eq!(changed, domain::account::Account { locale: "ar".to_owned(), updated_at: after(5), version: before.version + 1, ..before });
    assert_eq!(outcome(&world.store, commit()).await, Err(Conflict::VersionMoved(What::Account)));
}

#[tokio::test]
async fn an_account_change_sets_and_takes_away() {
    let world = World::begin().await;
    let tenant = world.customer(1, Some(2), 0).await;
    let checkout = domain::id::SubscriptionId::new(start(), 4);
    let mut change = AccountChange::new(user(1), after(1));
    (change.open_checkout, change.due_at, change.refunds) = (Some(Some(checkout.clone())), Some(Some(after(60))), 1);
    assert_eq!(outcome(&world.store, Commit::new().account(change)).await, Ok(()));
    let account = tenant.account().await.unwrap();
    assert_eq!((account.open_checkout, account.due_at, account.refunds), (Some(checkout), Some(after(60)), 1));
    assert_eq!(account.balance.updated_at, None, "no days moved");
    let mut change = AccountChange::new(user(1), after(2));
    (change.open_checkout, change.due_at, change.plan) = (Some(None), Some(None), Some(None));
    assert_eq!(outcome(&world.store, Commit::new().account(change)).await, Ok(()));
    let account = tenant.account().await.unwrap();
    assert_eq!((&account.open_checkout, account.due_at, &account.plan), (&None, None, &None));
    assert_eq!(outcome(&world.store, Commit::new().new_account(account)).await, Err(Conflict::Exists(What::Account)));
}

#[tokio::test]
async fn the_same_token_is_the_same_commit() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let commit = |days| spend(tenant.user_id(), 1, days).token("request-1");
    assert_eq!(outcome(&world.store, commit(2)).await, Ok(()));
    assert_eq!(outcome(&world.store, commit(2)).await, Ok(()));
    assert_eq!(outcome(&world.store, commit(3)).await, Err(Conflict::Exists(What::Token)));
    assert_eq!(tenant.account().await.unwrap().balance.remaining(), Days::new(8));
    let long = spend(tenant.user_id(), 2, 1).token("x".repeat(37));
    assert!(matches!(world.store.commit(long).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn the_account_and_a_channel_come_in_one_call() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 4).await;
    world.store.commit(add_channel(tenant.user_id(), 1)).await.unwrap();
    world.wire.calls();
    let (account, found) = tenant.account_and_channel(&channel_id(1)).await.unwrap();
    assert_eq!(world.wire.calls(), ["BatchGetItem"]);
    assert_eq!((account.channels_used, found.unwrap().name.as_str()), (1, "Shop 1"));
    let (_, missing) = tenant.account_and_channel(&channel_id(2)).await.unwrap();
    assert_eq!(missing, None);
    let nobody = world.store.custody(&user(2)).account_and_channel(&channel_id(1)).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "another customer's channel is not there");
}

#[tokio::test]
async fn times_are_kept_to_the_millisecond() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    let mut fine = channel(tenant.user_id(), 1);
    fine.active_till = Some("2026-11-21T09:00:00.123456789Z".parse().unwrap());
    world.store.commit(Commit::new().channel(fine)).await.unwrap();
    let kept = tenant.channel(&channel_id(1)).await.unwrap().unwrap().active_till;
    assert_eq!(kept, Some("2026-11-21T09:00:00.123Z".parse::<Timestamp>().unwrap()));
}
