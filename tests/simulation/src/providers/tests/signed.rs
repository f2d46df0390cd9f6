//! A subscription is bought over the pipes, and what PayPal sends of it is verified by the product's own verifier,
//! which fetches the certificate over the pipes too.

use bytes::Bytes;
use clients::paypal::{CertificateHost, Environment, NewPlan, NewProduct, NewSubscription, PaypalHeaders, Verifier, VerifierConfig};
use domain::{Currency, Days, Money};
use http::Request;
use sandbox::PAYPAL_HOST;
use url::Url;

use super::bench::{Bench, paused, seconds_pass};

const DAY_SECONDS: u64 = 86_400;

fn verifier(bench: &Bench) -> Verifier {
    let config = VerifierConfig {
        webhook_id: bench.sandbox.paypal.webhook_id(),
        roots_pem: bench.sandbox.paypal.ca_pem(),
        intermediates_pem: String::new(),
        certificate_hosts: vec![CertificateHost::parse(PAYPAL_HOST).unwrap()],
        certificate_name: Environment::of(&Url::parse(&format!("https://{PAYPAL_HOST}")).unwrap()).certificate_name().to_owned(),
        accept_simulator: false,
    };
    Verifier::new(config, bench.carriers.http()).unwrap()
}

/// A subscription of thirty days for ten dollars that waits for its payer; answers PayPal's id.
pub(super) async fn subscribe(bench: &Bench, custom_id: &str) -> String {
    let paypal = bench.paypal();
    let product = NewProduct { request_id: format!("product-{custom_id}"), name: "Line".to_owned() };
    let plan = NewPlan {
        request_id: format!("plan-{custom_id}"),
        product_id: paypal.create_product(&product).await.unwrap(),
        name: "Starter".to_owned(),
        days: Days::new(30),
        price: Money::new(1_000, Currency::Usd),
    };
    let new = NewSubscription {
        request_id: format!("subscription-{custom_id}"),
        plan_id: paypal.create_plan(&plan).await.unwrap(),
        custom_id: custom_id.to_owned(),
        return_url: "https://daypass.test/back".to_owned(),
        cancel_url: "https://daypass.test/no".to_owned(),
    };
    let opened = paypal.create_subscription(&new).await.unwrap();
    assert!(opened.approval_url.is_some_and(|url| url.starts_with("https://api.paypal.test/webapps/")));
    opened.id
}

async fn assert_signed(bench: &Bench, verifier: &Verifier, webhook: &Request<Bytes>) {
    assert_eq!(webhook.uri(), "https://daypass.test/v1/webhooks/paypal");
    let headers = PaypalHeaders::read(webhook.headers()).unwrap();
    let verified = verifier.verify(&headers, webhook.body(), bench.sandbox.clock.now()).await.unwrap();
    assert_eq!(verified.transmission_id, headers.transmission_id);
    let forged = [webhook.body(), &b" "[..]].concat();
    assert!(verifier.verify(&headers, &forged, bench.sandbox.clock.now()).await.is_err());
}

#[test]
fn webhooks_come_through_the_carrier_signed_as_paypal_signs_years_after_too() {
    paused(async {
        let bench = Bench::new(9);
        let verifier = verifier(&bench);
        let id = subscribe(&bench, "sub_1").await;
        bench.sandbox.paypal.approve(&id).unwrap();
        // Past the first certificate's end, so that another one has to be fetched.
        seconds_pass(400 * DAY_SECONDS).await;
        bench.sandbox.paypal.refund(&id, None).unwrap();
        seconds_pass(1).await;
        let came = bench.came.lock().unwrap().clone();
        let signed = came.iter().filter(|webhook| webhook.headers().contains_key("paypal-transmission-sig"));
        let addresses: std::collections::BTreeSet<_> =
            signed.clone().map(|webhook| webhook.headers()["paypal-cert-url"].as_bytes()).collect();
        assert!(signed.clone().count() > 14, "{}", signed.count());
        assert_eq!(addresses.len(), 2, "two certificates signed");
        assert_signed(&bench, &verifier, &came[came.len() - 1]).await;
    });
}

#[test]
fn each_webhook_verifies_when_it_comes() {
    paused(async {
        let bench = Bench::new(9);
        let verifier = verifier(&bench);
        let id = subscribe(&bench, "sub_1").await;
        bench.sandbox.paypal.approve(&id).unwrap();
        bench.sandbox.paypal.renew(&id).unwrap();
        seconds_pass(1).await;
        let came = bench.came.lock().unwrap().clone();
        assert!(came.len() >= 5);
        for webhook in &came {
            assert_signed(&bench, &verifier, webhook).await;
        }
    });
}
