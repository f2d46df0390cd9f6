//! The stored forms of the secrets: JSON in, typed and wiped texts out.

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
    whapi_project_id: Option<String>,
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
    pub whapi_project_id: Option<String>,
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
            whapi_project_id: stored.whapi_project_id.filter(|id| !id.is_empty()),
            whapi_partner_webhook_secret: set(stored.whapi_partner_webhook_secret),
            paypal_client_id: set(stored.paypal_client_id),
            paypal_client_secret: set(stored.paypal_client_secret),
        })
    }

    pub(super) fn write(&self) -> Result<Zeroizing<String>, PipeError> {
        let hide = |secret: &Option<Secret>| secret.clone().map(Hidden);
        let stored = StoredPlatform {
            whapi_partner_token: hide(&self.whapi_partner_token),
            whapi_project_id: self.whapi_project_id.clone(),
            whapi_partner_webhook_secret: hide(&self.whapi_partner_webhook_secret),
            paypal_client_id: hide(&self.paypal_client_id),
            paypal_client_secret: hide(&self.paypal_client_secret),
        };
        serde_json::to_string(&stored).map(Zeroizing::new).map_err(|_| PipeError::Corrupt("the platform secret"))
    }
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
}
