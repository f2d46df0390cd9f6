//! Who is calling: an identity by issuer and subject, or by an API key. An account is made at the first
//! sign-in; e-mail and name count only when the issuer says that they are verified.

use domain::SignedDuration;
use domain::account::{Account, Balance, Role};
use domain::id::UserId;
use store::{ApiKey, Commit, Identity};

use crate::error::{AppError, Provider};
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::support::is_repeat;

/// How often the use of a key is noted at most.
const NOTE_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// How long an answer waits for such a note at most.
const NOTE_PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);
/// The group that makes somebody an admin.
pub const ADMIN_GROUP: &str = "admin";

/// What a checked token says.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Who issued it.
    pub issuer: String,
    /// Whom it is about.
    pub subject: String,
    /// The groups that they are in.
    pub groups: Vec<String>,
}

/// What the issuer says of a person.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The e-mail.
    pub email: Option<String>,
    /// Whether the issuer has verified it.
    pub email_verified: bool,
    /// The name.
    pub name: Option<String>,
}

/// The identity behind a checked token; made, with its account, at the first sign-in. `profile` is nothing when the issuer
/// does not answer: then no account is made yet, for it would never get its e-mail.
///
/// # Errors
/// What the store says; [`AppError::ProviderUnavailable`] when somebody new cannot be asked about.
pub async fn resolve(app: &App, claims: &Claims, profile: impl AsyncFnOnce() -> Option<Profile>) -> Result<Identity, AppError> {
    if let Some(found) = app.store.identity(&claims.issuer, &claims.subject).await? {
        return with_role(app, claims, found).await;
    }
    let profile = profile().await.ok_or(AppError::ProviderUnavailable { provider: Provider::SignIn })?;
    match sign_up(app, claims, &profile).await {
        Err(AppError::Busy) => app.store.identity(&claims.issuer, &claims.subject).await?.ok_or(AppError::Busy),
        other => other,
    }
}

/// The role follows the issuer's groups at the next call.
async fn with_role(app: &App, claims: &Claims, mut identity: Identity) -> Result<Identity, AppError> {
    let role = role(app, claims, identity.email.as_deref());
    if role != identity.role {
        identity.role = role;
        match app.store.commit(Commit::new().identity(identity.clone())).await {
            Err(store::StoreError::Conflict(_)) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(identity)
}

fn role(app: &App, claims: &Claims, verified_email: Option<&str>) -> Role {
    let first = app.settings.first_admin.as_deref().filter(|first| !first.is_empty());
    let is_first = first.is_some_and(|first| first == claims.subject || Some(first) == verified_email);
    if is_first || claims.groups.iter().any(|group| group == ADMIN_GROUP) { Role::Admin } else { Role::Customer }
}

async fn sign_up(app: &App, claims: &Claims, profile: &Profile) -> Result<Identity, AppError> {
    let now = app.now();
    let email = profile.email.clone().filter(|_| profile.email_verified);
    let role = role(app, claims, email.as_deref());
    let user_id = app.new_user_id();
    let account = Account {
        user_id: user_id.clone(),
        email: email.clone(),
        name: profile.name.clone().unwrap_or_default(),
        role,
        time_zone: "UTC".to_owned(),
        locale: "en".to_owned(),
        balance: Balance::default(),
        channels_used: 0,
        plan: None,
        open_checkout: None,
        refunds: 0,
        suspended: false,
        closing: false,
        due_at: None,
        created_at: now,
        updated_at: now,
        version: 0,
    };
    let identity = Identity {
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        user_id,
        role,
        suspended: false,
        email,
        created_at: now,
        version: 0,
    };
    match app.store.commit(Commit::new().new_account(account).identity(identity.clone())).await {
        Err(error) if is_repeat(&error) => Err(AppError::Busy),
        other => {
            other?;
            count(app, Figure::SignUps, 1);
            Ok(identity)
        }
    }
}

/// The identity behind an API key and what the key may do; `None` for a key that is none or was revoked.
///
/// # Errors
/// Only what the store says.
pub async fn by_key(app: &App, key: &str) -> Result<Option<(UserId, Role, Vec<String>, bool)>, AppError> {
    let Some(found) = app.store.key(&crate::keys::hash(key)).await?.filter(|found| found.revoked_at.is_none()) else {
        return Ok(None);
    };
    let custody = app.store.custody(&found.user_id);
    let (account, ()) = tokio::join!(custody.account(), note_use(app, &found));
    Ok(Some((found.user_id, Role::Customer, found.scopes, account?.suspended)))
}

/// Notes when a key was used, beside the reading that its answer waits for anyway. That a note is missing harms nobody,
/// so it holds nothing up and fails nothing.
async fn note_use(app: &App, key: &ApiKey) {
    let now = app.now();
    let noted = now.saturating_sub(NOTE_PAUSE).unwrap_or(now);
    match tokio::time::timeout(NOTE_PATIENCE, app.store.note_key_use(key, noted, now)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the use of a key was not noted"),
        Err(_) => tracing::info!("noting the use of a key took too long"),
    }
}
