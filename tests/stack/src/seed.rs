//! What a fresh world begins with: an admin, a customer, the plans. Putting it in again changes
//! nothing.

use domain::id::PlanId;
use domain::plan::{BillingPeriod, Limits, Plan, RequestType};
use domain::{Currency, Money, Timestamp};
use sandbox::ControlError;

use crate::providers::PARTNER_WEBHOOK_SECRET;
use crate::stack::Shared;
use crate::world::World;

/// The seeded admin.
pub(crate) const ADMIN_EMAIL: &str = "admin@daypass.test";
const ADMIN_PASSWORD: &str = "admin-daypass";
/// The seeded customer.
const CUSTOMER_EMAIL: &str = "demo@daypass.test";
const CUSTOMER_PASSWORD: &str = "demo-daypass";

pub(crate) async fn put_in(shared: &Shared, world: &World) -> Result<(), String> {
    person(shared, ADMIN_EMAIL, ADMIN_PASSWORD, true)?;
    person(shared, CUSTOMER_EMAIL, CUSTOMER_PASSWORD, false)?;
    plans(shared, world).await?;
    low_balance_webhook(shared).await
}

/// At how many days WHAPI's sandbox tells us that the partner's days run low.
const LOW_BALANCE_DAYS: u32 = 30;

/// Has WHAPI's sandbox send its low-balance notices to us, with our secret in the address, as it would be set up there.
async fn low_balance_webhook(shared: &Shared) -> Result<(), String> {
    let whapi = &shared.sandbox.whapi;
    let url = format!("{}/v1/webhooks/whapi/partner?secret={PARTNER_WEBHOOK_SECRET}", shared.public_url);
    let url = url.parse().map_err(|_| "the public address is no address".to_owned())?;
    let token = domain::Secret::new(whapi.partner_token());
    let manager_url = whapi.manager_url().parse().map_err(|_| "no address".to_owned())?;
    let manager = clients::whapi::Manager::new(manager_url, net::Http::new());
    let set = manager.set_low_balance_webhook(&token, &whapi.partner_name(), &url, LOW_BALANCE_DAYS).await;
    set.map_err(|cause| cause.to_string())
}

fn person(shared: &Shared, email: &str, password: &str, admin: bool) -> Result<(), String> {
    if shared.sandbox.oidc.subject_of(email).is_some() {
        return Ok(());
    }
    let made = shared.sandbox.oidc.create_user(email, password, admin);
    made.map(drop).map_err(|cause: ControlError| cause.to_string())
}

/// One seeded plan: name, fils, US cents, period, channels, messages a day, bulk sends, how it is got.
type Seed = (&'static str, i64, i64, BillingPeriod, Option<u32>, Option<u32>, Option<u32>, RequestType);

/// The catalogue of a fresh world.
const PLANS: [Seed; 6] = [
    ("Starter", 5_000, 1_350, BillingPeriod::Monthly, Some(1), Some(50), Some(1), RequestType::Paid),
    ("Growth", 13_500, 3_600, BillingPeriod::Quarterly, Some(5), Some(500), Some(10), RequestType::Paid),
    ("Business", 24_000, 6_400, BillingPeriod::Semiannual, Some(5), Some(1_000), Some(30), RequestType::Paid),
    ("Scale", 45_000, 11_990, BillingPeriod::Yearly, Some(25), Some(5_000), None, RequestType::Paid),
    ("Enterprise", 0, 0, BillingPeriod::Yearly, None, None, None, RequestType::RequestQuote),
    ("Guided", 0, 0, BillingPeriod::Monthly, Some(5), Some(500), Some(10), RequestType::BookDemo),
];

/// The product's own seeds: the plans, made at PayPal as well. Another PayPal than the sandbox may have no keys of
/// ours yet: there they are made at their first checkout.
async fn plans(shared: &Shared, world: &World) -> Result<(), String> {
    let Some(worker) = &world.worker else { return Ok(()) };
    let text = |cause: &dyn std::error::Error| cause.to_string();
    let app = worker.boot().app().map_err(|cause| text(&cause))?;
    if !app.store.plans().await.map_err(|cause| text(&cause))?.is_empty() {
        return Ok(());
    }
    for (number, seed) in PLANS.iter().enumerate() {
        let plan = plan(seed, number as u128, app.now());
        let saved = if shared.own_paypal { app::plans::publish(&app, plan).await } else { app::plans::keep(&app, plan).await };
        saved.map_err(|cause| text(&cause))?;
    }
    Ok(())
}

fn plan(seed: &Seed, number: u128, now: Timestamp) -> Plan {
    let (name, fils, cents, billing_period, channels, daily_messages, bulk_messages, request_type) = *seed;
    Plan {
        id: PlanId::new(now, number),
        name: name.to_owned(),
        price: Money::new(fils, Currency::Bhd),
        charged: (request_type == RequestType::Paid).then(|| Money::new(cents, Currency::Usd)),
        billing_period,
        limits: Limits { channels, daily_messages, bulk_messages },
        features: Vec::new(),
        lapse_after: None,
        paypal_product_id: None,
        paypal_plan_id: None,
        request_type,
        is_active: true,
        created_at: now,
        updated_at: now,
        version: 0,
    }
}
