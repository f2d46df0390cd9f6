//! Fetching the certificate and asking PayPal, against servers on this machine.

use std::sync::Arc;

use clients::paypal::{
    CertificateHost, Credentials, PayPal, PaypalHeaders, Verifier, VerifierConfig, VerifyBy, WebhookCheck, WebhookRefusal,
};
use domain::Secret;
use jiff::{SignedDuration, Timestamp};
use net::Http;
use url::Url;

use crate::own::{Chain, SENT_AT, WEBHOOK_ID};
use crate::pretend::Pretend;

const NAME: &str = "messageverificationcerts.sandbox.paypal.com";
const BODY: &[u8] = br#"{"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED", "resource":{"id":"5XP"} }"#;

fn sent_at() -> Timestamp {
    SENT_AT.parse().unwrap()
}

fn config(chain: &Chain, server: &Url) -> VerifierConfig {
    let host = format!("127.0.0.1:{}", server.port().unwrap());
    VerifierConfig {
        webhook_id: WEBHOOK_ID.to_owned(),
        roots_pem: chain.root_pem.clone(),
        intermediates_pem: String::new(),
        certificate_hosts: vec![CertificateHost::parse(&host).unwrap()],
        certificate_name: NAME.to_owned(),
        accept_simulator: false,
    }
}

fn headers(chain: &Chain, server: &Url) -> PaypalHeaders {
    PaypalHeaders {
        transmission_id: "5b0c3f60-486a-11f1-9c2e-000000000001".to_owned(),
        transmission_time: SENT_AT.to_owned(),
        transmission_sig: chain.sign("5b0c3f60-486a-11f1-9c2e-000000000001", WEBHOOK_ID, BODY),
        cert_url: format!("{server}v1/notifications/certs/CERT-1"),
        auth_algo: "SHA256withRSA".to_owned(),
    }
}

#[tokio::test]
async fn a_certificate_is_fetched_once_and_kept_until_its_end() {
    let chain = Chain::new("One Root", NAME);
    let server = Pretend::always(200, chain.leaf_pem.clone()).await;
    let verifier = Verifier::new(config(&chain, &server.url), Http::new()).unwrap();
    let headers = headers(&chain, &server.url);
    for _ in 0..3 {
        assert!(verifier.verify(&headers, BODY, sent_at()).await.is_ok());
    }
    assert_eq!(server.asked().len(), 1);
    let next_year = sent_at() + SignedDuration::from_hours(24 * 365);
    assert_eq!(verifier.verify(&headers, BODY, next_year).await, Err(WebhookRefusal::CertificateTime));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_had_is_asked_for_again_later() {
    let chain = Chain::new("One Root", NAME);
    let redirect = vec![("location", "http://127.0.0.1:1/".to_owned())];
    let answers = [
        (404, Vec::new(), Vec::new()),
        (502, Vec::new(), b"<html>".to_vec()),
        (302, redirect, Vec::new()),
        (200, Vec::new(), vec![b'x'; 70_000]),
    ];
    for answer in answers {
        let server = Pretend::new(move |_| answer.clone()).await;
        let verifier = Verifier::new(config(&chain, &server.url), Http::new()).unwrap();
        let verdict = verifier.verify(&headers(&chain, &server.url), BODY, sent_at()).await;
        assert!(matches!(verdict, Err(WebhookRefusal::Unavailable(_))), "{verdict:?}");
        assert_eq!(server.asked().len(), 1);
    }
}

/// PayPal that hands out a token and gives that verdict.
async fn paypal(verdict: &'static str) -> Pretend {
    Pretend::new(move |asked| match asked.path.as_str() {
        "/v1/oauth2/token" => (200, Vec::new(), br#"{"access_token":"T","expires_in":3600}"#.to_vec()),
        _ => (200, Vec::new(), verdict.as_bytes().to_vec()),
    })
    .await
}

fn check(by: VerifyBy, config: VerifierConfig, paypal: &Pretend) -> WebhookCheck {
    let credentials = Credentials { client_id: Secret::new("id"), client_secret: Secret::new("secret") };
    WebhookCheck::new(by, config, PayPal::with_credentials(paypal.url.clone(), Http::new(), credentials, Arc::new(sent_at)))
}

#[tokio::test]
async fn with_an_issuer_that_we_do_not_know_paypal_is_asked() {
    let (chain, stranger) = (Chain::new("One Root", NAME), Chain::new("Another Root", NAME));
    let server = Pretend::always(200, stranger.leaf_pem.clone()).await;
    let headers = headers(&stranger, &server.url);
    for (verdict, believed) in [(r#"{"verification_status":"SUCCESS"}"#, true), (r#"{"verification_status":"FAILURE"}"#, false)] {
        let paypal = paypal(verdict).await;
        let checked = check(VerifyBy::Certificate, config(&chain, &server.url), &paypal).check(&headers, BODY, sent_at()).await;
        assert_eq!(checked.map(drop), if believed { Ok(()) } else { Err(WebhookRefusal::Signature) });
        let question = paypal.asked().pop().unwrap();
        assert_eq!(question.path, "/v1/notifications/verify-webhook-signature");
        assert!(question.body.windows(BODY.len()).any(|window| window == BODY), "the event went back changed");
    }
}

#[tokio::test]
async fn with_a_wrong_signature_paypal_is_not_asked() {
    let chain = Chain::new("One Root", NAME);
    let server = Pretend::always(200, chain.leaf_pem.clone()).await;
    let paypal = paypal(r#"{"verification_status":"SUCCESS"}"#).await;
    let checker = check(VerifyBy::Certificate, config(&chain, &server.url), &paypal);
    let checked = checker.check(&headers(&chain, &server.url), b"{}", sent_at()).await;
    assert_eq!(checked.map(drop), Err(WebhookRefusal::Signature));
    assert!(paypal.asked().is_empty());
}

#[tokio::test]
async fn asked_by_choice_paypal_decides_and_its_failure_is_temporary() {
    let chain = Chain::new("One Root", NAME);
    let nowhere = Url::parse("http://127.0.0.1:9/").unwrap();
    let headers = headers(&chain, &nowhere);
    let yes = paypal(r#"{"verification_status":"SUCCESS"}"#).await;
    let checker = check(VerifyBy::Postback, config(&chain, &nowhere), &yes);
    assert!(checker.check(&headers, BODY, sent_at()).await.is_ok());
    let broken = paypal("<html>Bad gateway</html>").await;
    let checker = check(VerifyBy::Postback, config(&chain, &nowhere), &broken);
    let verdict = checker.check(&headers, BODY, sent_at()).await;
    assert!(matches!(verdict, Err(WebhookRefusal::Unavailable(_))), "{verdict:?}");
}

#[tokio::test]
async fn without_a_webhook_id_everything_is_refused() {
    let chain = Chain::new("One Root", NAME);
    let server = Pretend::always(200, chain.leaf_pem.clone()).await;
    let paypal = paypal(r#"{"verification_status":"SUCCESS"}"#).await;
    let config = VerifierConfig { webhook_id: String::new(), ..config(&chain, &server.url) };
    let checker = check(VerifyBy::Certificate, config, &paypal);
    assert!(checker.is_configured().is_err());
    let verdict = checker.check(&headers(&chain, &server.url), BODY, sent_at()).await;
    assert!(matches!(verdict, Err(WebhookRefusal::NotConfigured(_))));
}
