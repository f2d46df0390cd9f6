//! How a turn ends: the days are put on the channel, or come back, or the channel is free again and the extension waits
//! for another turn. And how an extension waits while it is not known how its turn ends.

use domain::channel::Channel;
use domain::due::next_attempt_at;
use domain::extension::{Extension, MOST_CALLS, Origin, post, void};
use domain::{SignedDuration, Timestamp};
use store::Commit;

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::reconcile_whapi::find_gone;
use crate::settle::Case;
use crate::support::{date, days_text, find, history, with_return};
use crate::work::Done;

/// When days that came back from an extension that nobody asked for are shared out again, to whichever channel wants them.
const SHARE_AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// The kind of finding about a channel that WHAPI gives no days.
const REFUSED: &str = "extension.refused";
/// After how many refusals in a row staff are told.
const REFUSALS_UNTIL_TOLD: u32 = 3;

/// Posts: the days are on the channel.
pub(crate) async fn put_on_channel(app: &App, case: Case, active_till: Timestamp) -> Result<Done, AppError> {
    let (user, id) = (case.channel.user_id.clone(), case.channel.id.clone());
    let (extension, channel, change) = post(case.extension, case.channel, active_till, app.now());
    let days = extension.days;
    let text = format!("{} put on the channel, until {}.", days_text(days), date(active_till));
    let commit = Commit::new()
        .history(history(app, &user, &id, "channel.extended", text, extension.origin.word()))
        .extension(extension)
        .account(change)
        .channel(channel);
    app.store.commit(commit).await?;
    count(app, Figure::DaysExtended, days.count());
    Ok(Done::Progress)
}

/// Voids: the days go back to the balance, to the lots that they were taken from.
pub(crate) async fn give_back(app: &App, case: Case, reason: &str) -> Result<Done, AppError> {
    let now = app.now();
    let refunds = case.tenant.account().await?.refunds;
    let mut channel = case.channel;
    let mut changed = channel.turn.take_if(|turn| turn.extension_id == case.extension.id).is_some() || channel.gone;
    let (extension, returned, mut change) = void(case.extension, reason, app.new_entry_id(), now);
    if matches!(extension.origin, Origin::Automatic | Origin::Renewal) {
        changed = true;
        channel.rest(now);
        change.due_at = Some(now.saturating_add(SHARE_AGAIN).ok());
        tell_refused(app, &channel, &extension).await?;
    }
    let mut commit = Commit::new()
        .history(history(app, &channel.user_id, &channel.id, "channel.extension_failed", reason, "whapi"))
        .extension(extension);
    if changed {
        commit = commit.channel(channel);
    }
    let commit = with_return(app, &case.tenant, commit, returned, refunds, change).await?;
    app.store.commit(commit).await?;
    count(app, Figure::ExtensionsFailed, 1);
    Ok(Done::Progress)
}

/// WHAPI does not have the channel any more: the days go back, and no others are tried on it.
pub(crate) async fn give_back_gone(app: &App, mut case: Case) -> Result<Done, AppError> {
    case.channel.gone = true;
    find_gone(app, &case.channel).await?;
    give_back(app, case, "The channel is gone at WHAPI.").await
}

/// Staff hear of a channel that WHAPI gives no days again and again.
async fn tell_refused(app: &App, channel: &Channel, extension: &Extension) -> Result<(), AppError> {
    if channel.refusals != REFUSALS_UNTIL_TOLD {
        return Ok(());
    }
    let text = format!(
        "“{}” ({}) got no days {REFUSALS_UNTIL_TOLD} times in a row: {}",
        channel.name,
        channel.channel_ref.as_deref().unwrap_or("not at WHAPI"),
        extension.reason.as_deref().unwrap_or_default()
    );
    let key = format!("refused:{}:{}", channel.id, extension.id);
    let remedy = "Look at the channel and at our days at WHAPI. It is tried again by itself, every two hours at the latest.";
    find(app, key, REFUSED, text, remedy, Some(&channel.user_id)).await
}

/// The answer was lost: say so, and look again soon.
pub(crate) async fn lose(app: &App, mut case: Case) -> Result<Done, AppError> {
    tracing::warn!(extension = %case.extension.id, "the answer to an extension was lost; it will be read back");
    count(app, Figure::AnswersLost, 1);
    if let Some(turn) = case.channel.turn.as_mut() {
        turn.unknown = true;
    }
    case.extension.due_at = Some(next_attempt_at(app.now(), 0));
    case.extension.attempts += 1;
    case.extension.updated_at = app.now();
    app.store.commit(Commit::new().channel(case.channel).extension(case.extension)).await?;
    Ok(Done::Later)
}

/// WHAPI was not asked: the turn is free again, and does not count.
pub(crate) async fn hand_back(app: &App, mut case: Case) -> Result<Done, AppError> {
    case.extension.calls = case.extension.calls.saturating_sub(1);
    case.extension.attempts += 1;
    let until = next_attempt_at(app.now(), case.extension.attempts);
    free_turn(app, case, until).await?;
    Ok(Done::Later)
}

/// WHAPI was asked, did not do it, and no request can arrive any more: the extension gets another turn, until it has had
/// enough of them. Whoever leaves gets no more days on the way.
pub(crate) async fn try_again(app: &App, case: Case) -> Result<Done, AppError> {
    let is_leaving = case.channel.deletion.is_some() || case.tenant.account().await?.closing;
    if is_leaving || case.extension.calls >= MOST_CALLS {
        return give_back(app, case, "WHAPI did not do it.").await;
    }
    tracing::warn!(extension = %case.extension.id, calls = case.extension.calls, "WHAPI did not do it; it is asked again");
    let mut case = case;
    case.extension.attempts = 0;
    free_turn(app, case, app.now()).await?;
    Ok(Done::Progress)
}

async fn free_turn(app: &App, mut case: Case, due_at: Timestamp) -> Result<(), AppError> {
    case.channel.turn = None;
    case.extension.due_at = Some(due_at);
    case.extension.updated_at = app.now();
    Ok(app.store.commit(Commit::new().channel(case.channel).extension(case.extension)).await?)
}

/// Nothing could be found out: it is looked at again, later each time.
pub(crate) async fn retry(app: &App, extension: Extension) -> Result<Done, AppError> {
    let until = next_attempt_at(app.now(), extension.attempts + 1);
    let wait_for = until.duration_since(app.now());
    wait(app, extension, wait_for).await
}

/// It is looked at again after that time.
pub(crate) async fn wait(app: &App, mut extension: Extension, wait_for: SignedDuration) -> Result<Done, AppError> {
    extension.attempts += 1;
    extension.due_at = app.now().saturating_add(wait_for).ok();
    app.store.commit(Commit::new().extension(extension)).await?;
    Ok(Done::Later)
}
