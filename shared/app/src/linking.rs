//! Linking a number: a QR code or a pairing code, and noticing that it was used, by WHAPI's webhook or by
//! looking. A code is never stored, cached or shown past its life.

use clients::outcome::CallError;
use clients::whapi::{HealthReading, HealthState, QrAnswer};
use domain::account::Actor;
use domain::channel::{AuthStatus, Channel, Connection, LINK_WINDOW, Status};
use domain::id::{ChannelId, UserId};
use domain::{PhoneNumber, Refusal, Secret, SignedDuration, Timestamp};
use store::Commit;

use crate::error::{AppError, Provider};
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::provision::{back_off, open_token, save};
use crate::support::{history, notification, until_settled};
use crate::work::Done;

/// The text that people see (CH-8), word for word.
pub const LINKED_TEXT: &str = "Channel connected successfully and now active.";
/// The word for it.
const LINKED_KIND: &str = "channel.linked";
/// The longest that a code is shown, in seconds.
const LONGEST_SHOWN_SECONDS: u32 = 60;
/// How long a code lives when WHAPI does not say: the shorter of what is known of it.
const UNSAID_SECONDS: u32 = 20;
/// How often WHAPI is asked for one QR code at most.
const MOST_LOOKS: u32 = 40;
/// The code's time is written anew this long before the link would be given up.
const WINDOW_MARGIN: SignedDuration = SignedDuration::from_mins(1);

/// A QR code.
pub struct Qr {
    /// The picture as a `data:` URI.
    pub png_data_uri: String,
    /// How long it can still be scanned, in seconds.
    pub expires_in_seconds: u32,
    /// Until when.
    pub expires_at: Timestamp,
}

/// How far a linking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// A code was given, nobody scanned it yet.
    Waiting,
    /// It was scanned; WhatsApp is connecting.
    Connecting,
    /// A number is linked.
    Linked,
    /// Nobody scanned in time.
    TimedOut,
    /// No code was asked for.
    NotStarted,
}

/// A fresh QR code of the caller's channel; waits a bounded time for WHAPI to draw one.
///
/// # Errors
/// [`Refusal::ChannelNotActive`], [`Refusal::NoDaysLeft`], [`Refusal::AlreadyLinked`], [`Refusal::ChannelProvisioning`],
/// [`Refusal::LinkTimedOut`], or what WHAPI answered.
pub async fn qr(app: &App, actor: &Actor, id: &ChannelId) -> Result<Qr, AppError> {
    let channel = linkable(app, actor, id).await?;
    let token = open_token(app, &channel).await?;
    let started = app.now();
    let mut waited = std::time::Duration::ZERO;
    for _ in 0..MOST_LOOKS {
        match app.gate.login_qr(&token).await {
            Ok(QrAnswer::Ready { png_data_uri, expire_seconds }) => {
                note_code(app, &channel).await?;
                let seconds = expire_seconds.unwrap_or(UNSAID_SECONDS).min(LONGEST_SHOWN_SECONDS);
                let expires_at = app.now().saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(started);
                return Ok(Qr { png_data_uri, expires_in_seconds: seconds, expires_at });
            }
            Ok(QrAnswer::AlreadyLinked) => return Err(already_linked(app, channel, &token).await?),
            Ok(QrAnswer::Waiting | QrAnswer::Timeout) => {}
            Ok(QrAnswer::Failed) => {}
            Err(CallError::Refused(refused)) if refused.status == 404 => return Err(Refusal::ChannelProvisioning.into()),
            Err(CallError::Refused(refused)) if refused.status == 422 => {}
            Err(error) => return Err(AppError::reading(Provider::Whapi, &error)),
        }
        if waited >= app.settings.qr_patience {
            break;
        }
        tokio::time::sleep(app.settings.qr_pause).await;
        waited += app.settings.qr_pause;
    }
    Err(AppError::ProviderSlow { provider: Provider::Whapi })
}

/// A pairing code for that phone, to be typed in WhatsApp.
///
/// # Errors
/// As for [`qr`].
pub async fn pairing_code(app: &App, actor: &Actor, id: &ChannelId, phone: &PhoneNumber) -> Result<Secret, AppError> {
    let channel = linkable(app, actor, id).await?;
    let token = open_token(app, &channel).await?;
    match app.gate.pairing_code(&token, phone.digits()).await {
        Ok(code) => {
            note_code(app, &channel).await?;
            Ok(code)
        }
        Err(CallError::Refused(refused)) if refused.status == 409 => Err(already_linked(app, channel, &token).await?),
        Err(CallError::Refused(refused)) if refused.status == 404 => Err(Refusal::ChannelProvisioning.into()),
        Err(CallError::Refused(refused)) if refused.status == 400 => Err(AppError::field("phone", "WhatsApp does not know this number.")),
        Err(error) => Err(AppError::reading(Provider::Whapi, &error)),
    }
}

/// How far the linking of the caller's channel is; looks at WHAPI while a code is out.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn state(app: &App, actor: &Actor, id: &ChannelId) -> Result<(LinkState, Channel), AppError> {
    let channel = crate::channels::get(app, actor, id).await?;
    if channel.status != Status::QrGenerated {
        return Ok((settled_state(&channel), channel));
    }
    let token = open_token(app, &channel).await?;
    let Ok(reading) = app.gate.health(&token, false).await else { return Ok((LinkState::Waiting, channel)) };
    let state = match reading.state {
        HealthState::Auth => LinkState::Linked,
        HealthState::Init | HealthState::Launch if channel.connection == Connection::Authenticating => LinkState::Connecting,
        _ if window_over(app, &channel) => LinkState::TimedOut,
        _ => LinkState::Waiting,
    };
    if state == LinkState::Linked {
        let (user, id) = (actor.account_id.clone(), id.clone());
        let linked = until_settled(|| take_reading(app, user.clone(), id.clone(), reading.clone(), "customer")).await?;
        return Ok((LinkState::Linked, linked));
    }
    Ok((state, channel))
}

fn settled_state(channel: &Channel) -> LinkState {
    match (channel.auth_status, channel.connection, channel.code_given_at) {
        (AuthStatus::Authorized, ..) => LinkState::Linked,
        (_, _, Some(_)) => LinkState::TimedOut,
        _ => LinkState::NotStarted,
    }
}

fn window_over(app: &App, channel: &Channel) -> bool {
    channel.code_given_at.is_some_and(|given| app.now().duration_since(given) >= LINK_WINDOW)
}

async fn linkable(app: &App, actor: &Actor, id: &ChannelId) -> Result<Channel, AppError> {
    let (account, channel) = app.store.tenant(actor).account_and_channel(id).await?;
    let channel = channel.filter(|found| found.status != Status::Deleted).ok_or(AppError::NotFound)?;
    channel.check_linkable(&account, app.now())?;
    Ok(channel)
}

/// Writes that a code is out, only where that changes something: a new code every 20 seconds is no news.
async fn note_code(app: &App, channel: &Channel) -> Result<(), AppError> {
    if is_noted(app, channel) {
        return Ok(());
    }
    // WHAPI tells of the launch while the code is drawn, so the channel has often moved on since it was read.
    until_settled(|| async {
        let tenant = app.store.custody(&channel.user_id);
        let mut noted = tenant.channel(&channel.id).await?.ok_or(AppError::NotFound)?;
        let is_linked = noted.auth_status == AuthStatus::Authorized && noted.connection != Connection::Disconnected;
        let first = noted.status != Status::QrGenerated;
        if is_linked || !noted.has_days(app.now()) || is_noted(app, &noted) {
            return Ok(());
        }
        noted.give_code(app.now());
        let mut commit = Commit::new().channel(noted);
        if first {
            commit = commit.history(history(app, &channel.user_id, &channel.id, "channel.code_given", "A code was given.", "customer"));
        }
        Ok(app.store.commit(commit).await?)
    })
    .await
}

/// Whether it is written on the channel that a code is out.
fn is_noted(app: &App, channel: &Channel) -> bool {
    let is_fresh = |given| app.now().duration_since(given) < LINK_WINDOW - WINDOW_MARGIN;
    channel.status == Status::QrGenerated && channel.code_given_at.is_some_and(is_fresh)
}

/// WHAPI says that a number is linked: believe its health, and tell the caller.
async fn already_linked(app: &App, channel: Channel, token: &Secret) -> Result<AppError, AppError> {
    if let Ok(reading) = app.gate.health(token, false).await {
        let (user, id) = (channel.user_id, channel.id);
        until_settled(|| take_reading(app, user.clone(), id.clone(), reading.clone(), "whapi")).await?;
    }
    Ok(Refusal::AlreadyLinked.into())
}

/// Looks whether a code that is out was scanned; gives the link up when its time is over.
pub(crate) async fn watch(app: &App, mut channel: Channel) -> Result<Done, AppError> {
    let token = open_token(app, &channel).await?;
    let Ok(reading) = app.gate.health(&token, false).await else { return back_off(app, channel).await };
    if reading.state == HealthState::Auth {
        take_reading(app, channel.user_id, channel.id, reading, "schedule").await?;
        return Ok(Done::Progress);
    }
    if window_over(app, &channel) {
        channel.time_out_link(app.now());
        let event = history(app, &channel.user_id, &channel.id, "channel.link_timed_out", "Nobody scanned the code in time.", "schedule");
        app.store.commit(Commit::new().channel(channel).history(event)).await?;
        return Ok(Done::Progress);
    }
    channel.touch(app.now());
    save(app, channel).await?;
    Ok(Done::Later)
}

/// Takes over what the gate said of a channel; commits only what changes.
pub(crate) async fn take_reading(app: &App, user: UserId, id: ChannelId, reading: HealthReading, cause: &str) -> Result<Channel, AppError> {
    let tenant = app.store.custody(&user);
    let before = tenant.channel(&id).await?.filter(|found| found.status != Status::Deleted).ok_or(AppError::NotFound)?;
    let mut channel = before.clone();
    let event = apply(&mut channel, &reading, app.now());
    channel.health = Some(crate::channels::health(reading.state.text(), app));
    let changed = event.is_some() || channel.connection != before.connection || channel.stopped != before.stopped;
    if !changed && before.health.as_ref().map(|health| &health.text) == channel.health.as_ref().map(|health| &health.text) {
        return Ok(channel);
    }
    let mut commit = Commit::new().channel(channel.clone());
    if let Some((kind, text)) = event {
        commit = commit.history(history(app, &user, &id, kind, text, cause)).notification(notification(
            app,
            &user,
            kind,
            format!("{}: {text}", channel.name),
        ));
    }
    app.store.commit(commit).await?;
    if event.is_some_and(|(kind, _)| kind == LINKED_KIND) {
        count(app, Figure::ChannelsLinked, 1);
    }
    channel.version += 1;
    Ok(channel)
}

/// Changes the channel as the reading says, and names what people should hear of.
fn apply(channel: &mut Channel, reading: &HealthReading, now: Timestamp) -> Option<(&'static str, &'static str)> {
    let was_linked = channel.auth_status == AuthStatus::Authorized;
    channel.stopped = reading.state == HealthState::Stop;
    let waiting = channel.status == Status::QrGenerated;
    match &reading.state {
        HealthState::Auth => {
            let was_working = was_linked && channel.connection == Connection::Active;
            channel.link(reading.phone.clone(), now);
            return (!was_working).then_some((LINKED_KIND, LINKED_TEXT));
        }
        HealthState::Qr if was_linked => {
            channel.unlink(now);
            return Some(("channel.unlinked", "The number was unlinked. Link it again."));
        }
        // A number that was unlinked stays so in the eyes of its owner until a code is asked for.
        HealthState::Qr if waiting || channel.connection != Connection::Disconnected => channel.connection = Connection::QrPending,
        HealthState::NotInit | HealthState::Stop => channel.connection = Connection::Inactive,
        HealthState::Init if !waiting => channel.connection = Connection::Initializing,
        HealthState::Launch if !waiting => channel.connection = Connection::Connecting,
        HealthState::Error => channel.connection = Connection::Error,
        HealthState::SyncError => {
            channel.link(reading.phone.clone(), now);
            channel.connection = Connection::Error;
            return (!was_linked).then_some((LINKED_KIND, LINKED_TEXT));
        }
        _ => {}
    }
    None
}
