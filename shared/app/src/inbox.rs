//! Calls of providers: verified over the raw bytes, written down, answered; a job acts on them later.
//! Nothing is looked up before the answer, and nothing that was accepted is lost.

pub use clients::paypal::PaypalHeaders;
use clients::paypal::WebhookRefusal;
use domain::due::next_attempt_at;
use domain::id::{ChannelId, UserId};
use domain::{Secret, SignedDuration, Timestamp};
use ring::digest;
use store::{InboxItem, InboxState, PutInbox};

use crate::error::AppError;
use crate::parts::App;
use crate::support::find;
use crate::work::Done;
use crate::{paypal_side, whapi_events};

/// Who called: PayPal.
const PAYPAL: &str = "paypal";
/// Who called: WHAPI, about one channel.
const WHAPI_CHANNEL: &str = "whapi";
/// Who called: WHAPI, about our days there.
const WHAPI_PARTNER: &str = "whapi-partner";
/// The header by which a channel's webhooks are known.
pub const WHAPI_HEADER: &str = "x-daypass-webhook";
/// Looks at an item that came to nothing before it waits for a person.
const MOST_ATTEMPTS: u32 = 12;
/// When what speaks of something that we do not know is looked at again, in minutes after each look: it may be ahead of
/// us. After the last a person has to look.
const UNKNOWN_MINUTES: [i64; 7] = [5, 60, 1_440, 1_440, 1_440, 1_440, 1_440];

/// What became of a provider's call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Written down.
    Stored,
    /// Known already.
    Repeated,
}

/// What working on an item came to.
pub(crate) enum Outcome {
    /// Done; with the customer that it was about, where known.
    Processed(Option<UserId>),
    /// To be looked at again, and why.
    Later(String),
    /// About something that we do not know, or not yet.
    Unknown(String),
    /// Nothing that we can act on; kept for a person.
    Quarantined(String),
}

/// A forgery is refused like a wrong signature: PayPal signs a CRC-32 only, so one can be made.
fn accepted(put: PutInbox) -> Result<Accepted, AppError> {
    match put {
        PutInbox::Stored => Ok(Accepted::Stored),
        PutInbox::Repeated => Ok(Accepted::Repeated),
        PutInbox::Forged => {
            tracing::error!("a PayPal transmission came again with another body");
            Err(AppError::SignatureInvalid)
        }
    }
}

/// Takes an event of PayPal.
///
/// # Errors
/// [`AppError::SignatureInvalid`] for anything that PayPal did not sign; [`AppError::ProviderUnavailable`] when
/// that could not be found out, so that PayPal sends it again.
pub async fn paypal(app: &App, headers: &PaypalHeaders, raw: &[u8]) -> Result<Accepted, AppError> {
    let verified = match app.paypal_webhooks.check(headers, raw, app.now()).await {
        Ok(verified) => verified,
        Err(WebhookRefusal::Unavailable(why)) => {
            tracing::warn!(why, "a PayPal signature could not be checked");
            return Err(AppError::ProviderUnavailable { provider: crate::Provider::Paypal });
        }
        Err(refusal) => {
            tracing::warn!(%refusal, "a PayPal webhook was refused");
            return Err(AppError::SignatureInvalid);
        }
    };
    let event = clients::paypal::webhook::parse(raw).map_err(|_| AppError::field("body", "This is no PayPal event."))?;
    let item = received(app, PAYPAL, &event.id, &event.event_type, raw);
    accepted(app.store.put_transmitted(&item, &verified.transmission_id).await?)
}

/// Takes an event of one channel, known by the secret that we gave WHAPI for it.
///
/// # Errors
/// [`AppError::SignatureInvalid`] when the secret is not the channel's.
pub async fn whapi_channel(app: &App, id: &ChannelId, secret: Option<&str>, raw: &[u8]) -> Result<Accepted, AppError> {
    let sealer = app.sealer().await?;
    let given = secret.and_then(|given| given.split_once('.'));
    if !given.is_some_and(|(key, code)| sealer.keyring().is_webhook_secret(id.as_str(), key, code)) {
        return Err(AppError::SignatureInvalid);
    }
    let kind = clients::whapi::webhook::parse(raw).map_or_else(|_| "unreadable".to_owned(), |envelope| envelope.name());
    let mut item = received(app, WHAPI_CHANNEL, &level_id(app, id.as_str(), raw), &kind, raw);
    item.subject = Some(id.to_string());
    accepted(app.store.put_inbox(&item).await?)
}

/// Takes a low-balance notice.
///
/// # Errors
/// [`AppError::SignatureInvalid`] when a secret is set and this is not it.
pub async fn whapi_partner(app: &App, secret: Option<&str>, raw: &[u8]) -> Result<Accepted, AppError> {
    let platform = app.platform().await?;
    if let Some(expected) = platform.whapi_partner_webhook_secret.filter(|expected| !expected.is_empty())
        && !secret.is_some_and(|given| same(expected.expose(), given))
    {
        return Err(AppError::SignatureInvalid);
    }
    if clients::whapi::webhook::parse_balance(raw).is_none() {
        return Err(AppError::field("body", "A JSON object is expected."));
    }
    let item = received(app, WHAPI_PARTNER, &level_id(app, "partner", raw), "days", raw);
    accepted(app.store.put_inbox(&item).await?)
}

fn received(app: &App, provider: &str, event_id: &str, event_type: &str, raw: &[u8]) -> InboxItem {
    InboxItem {
        provider: provider.to_owned(),
        event_id: event_id.to_owned(),
        event_type: event_type.to_owned(),
        subject: None,
        user_id: None,
        received_at: app.now(),
        state: InboxState::Received,
        note: None,
        attempts: 0,
        due_at: Some(app.now()),
        body: raw.to_vec(),
        version: 0,
    }
}

/// WHAPI gives its events no id, and the same body twice may be two events: each arrival is its own.
fn level_id(app: &App, subject: &str, raw: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, raw);
    let start: String = hex::encode(digest.as_ref()).chars().take(16).collect();
    format!("{subject}-{}-{start}-{:08x}", app.now().as_millisecond(), app.random() & 0xffff_ffff)
}

/// Where a channel's webhooks go.
pub(crate) fn whapi_address(app: &App, id: &ChannelId) -> String {
    format!("{}/v1/webhooks/whapi/channels/{id}", app.settings.public_url.as_str().trim_end_matches('/'))
}

/// The secret of a channel's webhooks: derived, so that checking it reads nothing. The key's id stands before it.
pub(crate) async fn whapi_secret(app: &App, id: &ChannelId) -> Result<Secret, AppError> {
    let sealer = app.sealer().await?;
    let derived = sealer.keyring().webhook_secret(id.as_str());
    let (key, secret) =
        derived.map_err(|_| AppError::IntegrationNotConfigured { text: "The keyring has no webhook key; deploy again." })?;
    Ok(Secret::new(format!("{key}.{}", secret.expose())))
}

fn same(expected: &str, given: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    hash(expected).as_ref().ct_eq(hash(given).as_ref()).into()
}

/// Works on one item that was written down.
pub(crate) async fn work(app: &App, provider: &str, event_id: &str) -> Result<Done, AppError> {
    let Some(item) = app.store.inbox(provider, event_id).await?.filter(|item| item.state == InboxState::Received) else {
        return Ok(Done::Nothing);
    };
    let outcome = match (provider, &item.subject) {
        (PAYPAL, _) => paypal_side::event(app, &item.body).await,
        (WHAPI_CHANNEL, Some(subject)) => match ChannelId::parse(subject) {
            Ok(id) => whapi_events::channel_event(app, &id, &item.body).await,
            Err(error) => Ok(Outcome::Quarantined(error.to_string())),
        },
        (WHAPI_PARTNER, _) => whapi_events::balance_notice(app, event_id, item.received_at, &item.body).await,
        _ => Ok(Outcome::Quarantined("Nobody works on this.".to_owned())),
    };
    finish(app, item, outcome?).await
}

async fn finish(app: &App, mut item: InboxItem, outcome: Outcome) -> Result<Done, AppError> {
    item.attempts += 1;
    item.due_at = None;
    match outcome {
        Outcome::Processed(user) => {
            item.state = InboxState::Processed;
            item.user_id = user;
        }
        Outcome::Quarantined(note) => quarantine(app, &mut item, note).await?,
        Outcome::Later(note) if item.attempts >= MOST_ATTEMPTS => quarantine(app, &mut item, note).await?,
        Outcome::Later(note) => {
            item.note = Some(note);
            item.due_at = Some(next_attempt_at(app.now(), item.attempts));
        }
        Outcome::Unknown(note) => match next_unknown(app.now(), item.attempts) {
            Some(at) => {
                item.note = Some(note);
                item.due_at = Some(at);
            }
            None => quarantine(app, &mut item, note).await?,
        },
    }
    let done = if item.due_at.is_some() { Done::Later } else { Done::Progress };
    match app.store.save_inbox(&item).await {
        Err(store::StoreError::Conflict(_)) => Ok(Done::Nothing),
        other => Ok(other.map(|()| done)?),
    }
}

/// When to look again at what was not known after so many looks.
fn next_unknown(now: Timestamp, looks: u32) -> Option<Timestamp> {
    let minutes = UNKNOWN_MINUTES.get(usize::try_from(looks.saturating_sub(1)).unwrap_or(usize::MAX))?;
    now.saturating_add(SignedDuration::from_mins(*minutes)).ok()
}

/// Nothing more is done about it by itself: a person is told, once for each event of PayPal, because each may be money, and
/// once for each kind of event of WHAPI, because those only make us look.
async fn quarantine(app: &App, item: &mut InboxItem, note: String) -> Result<(), AppError> {
    let one = if item.provider == PAYPAL { &item.event_id } else { &item.event_type };
    let key = format!("inbox:{}:{one}", item.provider);
    let text = format!("{} of {} ({}) came to nothing: {note}", item.event_type, item.provider, item.event_id);
    let remedy = "Compare it with what the provider says. What it should have done is then done by hand.";
    item.state = InboxState::Quarantined;
    item.note = Some(note);
    find(app, key, "inbox.quarantined", text, remedy, item.user_id.as_ref()).await
}
