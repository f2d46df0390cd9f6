//! A channel comes to be at WHAPI and is kept as it should be: created (or found again), confirmed, its
//! webhooks and mode set, renewed before its end and marked when it has ended.

use clients::outcome::CallError;
use clients::whapi::{ChannelInfo, WebhookTarget};
use domain::account::AccountChange;
use domain::channel::{Channel, MOST_CREATIONS, Provision, STEP, id_in_name};
use domain::creations::Slot;
use domain::due::next_attempt_at;
use domain::extension::{Origin, latest_arrival};
use domain::{Refusal, Secret, SignedDuration, Timestamp};
use store::{Commit, Pointer, PointerKind, StoreError};

use crate::error::AppError;
use crate::extensions::reserve_for;
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::settle::CALL_WITHIN;
use crate::support::{history, notification};
use crate::work::Done;
use crate::{inbox, partner};

/// Rows of WHAPI's list that are asked for at once.
const LIST_PAGE: u32 = 500;
/// Pages of the list that one sweep reads at most.
const MOST_PAGES: u32 = 200;
/// Whole sweeps without the channel before it counts as never created.
const SWEEPS_UNTIL_ABSENT: u8 = 2;
/// How long between two sweeps of the list for a creation whose answer was lost.
const LOOK_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// How often a new channel is asked whether it is ready: WHAPI takes up to 90 seconds.
const PROVISIONING_PAUSE: SignedDuration = SignedDuration::from_secs(5);

pub(crate) async fn save(app: &App, channel: Channel) -> Result<Done, AppError> {
    app.store.commit(Commit::new().channel(channel)).await?;
    Ok(Done::Progress)
}

pub(crate) async fn later(app: &App, mut channel: Channel, until: Timestamp) -> Result<Done, AppError> {
    channel.postpone(until, app.now());
    app.store.commit(Commit::new().channel(channel)).await?;
    Ok(Done::Later)
}

pub(crate) async fn back_off(app: &App, channel: Channel) -> Result<Done, AppError> {
    let until = next_attempt_at(app.now(), channel.attempts + 1);
    later(app, channel, until).await
}

/// Creates the channel at WHAPI, or finds the one whose answer was lost.
pub(crate) async fn create(app: &App, channel: Channel) -> Result<Done, AppError> {
    match channel.provision.clone() {
        Provision::Waiting { .. } => ask_for_slot(app, channel).await,
        Provision::Calling { at, sweeps } => look_for(app, channel, at, sweeps).await,
        _ => Ok(Done::Nothing),
    }
}

async fn ask_for_slot(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let now = app.now();
    let Ok(token) = partner::token(app).await else { return back_off(app, channel).await };
    let mut creations = app.store.creations().await?;
    let slot = creations.ask(&channel.id, &channel.user_id, now, app.settings.creations_limit, app.settings.creations_window);
    app.store.save_creations(&creations).await?;
    match slot {
        Slot::Later { place, expected_at } => {
            channel.provision = Provision::Waiting { place: Some(place), expected_at: Some(expected_at) };
            later(app, channel, expected_at).await
        }
        Slot::Now => call_create(app, channel, &token).await,
    }
}

/// Writes down that WHAPI is asked, then asks: in time, or not at all.
async fn call_create(app: &App, mut channel: Channel, token: &Secret) -> Result<Done, AppError> {
    let platform = app.platform().await?;
    let at = app.now();
    channel.provision = Provision::Calling { at, sweeps: 0 };
    channel.creations += 1;
    channel.touch(at);
    app.store.commit(Commit::new().channel(channel.clone())).await?;
    channel.version += 1;
    if app.now().duration_since(at) > CALL_WITHIN {
        return wait_again(app, channel).await;
    }
    let phone = channel.phone.as_ref().map(|phone| phone.digits().to_owned());
    let answer = app.whapi.create_channel(token, &channel.provider_name(), phone.as_deref(), platform.whapi_project_id.as_deref()).await;
    match partner::seen(app, answer).await? {
        Ok(info) => adopt(app, channel, info).await,
        Err(CallError::Refused(refused)) if matches!(refused.status, 401 | 403) => wait_again(app, channel).await,
        Err(CallError::Refused(refused)) => refuse(app, channel, &refused.message).await,
        Err(CallError::RateLimited { .. }) => {
            let until = app.now().saturating_add(SignedDuration::from_mins(5)).unwrap_or(Timestamp::MAX);
            channel.provision = Provision::Waiting { place: None, expected_at: Some(until) };
            channel.creations = channel.creations.saturating_sub(1);
            later(app, channel, until).await
        }
        Err(CallError::NotSent { .. }) => wait_again(app, channel).await,
        Err(CallError::Unknown { .. }) => back_off(app, channel).await,
    }
}

/// WHAPI was not asked, or would not hear: it asks for a slot again later, and this does not count.
async fn wait_again(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    channel.creations = channel.creations.saturating_sub(1);
    channel.provision = Provision::Waiting { place: None, expected_at: None };
    back_off(app, channel).await
}

/// WHAPI said no for good: the place under the limit is given back.
async fn refuse(app: &App, mut channel: Channel, reason: &str) -> Result<Done, AppError> {
    let now = app.now();
    channel.provision = Provision::Refused { reason: reason.to_owned() };
    channel.touch(now);
    let mut change = AccountChange::new(channel.user_id.clone(), now);
    change.channels = -1;
    let text = format!("WHAPI refused the channel “{}”: {reason}", channel.name);
    let commit = Commit::new()
        .account(change)
        .notification(notification(app, &channel.user_id, "channel.refused", text.clone()))
        .history(history(app, &channel.user_id, &channel.id, "channel.refused", text, "whapi"))
        .channel(channel);
    app.store.commit(commit).await?;
    Ok(Done::Progress)
}

/// The answer of the creation was lost: the list is swept for our id at the end of a name.
async fn look_for(app: &App, mut channel: Channel, called_at: Timestamp, sweeps: u8) -> Result<Done, AppError> {
    let again = app.now().saturating_add(LOOK_PAUSE).unwrap_or(Timestamp::MAX);
    let Ok(token) = partner::token(app).await else { return back_off(app, channel).await };
    let Some(found) = sweep(app, &token, &channel).await? else { return later(app, channel, again).await };
    if let Some(info) = found {
        return adopt(app, channel, info).await;
    }
    let late = app.now() >= latest_arrival(called_at, app.settings.late_request);
    let sweeps = if late { sweeps + 1 } else { sweeps };
    if sweeps >= SWEEPS_UNTIL_ABSENT {
        return create_again(app, channel).await;
    }
    channel.provision = Provision::Calling { at: called_at, sweeps };
    later(app, channel, again).await
}

/// It was not created, and no request can arrive any more: it is created again, later each time, until WHAPI was asked
/// often enough.
async fn create_again(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    if channel.creations >= MOST_CREATIONS {
        return refuse(app, channel, "no answer, however often it was asked.").await;
    }
    let expected_at = Some(next_attempt_at(app.now(), channel.creations)).filter(|_| channel.creations > 1);
    channel.provision = Provision::Waiting { place: None, expected_at };
    channel.touch(app.now());
    save(app, channel).await
}

/// Reads the whole list once; `None` when a page could not be read.
#[allow(clippy::option_option, reason = "not read, read and absent, read and found are three things")]
async fn sweep(app: &App, token: &Secret, channel: &Channel) -> Result<Option<Option<ChannelInfo>>, AppError> {
    let mut offset = 0;
    let mut unreadable = 0;
    for _ in 0..MOST_PAGES {
        let Ok(page) = partner::seen(app, app.whapi.list_channels(token, offset, LIST_PAGE).await).await? else { return Ok(None) };
        offset += page.rows;
        unreadable += page.unreadable;
        let found = page.channels.into_iter().find(|info| info.name.as_deref().and_then(id_in_name).as_ref() == Some(&channel.id));
        if found.is_some() {
            return Ok(Some(found));
        }
        if !page.more {
            return Ok((unreadable == 0).then_some(None));
        }
    }
    Ok(None)
}

/// Saves what WHAPI made: its id, the sealed token, and the pointer from its id to ours.
async fn adopt(app: &App, mut channel: Channel, info: ChannelInfo) -> Result<Done, AppError> {
    let now = app.now();
    channel.channel_ref = Some(info.id.clone());
    seal_token(app, &mut channel, &info).await?;
    channel.provider_status = info.status.clone();
    channel.stopped = info.stopped;
    channel.created_at = info.created_at.unwrap_or(channel.created_at);
    channel.active_till = Some(info.active_till);
    channel.provision = Provision::Created;
    channel.touch(now);
    let pointer = Pointer { user_id: channel.user_id.clone(), target: channel.id.to_string() };
    let commit = Commit::new()
        .pointer(PointerKind::WhapiChannel, &info.id, pointer)
        .history(history(app, &channel.user_id, &channel.id, "channel.created", "Created at WHAPI.", "customer"))
        .channel(channel);
    app.store.commit(commit).await?;
    count(app, Figure::ChannelsCreated, 1);
    Ok(Done::Progress)
}

/// Seals the channel's token; WHAPI sometimes leaves it out, then the next reading brings it.
async fn seal_token(app: &App, channel: &mut Channel, info: &ChannelInfo) -> Result<(), AppError> {
    if !info.token.is_empty() {
        let sealed = app.sealer().await?.seal(&info.token, channel.id.as_str());
        channel.token = Some(sealed.map_err(|error| AppError::Corrupt(error.to_string()))?);
    }
    Ok(())
}

/// Reads the new channel back and stores what WHAPI confirms; then days go to it, if there are any.
pub(crate) async fn confirm(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let Some(channel_ref) = channel.channel_ref.clone() else { return Ok(Done::Nothing) };
    let Ok(token) = partner::token(app).await else { return back_off(app, channel).await };
    match partner::seen(app, app.whapi.get_channel(&token, &channel_ref).await).await? {
        Ok(info) => {
            channel.active_till = Some(info.active_till);
            channel.provider_status = info.status.clone().or(channel.provider_status);
            channel.stopped = info.stopped;
            channel.mode_live = info.mode.as_deref() == Some("live");
            if channel.token.is_none() {
                seal_token(app, &mut channel, &info).await?;
            }
            channel.provision = Provision::Confirmed;
            channel.touch(app.now());
            let mut change = AccountChange::new(channel.user_id.clone(), app.now());
            change.due_at = Some(Some(app.now()));
            app.store.commit(Commit::new().channel(channel).account(change)).await?;
            Ok(Done::Progress)
        }
        Err(_) => back_off(app, channel).await,
    }
}

/// Has WHAPI send the channel's events to us. A new channel answers 404 there until it is ready.
pub(crate) async fn set_webhooks(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let token = open_token(app, &channel).await?;
    let target = WebhookTarget {
        url: inbox::whapi_address(app, &channel.id),
        header: (inbox::WHAPI_HEADER.to_owned(), inbox::whapi_secret(app, &channel.id).await?),
    };
    match app.gate.set_webhook(&token, &target).await {
        Ok(()) => {
            channel.webhooks_set = true;
            channel.touch(app.now());
            save(app, channel).await
        }
        Err(CallError::Refused(refused)) if refused.status == 404 => {
            let until = app.now().saturating_add(PROVISIONING_PAUSE).unwrap_or(Timestamp::MAX);
            later(app, channel, until).await
        }
        Err(_) => back_off(app, channel).await,
    }
}

/// Sets mode `live` and believes it only when it reads it.
pub(crate) async fn set_mode(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let Some(channel_ref) = channel.channel_ref.clone() else { return Ok(Done::Nothing) };
    if channel.turn.is_some() {
        return back_off(app, channel).await;
    }
    let Ok(token) = partner::token(app).await else { return back_off(app, channel).await };
    let _ = partner::seen(app, app.whapi.set_mode(&token, &channel_ref, "live").await).await?;
    match app.whapi.get_channel(&token, &channel_ref).await {
        Ok(info) if info.mode.as_deref() == Some("live") => {
            channel.mode_live = true;
            channel.touch(app.now());
            save(app, channel).await
        }
        _ => back_off(app, channel).await,
    }
}

/// The channel's own token.
pub(crate) async fn open_token(app: &App, channel: &Channel) -> Result<Secret, AppError> {
    let sealed = channel.token.as_ref().ok_or(Refusal::ChannelProvisioning)?;
    let sealer = app.sealer().await?;
    sealer.open(sealed, channel.id.as_str()).map_err(|error| AppError::Corrupt(format!("token of {}: {error}", channel.id)))
}

/// Renews a day before the end, by a step or what is left; without days it lets the channel run out.
pub(crate) async fn renew(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let tenant = app.store.custody(&channel.user_id);
    let account = tenant.account().await?;
    let waiting = !tenant.open_extensions(&channel.id).await?.is_empty();
    let days = STEP.min(account.balance.remaining());
    if waiting {
        return back_off(app, channel).await;
    }
    let over = over_limit(app, &tenant, &account, &channel).await?;
    if !over && !days.is_zero() && account.check_open().is_ok() {
        match reserve_for(app, &channel.user_id, &channel, days, Origin::Renewal).await {
            Ok(_) => return Ok(Done::Later),
            Err(AppError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    channel.renewal_skipped_for = channel.active_till;
    channel.touch(app.now());
    let end = channel.active_till.map(crate::support::date).unwrap_or_default();
    let text = match over {
        true => {
            format!("“{}” is beyond the channels of your plan and was not renewed. It stops on {end} unless you extend it.", channel.name)
        }
        false => format!("“{}” stops on {end} unless you buy days.", channel.name),
    };
    let note = notification(app, &channel.user_id, "channel.renewal_skipped", text);
    app.store.commit(Commit::new().channel(channel).notification(note)).await?;
    Ok(Done::Progress)
}

/// Whether the channel is one of those beyond the plan's limit; only then the others are read.
async fn over_limit(app: &App, tenant: &store::Tenant, account: &domain::account::Account, channel: &Channel) -> Result<bool, AppError> {
    let limit = account.current_plan(app.now()).ok().and_then(|plan| plan.limits.channels);
    if limit.is_none_or(|limit| account.channels_used <= limit) {
        return Ok(false);
    }
    let channels = tenant.all_channels().await?;
    Ok(domain::channel::beyond_limit(account, &channels, app.now()).contains(&channel.id))
}

/// Marks a channel whose days ran out, after asking WHAPI whether that is so.
pub(crate) async fn expire(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    if channel.turn.is_some() || !app.store.custody(&channel.user_id).open_extensions(&channel.id).await?.is_empty() {
        return back_off(app, channel).await;
    }
    let read = match (partner::token(app).await, &channel.channel_ref) {
        (Ok(token), Some(channel_ref)) => app.whapi.get_channel(&token, channel_ref).await.ok(),
        _ => None,
    };
    if let Some(info) = read.filter(|info| info.active_till > app.now()) {
        channel.active_till = Some(info.active_till);
        channel.touch(app.now());
        return save(app, channel).await;
    }
    channel.expire(app.now());
    let text = format!("“{}” has run out of days. Extend it to go on.", channel.name);
    let commit = Commit::new()
        .notification(notification(app, &channel.user_id, "channel.expired", text.clone()))
        .history(history(app, &channel.user_id, &channel.id, "channel.expired", text, "schedule"))
        .channel(channel);
    app.store.commit(commit).await.map(|()| Done::Progress).map_err(|error: StoreError| error.into())
}
