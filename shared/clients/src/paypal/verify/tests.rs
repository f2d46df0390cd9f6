//! What a verifier may be made from. That it believes PayPal and nobody else is proved on recordings, in
//! `tests/conformance`.

use super::*;
use crate::paypal::Environment;

fn config(webhook_id: &str) -> VerifierConfig {
    VerifierConfig {
        webhook_id: webhook_id.to_owned(),
        roots_pem: String::new(),
        intermediates_pem: String::new(),
        certificate_hosts: vec![Environment::Live.certificate_host()],
        certificate_name: Environment::Live.certificate_name().to_owned(),
        accept_simulator: false,
    }
}

#[test]
fn without_a_webhook_id_of_our_own_there_is_no_verifier() {
    for bad in ["", "WEBHOOK_ID", "a|b"] {
        assert_eq!(Verifier::new(config(bad), Http::new()).err(), Some(VerifierError::WebhookId), "{bad}");
    }
    assert!(Verifier::new(config("1AB23456CD789012E"), Http::new()).is_ok());
}

#[test]
fn roots_that_cannot_be_read_are_not_replaced_by_others() {
    for bad in ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let config = VerifierConfig { roots_pem: bad.to_owned(), ..config("1AB23456CD789012E") };
        assert_eq!(Verifier::new(config, Http::new()).err(), Some(VerifierError::Roots), "{bad}");
    }
    let config = VerifierConfig { certificate_hosts: Vec::new(), ..config("1AB23456CD789012E") };
    assert_eq!(Verifier::new(config, Http::new()).err(), Some(VerifierError::Hosts));
}

#[test]
fn the_built_in_roots_are_digicerts() {
    let anchors = built_in_anchors().unwrap();
    assert!(anchors.len() > 3 && anchors.iter().all(|anchor| contains(&anchor.subject, ROOT_OWNER)));
}

#[test]
fn a_doubled_header_is_no_header() {
    let mut headers = HeaderMap::new();
    for name in ["paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig", "paypal-cert-url", "paypal-auth-algo"] {
        headers.insert(name, "x".parse().unwrap());
    }
    assert!(PaypalHeaders::read(&headers).is_ok());
    headers.append("paypal-transmission-id", "y".parse().unwrap());
    assert_eq!(PaypalHeaders::read(&headers).err(), Some(WebhookRefusal::Header("paypal-transmission-id")));
    headers.remove("paypal-transmission-id");
    assert_eq!(PaypalHeaders::read(&headers).err(), Some(WebhookRefusal::Header("paypal-transmission-id")));
}
