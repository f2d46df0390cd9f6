//! Every night our channels are compared with WHAPI's list: strangers there, channels of ours that are gone, ends that
//! moved without us, and what we deleted and is there all the same. What cannot be settled is a finding.

use std::collections::{BTreeMap, HashSet};

use clients::whapi::ChannelInfo;
use domain::Secret;
use domain::channel::{Channel, Status, id_in_name};
use domain::extension::READ_BACK_TOLERANCE;
use domain::id::{ChannelId, UserId};
use store::{Commit, Pointer, PointerKind};

use crate::audit::for_everybody;
use crate::error::AppError;
use crate::partner;
use crate::parts::App;
use crate::support::find;

/// Rows of the list that are asked for at once.
const LIST_PAGE: u32 = 500;
/// Pages of the list that one night reads at most.
const MOST_PAGES: u32 = 2_000;

/// WHAPI's channels by their ids there.
type Theirs = BTreeMap<String, ChannelInfo>;

/// Compares everything once.
pub(crate) async fn run(app: &App) -> Result<(), AppError> {
    let Ok(token) = partner::token(app).await else { return Ok(()) };
    let Some(theirs) = list(app, &token).await? else { return Ok(()) };
    let mut known = Vec::new();
    for info in theirs.values() {
        match app.store.pointer(PointerKind::WhapiChannel, &info.id).await? {
            Some(pointer) => known.push((info.id.as_str(), pointer)),
            None => stranger(app, info).await?,
        }
    }
    let (theirs, token) = (&theirs, &token);
    let ours = for_everybody(app, |user| async move { compare(app, &user, theirs, token).await }).await?;
    let ours: HashSet<String> = ours.into_iter().flatten().collect();
    for (id, pointer) in known.into_iter().filter(|(id, _)| !ours.contains(*id)) {
        left_over(app, token, id, &pointer).await?;
    }
    Ok(())
}

/// The whole list by id; `None` when it could not be read to its end.
async fn list(app: &App, token: &Secret) -> Result<Option<Theirs>, AppError> {
    let mut all = Theirs::new();
    let mut offset = 0;
    for _ in 0..MOST_PAGES {
        let Ok(page) = partner::seen(app, app.whapi.list_channels(token, offset, LIST_PAGE).await).await? else { return Ok(None) };
        offset += page.rows;
        all.extend(page.channels.into_iter().map(|info| (info.id.clone(), info)));
        if !page.more {
            return Ok(Some(all));
        }
    }
    Ok(None)
}

/// A channel at WHAPI that no record of ours points to. One whose creation is still looked for is no stranger.
async fn stranger(app: &App, info: &ChannelInfo) -> Result<(), AppError> {
    if let Some(id) = info.name.as_deref().and_then(id_in_name)
        && let Some(pointer) = app.store.pointer(PointerKind::Channel, id.as_str()).await?
        && app
            .store
            .custody(&pointer.user_id)
            .channel(&id)
            .await?
            .is_some_and(|channel| channel.channel_ref.is_none() && channel.next_need().is_some())
    {
        return Ok(());
    }
    let text = format!("WHAPI has the channel {} (“{}”), which is not ours.", info.id, info.name.as_deref().unwrap_or(""));
    find(app, format!("whapi:{}", info.id), "channel.stranger", text, "Delete it at WHAPI if nobody uses it: its days come back.", None)
        .await
}

/// We deleted it, its days came back to the customer, and it is there all the same: it is deleted again.
async fn left_over(app: &App, token: &Secret, channel_ref: &str, pointer: &Pointer) -> Result<(), AppError> {
    let Ok(id) = ChannelId::parse(&pointer.target) else { return Ok(()) };
    let channel = app.store.custody(&pointer.user_id).channel(&id).await?;
    let deleted = channel.is_some_and(|channel| channel.status == Status::Deleted);
    if !deleted || partner::seen(app, app.whapi.get_channel(token, channel_ref).await).await?.is_err() {
        return Ok(());
    }
    tracing::warn!(channel = %id, "a deleted channel is still there at WHAPI; it is deleted again");
    if partner::seen(app, app.whapi.delete_channel(token, channel_ref).await).await?.is_ok() {
        return Ok(());
    }
    let text = format!("{id} ({channel_ref}) was deleted here, and WHAPI still has it.");
    find(app, format!("left:{id}"), "channel.left_over", text, "Delete it at WHAPI.", Some(&pointer.user_id)).await
}

/// Compares one customer's channels; gives their ids at WHAPI.
async fn compare(app: &App, user: &UserId, theirs: &Theirs, token: &Secret) -> Result<Vec<String>, AppError> {
    let channels = app.store.custody(user).all_channels().await?;
    for channel in &channels {
        let Some(channel_ref) = channel.channel_ref.as_deref().filter(|_| channel.turn.is_none() && channel.status != Status::Deleting)
        else {
            continue;
        };
        match theirs.get(channel_ref) {
            Some(_) if channel.gone => mark(app, channel, false).await?,
            Some(info) if moved(channel, info) => drift(app, channel, channel_ref, token).await?,
            None if partner::is_gone(app, token, channel_ref).await? => gone(app, channel).await?,
            _ => {}
        }
    }
    Ok(channels.into_iter().filter_map(|channel| channel.channel_ref).collect())
}

async fn gone(app: &App, channel: &Channel) -> Result<(), AppError> {
    find_gone(app, channel).await?;
    if channel.gone { Ok(()) } else { mark(app, channel, true).await }
}

/// Writes down whether WHAPI has it; whoever changes the channel at this moment is ahead, and the next night looks again.
async fn mark(app: &App, channel: &Channel, gone: bool) -> Result<(), AppError> {
    let mut channel = channel.clone();
    channel.gone = gone;
    channel.touch(app.now());
    save_if_unchanged(app, channel).await
}

async fn save_if_unchanged(app: &App, channel: Channel) -> Result<(), AppError> {
    match app.store.commit(Commit::new().channel(channel)).await {
        Err(store::StoreError::Conflict(_)) => Ok(()),
        other => Ok(other?),
    }
}

/// Staff hear of a channel that somebody deleted at WHAPI.
pub(crate) async fn find_gone(app: &App, channel: &Channel) -> Result<(), AppError> {
    let text = format!("The channel {} (“{}”) is gone at WHAPI.", channel.id, channel.name);
    let remedy = "Find out who deleted it at WHAPI. When the customer deletes it here, the days that were on it come back.";
    find(app, format!("channel:{}", channel.id), "channel.gone", text, remedy, Some(&channel.user_id)).await
}

/// Whether WHAPI's end of a channel is another than ours.
fn moved(channel: &Channel, info: &ChannelInfo) -> bool {
    channel.active_till.is_some_and(|ours| info.active_till.duration_since(ours).abs() > READ_BACK_TOLERANCE)
}

/// Its end moved without us: WHAPI's word is taken over, and a person hears of it. The list is older than our record, so
/// both are read again first: what we did meanwhile is no drift.
async fn drift(app: &App, channel: &Channel, channel_ref: &str, token: &Secret) -> Result<(), AppError> {
    let Ok(info) = partner::seen(app, app.whapi.get_channel(token, channel_ref).await).await? else { return Ok(()) };
    let now = app.store.custody(&channel.user_id).channel(&channel.id).await?;
    let Some(channel) = now.filter(|now| now.version == channel.version && moved(now, &info)) else { return Ok(()) };
    let ours = channel.active_till.unwrap_or_default();
    let text = format!("{} ends {} at WHAPI and {ours} here.", channel.id, info.active_till);
    find(
        app,
        format!("drift:{}:{}", channel.id, info.active_till),
        "channel.drift",
        text,
        "Find out who changed it at WHAPI.",
        Some(&channel.user_id),
    )
    .await?;
    let mut channel = channel;
    channel.active_till = Some(info.active_till);
    channel.touch(app.now());
    save_if_unchanged(app, channel).await
}
