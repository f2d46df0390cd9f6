//! Days arrived: they go to channels by themselves, pending ones first.

use std::collections::HashSet;

use domain::account::{AccountChange, Guard};
use domain::channel::{beyond_limit, share_out};
use domain::extension::Origin;
use domain::id::UserId;
use domain::{Days, Refusal, Timestamp};
use store::Commit;

use crate::error::AppError;
use crate::extensions::reserve_for;
use crate::parts::App;
use crate::work::Done;

/// Shares out what there is, then marks the account as looked at.
pub(crate) async fn work(app: &App, user: &UserId) -> Result<Done, AppError> {
    let tenant = app.store.custody(user);
    let account = tenant.account().await?;
    let Some(due_at) = account.due_at.filter(|due| *due <= app.now()) else { return Ok(Done::Nothing) };
    let has_days = account.check_open().is_ok() && !account.balance.remaining().is_zero();
    let next = if has_days { share(app, user).await? } else { None };
    clear(app, user, due_at, next).await
}

/// Reserves for every channel that waits for days; answers when the next one has rested. Channels with an extension under
/// way are left alone. A lost race is the caller's: it decides again, for the account's mark says that there is something
/// to do.
async fn share(app: &App, user: &UserId) -> Result<Option<Timestamp>, AppError> {
    let tenant = app.store.custody(user);
    let account = tenant.account().await?;
    let channels = tenant.all_channels().await?;
    let next = channels.iter().filter(|channel| channel.check_extendable().is_ok()).filter_map(|channel| channel.rests_until);
    let next = next.filter(|until| *until > app.now()).min();
    let over = beyond_limit(&account, &channels, app.now());
    let wanting: HashSet<_> = share_out(&channels, Days::new(u32::MAX), app.now()).into_iter().map(|(id, _)| id).collect();
    let mut waiting = Vec::new();
    for channel in channels.into_iter().filter(|channel| wanting.contains(&channel.id) && !over.contains(&channel.id)) {
        if tenant.open_extensions(&channel.id).await?.is_empty() {
            waiting.push(channel);
        }
    }
    for (id, days) in share_out(&waiting, account.balance.remaining(), app.now()) {
        let Some(channel) = waiting.iter().find(|channel| channel.id == id) else { continue };
        match reserve_for(app, user, channel, days, Origin::Automatic).await {
            Ok(extension) => tracing::info!(channel = %id, extension = %extension.id, %days, "days go to a channel"),
            Err(AppError::Refused(Refusal::NoDays { .. })) => break,
            Err(AppError::Refused(_) | AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(next)
}

/// Takes the mark off, or sets it to when a channel has rested; unless more days came in between: then it is done again.
async fn clear(app: &App, user: &UserId, seen: Timestamp, next: Option<Timestamp>) -> Result<Done, AppError> {
    let account = app.store.custody(user).account().await?;
    if account.due_at != Some(seen) {
        return Ok(Done::Later);
    }
    let mut change = AccountChange::new(user.clone(), app.now());
    change.due_at = Some(next);
    app.store.commit(Commit::new().account(change.guarded(Guard::Version(account.version)))).await?;
    Ok(Done::Progress)
}
