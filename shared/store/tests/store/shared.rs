//! Who calls, the catalogue, our account at WHAPI, findings, and the walk over everybody.

use std::collections::BTreeSet;

use domain::account::Role;
use domain::id::{ChannelId, FindingId, KeyId, NoticeId, PlanId};
use domain::notice::{Finding, PartnerBalanceNotice};
use domain::plan::{BillingPeriod, Limits, Plan, RequestType};
use domain::{Currency, Money};
use store::{ApiKey, Commit, Conflict, Identity, PageRequest, StoreError, What};

use crate::world::{World, account, after, start, user};

fn identity(number: u128) -> Identity {
    Identity {
        issuer: "https://issuer.test".to_owned(),
        subject: "auth0|7".to_owned(),
        user_id: user(number),
        role: Role::Customer,
        suspended: false,
        email: None,
        created_at: start(),
        version: 0,
    }
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let world = World::begin().await;
    let sign_up = |number| world.store.commit(Commit::new().new_account(account(user(number))).identity(identity(number)));
    let (first, second) = futures::join!(sign_up(1), sign_up(2));
    let lost = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(lost.as_slice(), [StoreError::Conflict(Conflict::Exists(What::Identity))]), "{lost:?}");
    let mut found = world.store.identity("https://issuer.test", "auth0|7").await.unwrap().unwrap();
    assert_eq!(found.version, 1);
    let other = if found.user_id == user(1) { user(2) } else { user(1) };
    assert!(matches!(world.store.custody(&other).account().await, Err(StoreError::NotFound)), "nothing is left of the loser");
    found.role = Role::Admin;
    world.store.commit(Commit::new().identity(found.clone())).await.unwrap();
    assert!(world.store.commit(Commit::new().identity(found)).await.is_err(), "as it was read before");
    assert_eq!(world.store.identity("https://issuer.test", "auth0|8").await.unwrap(), None);
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_and_in_its_owners_list() {
    let world = World::begin().await;
    let mut key = ApiKey {
        id: KeyId::new(start(), 1),
        user_id: user(1),
        name: "till".to_owned(),
        prefix: "dpk_abcd".to_owned(),
        hash: "ab".repeat(32),
        scopes: vec!["read".to_owned()],
        created_at: start(),
        last_used_at: None,
        revoked_at: None,
        version: 0,
    };
    world.store.commit(Commit::new().key(key.clone())).await.unwrap();
    key.version = 1;
    assert_eq!(world.store.key(&key.hash).await.unwrap().as_ref(), Some(&key));
    assert_eq!(world.store.key("other").await.unwrap(), None);
    let tenant = world.store.custody(&user(1));
    tenant.touch_key(&key.id, after(5)).await.unwrap();
    tenant.touch_key(&KeyId::new(start(), 9), after(5)).await.unwrap();
    let listed = tenant.keys().await.unwrap();
    assert_eq!((listed.len(), listed[0].last_used_at), (1, Some(after(5))));
    key.revoked_at = Some(after(6));
    world.store.commit(Commit::new().key(key.clone())).await.unwrap();
    assert_eq!(world.store.key(&key.hash).await.unwrap().unwrap().revoked_at, Some(after(6)));
    assert_eq!(tenant.key(&key.id).await.unwrap().unwrap().revoked_at, Some(after(6)));
}

#[tokio::test]
async fn the_catalogue_keeps_plans_by_version() {
    let world = World::begin().await;
    let plan = |number: u128| Plan {
        id: PlanId::new(after(i64::try_from(number).unwrap()), number),
        name: format!("Plan {number}"),
        price: Money::new(12_500, Currency::Bhd),
        charged: Some(Money::new(3_300, Currency::Usd)),
        billing_period: BillingPeriod::Monthly,
        limits: Limits { channels: Some(1), daily_messages: Some(50), bulk_messages: None },
        features: vec!["QR".to_owned(), String::new()],
        lapse_after: None,
        paypal_product_id: None,
        paypal_plan_id: None,
        request_type: RequestType::Paid,
        is_active: true,
        created_at: start(),
        updated_at: start(),
        version: 0,
    };
    world.store.commit(Commit::new().plan(plan(2)).plan(plan(1))).await.unwrap();
    let names: Vec<_> = world.store.plans().await.unwrap().into_iter().map(|plan| plan.name).collect();
    assert_eq!(names, ["Plan 1", "Plan 2"]);
    let stale = world.store.commit(Commit::new().plan(plan(1))).await;
    assert!(matches!(stale, Err(StoreError::Conflict(Conflict::Exists(What::Plan)))), "{stale:?}");
    assert_eq!(world.store.plan(&plan(1).id).await.unwrap(), Some(Plan { version: 1, ..plan(1) }));
}

#[tokio::test]
async fn what_we_know_of_whapi_is_saved_as_it_was_read() {
    let world = World::begin().await;
    let mut creations = world.store.creations().await.unwrap();
    assert_eq!(creations, domain::creations::Creations::default());
    creations.started.push((start(), user(1)));
    creations.waiting.push((ChannelId::new(start(), 3), user(2)));
    world.store.save_creations(&creations).await.unwrap();
    let again = world.store.save_creations(&creations).await;
    assert!(matches!(again, Err(StoreError::Conflict(Conflict::VersionMoved(What::Creations)))), "{again:?}");
    creations.version = 1;
    assert_eq!(world.store.creations().await.unwrap(), creations);
    let mut state = world.store.partner_state().await.unwrap();
    (state.live_days, state.token_invalid) = (Some(-3), true);
    world.store.save_partner_state(&state).await.unwrap();
    let again = world.store.save_partner_state(&state).await;
    assert!(matches!(again, Err(StoreError::Conflict(Conflict::VersionMoved(What::PartnerState)))), "{again:?}");
    assert_eq!(world.store.partner_state().await.unwrap().live_days, Some(-3));
    for number in 1..4 {
        let id = NoticeId::new(after(number), u128::try_from(number).unwrap());
        let notice =
            PartnerBalanceNotice { id, current_days: Some(number), days_limit: None, received_at: after(number), raw: "{}".to_owned() };
        world.store.put_notice(&notice).await.unwrap();
        world.store.put_notice(&notice).await.unwrap();
    }
    assert_eq!(world.store.latest_notice().await.unwrap().unwrap().current_days, Some(3));
    assert_eq!(world.store.notices(PageRequest::first(2)).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn the_same_thing_found_again_is_the_same_finding() {
    let world = World::begin().await;
    let finding = |number: u128, key: &str| Finding {
        id: FindingId::new(after(i64::try_from(number).unwrap()), number),
        key: key.to_owned(),
        kind: "sale.amount_differs".to_owned(),
        text: "?".to_owned(),
        remedy: "Look.".to_owned(),
        user_id: None,
        found_at: start(),
        resolved_at: None,
    };
    for (number, key) in [(1, "sale:A"), (2, "sale:A"), (3, "sale:B")] {
        world.store.put_finding(&finding(number, key)).await.unwrap();
    }
    let open = || async { world.store.findings(PageRequest::first(10)).await.unwrap().items };
    assert_eq!(open().await, [finding(3, "sale:B"), finding(1, "sale:A")]);
    let settled = world.store.resolve_finding(&finding(1, "sale:A").id, after(9)).await.unwrap();
    assert_eq!(settled.resolved_at, Some(after(9)));
    assert_eq!(world.store.resolve_finding(&settled.id, after(99)).await.unwrap(), settled);
    world.store.put_finding(&finding(4, "sale:A")).await.unwrap();
    assert_eq!(open().await, [finding(3, "sale:B")]);
    assert_eq!(world.store.finding(&settled.id).await.unwrap(), Some(settled));
    assert!(matches!(world.store.resolve_finding(&FindingId::new(start(), 77), start()).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn the_walk_meets_every_customer_once() {
    let world = World::begin().await;
    for number in 0..30 {
        world.customer(number, None, u32::try_from(number).unwrap()).await;
    }
    let mut met = Vec::new();
    for segment in 0..4 {
        let mut cursor = None;
        loop {
            let (users, next) = world.store.walk(segment, 4, cursor).await.unwrap();
            met.extend(users);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }
    assert_eq!(met.len(), 30);
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), (0..30).map(user).collect());
}
