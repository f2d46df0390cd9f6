//! An extension in its turn: read the channel, commit the turn, call WHAPI once, then end the turn. What is not known is
//! read back until it is; there is never a second blind call: before another turn it is known that nothing came of this.

use clients::outcome::CallError;
use domain::channel::{Channel, Status};
use domain::extension::{Extension, ExtensionState, ReadBack, Turn, latest_arrival, read_back};
use domain::id::{ChannelId, ExtensionId, UserId};
use domain::notice::Finding;
use domain::{SignedDuration, Timestamp};
use store::{Commit, Tenant};

use crate::ending::{give_back, give_back_gone, hand_back, lose, put_on_channel, retry, try_again, wait};
use crate::error::AppError;
use crate::parts::App;
use crate::support::{days_text, find, until_settled};
use crate::{partner, work::Done};

/// The kind of finding about an extension that only a person can settle.
pub(crate) const DRIFT: &str = "extension.drift";
/// How long whoever took the turn has for it by themselves, before others look.
const OWN_TIME: SignedDuration = SignedDuration::from_secs(90);
/// How long somebody else's turn is waited for before looking again.
const TURN_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// How long after the time in its turn a call may begin; making a connection takes the rest of what requests have to leave.
pub(crate) const CALL_WITHIN: SignedDuration = SignedDuration::from_secs(5);
/// How often what only a person can settle is looked at again.
const PERSON_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// What an extension looks like from outside while the channel's turn is its own.
pub(crate) fn show_turn(extension: &mut Extension, channel: &Channel) {
    let turn = channel.turn.as_ref().filter(|turn| turn.extension_id == extension.id);
    if let (ExtensionState::Queued, Some(turn)) = (extension.state, turn) {
        extension.state = if turn.unknown { ExtensionState::Unknown } else { ExtensionState::Calling };
    }
}

/// Everything a settling needs at hand.
pub(crate) struct Case {
    pub(crate) tenant: Tenant,
    pub(crate) extension: Extension,
    pub(crate) channel: Channel,
}

async fn load(app: &App, user: &UserId, channel: &ChannelId, id: &ExtensionId) -> Result<Option<Case>, AppError> {
    let tenant = app.store.custody(user);
    let extension = tenant.extension(channel, id).await?.filter(|found| !found.state.is_settled());
    let found = tenant.channel(channel).await?;
    Ok(extension.zip(found).map(|(extension, channel)| Case { tenant, extension, channel }))
}

/// Goes on with one extension.
pub(crate) async fn work(app: &App, user: &UserId, channel: &ChannelId, id: &ExtensionId) -> Result<Done, AppError> {
    until_settled(|| async {
        let Some(case) = load(app, user, channel, id).await? else { return Ok(Done::Nothing) };
        match &case.channel.turn {
            Some(turn) if turn.extension_id == case.extension.id => {
                let turn = turn.clone();
                look_back(app, case, &turn).await
            }
            Some(_) => wait(app, case.extension, TURN_WAIT).await,
            None if matches!(case.channel.status, Status::Deleting | Status::Deleted) => {
                give_back(app, case, "The channel was deleted.").await
            }
            None => take_turn(app, case).await,
        }
    })
    .await
}

/// Reads `activeTill`, commits it as the turn's `before`, and calls.
async fn take_turn(app: &App, mut case: Case) -> Result<Done, AppError> {
    let Some(channel_ref) = case.channel.channel_ref.clone() else {
        return give_back(app, case, "The channel does not exist at WHAPI.").await;
    };
    let Ok(token) = partner::token(app).await else { return retry(app, case.extension).await };
    let before = match partner::seen(app, app.whapi.get_channel(&token, &channel_ref).await).await? {
        Ok(read) => read.active_till,
        Err(_) if partner::is_gone(app, &token, &channel_ref).await? => return give_back_gone(app, case).await,
        Err(_) => return retry(app, case.extension).await,
    };
    let comment = comment(app, &case).await?;
    let turn = Turn { extension_id: case.extension.id.clone(), days: case.extension.days, before, called_at: app.now(), unknown: false };
    case.channel.turn = Some(turn.clone());
    case.extension.calls += 1;
    case.extension.due_at = turn.called_at.saturating_add(OWN_TIME).ok();
    // Both as they were read: whoever read the one before and the other after somebody settled it gets no turn.
    app.store.commit(Commit::new().channel(case.channel.clone()).extension(case.extension.clone())).await?;
    case.channel.version += 1;
    case.extension.version += 1;
    if app.now().duration_since(turn.called_at) > CALL_WITHIN {
        return hand_back(app, case).await;
    }
    let answer = app.whapi.extend(&token, &channel_ref, case.extension.days, &comment).await;
    match partner::seen(app, answer).await? {
        Ok(()) => settle_done(app, case, &turn).await,
        // Too many calls is none of the words that say that nothing happened.
        Err(CallError::Unknown { .. } | CallError::RateLimited { .. }) => lose(app, case).await,
        Err(CallError::Refused(refused)) => {
            tracing::warn!(extension = %case.extension.id, status = refused.status, "WHAPI refused an extension");
            give_back(app, case, &format!("WHAPI refused it: {}", refused.message)).await
        }
        Err(CallError::NotSent { .. }) => hand_back(app, case).await,
    }
}

async fn comment(app: &App, case: &Case) -> Result<String, AppError> {
    let account = app.store.custody(&case.extension.user_id).account().await?;
    Ok(format!("Auto top-up for {} · {}", account.email.as_deref().unwrap_or(account.user_id.as_str()), case.extension.id))
}

/// WHAPI said yes: what it has now is read, or worked out where it cannot be.
async fn settle_done(app: &App, case: Case, turn: &Turn) -> Result<Done, AppError> {
    let expected = turn.days.after(turn.before.max(turn.called_at));
    let read = read_active_till(app, &case.channel)
        .await
        .filter(|read| read_back(turn, *read, app.now(), app.settings.late_request) == ReadBack::Happened);
    put_on_channel(app, case, read.unwrap_or(expected)).await
}

async fn read_active_till(app: &App, channel: &Channel) -> Option<Timestamp> {
    let token = partner::token(app).await.ok()?;
    let read = app.whapi.get_channel(&token, channel.channel_ref.as_deref()?).await;
    read.ok().map(|read| read.active_till)
}

/// The answer is not known: read the channel back and believe only what it says.
async fn look_back(app: &App, case: Case, turn: &Turn) -> Result<Done, AppError> {
    let Some(channel_ref) = case.channel.channel_ref.clone() else { return retry(app, case.extension).await };
    let Ok(token) = partner::token(app).await else { return retry(app, case.extension).await };
    let read = match partner::seen(app, app.whapi.get_channel(&token, &channel_ref).await).await? {
        Ok(read) => read.active_till,
        Err(_) if partner::is_gone(app, &token, &channel_ref).await? => return give_back_gone(app, case).await,
        Err(_) => return retry(app, case.extension).await,
    };
    match read_back(turn, read, app.now(), app.settings.late_request) {
        ReadBack::Happened => put_on_channel(app, case, read).await,
        ReadBack::DidNotHappen => try_again(app, case).await,
        ReadBack::TooEarly => {
            let until = latest_arrival(turn.called_at, app.settings.late_request);
            let wait_for = until.duration_since(app.now()).max(SignedDuration::from_secs(1));
            wait(app, case.extension, wait_for.min(SignedDuration::from_mins(1))).await
        }
        ReadBack::SomethingElse => ask_a_person(app, case, turn, read).await,
    }
}

async fn ask_a_person(app: &App, case: Case, turn: &Turn, read: Timestamp) -> Result<Done, AppError> {
    let text = format!(
        "Extension {} of {}: WHAPI says the channel {} (“{}”) ends {read}; it was {} before, and neither {} more nor unchanged.",
        case.extension.id,
        days_text(turn.days),
        case.channel.channel_ref.as_deref().unwrap_or_default(),
        case.channel.name,
        turn.before,
        days_text(turn.days)
    );
    let key = format!("extension:{}:{}", case.channel.id, case.extension.id);
    let remedy = "Look at the channel at WHAPI, then resolve this with what came of the extension: posted or void.";
    find(app, key, DRIFT, text, remedy, Some(&case.extension.user_id)).await?;
    wait(app, case.extension, PERSON_WAIT).await
}

/// What a person found out about an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// WHAPI did it.
    Posted,
    /// WHAPI did not.
    Void,
}

/// Settles an extension by a person's word. One that is settled by now stays as it is.
pub(crate) async fn decide(app: &App, finding: &Finding, verdict: Verdict) -> Result<(), AppError> {
    let broken = || AppError::Corrupt(format!("the finding {} is about no extension", finding.id));
    let mut ids = finding.key.split(':').skip(1);
    let channel = ids.next().and_then(|id| ChannelId::parse(id).ok()).ok_or_else(broken)?;
    let extension = ids.next().and_then(|id| ExtensionId::parse(id).ok()).ok_or_else(broken)?;
    let user = finding.user_id.as_ref().ok_or_else(broken)?;
    until_settled(|| async {
        let Some(case) = load(app, user, &channel, &extension).await? else { return Ok(()) };
        let Some(turn) = case.channel.turn.clone().filter(|turn| turn.extension_id == extension) else { return Ok(()) };
        match verdict {
            Verdict::Posted => {
                let expected = turn.days.after(turn.before.max(turn.called_at));
                let read = read_active_till(app, &case.channel).await;
                put_on_channel(app, case, read.unwrap_or(expected)).await.map(drop)
            }
            Verdict::Void => give_back(app, case, "Staff found that WHAPI did not do it.").await.map(drop),
        }
    })
    .await
}
