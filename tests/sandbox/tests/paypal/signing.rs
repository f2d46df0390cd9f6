//! How a careful listener checks a webhook, written here once more, independently of the product's own check.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::shop::{Arrival, Shop};

const NAME: &str = "messageverificationcerts.sandbox.paypal.com";

/// The certificate behind the arrival's address, if it chains to the sandbox's authorities at that time.
async fn trusted_leaf(shop: &Shop, arrival: &Arrival, at: Timestamp) -> Option<CertificateDer<'static>> {
    let url = arrival.header("paypal-cert-url");
    assert!(url.starts_with(&shop.at("/v1/notifications/certs/CERT-")), "{url}");
    let answer = shop.client.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-pem-file");
    let pem = answer.bytes().await.unwrap();
    let mut served = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(served.len(), 1, "the leaf alone");
    let leaf = served.remove(0);

    let authorities = shop.paypal.ca_pem();
    let mut given = CertificateDer::pem_slice_iter(authorities.as_bytes()).map(Result::unwrap);
    let mut roots = RootCertStore::empty();
    roots.add(given.next().unwrap()).unwrap();
    let intermediates: Vec<CertificateDer<'static>> = given.collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    let seconds = u64::try_from(at.as_second()).unwrap();
    let checked = verifier.verify_server_cert(&leaf, &intermediates, &name, &[], UnixTime::since_unix_epoch(Duration::from_secs(seconds)));
    checked.ok().map(|_| leaf)
}

/// Whether an arrival is genuine for this listener at this time.
pub(crate) async fn verifies(shop: &Shop, arrival: &Arrival, webhook_id: &str, at: Timestamp) -> bool {
    let Some(leaf) = trusted_leaf(shop, arrival, at).await else {
        return false;
    };
    let (_, certificate) = X509Certificate::from_der(&leaf).unwrap();
    let key = certificate.public_key().subject_public_key.data.to_vec();
    let text = format!(
        "{}|{}|{webhook_id}|{}",
        arrival.header("paypal-transmission-id"),
        arrival.header("paypal-transmission-time"),
        crc32fast::hash(&arrival.body)
    );
    assert_eq!(arrival.header("paypal-auth-algo"), "SHA256withRSA");
    let signature = STANDARD.decode(arrival.header("paypal-transmission-sig")).unwrap();
    assert_eq!(signature.len(), 256, "RSA with 2048 bits");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text.as_bytes(), &signature).is_ok()
}

/// The arrival with one byte of its body changed.
pub(crate) fn tampered(arrival: &Arrival) -> Arrival {
    let mut body = arrival.body.to_vec();
    let place = body.len() / 2;
    body[place] ^= 1;
    Arrival { body: Bytes::from(body), ..arrival.clone() }
}
