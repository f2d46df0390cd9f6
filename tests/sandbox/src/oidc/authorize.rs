//! `GET /oauth2/authorize`, `GET /authorize`: takes a request to sign somebody in, shows the page
//! or, with a session, sends the browser straight back with a code.
//!
//! A request whose client or address is not known is never sent anywhere; every other mistake goes
//! back to the address as OAuth says. All pages carry the request in their query, so that each form
//! can be checked by itself.

use axum::Router;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::issuer::Issuer;
use super::keys::random_text;
use super::state::{CODE_LIFE, Grant, SignIn};
use super::words::Language;
use super::{CLIENT_ID, pages};
use crate::clock::later;

/// What the client may ask for.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];
/// The length of a SHA-256 in base64url.
const CHALLENGE_LENGTH: usize = 43;

pub(super) fn routes() -> Router<Issuer> {
    Router::new().route("/oauth2/authorize", get(authorize)).route("/authorize", get(authorize))
}

async fn authorize(State(issuer): State<Issuer>, headers: HeaderMap, request: AuthorizeRequest) -> Response {
    let session = issuer.session(&headers).filter(|_| !request.asks_again());
    match session {
        Some((user, session)) => issuer.send_back(&request, &user.subject, session.began_at),
        None if request.prompt == "none" => request.refuse("login_required", "nobody is signed in").into_response(),
        None if request.prompt == "create" => pages::sign_up(&request, &request.login_hint, "", None, StatusCode::OK),
        None => pages::sign_in(&request, &request.login_hint, None, StatusCode::OK),
    }
}

/// The parameters as they come.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: String,
    code_challenge_method: String,
    prompt: String,
    login_hint: String,
    ui_locales: String,
}

/// A request to sign somebody in that holds.
pub(super) struct AuthorizeRequest {
    pub(super) redirect_uri: Url,
    /// As it was written; the token request must repeat it so.
    redirect_text: String,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: String,
    prompt: String,
    pub(super) login_hint: String,
    pub(super) language: Language,
}

/// A request that does not hold.
pub(super) enum Refused {
    /// Nowhere to go: said on a page.
    Here(&'static str),
    /// Said to whoever asked.
    Back(Url),
}

impl FromRequestParts<Issuer> for AuthorizeRequest {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, issuer: &Issuer) -> Result<Self, Refused> {
        let asked = Query::<Asked>::try_from_uri(&parts.uri);
        let Query(asked) = asked.map_err(|_| Refused::Here("The request cannot be read."))?;
        issuer.check(asked)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Here(why) => pages::dead_end(why),
            Self::Back(url) => go_to(&url, StatusCode::FOUND),
        }
    }
}

impl Issuer {
    fn check(&self, asked: Asked) -> Result<AuthorizeRequest, Refused> {
        if asked.client_id != CLIENT_ID {
            return Err(Refused::Here("The application that sent you here is not known."));
        }
        let redirect_uri = self.returnable(&asked.redirect_uri).ok_or(Refused::Here("The address to go back to is not registered."))?;
        let request = AuthorizeRequest {
            redirect_uri,
            redirect_text: asked.redirect_uri,
            scope: if asked.scope.is_empty() { SCOPES.join(" ") } else { asked.scope },
            state: asked.state,
            nonce: asked.nonce,
            challenge: asked.code_challenge,
            prompt: asked.prompt,
            login_hint: asked.login_hint,
            language: Language::of(&asked.ui_locales),
        };
        request.check(&asked.response_type, &asked.code_challenge_method)
    }

    /// The URL, when people may be sent there.
    pub(super) fn returnable(&self, uri: &str) -> Option<Url> {
        let url = Url::parse(uri).ok()?;
        let listed = self.state.read(|state| state.redirects.contains(uri));
        let ours = Url::parse(&self.public_url.get()).is_ok_and(|ours| ours.origin() == url.origin());
        let web = matches!(url.scheme(), "http" | "https");
        let clean = url.fragment().is_none() && url.username().is_empty();
        (web && clean && (listed || ours || is_loopback(&url))).then_some(url)
    }

    /// Sends the browser back with a code for `subject`, who signed in at `at`.
    pub(super) fn send_back(&self, request: &AuthorizeRequest, subject: &str, at: Timestamp) -> Response {
        let (code, now) = (random_text(), self.now());
        let grant = Grant {
            sign_in: SignIn { subject: subject.to_owned(), scope: request.scope.clone(), family: uuid::Uuid::new_v4().to_string(), at },
            redirect_uri: request.redirect_text.clone(),
            nonce: request.nonce.clone(),
            challenge: request.challenge.clone(),
            ends_at: later(now, CODE_LIFE),
            used: false,
        };
        self.state.write(|state| {
            state.purge(now);
            state.codes.insert(code.clone(), grant)
        });
        go_to(&request.back_with(&[("code", &code)]), StatusCode::SEE_OTHER)
    }
}

impl AuthorizeRequest {
    fn check(self, response_type: &str, method: &str) -> Result<Self, Refused> {
        if response_type != "code" {
            return Err(self.refuse("unsupported_response_type", "only code is supported"));
        }
        let mut scopes = self.scope.split(' ');
        if !scopes.all(|scope| SCOPES.contains(&scope)) {
            return Err(self.refuse("invalid_scope", "openid, email and profile are known"));
        }
        if method != "S256" || self.challenge.len() != CHALLENGE_LENGTH {
            return Err(self.refuse("invalid_request", "a code_challenge by S256 is needed"));
        }
        Ok(self)
    }

    fn asks_again(&self) -> bool {
        matches!(self.prompt.as_str(), "login" | "select_account" | "create")
    }

    fn refuse(&self, error: &str, description: &str) -> Refused {
        Refused::Back(self.back_with(&[("error", error), ("error_description", description)]))
    }

    fn back_with(&self, answer: &[(&str, &str)]) -> Url {
        let mut url = self.redirect_uri.clone();
        let state = self.state.as_deref().map(|state| ("state", state));
        url.query_pairs_mut().extend_pairs(answer.iter().copied().chain(state));
        url
    }

    /// The query that carries this request to the next page, with the e-mail typed so far.
    pub(super) fn query(&self, login_hint: &str) -> String {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &self.redirect_text)
            .append_pair("scope", &self.scope)
            .append_pair("code_challenge", &self.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("ui_locales", self.language.tag());
        let optional = [("state", &self.state), ("nonce", &self.nonce)];
        for (name, value) in optional {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if !login_hint.is_empty() {
            query.append_pair("login_hint", login_hint);
        }
        query.finish()
    }
}

/// Plain HTTP on this machine, at any port.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Sends the browser somewhere; the answer is kept nowhere.
pub(super) fn go_to(url: &Url, status: StatusCode) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
