//! Every variable that any function reads, in one table. Deployed, template.yaml sets them; locally the
//! stack does, from the same template.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::BootError;

macro_rules! variables {
    ($($(#[doc = $doc:literal])* $name:ident;)*) => {
        $($(#[doc = $doc])* pub const $name: &str = stringify!($name);)*

        /// Name and meaning of every variable.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), concat!($($doc),*))),*];
    };
}

variables! {
    /// The DynamoDB table.
    DAYPASS_TABLE;
    /// The bucket for long bodies and proofs of payment.
    DAYPASS_BUCKET;
    /// The address of the queue of jobs.
    DAYPASS_JOBS_QUEUE_URL;
    /// The id of the secret with the platform's tokens.
    DAYPASS_PLATFORM_SECRET;
    /// The id of the secret with the keys that seal tokens.
    DAYPASS_KEYRING_SECRET;
    /// Where browsers and providers reach us.
    DAYPASS_PUBLIC_URL;
    /// WHAPI's partner API.
    DAYPASS_WHAPI_MANAGER_URL;
    /// WHAPI's channel API.
    DAYPASS_WHAPI_GATE_URL;
    /// PayPal's API.
    DAYPASS_PAYPAL_URL;
    /// PayPal's id of our webhook.
    DAYPASS_PAYPAL_WEBHOOK_ID;
    /// How webhooks are checked: `certificate` or `postback`.
    DAYPASS_PAYPAL_VERIFY;
    /// PEM roots for PayPal's certificates; empty is the public ones.
    DAYPASS_PAYPAL_WEBHOOK_ROOTS;
    /// Hosts that certificates may come from; empty is PayPal's.
    DAYPASS_PAYPAL_CERT_HOSTS;
    /// The OpenID Connect issuer.
    DAYPASS_OIDC_ISSUER;
    /// The console's client id there.
    DAYPASS_OIDC_CLIENT_ID;
    /// Who is the first admin: a subject or a verified e-mail.
    DAYPASS_FIRST_ADMIN;
    /// The longest time that a late request may still arrive at WHAPI, in seconds.
    DAYPASS_LATE_REQUEST_SECONDS;
    /// By how many days the balance at WHAPI should exceed what customers are owed.
    DAYPASS_SOLVENCY_MARGIN_DAYS;
    /// What is logged: `info`, `debug`, or a tracing filter.
    DAYPASS_LOG;
    /// The region. Lambda sets it.
    AWS_REGION;
    /// The key id. Lambda sets it.
    AWS_ACCESS_KEY_ID;
    /// The key. Lambda sets it.
    AWS_SECRET_ACCESS_KEY;
    /// The session's token. Lambda sets it.
    AWS_SESSION_TOKEN;
    /// Another address of AWS; set locally alone.
    AWS_ENDPOINT_URL;
    /// The function's name. Lambda sets it.
    AWS_LAMBDA_FUNCTION_NAME;
}

/// A function's variables.
#[derive(Clone, Default)]
pub struct Env(Arc<BTreeMap<String, String>>);

impl Env {
    /// The process's own.
    pub fn from_process() -> Self {
        Self::from_map(ALL.iter().filter_map(|(name, _)| Some(((*name).to_owned(), std::env::var(name).ok()?))))
    }

    /// These.
    pub fn from_map(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(variables.into_iter().collect()))
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// [`BootError::Missing`].
    pub fn need(&self, name: &'static str) -> Result<&str, BootError> {
        self.get(name).ok_or(BootError::Missing(name))
    }
}
