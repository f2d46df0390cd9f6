//! `POST /oauth2/token` (`authorization_code`, `refresh_token`) and `POST /oauth2/revoke`.
//!
//! Errors are RFC 6749's. Whatever decides (was the code used, was the token exchanged) is decided
//! and written in one step, so that two requests at once cannot both win.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;

use super::CLIENT_ID;
use super::claims::{TOKEN_LIFE_SECONDS, has_scope};
use super::issuer::Issuer;
use super::keys::random_text;
use super::state::{Grant, REFRESH_GRACE, REFRESH_LIFE, Refresh, SignIn, State as Memory};
use crate::clock::later;

pub(super) fn routes() -> Router<Issuer> {
    Router::new().route("/oauth2/token", post(token)).route("/oauth2/revoke", post(revoke))
}

type Posted = Result<Form<Vec<(String, String)>>, FormRejection>;

async fn token(State(issuer): State<Issuer>, headers: HeaderMap, posted: Posted) -> Response {
    let answer = fields(posted).and_then(|fields| issuer.exchange(&headers, &fields));
    answer.unwrap_or_else(|refusal| refusal.answer(&headers))
}

async fn revoke(State(issuer): State<Issuer>, headers: HeaderMap, posted: Posted) -> Response {
    let answer = fields(posted).and_then(|fields| issuer.revoke(&headers, &fields));
    answer.unwrap_or_else(|refusal| refusal.answer(&headers))
}

/// An error of RFC 6749.
struct Refusal(&'static str, &'static str);

impl Refusal {
    fn grant(why: &'static str) -> Self {
        Self("invalid_grant", why)
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let by_header = self.0 == "invalid_client" && asked.contains_key(header::AUTHORIZATION);
        let status = match self.0 {
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ if by_header => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"error": self.0, "error_description": self.1});
        let mut response = uncached((status, Json(body)).into_response());
        if by_header {
            let challenge = HeaderValue::from_static("Basic realm=\"sign-in\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What tokens are to be made for.
struct Issue {
    sign_in: SignIn,
    nonce: Option<String>,
    refresh: String,
}

struct Fields(BTreeMap<String, String>);

impl Fields {
    fn need(&self, name: &'static str) -> Result<&str, Refusal> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty()).ok_or(Refusal("invalid_request", name))
    }
}

fn fields(posted: Posted) -> Result<Fields, Refusal> {
    let Form(pairs) = posted.map_err(|_| Refusal("invalid_request", "a form is needed"))?;
    let mut fields = BTreeMap::new();
    for (name, value) in pairs {
        if fields.insert(name, value).is_some() {
            return Err(Refusal("invalid_request", "a parameter is given twice"));
        }
    }
    Ok(Fields(fields))
}

impl Issuer {
    fn exchange(&self, headers: &HeaderMap, fields: &Fields) -> Result<Response, Refusal> {
        let grant_type = fields.need("grant_type")?;
        check_client(headers, fields)?;
        let issue = match grant_type {
            "authorization_code" => self.redeem(fields)?,
            "refresh_token" => self.renew(fields)?,
            _ => {
                return Err(Refusal("unsupported_grant_type", "code and refresh_token are known"));
            }
        };
        self.tokens(issue)
    }

    fn redeem(&self, fields: &Fields) -> Result<Issue, Refusal> {
        let (code, redirect_uri) = (fields.need("code")?, fields.need("redirect_uri")?);
        let verifier = fields.need("code_verifier")?;
        let now = self.now();
        self.state.write(|state| {
            let grant = take_grant(state, code, now)?;
            if grant.redirect_uri != redirect_uri {
                return Err(Refusal::grant("redirect_uri is not the one of the request"));
            }
            if challenge_of(verifier) != grant.challenge {
                return Err(Refusal::grant("code_verifier does not fit the challenge"));
            }
            let refresh = keep_refresh(state, &grant.sign_in, later(now, REFRESH_LIFE));
            Ok(Issue { sign_in: grant.sign_in, nonce: grant.nonce, refresh })
        })
    }

    fn renew(&self, fields: &Fields) -> Result<Issue, Refusal> {
        let (given, now) = (fields.need("refresh_token")?, self.now());
        self.state.write(|state| {
            let known = state.refreshes.get_mut(given).filter(|refresh| refresh.ends_at > now);
            let known = known.ok_or(Refusal::grant("the refresh token has ended"))?;
            let first = *known.exchanged_at.get_or_insert(now);
            let (sign_in, ends_at) = (known.sign_in.clone(), known.ends_at);
            if later(first, REFRESH_GRACE) < now {
                state.revoke(&sign_in.family, now);
                return Err(Refusal::grant("the refresh token was exchanged before"));
            }
            let refresh = keep_refresh(state, &sign_in, ends_at);
            Ok(Issue { sign_in, nonce: None, refresh })
        })
    }

    fn tokens(&self, issue: Issue) -> Result<Response, Refusal> {
        let failed = || Refusal("server_error", "the tokens could not be signed");
        let sign_in = &issue.sign_in;
        let user = self.state.read(|state| state.users.get(&sign_in.subject).cloned());
        let user = user.ok_or(Refusal::grant("the user is gone"))?;
        let access = self.access_token(&user, sign_in).ok_or_else(failed)?;
        let mut body = json!({
            "access_token": access,
            "refresh_token": issue.refresh,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE_SECONDS,
        });
        if has_scope(&sign_in.scope, "openid") {
            let id = self.id_token(&user, sign_in, issue.nonce.as_deref(), &access);
            body["id_token"] = json!(id.ok_or_else(failed)?);
        }
        Ok(uncached(Json(body).into_response()))
    }

    fn revoke(&self, headers: &HeaderMap, fields: &Fields) -> Result<Response, Refusal> {
        check_client(headers, fields)?;
        let (token, now) = (fields.need("token")?, self.now());
        if self.read_access_token(token).is_some() {
            return Err(Refusal("unsupported_token_type", "refresh tokens are revoked here"));
        }
        self.state.write(|state| {
            let known = state.refreshes.get(token).map(|refresh| refresh.sign_in.family.clone());
            if let Some(family) = known {
                state.revoke(&family, now);
            }
        });
        Ok(uncached(StatusCode::OK.into_response()))
    }
}

/// Takes a code, whose one use this is, whatever comes of it.
fn take_grant(state: &mut Memory, code: &str, now: Timestamp) -> Result<Grant, Refusal> {
    let grant = state.codes.get_mut(code).ok_or(Refusal::grant("the code is not known"))?;
    let taken = grant.clone();
    grant.used = true;
    if taken.used {
        state.revoke(&taken.sign_in.family, now);
        return Err(Refusal::grant("the code was used before"));
    }
    if taken.ends_at <= now {
        return Err(Refusal::grant("the code has ended"));
    }
    Ok(taken)
}

fn keep_refresh(state: &mut Memory, sign_in: &SignIn, ends_at: Timestamp) -> String {
    let token = random_text();
    let refresh = Refresh { sign_in: sign_in.clone(), ends_at, exchanged_at: None };
    state.refreshes.insert(token.clone(), refresh);
    token
}

/// A public client says its id in the form, or as the name of a Basic header without a password.
fn check_client(headers: &HeaderMap, fields: &Fields) -> Result<(), Refusal> {
    let said = match headers.get(header::AUTHORIZATION) {
        Some(value) => value.to_str().ok().and_then(basic_name),
        None => fields.0.get("client_id").cloned(),
    };
    match said.as_deref() {
        Some(CLIENT_ID) => Ok(()),
        _ => Err(Refusal("invalid_client", "the client is not known")),
    }
}

fn basic_name(value: &str) -> Option<String> {
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (name, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    secret.is_empty().then(|| name.to_owned())
}

fn challenge_of(verifier: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
