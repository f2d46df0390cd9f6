//! What the issuer remembers, in one saved value. All times are the shared clock's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::keys::SigningKey;
use crate::clock::later;

/// How long an authorization code can be redeemed.
pub(super) const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long a used code is remembered, so that its second use is noticed.
const CODE_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// How long a refresh token and what it is exchanged for last, from the sign-in on.
pub(super) const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a refresh token works on after it was exchanged: for answers that got lost.
pub(super) const REFRESH_GRACE: SignedDuration = SignedDuration::from_secs(30);
/// How long an ended family is remembered: longer than its access tokens live.
const REVOKED_REMEMBERED: SignedDuration = SignedDuration::from_hours(2);
/// How long a browser stays signed in here.
pub(super) const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// The window in which tries are counted.
pub(super) const TRIES_WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// How many tries a window has.
pub(super) const TRIES_LIMIT: usize = 10;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// By subject.
    pub(super) users: BTreeMap<String, User>,
    /// Newest first.
    pub(super) keys: Vec<SigningKey>,
    pub(super) codes: BTreeMap<String, Grant>,
    pub(super) refreshes: BTreeMap<String, Refresh>,
    /// Families that were ended, and when to forget that.
    pub(super) revoked: BTreeMap<String, Timestamp>,
    pub(super) sessions: BTreeMap<String, Session>,
    /// What was tried when, by a name such as `password:huda@example.test`.
    pub(super) tries: BTreeMap<String, Vec<Timestamp>>,
    /// Addresses to go back to beside loopback.
    pub(super) redirects: BTreeSet<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) subject: String,
    /// In lower case.
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password_hash: String,
    /// Whether the e-mail was confirmed.
    pub(super) verified: bool,
    pub(super) groups: Vec<String>,
    pub(super) mailed: BTreeMap<Purpose, MailedCode>,
}

/// What a mailed code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    Confirm,
    Reset,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct MailedCode {
    pub(super) code: String,
    pub(super) ends_at: Timestamp,
}

/// What an authorization code stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) sign_in: SignIn,
    pub(super) redirect_uri: String,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    pub(super) ends_at: Timestamp,
    pub(super) used: bool,
}

/// One sign-in; all tokens that come from it are one family.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SignIn {
    pub(super) subject: String,
    pub(super) scope: String,
    pub(super) family: String,
    pub(super) at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Refresh {
    pub(super) sign_in: SignIn,
    pub(super) ends_at: Timestamp,
    pub(super) exchanged_at: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) subject: String,
    pub(super) began_at: Timestamp,
    pub(super) ends_at: Timestamp,
}

impl State {
    /// Everything but keys and configuration.
    pub(super) fn forget_people(&mut self) {
        *self = Self { keys: std::mem::take(&mut self.keys), redirects: std::mem::take(&mut self.redirects), ..Self::default() };
    }

    pub(super) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| user.email == email)
    }

    pub(super) fn user_by_email_mut(&mut self, email: &str) -> Option<&mut User> {
        self.users.values_mut().find(|user| user.email == email)
    }

    /// Counts a try; false when the window has had its tries.
    pub(super) fn may_try(&mut self, what: &str, now: Timestamp) -> bool {
        let since = later(now, -TRIES_WINDOW);
        let tries = self.tries.entry(what.to_owned()).or_default();
        tries.retain(|at| *at > since);
        let may = tries.len() < TRIES_LIMIT;
        if may {
            tries.push(now);
        }
        may
    }

    /// Forgets the tries, after one went well.
    pub(super) fn forgive(&mut self, what: &str) {
        self.tries.remove(what);
    }

    /// Ends a family of tokens.
    pub(super) fn revoke(&mut self, family: &str, now: Timestamp) {
        self.refreshes.retain(|_, refresh| refresh.sign_in.family != family);
        let forget_at = later(now, REVOKED_REMEMBERED);
        self.revoked.insert(family.to_owned(), forget_at);
    }

    /// Ends all sessions and tokens of a user.
    pub(super) fn sign_out_everywhere(&mut self, subject: &str, now: Timestamp) {
        self.sessions.retain(|_, session| session.subject != subject);
        let of_user = |sign_in: &SignIn| (sign_in.subject == subject).then(|| sign_in.family.clone());
        let families: Vec<String> = (self.refreshes.values()).filter_map(|refresh| of_user(&refresh.sign_in)).collect();
        for family in families {
            self.revoke(&family, now);
        }
    }

    /// Forgets what has ended.
    pub(super) fn purge(&mut self, now: Timestamp) {
        let codes_since = later(now, -CODE_REMEMBERED);
        let tries_since = later(now, -TRIES_WINDOW);
        self.codes.retain(|_, grant| grant.ends_at > codes_since);
        self.refreshes.retain(|_, refresh| refresh.ends_at > now);
        self.revoked.retain(|_, forget_at| *forget_at > now);
        self.sessions.retain(|_, session| session.ends_at > now);
        self.tries.retain(|_, tries| tries.last().is_some_and(|at| *at > tries_since));
    }
}
