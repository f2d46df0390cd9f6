//! Channels as their owner handles them: add, look, rename, refresh, delete.

use clients::outcome::CallError;
use domain::account::{AccountChange, Actor, Guard};
use domain::channel::{Channel, Health, Status, name};
use domain::id::ChannelId;
use domain::notice::HistoryEvent;
use domain::{PhoneNumber, Refusal};
use store::{Commit, Conflict, Page, PageRequest, Pointer, PointerKind, StoreError};

use crate::error::{AppError, Provider};
use crate::idempotency::{self, Once};
use crate::parts::App;
use crate::support::{history, until_settled};
use crate::{linking, partner, provision};

/// What somebody asks for when adding a channel.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Their name for it.
    pub name: String,
    /// The number that it will get, where they say so.
    pub phone: Option<PhoneNumber>,
}

/// What somebody changes on a channel.
#[derive(Debug, Clone, Default)]
pub struct ChannelUpdate {
    /// A new name.
    pub name: Option<String>,
    /// Whether it renews by itself.
    pub auto_renew: Option<bool>,
}

/// Adds a channel. It is recorded and counted in one commit and made at WHAPI by a job. The same request again is the
/// same channel.
///
/// # Errors
/// [`Refusal::NoPlan`], [`Refusal::NoDays`], [`Refusal::ChannelLimitReached`], a wrong name.
pub async fn create(app: &App, actor: &Actor, wanted: NewChannel, once: Option<&Once>) -> Result<Channel, AppError> {
    let name = name(&wanted.name).map_err(|error| AppError::field("name", error.to_string()))?;
    let id = idempotency::id(app, once, ChannelId::new);
    if once.is_some_and(Once::is_again)
        && let Some(made) = app.store.tenant(actor).channel(&id).await?
    {
        return Ok(made);
    }
    let account = app.store.tenant(actor).account().await?;
    account.check_new_channel(app.now())?;
    let channel = Channel::new(id, actor.account_id.clone(), name, wanted.phone, app.now());
    let mut change = AccountChange::new(actor.account_id.clone(), app.now());
    change.channels = 1;
    let change = change.guarded(Guard::ChannelRoom).guarded(Guard::Open);
    let pointer = Pointer { user_id: channel.user_id.clone(), target: channel.id.to_string() };
    let commit = Commit::new().account(change).channel(channel.clone()).pointer(PointerKind::Channel, channel.id.as_str(), pointer);
    match app.store.commit(commit).await {
        Err(StoreError::Conflict(Conflict::ChannelLimit)) => Err(Refusal::ChannelLimitReached.into()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Channel { version: 1, ..channel }),
    }
}

/// The caller's channels, newest first.
///
/// # Errors
/// A cursor of another list.
pub async fn list(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<Channel>, AppError> {
    Ok(app.store.tenant(actor).channels(page).await?)
}

/// One of the caller's channels.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(app: &App, actor: &Actor, id: &ChannelId) -> Result<Channel, AppError> {
    app.store.tenant(actor).channel(id).await?.filter(|found| found.status != Status::Deleted).ok_or(AppError::NotFound)
}

/// Renames a channel or switches its renewal.
///
/// # Errors
/// [`AppError::NotFound`], a wrong name, a channel that is being deleted.
pub async fn update(app: &App, actor: &Actor, id: &ChannelId, update: ChannelUpdate) -> Result<Channel, AppError> {
    let new_name = update.name.as_deref().map(name).transpose().map_err(|error| AppError::field("name", error.to_string()))?;
    let (update, new_name) = (&update, &new_name);
    until_settled(|| async move {
        let mut channel = get(app, actor, id).await?;
        if channel.status == Status::Deleting {
            return Err(Refusal::StateForbids("This channel is being deleted.").into());
        }
        if let Some(name) = new_name {
            channel.name.clone_from(name);
        }
        if let Some(auto_renew) = update.auto_renew {
            channel.auto_renew = auto_renew;
            channel.renewal_skipped_for = None;
        }
        channel.updated_at = app.now();
        app.store.commit(Commit::new().channel(channel.clone())).await?;
        rename_at_whapi(app, &channel, update.name.is_some()).await;
        channel.version += 1;
        Ok(channel)
    })
    .await
}

/// Tells WHAPI the new name; if that fails, the old one still ends with our id, which is all we need.
async fn rename_at_whapi(app: &App, channel: &Channel, renamed: bool) {
    let Some(channel_ref) = channel.channel_ref.as_deref().filter(|_| renamed) else { return };
    let Ok(token) = partner::token(app).await else { return };
    let project = app.platform().await.ok().and_then(|platform| platform.whapi_project_id);
    if let Err(error) = app.whapi.rename_channel(&token, channel_ref, &channel.provider_name(), project.as_deref()).await {
        tracing::info!(channel = %channel.id, %error, "WHAPI keeps the old name of a channel");
    }
}

/// Asks for a channel's deletion; it goes on by itself.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn delete(app: &App, actor: &Actor, id: &ChannelId, once: Option<&Once>) -> Result<Channel, AppError> {
    if once.is_some_and(Once::is_again)
        && let Some(gone) = app.store.tenant(actor).channel(id).await?.filter(|found| found.status == Status::Deleted)
    {
        return Ok(gone);
    }
    until_settled(|| async move {
        let mut channel = get(app, actor, id).await?;
        if channel.status == Status::Deleting {
            return Ok(channel);
        }
        channel.begin_deletion(app.now())?;
        let event = history(app, &channel.user_id, &channel.id, "channel.deleting", "Deletion was asked for.", "customer");
        app.store.commit(Commit::new().channel(channel.clone()).history(event)).await?;
        channel.version += 1;
        Ok(channel)
    })
    .await
}

/// Reads the channel at WHAPI now.
///
/// # Errors
/// [`AppError::NotFound`], a channel that is being set up, a provider that does not answer.
pub async fn refresh(app: &App, actor: &Actor, id: &ChannelId) -> Result<Channel, AppError> {
    let channel = get(app, actor, id).await?;
    if !channel.is_provisioned() {
        return Err(Refusal::ChannelProvisioning.into());
    }
    let token = provision::open_token(app, &channel).await?;
    match app.gate.health(&token, false).await {
        Ok(reading) => {
            until_settled(|| linking::take_reading(app, actor.account_id.clone(), id.clone(), reading.clone(), "customer")).await
        }
        Err(CallError::Refused(refused)) if refused.status == 404 => Err(Refusal::ChannelProvisioning.into()),
        Err(error) => Err(AppError::reading(Provider::Whapi, &error)),
    }
}

/// A channel's history, newest first.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn history_of(app: &App, actor: &Actor, id: &ChannelId, page: PageRequest) -> Result<Page<HistoryEvent>, AppError> {
    get(app, actor, id).await?;
    Ok(app.store.tenant(actor).history(id, page).await?)
}

/// What a reading of the gate is worth keeping as.
pub(crate) fn health(text: &str, app: &App) -> Health {
    Health { text: text.to_owned(), read_at: app.now() }
}
