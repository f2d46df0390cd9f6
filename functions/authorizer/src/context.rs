//! What the authorizer tells the functions. All values are texts: the gateway turns others into texts anyway.

use domain::account::Role;
use domain::id::UserId;
use serde::Serialize;

/// The authorizer's answer, in the form of simple responses.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Always true: our own code refuses, with a problem document.
    pub is_authorized: bool,
    /// What was found.
    pub context: Context,
}

/// What was found of the caller.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Context {
    /// `known`, `token_missing`, `token_invalid`, `token_expired` or `unavailable`.
    pub outcome: String,
    /// Who calls.
    pub user_id: String,
    /// On whose account.
    pub account_id: String,
    /// `customer` or `admin`.
    pub role: String,
    /// What may be done, with spaces between; `*` for a person.
    pub scopes: String,
    /// `true` or `false`.
    pub suspended: String,
    /// The verified e-mail, or nothing.
    pub email: String,
    /// `jwt` or `key`.
    pub principal: String,
}

impl Context {
    /// Somebody who is not known, and why.
    pub(crate) fn outcome(outcome: &str) -> Self {
        Self { outcome: outcome.to_owned(), suspended: "true".to_owned(), ..Self::default() }
    }

    /// Somebody who is known.
    pub(crate) fn known(user: &UserId, role: Role, scopes: &[String], suspended: bool, email: Option<&str>, principal: &str) -> Self {
        Self {
            outcome: "known".to_owned(),
            user_id: user.to_string(),
            account_id: user.to_string(),
            role: role.word().to_owned(),
            scopes: scopes.join(" "),
            suspended: suspended.to_string(),
            email: email.unwrap_or_default().to_owned(),
            principal: principal.to_owned(),
        }
    }
}
