//! Who is calling: a JWT of the issuer, or an API key. It always lets the request through with what it
//! found, so that our own code answers 401 and 403 as problem documents.
//!
//! Invariants: a token counts only with our issuer's signature, its issuer, our client and an unexpired
//! time by our clock; the record of the caller says role and suspension. The gateway keeps an answer for
//! 60 seconds at most.

mod context;
mod tokens;

use app::App;
use app::identity::{Claims, by_key, resolve};
use aws_lambda_events::event::apigw::ApiGatewayV2CustomAuthorizerV2Request;
use boot::{Boot, BootError};
pub use context::{Answer, Context};
use tokens::{TokenError, Tokens};

/// Finds out who calls.
#[derive(Clone)]
pub struct Handler {
    app: App,
    tokens: Tokens,
}

/// The function's handler.
///
/// # Errors
/// [`BootError`].
pub fn handler(boot: &Boot) -> Result<Handler, BootError> {
    Ok(Handler { app: boot.app()?, tokens: Tokens::new(boot)? })
}

impl Handler {
    /// Finds out who calls.
    ///
    /// # Errors
    /// None: what cannot be found out is told as such.
    pub async fn call(&self, request: ApiGatewayV2CustomAuthorizerV2Request) -> Result<Answer, lambda_runtime::Error> {
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Answer { is_authorized: true, context: self.find(bearer(header)).await })
    }

    async fn find(&self, token: &str) -> Context {
        if token.is_empty() {
            return Context::outcome("token_missing");
        }
        if token.starts_with(app::keys::PREFIX) {
            return self.by_key(token).await;
        }
        match self.tokens.check(token, self.app.now()).await {
            Ok(claims) => self.by_token(token, &claims).await,
            Err(TokenError::Expired) => Context::outcome("token_expired"),
            Err(TokenError::Invalid(why)) => {
                tracing::info!(why, "a token was refused");
                Context::outcome("token_invalid")
            }
            Err(TokenError::Unavailable(why)) => {
                tracing::error!(why, "a token could not be checked");
                Context::outcome("unavailable")
            }
        }
    }

    async fn by_key(&self, key: &str) -> Context {
        match by_key(&self.app, key).await {
            Ok(Some((user, role, scopes, suspended))) => Context::known(&user, role, &scopes, suspended, None, "key"),
            Ok(None) => Context::outcome("token_invalid"),
            Err(error) => {
                tracing::error!(%error, "a key could not be checked");
                Context::outcome("unavailable")
            }
        }
    }

    async fn by_token(&self, token: &str, claims: &Claims) -> Context {
        let found = resolve(&self.app, claims, async || self.tokens.profile(token, &claims.subject).await).await;
        match found {
            Ok(identity) => {
                let email = identity.email.as_deref();
                Context::known(&identity.user_id, identity.role, &["*".to_owned()], identity.suspended, email, "jwt")
            }
            Err(error) => {
                tracing::error!(%error, "a caller could not be found");
                Context::outcome("unavailable")
            }
        }
    }
}

/// The token of an `Authorization` header; the scheme's case does not matter.
fn bearer(header: &str) -> &str {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}
