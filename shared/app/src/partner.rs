//! The partner token at WHAPI: where it comes from, and what happens when WHAPI does not take it.

use clients::outcome::CallError;
use domain::Secret;
use jiff::SignedDuration;

use crate::error::AppError;
use crate::parts::App;

/// The text that admins see (CH-14), word for word.
pub(crate) const TOKEN_TEXT: &str = "WHAPI Partner Token missing or invalid — please update integration settings.";

/// The partner token.
///
/// # Errors
/// [`AppError::IntegrationNotConfigured`] when none is set; admins see the banner then.
pub(crate) async fn token(app: &App) -> Result<Secret, AppError> {
    let platform = app.platform().await?;
    match platform.whapi_partner_token.filter(|token| !token.is_empty()) {
        Some(token) => Ok(token),
        None => {
            flag(app, true).await?;
            Err(missing())
        }
    }
}

fn missing() -> AppError {
    AppError::IntegrationNotConfigured { text: TOKEN_TEXT }
}

/// Passes a manager call's result on; a refused token is remembered, so that admins see it.
pub(crate) async fn seen<T>(app: &App, result: Result<T, CallError>) -> Result<Result<T, CallError>, AppError> {
    if let Err(CallError::Refused(refused)) = &result
        && matches!(refused.status, 401 | 403)
    {
        flag(app, true).await?;
    }
    Ok(result)
}

/// Remembers whether the token works; writes only when that changes.
pub(crate) async fn flag(app: &App, invalid: bool) -> Result<(), AppError> {
    let mut state = app.store.partner_state().await?;
    if state.token_invalid != invalid {
        state.token_invalid = invalid;
        if invalid {
            // What was read with it may be long past when it works again.
            (state.live_days, state.read_at) = (None, None);
        }
        match app.store.save_partner_state(&state).await {
            Err(error) if !matches!(error, store::StoreError::Conflict(_)) => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Notices a token that is missing, and tries one again that was refused before: one row of the list.
pub(crate) async fn probe(app: &App) -> Result<(), AppError> {
    let Ok(token) = token(app).await else { return Ok(()) };
    if !app.store.partner_state().await?.token_invalid {
        return Ok(());
    }
    if app.whapi.list_channels(&token, 0, 1).await.is_ok() {
        flag(app, false).await?;
    }
    Ok(())
}

/// How old a partner balance may be before it is read again.
pub(crate) const BALANCE_AGE: SignedDuration = SignedDuration::from_mins(10);

/// Whether a channel is really gone at WHAPI: its 404 counts only if the same token can read the list.
pub(crate) async fn is_gone(app: &App, token: &Secret, channel_ref: &str) -> Result<bool, AppError> {
    match seen(app, app.whapi.get_channel(token, channel_ref).await).await? {
        Err(CallError::Refused(refused)) if refused.status == 404 => {}
        _ => return Ok(false),
    }
    Ok(app.whapi.list_channels(token, 0, 1).await.is_ok())
}
