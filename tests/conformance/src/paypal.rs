//! Everything that PayPal signed is believed at its own time, and nothing else is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clients::paypal::webhook::{self, Resource};
use clients::paypal::{Environment, PaypalHeaders, Verifier, VerifierConfig, VerifierError, WebhookRefusal};
use jiff::SignedDuration;

use crate::recordings::{Folder, SignedRequest};
use crate::{forge, own};

fn for_each(check: impl Fn(&SignedRequest)) {
    let home = tempfile::tempdir().unwrap();
    for folder in Folder::all(own::make(home.path())) {
        let requests = folder.paypal();
        assert!(!requests.is_empty(), "no PayPal recordings in {}", folder.path.display());
        requests.iter().for_each(&check);
    }
}

fn verify(request: &SignedRequest, headers: &PaypalHeaders, body: &[u8]) -> Result<(), WebhookRefusal> {
    request.verifier().verify_with(headers, body, request.sent_at(), &request.certificate).map(drop)
}

#[test]
fn what_paypal_signed_is_believed_and_read() {
    for_each(|request| {
        let verified = request.verifier().verify_with(&request.headers, &request.body, request.sent_at(), &request.certificate);
        let verified = verified.unwrap_or_else(|refusal| panic!("{}: {refusal}", request.name));
        assert_eq!(verified.transmission_id, request.headers.transmission_id);
        assert_eq!(verified.transmitted_at, Some(request.sent_at()), "{}", request.name);
        let event = webhook::parse(&request.body).unwrap();
        if let Some(event_type) = &request.meta.event_type {
            assert_eq!(&event.event_type, event_type, "{}", request.name);
        }
        assert_eq!(is_known(&event.event_type), event.resource != Resource::Other, "{}: {event:?}", request.name);
    });
}

fn is_known(event_type: &str) -> bool {
    let sale = event_type.strip_prefix("PAYMENT.SALE.");
    sale.is_some_and(|verb| ["COMPLETED", "PENDING", "DENIED", "REFUNDED", "REVERSED"].contains(&verb))
        || event_type.starts_with("BILLING.SUBSCRIPTION.")
}

#[test]
fn no_byte_of_a_body_can_be_changed() {
    for_each(|request| {
        let verifier = request.verifier();
        for at in 0..request.body.len() {
            let mut body = request.body.clone();
            body[at] ^= 1;
            let verdict = verifier.verify_with(&request.headers, &body, request.sent_at(), &request.certificate);
            assert_eq!(verdict, Err(WebhookRefusal::Signature), "{} with byte {at} changed", request.name);
        }
    });
}

#[test]
fn no_byte_of_a_signature_can_be_changed() {
    for_each(|request| {
        let verifier = request.verifier();
        let signature = STANDARD.decode(&request.headers.transmission_sig).unwrap();
        for at in 0..signature.len() {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            let headers = PaypalHeaders { transmission_sig: STANDARD.encode(changed), ..request.headers.clone() };
            let verdict = verifier.verify_with(&headers, &request.body, request.sent_at(), &request.certificate);
            assert_eq!(verdict, Err(WebhookRefusal::Signature), "{} with byte {at} changed", request.name);
        }
    });
}

#[test]
fn no_other_header_can_be_changed() {
    for_each(|request| {
        let original = &request.headers;
        let id = PaypalHeaders { transmission_id: format!("{}0", original.transmission_id), ..original.clone() };
        assert_eq!(verify(request, &id, &request.body), Err(WebhookRefusal::Signature));
        let later = (request.sent_at() + SignedDuration::from_secs(1)).to_string();
        let time = PaypalHeaders { transmission_time: later, ..original.clone() };
        assert_eq!(verify(request, &time, &request.body), Err(WebhookRefusal::Signature));
        let algorithm = PaypalHeaders { auth_algo: "SHA1withRSA".to_owned(), ..original.clone() };
        assert_eq!(verify(request, &algorithm, &request.body), Err(WebhookRefusal::Algorithm));
        for url in ["https://evil.example/v1/notifications/certs/C".to_owned(), format!("{}?x", original.cert_url)] {
            let headers = PaypalHeaders { cert_url: url, ..original.clone() };
            assert_eq!(verify(request, &headers, &request.body), Err(WebhookRefusal::CertificateAddress));
        }
        let shifted = PaypalHeaders { transmission_id: "a|b".to_owned(), ..original.clone() };
        assert_eq!(verify(request, &shifted, &request.body), Err(WebhookRefusal::Header("paypal-transmission-id")));
    });
}

#[test]
fn another_webhook_another_environment_and_another_time_are_refused() {
    for_each(|request| {
        let check = |config: VerifierConfig, at| {
            let verifier = Verifier::new(config, net::Http::new()).unwrap();
            verifier.verify_with(&request.headers, &request.body, at, &request.certificate).map(drop)
        };
        let webhook_id = format!("{}X", request.meta.webhook_id);
        assert_eq!(check(VerifierConfig { webhook_id, ..request.config() }, request.sent_at()), Err(WebhookRefusal::Signature));
        let other = match request.environment() {
            Environment::Live => Environment::Sandbox,
            Environment::Sandbox => Environment::Live,
        };
        let certificate_name = other.certificate_name().to_owned();
        assert_eq!(check(VerifierConfig { certificate_name, ..request.config() }, request.sent_at()), Err(WebhookRefusal::CertificateName));
        let years = SignedDuration::from_hours(24 * 365 * 5);
        assert_eq!(check(request.config(), request.sent_at() + years), Err(WebhookRefusal::CertificateTime));
        assert_eq!(check(request.config(), request.sent_at() - years), Err(WebhookRefusal::CertificateTime));
    });
}

#[test]
fn a_chain_to_somebody_elses_root_is_no_chain() {
    let stranger = own::Chain::new("Another Root", "messageverificationcerts.paypal.com");
    for_each(|request| {
        let verifier =
            Verifier::new(VerifierConfig { roots_pem: stranger.root_pem.clone(), ..request.config() }, net::Http::new()).unwrap();
        let verdict = verifier.verify_with(&request.headers, &request.body, request.sent_at(), &request.certificate);
        assert_eq!(verdict, Err(WebhookRefusal::UnknownIssuer), "{}", request.name);
        for file in [&b""[..], b"<html></html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
            let verdict = request.verifier().verify_with(&request.headers, &request.body, request.sent_at(), file);
            assert_eq!(verdict, Err(WebhookRefusal::CertificateUnreadable), "{}", request.name);
        }
    });
}

/// The proof that a body proves nothing: PayPal signs only its CRC-32. What an event is worth is read again.
#[test]
fn a_forged_body_of_the_same_checksum_passes() {
    for_each(|request| {
        let forged = forge::same_checksum(&request.body).unwrap();
        assert_ne!(forged, request.body);
        assert_eq!(crc32fast::hash(&forged), crc32fast::hash(&request.body));
        assert_eq!(verify(request, &request.headers, &forged), Ok(()), "{}", request.name);
        assert!(webhook::parse(&forged).is_ok());
    });
}

#[test]
fn paypals_mock_events_are_never_taken_for_real_ones() {
    for_each(|request| {
        for webhook_id in ["", "WEBHOOK_ID"] {
            let config = VerifierConfig { webhook_id: webhook_id.to_owned(), accept_simulator: false, ..request.config() };
            assert_eq!(Verifier::new(config, net::Http::new()).err(), Some(VerifierError::WebhookId));
        }
    });
}
