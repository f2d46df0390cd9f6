//! What WHAPI's webhooks set in motion. None of them is believed: `users` and `channel` events are level
//! triggers that make us look, the balance notice is kept and the balance is read again.

use clients::outcome::CallError;
use clients::whapi::webhook::{self, Event};
use domain::id::ChannelId;
use domain::notice::PartnerBalanceNotice;
use store::PointerKind;

use crate::error::AppError;
use crate::inbox::Outcome;
use crate::parts::App;
use crate::support::until_settled;
use crate::{linking, partner, provision};

/// The most of a notice that is kept as it came, in bytes.
const LONGEST_RAW_BYTES: usize = 4_096;

/// An event of one channel: look at the channel now.
pub(crate) async fn channel_event(app: &App, id: &ChannelId, raw: &[u8]) -> Result<Outcome, AppError> {
    let Ok(envelope) = webhook::parse(raw) else { return Ok(Outcome::Quarantined("The body could not be read.".to_owned())) };
    let Some(pointer) = app.store.pointer(PointerKind::Channel, id.as_str()).await? else {
        return Ok(Outcome::Quarantined("No such channel.".to_owned()));
    };
    let tenant = app.store.custody(&pointer.user_id);
    let Some(channel) = tenant.channel(id).await?.filter(|found| found.token.is_some()) else {
        return Ok(Outcome::Processed(Some(pointer.user_id)));
    };
    if envelope.channel_id.as_ref().is_some_and(|said| Some(said) != channel.channel_ref.as_ref()) {
        return Ok(Outcome::Quarantined("The event names another channel.".to_owned()));
    }
    if !matches!(envelope.event, Event::Linked { .. } | Event::Unlinked { .. } | Event::Health { .. }) {
        return Ok(Outcome::Processed(Some(pointer.user_id)));
    }
    let token = provision::open_token(app, &channel).await?;
    match app.gate.health(&token, false).await {
        Ok(reading) => {
            let user = pointer.user_id.clone();
            until_settled(|| linking::take_reading(app, user.clone(), id.clone(), reading.clone(), "whapi")).await?;
            Ok(Outcome::Processed(Some(pointer.user_id)))
        }
        Err(CallError::Refused(refused)) if refused.status == 404 => Ok(Outcome::Later("WHAPI is not ready.".to_owned())),
        Err(error) => Ok(Outcome::Later(error.to_string())),
    }
}

/// A low-balance notice: kept as it came, with the number in it where one could be found.
pub(crate) async fn balance_notice(app: &App, event_id: &str, received_at: domain::Timestamp, raw: &[u8]) -> Result<Outcome, AppError> {
    let said = webhook::parse_balance(raw);
    let text = String::from_utf8_lossy(raw.get(..raw.len().min(LONGEST_RAW_BYTES)).unwrap_or_default()).into_owned();
    let number = u128::from_be_bytes(hash_start(event_id));
    let notice = PartnerBalanceNotice {
        id: domain::id::NoticeId::new(received_at, number),
        current_days: said.as_ref().and_then(|said| said.current_days),
        days_limit: said.as_ref().and_then(|said| said.days_limit),
        received_at,
        raw: text,
    };
    app.store.put_notice(&notice).await?;
    read_balance(app, Some(&notice)).await?;
    Ok(Outcome::Processed(None))
}

/// Reads the partner balance at WHAPI; a reading that failed stays unknown, never zero.
pub(crate) async fn read_balance(app: &App, notice: Option<&PartnerBalanceNotice>) -> Result<(), AppError> {
    let live = match partner::token(app).await {
        Ok(token) => app.whapi.partner_balance(&token).await.ok().flatten(),
        Err(_) => None,
    };
    let mut state = app.store.partner_state().await?;
    if let Some(notice) = notice {
        state.current_days = notice.current_days;
        state.days_limit = notice.days_limit;
        state.received_at = Some(notice.received_at);
    }
    state.live_days = live;
    state.read_at = Some(app.now());
    match app.store.save_partner_state(&state).await {
        Err(store::StoreError::Conflict(_)) => Ok(()),
        other => Ok(other?),
    }
}

fn hash_start(text: &str) -> [u8; 16] {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let mut start = [0; 16];
    start.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    start
}
