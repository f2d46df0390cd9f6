//! What the tokens say, as Cognito's do: access tokens have no `aud` but a `client_id`; both kinds
//! say their `token_use`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::CLIENT_ID;
use super::issuer::Issuer;
use super::keys;
use super::state::{SignIn, User};

/// How long access and id tokens live, in seconds.
pub(super) const TOKEN_LIFE_SECONDS: i64 = 3_600;

impl Issuer {
    /// A signed access token.
    pub(super) fn access_token(&self, user: &User, sign_in: &SignIn) -> Option<String> {
        let mut claims = self.common(user, sign_in, "access");
        claims.insert("client_id".into(), json!(CLIENT_ID));
        claims.insert("username".into(), json!(user.subject));
        claims.insert("scope".into(), json!(sign_in.scope));
        claims.insert("version".into(), json!(2));
        self.sign(claims)
    }

    /// A signed id token; `access_token` is what its `at_hash` is made of.
    pub(super) fn id_token(&self, user: &User, sign_in: &SignIn, nonce: Option<&str>, access_token: &str) -> Option<String> {
        let mut claims = self.common(user, sign_in, "id");
        claims.insert("aud".into(), json!(CLIENT_ID));
        claims.insert("at_hash".into(), json!(half_hash(access_token)));
        claims.insert("cognito:username".into(), json!(user.subject));
        if has_scope(&sign_in.scope, "email") {
            claims.insert("email".into(), json!(user.email));
            claims.insert("email_verified".into(), json!(user.verified));
        }
        if has_scope(&sign_in.scope, "profile") && !user.name.is_empty() {
            claims.insert("name".into(), json!(user.name));
        }
        if let Some(nonce) = nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        self.sign(claims)
    }

    /// The claims of an access token of ours that has not ended.
    pub(super) fn read_access_token(&self, token: &str) -> Option<Value> {
        let now = self.now();
        self.state.read(|state| {
            let claims = keys::read(&state.keys, token, now)?;
            let family = claims.get("origin_jti")?.as_str()?;
            let alive = claims.get("exp")?.as_i64()? > now.as_second();
            let access = claims.get("token_use")?.as_str()? == "access";
            let ended = state.revoked.contains_key(family);
            (alive && access && !ended).then_some(claims)
        })
    }

    fn common(&self, user: &User, sign_in: &SignIn, token_use: &str) -> Map<String, Value> {
        let now = self.now();
        let mut claims = Map::new();
        let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        say("sub", json!(user.subject));
        if !user.groups.is_empty() {
            say("cognito:groups", json!(user.groups));
        }
        say("iss", json!(self.url));
        say("origin_jti", json!(sign_in.family));
        say("event_id", json!(uuid::Uuid::new_v4().to_string()));
        say("token_use", json!(token_use));
        say("auth_time", json!(sign_in.at.as_second()));
        say("iat", json!(now.as_second()));
        say("exp", json!(ends_at(now)));
        say("jti", json!(uuid::Uuid::new_v4().to_string()));
        claims
    }

    fn sign(&self, claims: Map<String, Value>) -> Option<String> {
        let key = self.state.read(|state| state.keys.first().cloned())?;
        key.sign(&Value::Object(claims))
    }
}

/// Whether a list of scopes holds this one.
pub(super) fn has_scope(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|one| one == wanted)
}

fn ends_at(now: Timestamp) -> i64 {
    now.as_second().saturating_add(TOKEN_LIFE_SECONDS)
}

fn half_hash(token: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    let half = digest.as_ref().iter().copied().take(16);
    URL_SAFE_NO_PAD.encode(half.collect::<Vec<u8>>())
}
