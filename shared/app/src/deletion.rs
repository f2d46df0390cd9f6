//! A channel goes: what is unsettled is waited for, what is to be returned is stored, WHAPI is asked to
//! delete it, and the days come back. The record stays as a tombstone.

use clients::outcome::CallError;
use domain::account::AccountChange;
use domain::channel::{Channel, Provision, Status};
use domain::ledger::{Cause, Entry, EntryKind};
use domain::{Days, SignedDuration, Timestamp};
use store::{Commit, Tenant};

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::provision::{back_off, later};
use crate::support::{history, notification, with_return};
use crate::work::Done;
use crate::{partner, provision};

/// The text that people see (CH-10), word for word.
pub(crate) const DELETED_TEXT: &str = "Channel deleted successfully. Unused days have been credited back to your balance.";
/// How long an unsettled extension is waited for before looking again.
const SETTLING_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Goes on with a deletion.
pub(crate) async fn go_on(app: &App, channel: Channel) -> Result<Done, AppError> {
    let tenant = app.store.custody(&channel.user_id);
    if channel.turn.is_some() || !tenant.open_extensions(&channel.id).await?.is_empty() {
        let until = app.now().saturating_add(SETTLING_PAUSE).unwrap_or(Timestamp::MAX);
        return later(app, channel, until).await;
    }
    match channel.provision.clone() {
        Provision::Waiting { .. } => leave_queue(app, &tenant, channel).await,
        Provision::Refused { .. } => finish(app, &tenant, channel, Days::ZERO).await,
        Provision::Calling { .. } => provision::create(app, channel).await,
        Provision::Created | Provision::Confirmed => at_whapi(app, &tenant, channel).await,
    }
}

async fn leave_queue(app: &App, tenant: &Tenant, channel: Channel) -> Result<Done, AppError> {
    let mut creations = app.store.creations().await?;
    creations.leave(&channel.id);
    app.store.save_creations(&creations).await?;
    finish(app, tenant, channel, Days::ZERO).await
}

async fn at_whapi(app: &App, tenant: &Tenant, channel: Channel) -> Result<Done, AppError> {
    let Some(channel_ref) = channel.channel_ref.clone() else { return finish(app, tenant, channel, Days::ZERO).await };
    let Ok(token) = partner::token(app).await else { return back_off(app, channel).await };
    let Some(days) = channel.deletion.and_then(|deletion| deletion.return_days) else {
        return store_worth(app, channel, &channel_ref, &token).await;
    };
    match partner::seen(app, app.whapi.delete_channel(&token, &channel_ref).await).await? {
        Ok(()) => finish(app, tenant, channel, days).await,
        Err(CallError::Refused(refused)) if refused.status == 404 && partner::is_gone(app, &token, &channel_ref).await? => {
            finish(app, tenant, channel, days).await
        }
        Err(_) => back_off(app, channel).await,
    }
}

/// Works out what the customer gets back and stores it before anything is deleted.
async fn store_worth(app: &App, mut channel: Channel, channel_ref: &str, token: &domain::Secret) -> Result<Done, AppError> {
    let active_till = match partner::seen(app, app.whapi.get_channel(token, channel_ref).await).await? {
        Ok(info) => Some(info.active_till),
        Err(_) if partner::is_gone(app, token, channel_ref).await? => channel.active_till,
        Err(_) => return back_off(app, channel).await,
    };
    let days = channel.worth_back(active_till, app.now());
    if let Some(deletion) = channel.deletion.as_mut() {
        deletion.return_days = Some(days);
    }
    channel.touch(app.now());
    provision::save(app, channel).await
}

/// The tombstone, the days, the place under the limit: one commit.
async fn finish(app: &App, tenant: &Tenant, mut channel: Channel, days: Days) -> Result<Done, AppError> {
    let now = app.now();
    let refunds = tenant.account().await?.refunds;
    let counted = !matches!(channel.provision, Provision::Refused { .. });
    let (user, id) = (channel.user_id.clone(), channel.id.clone());
    channel.status = Status::Deleted;
    channel.token = None;
    channel.touch(now);
    let commit = Commit::new().channel(channel).notification(notification(app, &user, "channel.deleted", DELETED_TEXT)).history(history(
        app,
        &user,
        &id,
        "channel.deleted",
        format!("Deleted; {} came back.", crate::support::days_text(days)),
        "customer",
    ));
    let mut change = AccountChange::new(user.clone(), now);
    change.channels = if counted { -1 } else { 0 };
    let commit = if days.is_zero() {
        commit.account(change)
    } else {
        change.due_at = Some(Some(now));
        let returned = Entry {
            id: app.new_entry_id(),
            user_id: user,
            at: now,
            kind: EntryKind::Return,
            days,
            cause: Cause::delete(&id),
            channel_id: Some(id),
            subscription_id: None,
            lot_id: None,
            lapses_at: None,
            note: None,
            by: None,
        };
        with_return(app, tenant, commit, returned, refunds, change).await?
    };
    app.store.commit(commit).await?;
    count(app, Figure::ChannelsDeleted, 1);
    count(app, Figure::DaysReturned, days.count());
    Ok(Done::Progress)
}
