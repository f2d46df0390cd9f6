//! Whatever its kind: of several who have read a record at one version, one writes the next.

use domain::account::Role;
use domain::id::{KeyId, PlanId, SubscriptionId};
use domain::plan::{BillingPeriod, Limits, Plan, RequestType};
use domain::subscription::Subscription;
use domain::{Currency, Money};
use futures::future::join_all;
use store::{ApiKey, Commit, Conflict, Identity, Store, StoreError, What};

use crate::world::{World, account, channel_id, extension, start, user};

/// Writes it anew, then five times at once as it was read.
async fn one_of_five(store: &Store, what: What, at: impl Fn(u64) -> Commit) {
    store.commit(at(0)).await.unwrap();
    let outcomes = join_all((0..5).map(|_| store.commit(at(1)))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{what:?}: {outcomes:?}");
    let lost = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    for error in lost {
        assert!(matches!(error, StoreError::Conflict(Conflict::VersionMoved(moved)) if *moved == what), "{what:?}: {error:?}");
    }
}

fn plan() -> Plan {
    Plan {
        id: PlanId::new(start(), 1),
        name: "Starter".to_owned(),
        price: Money::new(5_000, Currency::Bhd),
        charged: Some(Money::new(1_350, Currency::Usd)),
        billing_period: BillingPeriod::Monthly,
        limits: Limits::default(),
        features: Vec::new(),
        lapse_after: None,
        paypal_product_id: None,
        paypal_plan_id: Some("P-1".to_owned()),
        request_type: RequestType::Paid,
        is_active: true,
        created_at: start(),
        updated_at: start(),
        version: 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_moved_is_not_written_over() {
    let world = World::begin().await;
    let store = &world.store;
    one_of_five(store, What::Plan, |version| Commit::new().plan(Plan { version, ..plan() })).await;
    let begun = Subscription::begin_paypal(SubscriptionId::new(start(), 4), &account(user(1)), &plan(), None, start()).unwrap();
    one_of_five(store, What::Subscription, |version| Commit::new().subscription(Subscription { version, ..begun.clone() })).await;
    let queued = extension(&user(1), &channel_id(1), 1);
    one_of_five(store, What::Extension, |version| Commit::new().extension(domain::extension::Extension { version, ..queued.clone() }))
        .await;
    let somebody = Identity {
        issuer: "https://issuer.test".to_owned(),
        subject: "auth0|7".to_owned(),
        user_id: user(1),
        role: Role::Customer,
        suspended: false,
        email: None,
        created_at: start(),
        version: 0,
    };
    one_of_five(store, What::Identity, |version| Commit::new().identity(Identity { version, ..somebody.clone() })).await;
    let key = ApiKey {
        id: KeyId::new(start(), 1),
        user_id: user(1),
        name: "Till".to_owned(),
        prefix: "dpk_abcd".to_owned(),
        hash: "ab".repeat(32),
        scopes: vec!["read".to_owned()],
        created_at: start(),
        last_used_at: None,
        revoked_at: None,
        version: 0,
    };
    one_of_five(store, What::ApiKey, |version| Commit::new().key(ApiKey { version, ..key.clone() })).await;
}
