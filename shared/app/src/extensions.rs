//! Asking for days on a channel: they are reserved at once and put on the channel by a job.

use domain::account::{Account, Actor, Balance};
use domain::channel::{Channel, Status};
use domain::extension::{Extension, Origin, ReservationIds, reserve};
use domain::id::{ChannelId, ExtensionId, UserId};
use domain::{Days, Refusal};
use store::{Commit, Page, PageRequest, StoreError, Tenant};

use crate::error::AppError;
use crate::idempotency::{self, Once};
use crate::parts::App;

/// Reserves days of the caller for a channel; the channel gets them shortly after. The same request again is the same
/// extension.
///
/// # Errors
/// [`AppError::NotFound`], or the [`Refusal`] that applies: no days, a channel that is being set up or deleted.
pub async fn request(
    app: &App,
    actor: &Actor,
    channel: &ChannelId,
    days: Days,
    once: Option<&Once>,
) -> Result<(Extension, Balance), AppError> {
    if days.is_zero() || days.count() > Days::MOST_AT_ONCE {
        return Err(AppError::field("days", format!("Give a number of days from 1 to {}.", Days::MOST_AT_ONCE)));
    }
    let tenant = app.store.tenant(actor);
    let id = idempotency::id(app, once, ExtensionId::new);
    if once.is_some_and(Once::is_again)
        && let Some(reserved) = reserved_before(&tenant, channel, &id).await?
    {
        return Ok(reserved);
    }
    reserve_days(app, &tenant, channel, id, days).await
}

/// What an earlier run of the same request reserved.
async fn reserved_before(tenant: &Tenant, channel: &ChannelId, id: &ExtensionId) -> Result<Option<(Extension, Balance)>, AppError> {
    let Some(extension) = tenant.extension(channel, id).await? else { return Ok(None) };
    Ok(Some((extension, tenant.account().await?.balance)))
}

/// The extensions of a channel, newest first.
///
/// # Errors
/// [`AppError::NotFound`] when it is not the caller's.
pub async fn list(app: &App, actor: &Actor, channel: &ChannelId, page: PageRequest) -> Result<Page<Extension>, AppError> {
    let tenant = app.store.tenant(actor);
    let found = tenant.channel(channel).await?.filter(|found| found.status != Status::Deleted).ok_or(AppError::NotFound)?;
    let mut page = tenant.extensions(channel, page).await?;
    for extension in &mut page.items {
        crate::settle::show_turn(extension, &found);
    }
    Ok(page)
}

/// Reserves days without an actor, for a renewal or days that arrived. The channel is given as it was read:
/// if anything happened to it since, nothing is reserved, so that two jobs never feed one channel twice.
pub(crate) async fn reserve_for(app: &App, user: &UserId, channel: &Channel, days: Days, origin: Origin) -> Result<Extension, AppError> {
    let tenant = app.store.custody(user);
    let account = tenant.account().await?;
    let (commit, extension) = reservation(app, &account, channel, app.new_extension_id(), days, origin)?;
    app.store.commit(commit.channel(channel.clone())).await?;
    Ok(extension)
}

fn reservation(
    app: &App,
    account: &Account,
    channel: &Channel,
    id: ExtensionId,
    days: Days,
    origin: Origin,
) -> Result<(Commit, Extension), AppError> {
    let ids = ReservationIds { extension: id, entry: app.new_entry_id() };
    let reservation = reserve(account, channel, days, origin, ids, app.now())?;
    let commit = Commit::new().account(reservation.change).entry(reservation.entry).extension(reservation.extension.clone());
    Ok((commit, reservation.extension))
}

async fn reserve_days(
    app: &App,
    tenant: &Tenant,
    channel: &ChannelId,
    id: ExtensionId,
    days: Days,
) -> Result<(Extension, Balance), AppError> {
    let (account, found) = tenant.account_and_channel(channel).await?;
    let found = found.filter(|found| found.status != Status::Deleted).ok_or(AppError::NotFound)?;
    let (commit, extension) = reservation(app, &account, &found, id, days, Origin::Customer)?;
    let mut balance = account.balance;
    balance.consumed = balance.consumed.saturating_add(days);
    balance.updated_at = Some(app.now());
    match app.store.commit(commit).await {
        Err(StoreError::Conflict(store::Conflict::NotEnoughDays)) => {
            let remaining = tenant.account().await?.balance.remaining();
            Err(Refusal::NoDays { remaining, wanted: days }.into())
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok((extension, balance)),
    }
}
