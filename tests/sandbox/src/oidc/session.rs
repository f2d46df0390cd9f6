//! The browser's session at the issuer: a cookie that lets the next sign-in pass without a page.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::issuer::Issuer;
use super::keys::random_text;
use super::state::{SESSION_LIFE, Session, User};
use crate::clock::later;

/// Cookies are shared by all ports of a host, so the name is this issuer's own.
const COOKIE: &str = "sign_in_session";

impl Issuer {
    /// Who is signed in with this browser, and since when.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<(User, Session)> {
        let id = cookie(headers)?;
        let now = self.now();
        self.state.read(|state| {
            let session = state.sessions.get(&id)?;
            let user = state.users.get(&session.subject)?;
            (session.ends_at > now).then(|| (user.clone(), session.clone()))
        })
    }

    /// Signs a browser in; the cookie goes on `response`.
    pub(super) fn begin_session(&self, subject: &str, response: &mut Response) {
        let (id, now) = (random_text(), self.now());
        let session = Session { subject: subject.to_owned(), began_at: now, ends_at: later(now, SESSION_LIFE) };
        self.state.write(|state| {
            state.purge(now);
            state.sessions.insert(id.clone(), session)
        });
        set_cookie(response, &id, SESSION_LIFE.as_secs());
    }

    /// Signs a browser out.
    pub(super) fn end_session(&self, headers: &HeaderMap, response: &mut Response) {
        if let Some(id) = cookie(headers) {
            self.state.write(|state| state.sessions.remove(&id));
        }
        set_cookie(response, "", 0);
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

fn set_cookie(response: &mut Response, value: &str, age_seconds: i64) {
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={age_seconds}; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
