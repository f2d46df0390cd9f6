//! What PayPal's client makes of tokens, refusals and answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use clients::outcome::CallError;
use clients::paypal::{Credentials, NewPlan, NewProduct, NewSubscription, PayPal, SubscriptionState, status_invalid};
use domain::payment::SaleState;
use domain::{Currency, Days, Money, Secret};
use jiff::Timestamp;
use net::Http;

use crate::pretend::{Asked, Pretend, Reply};

const TOKEN_PATH: &str = "/v1/oauth2/token";
const BEGIN: i64 = 1_777_975_200;

/// A PayPal that gives numbered tokens of an hour, and a clock that can be moved.
struct World {
    server: Pretend,
    paypal: PayPal,
    now: Arc<AtomicI64>,
}

async fn world(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    let tokens = AtomicUsize::new(0);
    let server = Pretend::new(move |asked| match asked.path.as_str() {
        TOKEN_PATH => {
            let number = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            (200, Vec::new(), format!(r#"{{"access_token":"T{number}","token_type":"Bearer","expires_in":3600}}"#).into_bytes())
        }
        _ => answer(asked),
    })
    .await;
    let now = Arc::new(AtomicI64::new(BEGIN));
    let clock = Arc::clone(&now);
    let credentials = Credentials { client_id: Secret::new("id"), client_secret: Secret::new("secret") };
    let tell = Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap());
    World { paypal: PayPal::with_credentials(server.url.clone(), Http::new(), credentials, tell), server, now }
}

impl World {
    fn calls(&self) -> Vec<Asked> {
        self.server.asked().into_iter().filter(|asked| asked.path != TOKEN_PATH).collect()
    }

    fn tokens(&self) -> usize {
        self.server.asked().len() - self.calls().len()
    }
}

fn json(status: u16, body: &str) -> Reply {
    (status, Vec::new(), body.as_bytes().to_vec())
}

const RUNNING: &str = r#"{"id":"I-1","status":"ACTIVE","custom_id":"sub_1","plan_id":"P-1",
  "links":[{"rel":"self","href":"https://p/self"},{"rel":"approve","href":"https://p/approve"}],
  "billing_info":{"outstanding_balance":{"currency_code":"USD","value":"0.0"},"failed_payments_count":2,
    "cycle_executions":[{"tenure_type":"REGULAR","sequence":1,"cycles_completed":3,"current_pricing_scheme_version":2}],
    "last_payment":{"amount":{"currency_code":"USD","value":"10.0"},"time":"2026-05-05T10:00:00Z"},
    "next_billing_time":"2026-06-04T10:00:00Z"}}"#;

#[tokio::test]
async fn a_token_is_fetched_once_for_many_calls_and_anew_before_its_end() {
    let world = world(|_| json(200, RUNNING)).await;
    let calls = (0..5).map(|_| {
        let paypal = world.paypal.clone();
        tokio::spawn(async move { paypal.subscription("I-1").await.is_ok() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
    assert_eq!((world.tokens(), world.calls().len()), (1, 5));
    world.now.store(BEGIN + 3_580, Ordering::SeqCst);
    assert!(world.paypal.subscription("I-1").await.is_ok());
    assert_eq!(world.tokens(), 2);
    let asked = world.server.asked();
    assert_eq!(asked[0].header("authorization"), Some("Basic aWQ6c2VjcmV0"));
    assert_eq!(asked[0].body, b"grant_type=client_credentials");
    assert_eq!(world.calls()[5].header("authorization"), Some("Bearer T2"));
}

#[tokio::test]
async fn a_token_that_paypal_refuses_is_replaced_once() {
    let refusal = r#"{"name":"AUTHENTICATION_FAILURE","message":"Authentication failed"}"#;
    let once = world(move |asked| match asked.header("authorization") {
        Some("Bearer T1") => json(401, refusal),
        _ => json(200, RUNNING),
    })
    .await;
    assert!(once.paypal.subscription("I-1").await.is_ok());
    assert_eq!((once.tokens(), once.calls().len()), (2, 2));
    let always = world(move |_| json(401, refusal)).await;
    assert!(always.paypal.subscription("I-1").await.is_err_and(|error| error.is_unauthorized()));
    assert_eq!(always.calls().len(), 2);
}

#[tokio::test]
async fn without_a_token_nothing_was_sent() {
    let credentials = || Credentials { client_id: Secret::new("id"), client_secret: Secret::new("secret") };
    let now = || Arc::new(|| Timestamp::from_second(BEGIN).unwrap());
    let broken = Pretend::always(502, "<html>").await;
    let paypal = PayPal::with_credentials(broken.url.clone(), Http::new(), credentials(), now());
    let outcome = paypal.cancel_subscription("I-1", "why").await;
    assert!(matches!(outcome, Err(CallError::NotSent { .. })), "{outcome:?}");
    let strange = Pretend::always(401, r#"{"error":"invalid_client","error_description":"Client Authentication failed"}"#).await;
    let paypal = PayPal::with_credentials(strange.url.clone(), Http::new(), credentials(), now());
    let Err(CallError::Refused(refused)) = paypal.try_credentials().await else { panic!("not refused") };
    assert_eq!((refused.status, refused.code.as_str()), (401, "invalid_client"));
}

#[tokio::test]
async fn a_subscription_is_read_whatever_the_order_of_its_links() {
    let world = world(|_| json(200, RUNNING)).await;
    let read = world.paypal.subscription("I-1").await.unwrap();
    assert_eq!((&read.state, read.custom_id.as_deref()), (&SubscriptionState::Active, Some("sub_1")));
    assert_eq!(read.approval_url.as_deref(), Some("https://p/approve"));
    assert_eq!((read.failed_payments, read.scheme_version), (2, Some(2)));
    assert_eq!(read.last_payment.and_then(|amount| amount.money()), Some(Money::new(1_000, Currency::Usd)));
    assert_eq!(read.next_billing_at.map(|at| at.to_string()).as_deref(), Some("2026-06-04T10:00:00Z"));
}

#[tokio::test]
async fn a_checkout_is_asked_for_with_our_id_as_its_key() {
    let world = world(|_| json(201, r#"{"id":"I-9","status":"APPROVAL_PENDING","links":[{"rel":"approve","href":"https://p/a"}]}"#)).await;
    let text = |text: &str| text.to_owned();
    let new = NewSubscription {
        request_id: text("sub_9"),
        plan_id: text("P-1"),
        custom_id: text("sub_9"),
        return_url: text("https://d.example/return"),
        cancel_url: text("https://d.example/plans"),
    };
    let opened = world.paypal.create_subscription(&new).await.unwrap();
    assert_eq!(
        (opened.id.as_str(), opened.status.as_str(), opened.approval_url.as_deref()),
        ("I-9", "APPROVAL_PENDING", Some("https://p/a"))
    );
    let asked = world.calls().pop().unwrap();
    assert_eq!(asked.header("paypal-request-id"), Some("sub_9"));
    assert_eq!(asked.json()["application_context"]["shipping_preference"], "NO_SHIPPING");
}

#[tokio::test]
async fn a_plan_is_days_and_never_bills_what_is_outstanding() {
    let world = world(|_| json(201, r#"{"id":"P-7"}"#)).await;
    let product = NewProduct { request_id: "product-1".to_owned(), name: "Daypass".to_owned() };
    assert_eq!(world.paypal.create_product(&product).await.as_deref(), Ok("P-7"));
    let plan = NewPlan {
        request_id: "plan-1".to_owned(),
        product_id: "PROD-1".to_owned(),
        name: "Quarter".to_owned(),
        days: Days::new(90),
        price: Money::new(1_250, Currency::Usd),
    };
    assert_eq!(world.paypal.create_plan(&plan).await.as_deref(), Ok("P-7"));
    let sent = world.calls().pop().unwrap().json();
    let cycle = &sent["billing_cycles"][0];
    assert_eq!(cycle["frequency"], serde_json::json!({"interval_unit": "DAY", "interval_count": 90}));
    assert_eq!(cycle["pricing_scheme"]["fixed_price"], serde_json::json!({"value": "12.50", "currency_code": "USD"}));
    assert_eq!((&cycle["total_cycles"], &sent["payment_preferences"]["auto_bill_outstanding"]), (&0.into(), &false.into()));
}

#[tokio::test]
async fn a_step_that_the_state_does_not_allow_is_known_as_such() {
    let body = r#"{"name":"UNPROCESSABLE_ENTITY","message":"Failed.","debug_id":"d1","details":{"issue":"SUBSCRIPTION_STATUS_INVALID","description":"Invalid."}}"#;
    let invalid = world(move |_| json(422, body)).await;
    let error = invalid.paypal.cancel_subscription("I-1", "why").await.unwrap_err();
    assert!(status_invalid(&error) && error.nothing_happened());
    for (status, body) in [(409, r#"{"name":"RESOURCE_CONFLICT","message":"x"}"#), (500, "{}"), (502, "<html>"), (404, "")] {
        let world = world(move |_| json(status, body)).await;
        let outcome = world.paypal.cancel_subscription("I-1", "why").await;
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{status}: {outcome:?}");
        assert_eq!(world.calls().len(), 1);
    }
    let done = world(|_| (204, Vec::new(), Vec::new())).await;
    assert_eq!(done.paypal.cancel_subscription("I-1", "why").await, Ok(()));
}

#[tokio::test]
async fn transactions_are_read_all_or_not_at_all() {
    let row = r#"{"id":"5XP","status":"COMPLETED","amount_with_breakdown":{"gross_amount":{"currency_code":"USD","value":"10.0"}},"time":"2026-05-05T10:00:00Z"}"#;
    let (from, until) = (Timestamp::from_millisecond(BEGIN * 1000 + 789).unwrap(), Timestamp::from_second(BEGIN + 60).unwrap());
    let good = world(move |_| json(200, &format!(r#"{{"transactions":[{row}]}}"#))).await;
    let read = good.paypal.transactions("I-1", from, until).await.unwrap();
    assert_eq!((read[0].id.as_str(), &read[0].state), ("5XP", &SaleState::Completed));
    assert_eq!(good.calls()[0].query, "start_time=2026-05-05T10%3A00%3A00Z&end_time=2026-05-05T10%3A01%3A00Z");
    let bad = world(move |_| json(200, &format!(r#"{{"transactions":[{row},{{"status":"COMPLETED"}}]}}"#))).await;
    assert!(bad.paypal.transactions("I-1", from, until).await.is_err());
    let none = world(|_| json(200, "{}")).await;
    assert_eq!(none.paypal.transactions("I-1", from, until).await.map(|read| read.len()), Ok(0));
}

#[tokio::test]
async fn a_refund_leads_to_its_sale() {
    let refund = r#"{"id":"R1","state":"completed","sale_id":"5XP","amount":{"total":"-2.00","currency":"USD"}}"#;
    let world = world(move |_| json(200, refund)).await;
    assert_eq!(world.paypal.refund_sale("R1").await, Ok(Some("5XP".to_owned())));
    assert_eq!(world.calls()[0].path, "/v1/payments/refund/R1");
}
