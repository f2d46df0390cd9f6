//! Tokens of the OpenID Connect issuer: discovery and keys are fetched once and kept; a key id that is not
//! known makes them fetched again, at most every few seconds, so that rotation needs no restart.
//!
//! Invariants: RS256 and ES256 alone; the time is our clock's; the audience is our client, or for tokens
//! without one (Cognito's access tokens) their `client_id`; only access tokens are taken.

use std::sync::Arc;

use app::identity::{Claims, Profile};
use boot::{Boot, BootError, env};
use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use net::Http;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

/// How much the clocks of two machines may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How long fetched keys are used without asking again.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// How often keys are fetched at most, because a token names one that is not known.
const REFETCH_PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// The longest token that is looked at, in bytes.
const LONGEST_BYTES: usize = 8_192;
/// The longest document of the issuer that is read, in bytes.
const LONGEST_DOCUMENT_BYTES: usize = 256 * 1024;
/// The claim by which Cognito names groups, and the one that others use.
const GROUPS: [&str; 2] = ["cognito:groups", "groups"];

/// Why a token does not count.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// It was right, and has run out.
    Expired,
    /// It is not right; for the log.
    Invalid(String),
    /// The issuer could not be asked; for the log.
    Unavailable(String),
}

#[derive(Clone)]
pub(crate) struct Tokens(Arc<Inner>);

struct Inner {
    http: Http,
    issuer: String,
    client_id: String,
    keys: Mutex<Option<Keys>>,
}

#[derive(Clone)]
struct Keys {
    set: Arc<JwkSet>,
    user_info: Option<String>,
    fetched_at: Timestamp,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
    name: Option<String>,
}

impl Tokens {
    pub(crate) fn new(boot: &Boot) -> Result<Self, BootError> {
        Ok(Self(Arc::new(Inner {
            http: boot.http().clone(),
            issuer: boot.env.need(env::DAYPASS_OIDC_ISSUER)?.trim_end_matches('/').to_owned(),
            client_id: boot.env.need(env::DAYPASS_OIDC_CLIENT_ID)?.to_owned(),
            keys: Mutex::new(None),
        })))
    }

    /// Checks a token at `now`.
    pub(crate) async fn check(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let invalid = |why: &str| TokenError::Invalid(why.to_owned());
        if token.len() > LONGEST_BYTES {
            return Err(invalid("too long"));
        }
        let header = decode_header(token).map_err(|error| TokenError::Invalid(error.to_string()))?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(invalid("another algorithm"));
        }
        let kid = header.kid.ok_or_else(|| invalid("no key id"))?;
        let keys = self.keys_with(&kid, now).await?;
        let jwk = keys.set.find(&kid).ok_or_else(|| invalid("an unknown key"))?;
        let key = DecodingKey::from_jwk(jwk).map_err(|error| TokenError::Invalid(error.to_string()))?;
        let mut validation = Validation::new(header.alg);
        // The time and the audience are checked below, by our own clock and by both ways of naming a client.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[&self.0.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        let claims = decode::<serde_json::Value>(token, &key, &validation).map_err(|error| TokenError::Invalid(error.to_string()))?.claims;
        self.read(&claims, now)
    }

    fn read(&self, claims: &serde_json::Value, now: Timestamp) -> Result<Claims, TokenError> {
        let invalid = |why: &str| TokenError::Invalid(why.to_owned());
        let text = |name: &str| claims.get(name).and_then(serde_json::Value::as_str);
        let (exp, skew) = (time(claims, "exp")?.ok_or_else(|| invalid("no expiry"))?, SKEW.as_secs());
        if time(claims, "nbf")?.or(time(claims, "iat")?).is_some_and(|from| from.saturating_sub(skew) > now.as_second()) {
            return Err(invalid("from the future"));
        }
        if text("token_use").is_some_and(|kind| kind != "access") {
            return Err(invalid("no access token"));
        }
        let audience = match claims.get("aud") {
            Some(serde_json::Value::String(one)) => *one == self.0.client_id,
            Some(serde_json::Value::Array(some)) => some.iter().any(|one| one.as_str() == Some(&self.0.client_id)),
            _ => text("client_id") == Some(&self.0.client_id),
        };
        if !audience {
            return Err(invalid("for another client"));
        }
        if exp.saturating_add(skew) <= now.as_second() {
            return Err(TokenError::Expired);
        }
        let subject = text("sub").filter(|subject| !subject.is_empty()).ok_or_else(|| invalid("no subject"))?;
        let groups =
            GROUPS.iter().filter_map(|name| claims.get(*name)?.as_array()).flatten().filter_map(|group| group.as_str().map(str::to_owned));
        Ok(Claims { issuer: self.0.issuer.clone(), subject: subject.to_owned(), groups: groups.collect() })
    }

    async fn keys_with(&self, kid: &str, now: Timestamp) -> Result<Keys, TokenError> {
        let mut kept = self.0.keys.lock().await;
        if let Some(keys) = kept.as_ref() {
            let age = now.duration_since(keys.fetched_at);
            let fresh = age < KEYS_KEPT && age >= SignedDuration::ZERO;
            if fresh && (keys.set.find(kid).is_some() || age < REFETCH_PAUSE) {
                return Ok(keys.clone());
            }
        }
        let fetched = self.fetch(now).await?;
        *kept = Some(fetched.clone());
        Ok(fetched)
    }

    async fn fetch(&self, now: Timestamp) -> Result<Keys, TokenError> {
        let address = format!("{}/.well-known/openid-configuration", self.0.issuer);
        let discovery: Discovery = self.get(&address, None).await?;
        if discovery.issuer.trim_end_matches('/') != self.0.issuer {
            return Err(TokenError::Unavailable("the issuer names itself otherwise".to_owned()));
        }
        let set: JwkSet = self.get(&discovery.jwks_uri, None).await?;
        Ok(Keys { set: Arc::new(set), user_info: discovery.userinfo_endpoint, fetched_at: now })
    }

    /// What the issuer says of the token's person, which may be nothing; `None` when it does not answer.
    pub(crate) async fn profile(&self, token: &str, subject: &str) -> Option<Profile> {
        let address = self.0.keys.lock().await.as_ref().and_then(|keys| keys.user_info.clone());
        let Some(address) = address else { return Some(Profile::default()) };
        match self.get::<UserInfo>(&address, Some(token)).await {
            Ok(info) if info.sub == subject => {
                let verified = info.email_verified == serde_json::Value::Bool(true) || info.email_verified.as_str() == Some("true");
                Some(Profile { email: info.email, email_verified: verified, name: info.name })
            }
            Ok(_) => Some(Profile::default()),
            Err(unread) if unread.is_final => Some(Profile::default()),
            Err(unread) => {
                tracing::warn!(why = unread.why, "the issuer says nothing of a person");
                None
            }
        }
    }

    /// Reads one of the issuer's documents.
    async fn get<T: DeserializeOwned>(&self, address: &str, token: Option<&str>) -> Result<T, Unread> {
        let mut request = Request::get(address);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, net::bearer(token).map_err(Unread::for_now)?);
        }
        let request = request.body(Bytes::new()).map_err(Unread::for_now)?;
        let answer = self.0.http.call(request, None, LONGEST_DOCUMENT_BYTES).await.map_err(Unread::for_now)?;
        let status = answer.status();
        if !status.is_success() {
            let is_final = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
            return Err(Unread { is_final, why: format!("status {}", status.as_u16()) });
        }
        serde_json::from_slice(answer.body()).map_err(Unread::for_now)
    }
}

/// Why a document of the issuer was not read.
struct Unread {
    /// Whether the issuer does not want to show it.
    is_final: bool,
    /// What was seen, for the log.
    why: String,
}

impl Unread {
    fn for_now(why: impl ToString) -> Self {
        Self { is_final: false, why: why.to_string() }
    }
}

impl From<Unread> for TokenError {
    fn from(unread: Unread) -> Self {
        Self::Unavailable(unread.why)
    }
}

/// A time in a claim: seconds since 1970, whole or not.
fn time(claims: &serde_json::Value, name: &str) -> Result<Option<i64>, TokenError> {
    let seconds = match claims.get(name) {
        None | Some(serde_json::Value::Null) => return Ok(None),
        Some(said) => said.as_i64().or_else(|| said.as_f64().map(|seconds| seconds as i64)),
    };
    seconds.map(Some).ok_or_else(|| TokenError::Invalid(format!("{name} is no time")))
}
