//! The stored forms of the secrets: JSON in, typed and wiped texts out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::PipeError;

/// A secret at the border of JSON; this module alone may read and write it.
struct Hidden(Secret);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

#[derive(Deserialize, Serialize, Default)]
#[serde(default)]
struct StoredPlatform {
    #[serde(skip_serializing_if = "Option::is_none")]
    whapi_partner_token: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whapi_project_id: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whapi_partner_webhook_secret: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paypal_client_id: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paypal_client_secret: Option<Hidden>,
}

/// The platform's secrets; `None` is not set up.
#[derive(Clone, Default)]
pub struct PlatformSecrets {
    /// The partner token at WHAPI.
    pub whapi_partner_token: Option<Secret>,
    /// The project at WHAPI that new channels belong to.
    pub whapi_project_id: Option<Secret>,
    /// What WHAPI's low-balance webhook must carry.
    pub whapi_partner_webhook_secret: Option<Secret>,
    /// The client id at PayPal.
    pub paypal_client_id: Option<Secret>,
    /// Its secret.
    pub paypal_client_secret: Option<Secret>,
}

impl PlatformSecrets {
    /// The credentials at PayPal, when both halves are set.
    pub fn paypal(&self) -> Option<crate::paypal::Credentials> {
        let (client_id, client_secret) = self.paypal_client_id.clone().zip(self.paypal_client_secret.clone())?;
        Some(crate::paypal::Credentials { client_id, client_secret })
    }

    pub(super) fn read(json: &str) -> Result<Self, PipeError> {
        let stored: StoredPlatform = serde_json::from_str(json).map_err(|_| PipeError::Corrupt("the platform secret"))?;
        let set = |hidden: Option<Hidden>| hidden.map(|hidden| hidden.0).filter(|secret| !secret.is_empty());
        Ok(Self {
            whapi_partner_token: set(stored.whapi_partner_token),
            whapi_project_id: set(stored.whapi_project_id),
            whapi_partner_webhook_secret: set(stored.whapi_partner_webhook_secret),
            paypal_client_id: set(stored.paypal_client_id),
            paypal_client_secret: set(stored.paypal_client_secret),
        })
    }

    pub(super) fn write(&self) -> Result<Zeroizing<String>, PipeError> {
        let hide = |secret: &Option<Secret>| secret.clone().map(Hidden);
        let stored = StoredPlatform {
            whapi_partner_token: hide(&self.whapi_partner_token),
            whapi_project_id: hide(&self.whapi_project_id),
            whapi_partner_webhook_secret: hide(&self.whapi_partner_webhook_secret),
            paypal_client_id: hide(&self.paypal_client_id),
            paypal_client_secret: hide(&self.paypal_client_secret),
        };
        serde_json::to_string(&stored).map(Zeroizing::new).map_err(|_| PipeError::Corrupt("the platform secret"))
    }
}

#[derive(Deserialize)]
struct StoredKeyring {
    #[serde(default)]
    seal: Vec<StoredKey>,
    #[serde(default)]
    webhook: Vec<StoredKey>,
}

#[derive(Deserialize)]
struct StoredKey {
    id: String,
    key: Hidden,
}

/// A key of 32 bytes and its name.
#[derive(Clone)]
pub struct Key {
    /// Its name, which stands beside what it sealed.
    pub id: String,
    /// The key.
    pub bytes: Zeroizing<[u8; 32]>,
}

/// The keys by purpose; the first of each is the one in use, the others only open what is older.
#[derive(Clone)]
pub struct Keyring {
    /// For sealing secrets of records.
    pub seal: Vec<Key>,
    /// For the secrets of webhook addresses.
    pub webhook: Vec<Key>,
}

impl Keyring {
    pub(super) fn read(json: &str) -> Result<Self, PipeError> {
        let stored: StoredKeyring = serde_json::from_str(json).map_err(|_| PipeError::Corrupt("the keyring"))?;
        let keys = |stored: Vec<StoredKey>| stored.into_iter().map(key).collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty());
        let (seal, webhook) = keys(stored.seal).zip(keys(stored.webhook)).ok_or(PipeError::Corrupt("the keyring"))?;
        Ok(Self { seal, webhook })
    }
}

fn key(stored: StoredKey) -> Option<Key> {
    let decoded = Zeroizing::new(STANDARD.decode(stored.key.0.expose()).ok()?);
    let bytes: [u8; 32] = decoded.as_slice().try_into().ok()?;
    (!stored.id.is_empty()).then(|| Key { id: stored.id, bytes: Zeroizing::new(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_none_and_the_rest_comes_back() {
        let read = PlatformSecrets::read(r#"{"whapi_partner_token":"token","paypal_client_id":"","other":1}"#).ok().unwrap();
        assert_eq!(read.whapi_partner_token.as_ref().map(Secret::expose), Some("token"));
        assert!(read.paypal_client_id.is_none() && read.paypal().is_none());
        assert_eq!(read.write().ok().unwrap().as_str(), r#"{"whapi_partner_token":"token"}"#);
        assert!(PlatformSecrets::read("[").is_err());
        assert!(PlatformSecrets::read(r#"{"whapi_partner_token":7}"#).is_err());
    }

    #[test]
    fn a_keyring_needs_a_whole_key_for_each_purpose() {
        let key = STANDARD.encode([7_u8; 32]);
        let ring = |seal: &str| Keyring::read(&format!(r#"{{"seal":[{seal}],"webhook":[{{"id":"w1","key":"{key}"}}]}}"#));
        let good = ring(&format!(r#"{{"id":"k2","key":"{key}"}},{{"id":"k1","key":"{key}"}}"#)).ok().unwrap();
        assert_eq!(good.seal.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["k2", "k1"]);
        assert_eq!(*good.webhook[0].bytes, [7_u8; 32]);
        assert!(ring("").is_err());
        assert!(ring(r#"{"id":"k1","key":"c2hvcnQ="}"#).is_err());
    }
}
