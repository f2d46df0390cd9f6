//! Payments: each completed sale is credited once, nothing else is; what went back is frozen; one subscription
//! runs at PayPal, and the account's plan is what its subscription says.

use domain::id::UserId;
use domain::ledger::{Cause, EntryKind};
use domain::lots::Lots;
use sandbox::paypal::{SaleStanding, SaleTruth};

use super::{Found, Scene};
use crate::table::Item;

/// The subscription of ours that a sale belongs to, with its owner.
fn subscription<'a>(scene: &'a Scene, sale: &SaleTruth) -> Option<(&'a UserId, &'a Item)> {
    let custom = sale.custom_id.as_deref()?;
    let of = |user: &'a UserId| scene.subscriptions(user).into_iter().find(|one| one.text("id") == Some(custom)).map(|one| (user, one));
    scene.users.iter().find_map(of)
}

/// Exactly one credit of the right days for every completed sale, and none without one.
pub(super) fn credits(scene: &Scene, found: &mut Found) {
    for sale in &scene.sales {
        let cause = format!("paypal:{}", sale.id);
        let with_cause = |entry: &&Item| entry.text("kind") == Some("credit") && entry.text("cause") == Some(cause.as_str());
        let credits: Vec<(&UserId, i64)> = scene
            .users
            .iter()
            .flat_map(|user| {
                scene.entries(user).into_iter().filter(with_cause).map(move |entry| (user, entry.number("days").unwrap_or_default()))
            })
            .collect();
        let Some((user, subscription)) = subscription(scene, sale) else {
            found.must("every sale is of a subscription of ours", false, || format!("{} is of {:?}", sale.id, sale.custom_id));
            continue;
        };
        let days = subscription.inner("terms").and_then(|terms| terms.number("days")).unwrap_or_default();
        let right = credits.iter().all(|credit| *credit == (user, days)) && credits.len() <= 1;
        found.must("a sale is credited once, to its buyer, with its days", right, || {
            format!("{} of {days} days for {user}: {credits:?}", sale.id)
        });
        let must = match sale.standing {
            SaleStanding::Completed => Some(1),
            SaleStanding::Held | SaleStanding::Denied => Some(0),
            SaleStanding::PartiallyRefunded | SaleStanding::Refunded => None,
        };
        found.must("a completed sale is credited, another is not", must.is_none_or(|must| credits.len() == must), || {
            format!("{} is {:?} since {} and has {} credits", sale.id, sale.standing, sale.at, credits.len())
        });
    }
    for user in &scene.users {
        for entry in scene.entries(user).into_iter().filter(|entry| entry.text("kind") == Some("credit")) {
            let cause = entry.text("cause").unwrap_or_default();
            let sold = scene.sales.iter().any(|sale| cause == format!("paypal:{}", sale.id));
            found.must("no credit without a sale", sold, || format!("{user} has {cause}"));
        }
    }
}

/// Nothing of a sale that went back can be spent, unless staff released it.
pub(super) async fn frozen(scene: &Scene, found: &mut Found) {
    let gone = scene.sales.iter().filter(|sale| sale.standing == SaleStanding::Refunded);
    for (sale, user) in gone.filter_map(|sale| Some((sale, subscription(scene, sale)?.0))) {
        let entries = scene.app.store.custody(user).all_entries().await.unwrap();
        let lots = Lots::fold(&entries);
        let Some(lot) = lots.of_origin(&Cause::paypal_sale(&sale.id)) else { continue };
        let released = entries.iter().any(|entry| entry.kind == EntryKind::Release && entry.lot_id.as_ref() == Some(&lot.entry_id));
        found.must("what went back cannot be spent", lot.left.is_zero() || released, || {
            format!("{user}: {} of sale {} are left though it went back", lot.left, sale.id)
        });
        let known = entries.iter().any(|entry| entry.cause == Cause::freeze(&sale.id));
        found.must("what went back is frozen", known, || format!("{user}: nothing is frozen of {}, which went back", sale.id));
    }
}

/// The account's plan is what its subscription says.
pub(super) async fn plan(scene: &Scene, user: &UserId, found: &mut Found) {
    let tenant = scene.app.store.custody(user);
    let account = tenant.account().await.unwrap();
    if let Some(plan) = &account.plan {
        let subscription = tenant.subscription(&plan.subscription_id).await.unwrap();
        let said = subscription.map(|subscription| subscription.as_current_plan());
        found.must("the plan is what its subscription says", said.as_ref() == Some(plan), || {
            format!("{user}: the account has {plan:?}, the subscription {said:?}")
        });
    }
    if let Some(open) = &account.open_checkout {
        let subscription = scene.subscriptions(user).into_iter().find(|one| one.text("id") == Some(open.as_str()));
        let pending = subscription.is_some_and(|one| one.text("status") == Some("pending"));
        found.must("the open checkout is open", pending, || {
            format!("{user}: {open} is {:?}", subscription.and_then(|one| one.text("status")))
        });
    }
}

/// At PayPal runs what runs here, and one for each customer.
pub(super) fn one_runs(scene: &Scene, user: &UserId, found: &mut Found) {
    let mut running = Vec::new();
    for ours in scene.subscriptions(user) {
        let id = ours.text("id").unwrap_or_default();
        let there: Vec<_> = scene.subscriptions_there.iter().filter(|there| there.custom_id.as_deref() == Some(id)).collect();
        found.must("a checkout is opened once at PayPal", there.len() <= 1, || format!("{id} has {} subscriptions at PayPal", there.len()));
        let runs = there.iter().any(|there| matches!(there.status.as_str(), "ACTIVE" | "SUSPENDED"));
        let ended = matches!(ours.text("status"), Some("canceled" | "expired"));
        found.must("what ended here is cancelled at PayPal", !(runs && ended), || {
            format!(
                "{user}: {id} is {:?} here and {:?} at PayPal",
                ours.text("status"),
                there.iter().map(|one| &one.status).collect::<Vec<_>>()
            )
        });
        if runs {
            running.push(id);
        }
    }
    found.must("one subscription runs", running.len() <= 1, || format!("{user}: {running:?} run at PayPal"));
}
