//! The sign-in provider: an OpenID Connect issuer with the routes, tokens and habits of an Amazon
//! Cognito user pool (authorization code with PKCE, one public client), and its hosted pages.
//!
//! | route | |
//! |---|---|
//! | `GET /.well-known/openid-configuration` · `GET /.well-known/jwks.json` | discovery, keys |
//! | `GET /oauth2/authorize` · `GET /authorize` | begins a sign-in |
//! | `GET·POST /login` · `/signup` · `/confirm` · `/forgotPassword` · `/resetPassword`, `POST /resend` | the pages: plain forms, no scripts |
//! | `POST /oauth2/token` | `authorization_code`, `refresh_token` (rotated) |
//! | `GET·POST /oauth2/userInfo` | who a token speaks for |
//! | `POST /oauth2/revoke` | ends a refresh token and all that came from it |
//! | `GET /logout` | ends the session; `logout_uri` as Cognito, `post_logout_redirect_uri` as OpenID Connect |
//! | `GET /sign-in.css` | the pages' only asset |
//!
//! Everything that ends does so by the shared clock. A code is good for one use; using it again
//! ends what came from it. Passwords are hashed with argon2. Absent: second factors, other
//! clients, secrets of clients, the implicit flow.

mod authorize;
mod claims;
mod discovery;
mod forms;
mod issuer;
mod keys;
mod logout;
mod pages;
mod password;
mod session;
mod state;
mod token;
mod user_info;
mod words;

use serde_json::json;

use crate::control::{ControlError, ControlResult};
use crate::serve::{Listening, bind};
use crate::{Frame, SandboxError};

use issuer::Issuer;

/// The one client: the console.
pub const CLIENT_ID: &str = "daypass-console";
/// The group that makes somebody staff.
pub const ADMIN_GROUP: &str = "admin";

/// The sign-in provider, running; closes its socket when the last clone is dropped.
#[derive(Clone)]
pub struct Oidc {
    issuer: Issuer,
    _listening: Listening,
}

impl Oidc {
    /// Starts the issuer on this port; takes up users and keys where an earlier run left them.
    ///
    /// # Errors
    /// When the port is taken or saved state cannot be taken up.
    pub async fn start(frame: &Frame, port: u16) -> Result<Self, SandboxError> {
        let bound = bind(port).await?;
        let issuer = Issuer::new(frame, bound.url())?;
        issuer.have_a_key()?;
        let listening = bound.serve(issuer.router(frame));
        Ok(Self { issuer, _listening: listening })
    }

    /// The issuer's URL, exactly as in its tokens.
    #[must_use]
    pub fn url(&self) -> String {
        self.issuer.url.clone()
    }

    /// The client that signs people in.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// Lets people be sent back to this address too. Loopback and the product's public URL always
    /// are allowed.
    pub fn allow_redirect(&self, uri: &str) {
        let uri = uri.to_owned();
        self.issuer.state.write(|state| state.redirects.insert(uri));
    }

    /// Makes a user whose e-mail counts as verified; answers the subject.
    ///
    /// # Errors
    /// `Impossible` when the e-mail is taken or no address, or the password is empty or too long.
    pub fn create_user(&self, email: &str, password: &str, admin: bool) -> Result<String, ControlError> {
        self.issuer.create_verified(email, password, admin)
    }

    /// The subject of the user with this e-mail.
    #[must_use]
    pub fn subject_of(&self, email: &str) -> Option<String> {
        self.issuer.user_by_email(email).map(|user| user.subject)
    }

    /// Signs somebody in without a browser; answers an access token.
    ///
    /// # Errors
    /// `Unknown` without such a user; `Impossible` when the password is wrong or the e-mail
    /// was never confirmed.
    pub fn token(&self, email: &str, password: &str) -> Result<String, ControlError> {
        self.issuer.token_without_browser(email, password)
    }

    /// Signs with a new key from now on; the old one is still published for a day.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self) -> ControlResult {
        let kid = self.issuer.rotate_keys();
        let kid = kid.map_err(|cause| ControlError::impossible(cause.to_string()))?;
        Ok(json!({"kid": kid}))
    }

    /// Back to no users and no sessions. Keys stay, so that caches of them stay true.
    pub fn reset(&self) {
        self.issuer.state.write(state::State::forget_people);
    }
}
