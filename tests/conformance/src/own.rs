//! Recordings of our own: two requests signed as PayPal signs, under a chain made for the occasion, and
//! two documents of WHAPI's shapes.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::json;

use crate::recordings::Folder;

pub(crate) const WEBHOOK_ID: &str = "2AB34567CD8901234";
pub(crate) const SENT_AT: &str = "2026-05-05T10:00:03Z";
const CERTIFICATE_URL: &str = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-0a0b0c0d-01020304-0f0e0d0c";

const SALE: &str = concat!(
    r#"{"id":"WH-9KX27148TB5529341-1YD93847WP6612058","create_time":"2026-05-05T10:00:02.000Z","event_version":"1.0","#,
    r#""resource_type":"sale","event_type":"PAYMENT.SALE.COMPLETED","summary":"Payment completed for € 27.5 EUR","#,
    r#""resource":{"id":"6HT61820LN4473926","state":"completed","amount":{"total":"27.50","currency":"EUR","#,
    r#""details":{"subtotal":"27.50"}},"payment_mode":"INSTANT_TRANSFER","billing_agreement_id":"I-7QH2WK9XT4LM","#,
    r#""transaction_fee":{"value":"1.14","currency":"EUR"},"invoice_number":"","create_time":"2026-05-05T10:00:01Z"}}"#,
);
const SUBSCRIPTION: &str = concat!(
    r#"{"id":"WH-3FD81560RM7743219-8UC20915XK4476130","create_time":"2026-05-05T09:59:40.000Z","event_version":"1.0","#,
    r#""resource_type":"subscription","resource_version":"2.0","event_type":"BILLING.SUBSCRIPTION.ACTIVATED","#,
    r#""resource":{"id":"I-7QH2WK9XT4LM","status":"ACTIVE","custom_id":"sub_01","plan_id":"P-6TT10482FE3391847NKQJ2WY","#,
    r#""billing_info":{"outstanding_balance":{"currency_code":"EUR","value":"0.0"},"failed_payments_count":0}}}"#,
);
const WEBHOOK: &str = r#"{"user":{"id":"97336612345","name":"Noor"},"event":{"type":"users","event":"post"},"channel_id":"FALCON-7QX2M"}"#;
const CHANNEL: &str = concat!(
    r#"{"apiUrl":"https://gate.whapi.cloud/","id":"FALCON-7QX2M","creationTS":1777975200123,"ownerId":"own","#,
    r#""activeTill":1778493600123,"token":"Zz0Yy1Xx2Ww3Vv4Uu5Tt6Ss7Rr8Qq9Pp","server":3,"stopped":false,"mode":"trial","#,
    r#""name":"Reception","projectId":"Aa1Bb2Cc3Dd4Ee5Ff6Gg"}"#,
);

/// A root and a leaf under it that signs, as PayPal's does.
pub(crate) struct Chain {
    pub(crate) root_pem: String,
    pub(crate) leaf_pem: String,
    key: RsaKeyPair,
}

impl Chain {
    /// A chain from that root, whose leaf bears that name and is valid through 2026.
    pub(crate) fn new(root_name: &str, leaf_name: &str) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        root.distinguished_name.push(DnType::CommonName, root_name);
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let pkcs8 = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap().to_pkcs8_pem(LineEnding::LF).unwrap();
        let leaf_key = KeyPair::from_pkcs8_pem_and_sign_algo(&pkcs8, &PKCS_RSA_SHA256).unwrap();
        let mut leaf = CertificateParams::new(vec![leaf_name.to_owned()]).unwrap();
        leaf.distinguished_name.push(DnType::CommonName, leaf_name);
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        leaf.not_before = rcgen::date_time_ymd(2026, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2026, 12, 31);
        let leaf_pem = leaf.signed_by(&leaf_key, &Issuer::new(root, root_key)).unwrap().pem();
        let key = RsaKeyPair::from_pkcs8(&leaf_key.serialize_der()).unwrap();
        Self { root_pem, leaf_pem: leaf_pem.trim_end().replace('\n', "\r\n"), key }
    }

    /// The signature of a delivery, in base64.
    pub(crate) fn sign(&self, transmission_id: &str, webhook_id: &str, body: &[u8]) -> String {
        let text = format!("{transmission_id}|{SENT_AT}|{webhook_id}|{}", crc32fast::hash(body));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &ring::rand::SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        STANDARD.encode(signature)
    }
}

/// Makes the recordings in `folder`.
pub(crate) fn make(folder: &Path) -> Folder {
    let chain = Chain::new("Conformance Root", "messageverificationcerts.sandbox.paypal.com");
    let certificates = folder.join("paypal/certs");
    fs::create_dir_all(&certificates).unwrap();
    fs::write(certificates.join("leaf.pem"), &chain.leaf_pem).unwrap();
    record(folder, &chain, "own-sale", "PAYMENT.SALE.COMPLETED", SALE.as_bytes());
    record(folder, &chain, "own-subscription", "BILLING.SUBSCRIPTION.ACTIVATED", SUBSCRIPTION.as_bytes());
    fs::create_dir_all(folder.join("whapi")).unwrap();
    fs::write(folder.join("whapi/webhook-users-post.json"), WEBHOOK).unwrap();
    fs::write(folder.join("whapi/manager-put-channels.200.json"), CHANNEL).unwrap();
    Folder { path: folder.to_owned(), roots_pem: chain.root_pem }
}

fn record(folder: &Path, chain: &Chain, name: &str, event_type: &str, body: &[u8]) {
    let folder = folder.join("paypal").join(name);
    fs::create_dir_all(&folder).unwrap();
    let id = format!("5b0c3f60-486a-11f1-9c2e-{name:0>12.12}");
    let headers = json!({
        "paypal-transmission-id": id, "paypal-transmission-time": SENT_AT, "paypal-auth-algo": "SHA256withRSA",
        "paypal-cert-url": CERTIFICATE_URL, "paypal-transmission-sig": chain.sign(&id, WEBHOOK_ID, body),
    });
    let meta = json!({"webhook_id": WEBHOOK_ID, "cert_file": "certs/leaf.pem", "event_type": event_type});
    fs::write(folder.join("body.bin"), body).unwrap();
    fs::write(folder.join("headers.json"), headers.to_string()).unwrap();
    fs::write(folder.join("meta.json"), meta.to_string()).unwrap();
}
