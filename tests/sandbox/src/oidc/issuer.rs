//! The issuer that all handlers share: its users, mailed codes and keys.

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::state::{MailedCode, Purpose, SignIn, State, User};
use super::{ADMIN_GROUP, authorize, discovery, forms, keys, logout, password, token, user_info};
use crate::clock::{Clock, later};
use crate::control::ControlError;
use crate::faults::{Provider, layer};
use crate::mail::{Mail, Outbox};
use crate::{Frame, PublicUrl, SandboxError, Saved, slash};

/// How long a mailed code is good for, in minutes.
const MAILED_CODE_MINUTES: i64 = 60;
/// The longest e-mail address, in bytes.
const EMAIL_LIMIT: usize = 254;
/// The longest name, in characters.
const NAME_LIMIT: usize = 100;
/// What a token made without a browser may do.
const ALL_SCOPES: &str = "openid email profile";

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Issuer {
    pub(super) url: String,
    pub(super) clock: Clock,
    pub(super) state: Saved<State>,
    pub(super) public_url: PublicUrl,
    mail: Outbox,
}

/// How a mailed code was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeCheck {
    Good,
    Wrong,
    TooMany,
}

impl Issuer {
    pub(super) fn new(frame: &Frame, url: String) -> Result<Self, SandboxError> {
        Ok(Self {
            url,
            clock: frame.clock.clone(),
            state: frame.saved("oidc")?,
            public_url: frame.public_url.clone(),
            mail: frame.mail.clone(),
        })
    }

    /// Programs' doors answer browsers of the console; faults stand inside, so that the console
    /// can read them too.
    pub(super) fn router(&self, frame: &Frame) -> Router {
        let faults = || layer(Provider::Oidc, frame.faults.clone(), frame.clock.clone());
        let programs = Router::new()
            .merge(discovery::routes())
            .merge(token::routes())
            .merge(user_info::routes())
            .layer(faults())
            .layer(discovery::cors(self.public_url.clone()));
        let people = Router::new().merge(authorize::routes()).merge(forms::routes()).merge(logout::routes()).layer(faults());
        slash::ignored(programs.merge(people).with_state(self.clone()))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn have_a_key(&self) -> Result<(), SandboxError> {
        if self.state.read(|state| state.keys.is_empty()) {
            self.rotate_keys()?;
        }
        Ok(())
    }

    pub(super) fn rotate_keys(&self) -> Result<String, SandboxError> {
        let fresh = keys::SigningKey::make()?;
        let kid = fresh.kid.clone();
        let now = self.now();
        self.state.write(|state| keys::rotate(&mut state.keys, fresh, now));
        Ok(kid)
    }

    pub(super) fn user_by_email(&self, email: &str) -> Option<User> {
        let email = email_of(email)?;
        self.state.read(|state| state.user_by_email(&email).cloned())
    }

    pub(super) fn create_verified(&self, email: &str, password: &str, admin: bool) -> Result<String, ControlError> {
        let email = email_of(email).ok_or(ControlError::impossible("this is no e-mail address"))?;
        let hash = Some(password)
            .filter(|password| password::is_storable(password))
            .and_then(password::hash)
            .ok_or(ControlError::impossible("this password cannot be kept"))?;
        let mut user = fresh_user(&email, "", hash);
        user.verified = true;
        user.groups = admin.then(|| ADMIN_GROUP.to_owned()).into_iter().collect();
        let taken = ControlError::impossible("a user with this e-mail exists");
        self.state.write(|state| match state.user_by_email(&email) {
            Some(_) => Err(taken),
            None => Ok(keep(state, user)),
        })
    }

    pub(super) fn token_without_browser(&self, email: &str, password: &str) -> Result<String, ControlError> {
        let user = self.user_by_email(email).ok_or(ControlError::Unknown)?;
        if !password::matches(password, &user.password_hash) {
            return Err(ControlError::impossible("the password is wrong"));
        }
        if !user.verified {
            return Err(ControlError::impossible("the e-mail is not confirmed"));
        }
        let sign_in = SignIn {
            subject: user.subject.clone(),
            scope: ALL_SCOPES.to_owned(),
            family: uuid::Uuid::new_v4().to_string(),
            at: self.now(),
        };
        self.access_token(&user, &sign_in).ok_or(ControlError::impossible("the token could not be signed"))
    }

    /// Makes a user who has yet to confirm. One who never confirmed is made anew.
    pub(super) fn sign_up(&self, email: &str, name: &str, password: &str) -> Result<(), &'static str> {
        let hash = password::hash(password).ok_or("This password cannot be kept.")?;
        let name: String = name.trim().chars().take(NAME_LIMIT).collect();
        let mut user = fresh_user(email, &name, hash);
        self.state.write(|state| match state.user_by_email(email) {
            Some(known) if known.verified => Err("An account with this e-mail exists. Sign in instead."),
            known => {
                user.subject = known.map_or(user.subject, |known| known.subject.clone());
                keep(state, user);
                Ok(())
            }
        })
    }

    /// Mails a fresh code to a user; does nothing for strangers, so that nobody learns who is one.
    /// False when too many were asked for.
    pub(super) fn mail_code(&self, email: &str, purpose: Purpose) -> bool {
        let now = self.now();
        let code = format!("{:06}", rand::rng().random_range(0..1_000_000));
        let ends_at = later(now, SignedDuration::from_mins(MAILED_CODE_MINUTES));
        let mailed = MailedCode { code: code.clone(), ends_at };
        let (may, known) = self.state.write(|state| {
            let may = state.may_try(&format!("mail:{email}"), now);
            let user = state.user_by_email_mut(email).filter(|_| may);
            (may, user.map(|user| user.mailed.insert(purpose, mailed)).is_some())
        });
        if known {
            self.mail.push(letter(email, purpose, &code, now));
        }
        may
    }

    /// Takes a mailed code, once.
    pub(super) fn take_code(&self, email: &str, purpose: Purpose, code: &str) -> CodeCheck {
        let (now, what) = (self.now(), format!("code:{email}"));
        self.state.write(|state| {
            if !state.may_try(&what, now) {
                return CodeCheck::TooMany;
            }
            let user = state.user_by_email_mut(email);
            let good = user.is_some_and(|user| spend(user, purpose, code.trim(), now));
            if !good {
                return CodeCheck::Wrong;
            }
            state.forgive(&what);
            CodeCheck::Good
        })
    }
}

/// The address in the form it is kept in; `None` when it is none.
pub(super) fn email_of(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (mailbox, host) = email.split_once('@')?;
    let plain = !email.contains(|c: char| c.is_whitespace() || c.is_control());
    let whole = !mailbox.is_empty() && !host.is_empty() && !host.contains('@');
    (plain && whole && email.len() <= EMAIL_LIMIT).then_some(email)
}

fn fresh_user(email: &str, name: &str, password_hash: String) -> User {
    User {
        subject: uuid::Uuid::new_v4().to_string(),
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash,
        verified: false,
        groups: Vec::new(),
        mailed: std::collections::BTreeMap::new(),
    }
}

fn keep(state: &mut State, user: User) -> String {
    let subject = user.subject.clone();
    state.users.insert(subject.clone(), user);
    subject
}

fn spend(user: &mut User, purpose: Purpose, code: &str, now: Timestamp) -> bool {
    let mailed = user.mailed.get(&purpose);
    let good = mailed.is_some_and(|mailed| mailed.code == code && mailed.ends_at > now);
    if good {
        // Either code came to the mailbox, so either proves the address.
        user.verified = true;
        user.mailed.remove(&purpose);
    }
    good
}

fn letter(email: &str, purpose: Purpose, code: &str, at: Timestamp) -> Mail {
    let (subject, sentence) = match purpose {
        Purpose::Confirm => ("Confirm your e-mail", "Your confirmation code is"),
        Purpose::Reset => ("Reset your password", "Your code to choose a new password is"),
    };
    let text = format!(
        "{sentence} {code}.\n\nIt is good for {MAILED_CODE_MINUTES} minutes. \
         If you did not ask for it, you can ignore this mail.\n"
    );
    Mail { to: email.to_owned(), subject: subject.to_owned(), text, at }
}
