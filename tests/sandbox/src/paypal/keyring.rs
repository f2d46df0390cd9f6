//! The certificates webhooks are signed under: root → intermediate → leaf, as the vendor's, but made here.
//!
//! Only the leaf is served, as text with CRLF and no line end, from an address that changes with each yearly leaf;
//! the root and the intermediate are handed to verifiers by [`Keyring::authorities`]. The authorities are ECDSA, the
//! leaf is RSA with 2048 bits, because webhook signatures are RSASSA-PKCS1-v1_5 with SHA-256. No revocation.
//!
//! Keys, authorities and leaves are made once for the process and shared by its worlds: making a key is slow, and
//! worlds of one seed must be the same to the byte. Only a leaf's address is each world's own.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::times;

/// The name in every leaf of the sandbox environment.
pub(super) const LEAF_NAME: &str = "messageverificationcerts.sandbox.paypal.com";
/// The part of a certificate's address that stays the same.
const CERTIFICATE_PREFIX: &str = "CERT-360caa42-fca2a594-";
const KEY_BITS: usize = 2048;
const LEAF_DAYS: i64 = 397;
/// A new leaf is made so many days before the old one ends.
const ROTATION_DAYS: i64 = 7;
const AUTHORITY_YEARS: i16 = 20;

/// Why no certificate could be made or no key be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyringError {
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("key: {0}")]
    Key(String),
}

#[derive(Clone, Serialize, Deserialize)]
struct Leaf {
    name: String,
    pem: String,
    renew_at: Timestamp,
}

/// Keys and certificates, as kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Keyring {
    root_pem: String,
    intermediate_pem: String,
    intermediate_key: String,
    leaf_key: String,
    leaves: Vec<Leaf>,
}

impl Keyring {
    /// New authorities and a first leaf that is valid from yesterday.
    pub(super) fn make(ids: &Ids, now: Timestamp) -> Result<Self, KeyringError> {
        let authorities = Authorities::since(civil(now).year().saturating_sub(1))?;
        let mut keyring = Self {
            root_pem: authorities.root_pem,
            intermediate_pem: authorities.intermediate_pem,
            intermediate_key: authorities.intermediate_key,
            leaf_key: leaf_key()?.to_owned(),
            leaves: Vec::new(),
        };
        keyring.renew(ids, now)?;
        Ok(keyring)
    }

    /// Makes a new leaf when the last one is about to end, or is of a time to come because the clock went back.
    pub(super) fn renew(&mut self, ids: &Ids, now: Timestamp) -> Result<(), KeyringError> {
        let renew_at = times::later(now, times::days(LEAF_DAYS - ROTATION_DAYS));
        if self.leaves.last().is_some_and(|leaf| now < leaf.renew_at && leaf.renew_at <= renew_at) {
            return Ok(());
        }
        let name = format!("{CERTIFICATE_PREFIX}{}", ids.hexadecimal(8));
        self.leaves.push(Leaf { name, pem: self.issued(now)?, renew_at });
        Ok(())
    }

    /// The leaf of this day, as it is served. An ECDSA signature differs each time, so the first one is kept.
    fn issued(&self, now: Timestamp) -> Result<String, KeyringError> {
        static ISSUED: Mutex<BTreeMap<(String, Date), String>> = Mutex::new(BTreeMap::new());
        let mut issued = ISSUED.lock().unwrap_or_else(PoisonError::into_inner);
        let of_today = (self.intermediate_key.clone(), civil(now));
        if let Some(pem) = issued.get(&of_today) {
            return Ok(pem.clone());
        }
        let middle = Issuer::new(intermediate(civil(now).year())?, KeyPair::from_pem(&self.intermediate_key)?);
        let pkcs8 = rustls_pki_types::PrivatePkcs8KeyDer::from(decode(&self.leaf_key)?);
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_RSA_SHA256)?;
        let pem = as_served(&leaf(now)?.signed_by(&key, &middle)?.pem());
        issued.insert(of_today, pem.clone());
        Ok(pem)
    }

    /// Root and intermediate, for those who verify.
    pub(super) fn authorities(&self) -> String {
        format!("{}{}", self.root_pem, self.intermediate_pem)
    }

    /// The name of the leaf that signs now.
    pub(super) fn current(&self) -> &str {
        self.leaves.last().map_or("", |leaf| leaf.name.as_str())
    }

    /// The certificate behind an address.
    pub(super) fn certificate(&self, name: &str) -> Option<String> {
        self.leaves.iter().find(|leaf| leaf.name == name).map(|leaf| leaf.pem.clone())
    }

    /// What signs for all leaves.
    pub(super) fn signer(&self) -> Result<Signer, KeyringError> {
        let key = RsaKeyPair::from_pkcs8(&decode(&self.leaf_key)?).map_err(|cause| KeyringError::Key(cause.to_string()))?;
        Ok(Signer { key })
    }
}

/// Who issues leaves.
#[derive(Clone)]
struct Authorities {
    root_pem: String,
    intermediate_pem: String,
    intermediate_key: String,
}

impl Authorities {
    /// Those that are valid from the beginning of a year.
    fn since(first_year: i16) -> Result<Self, KeyringError> {
        static MADE: Mutex<BTreeMap<i16, Authorities>> = Mutex::new(BTreeMap::new());
        let mut all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = all.get(&first_year) {
            return Ok(made.clone());
        }
        let made = Self::make(first_year)?;
        all.insert(first_year, made.clone());
        Ok(made)
    }

    fn make(first_year: i16) -> Result<Self, KeyringError> {
        let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let root_params = authority("Sandbox High Assurance Root CA", first_year, None)?;
        let root_pem = root_params.self_signed(&root_key)?.pem();
        let root = Issuer::new(root_params, root_key);
        let middle_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let intermediate_pem = intermediate(first_year)?.signed_by(&middle_key, &root)?.pem();
        Ok(Self { root_pem, intermediate_pem, intermediate_key: middle_key.serialize_pem() })
    }
}

/// The private key of the leaf, ready for use.
pub(super) struct Signer {
    key: RsaKeyPair,
}

impl Signer {
    /// The signature over a text, in base 64; nothing if the key cannot sign.
    pub(super) fn sign(&self, text: &str) -> String {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature);
        signed.map_or_else(|_| String::new(), |()| STANDARD.encode(&signature))
    }

    /// Whether a signature in base 64 is this key's over that text.
    pub(super) fn verifies(&self, text: &str, signature: &str) -> bool {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.key.public_key().as_ref());
        STANDARD.decode(signature).is_ok_and(|bytes| public.verify(text.as_bytes(), &bytes).is_ok())
    }
}

fn civil(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn decode(text: &str) -> Result<Vec<u8>, KeyringError> {
    STANDARD.decode(text).map_err(|cause| KeyringError::Key(cause.to_string()))
}

/// One key for the process: making it is the slow part, and two worlds in one process may well share it.
fn leaf_key() -> Result<&'static str, KeyringError> {
    static KEY: OnceLock<Result<String, String>> = OnceLock::new();
    let made = KEY.get_or_init(|| {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS).map_err(|cause| cause.to_string())?;
        let der = key.to_pkcs8_der().map_err(|cause| cause.to_string())?;
        Ok(STANDARD.encode(der.as_bytes()))
    });
    made.as_deref().map_err(|cause| KeyringError::Key(cause.clone()))
}

fn named(common_name: &str, organization: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "US");
    name.push(DnType::OrganizationName, organization);
    name.push(DnType::CommonName, common_name);
    name
}

fn authority(common_name: &str, first_year: i16, path_length: Option<u8>) -> Result<CertificateParams, KeyringError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = named(common_name, "Sandbox Certificates");
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.not_before = rcgen::date_time_ymd(i32::from(first_year), 1, 1);
    params.not_after = rcgen::date_time_ymd(i32::from(first_year.saturating_add(AUTHORITY_YEARS)), 1, 1);
    Ok(params)
}

fn intermediate(first_year: i16) -> Result<CertificateParams, KeyringError> {
    let mut params = authority("Sandbox SHA2 Extended Validation Server CA", first_year, Some(0))?;
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn leaf(now: Timestamp) -> Result<CertificateParams, KeyringError> {
    let mut params = CertificateParams::new(vec![LEAF_NAME.to_owned()])?;
    params.distinguished_name = named(LEAF_NAME, "PayPal, Inc.");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let (first, last) = (times::later(now, times::days(-1)), times::later(now, times::days(LEAF_DAYS)));
    let (year, month, day) = parts(first);
    params.not_before = rcgen::date_time_ymd(year, month, day);
    let (year, month, day) = parts(last);
    params.not_after = rcgen::date_time_ymd(year, month, day);
    Ok(params)
}

fn parts(at: Timestamp) -> (i32, u8, u8) {
    let day = civil(at);
    (i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
}

fn as_served(pem: &str) -> String {
    let lines: Vec<&str> = pem.lines().collect();
    lines.join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    #[test]
    fn worlds_of_one_process_have_the_same_certificates_each_at_an_address_of_its_own() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        let keyring = |seed| Keyring::make(&Ids::new(&Random::seeded(seed)), now).unwrap();
        let (one, same, other) = (keyring(1), keyring(1), keyring(2));
        assert_eq!((one.authorities(), one.current()), (same.authorities(), same.current()));
        assert_ne!(one.current(), other.current());
        assert_eq!(one.certificate(one.current()), other.certificate(other.current()));
    }

    #[test]
    fn a_leaf_is_renewed_within_its_year_and_the_old_one_stays_readable() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        let ids = Ids::new(&Random::machine());
        let mut keyring = Keyring::make(&ids, now).unwrap();
        let first = keyring.current().to_owned();
        keyring.renew(&ids, times::later(now, times::days(389))).unwrap();
        assert_eq!(keyring.current(), first);
        keyring.renew(&ids, times::later(now, times::days(390))).unwrap();
        assert_ne!(keyring.current(), first);
        let served = keyring.certificate(&first).unwrap();
        assert!(served.starts_with("-----BEGIN CERTIFICATE-----\r\n") && served.ends_with("-----END CERTIFICATE-----"));
    }

    #[test]
    fn a_signature_holds_for_its_text_only() {
        let ids = Ids::new(&Random::machine());
        let signer = Keyring::make(&ids, "2026-11-21T07:00:00Z".parse().unwrap()).unwrap().signer().unwrap();
        let signature = signer.sign("a|b|c|1");
        assert!(signer.verifies("a|b|c|1", &signature));
        assert!(!signer.verifies("a|b|c|2", &signature));
    }
}
