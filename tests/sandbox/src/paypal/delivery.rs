//! Events on their way to those who listen: which listeners, signed how, tried again when.
//!
//! Every attempt has a transmission id, a time and a signature of its own; the id is a UUID of version 1 that carries that very time. The body
//! never changes. A delivery ends with any 2xx, or after 25 retries within three days by the shared clock.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::event::{Transmission, TransmissionStatus};
use super::event_types::EVERY;
use super::world::{Webhook, World};
use super::{Service, times};
use crate::deliver::{Attempt, Built, Delivery, Outcome};
use crate::faults::Provider;

/// How many retries follow the first attempt.
const MOST_RETRIES: u32 = 25;
/// The first pause, in seconds; each further one is twice as long, up to the longest.
const FIRST_PAUSE_SECONDS: i64 = 30;
const LONGEST_PAUSE_SECONDS: i64 = 4 * 3600;
/// What the vendor's own simulator signs with instead of a listener's id.
pub(super) const MOCK_WEBHOOK_ID: &str = "WEBHOOK_ID";
/// The only algorithm.
pub(super) const ALGORITHM: &str = "SHA256withRSA";

/// One event for one listener.
#[derive(Clone)]
pub(super) struct Parcel {
    pub(super) event_id: String,
    pub(super) event_type: String,
    pub(super) webhook_id: String,
    pub(super) url: String,
    pub(super) body: Bytes,
}

/// Takes what is to be sent out of the world and addresses it to everybody who asked for it.
pub(super) fn pack(world: &mut World, product: &str, now: Timestamp) -> Vec<Parcel> {
    let outgoing = std::mem::take(&mut world.outgoing);
    outgoing.iter().flat_map(|id| address(world, id, None, product, now)).collect()
}

/// One event for everybody who asked for it, or for those of them who are named.
pub(super) fn address(world: &mut World, event_id: &str, only: Option<&[String]>, product: &str, now: Timestamp) -> Vec<Parcel> {
    let Some(event) = world.event(event_id).cloned() else {
        return Vec::new();
    };
    let wanted = |webhook: &&Webhook| {
        let asked = webhook.event_types.iter().any(|name| name == EVERY || *name == event.event_type);
        only.map_or(asked, |only| only.contains(&webhook.id))
    };
    let mut webhooks: Vec<Webhook> = world.webhooks.values().filter(wanted).cloned().collect();
    webhooks.sort_by_key(|webhook| webhook.serial);
    let parcels: Vec<Parcel> = webhooks
        .into_iter()
        .map(|webhook| Parcel {
            event_id: event.id.clone(),
            event_type: event.event_type.clone(),
            url: webhook.url.unwrap_or_else(|| product.to_owned()),
            webhook_id: webhook.id,
            body: Bytes::from(event.body.clone()),
        })
        .collect();
    for parcel in &parcels {
        note(
            world,
            parcel,
            &Note { status: TransmissionStatus::Pending, transmission_id: String::new(), http_status: None, attempts: 0, at: now },
        );
    }
    parcels
}

struct Note {
    status: TransmissionStatus,
    transmission_id: String,
    http_status: Option<u16>,
    attempts: u32,
    at: Timestamp,
}

fn note(world: &mut World, parcel: &Parcel, note: &Note) {
    let Some(event) = world.event_mut(&parcel.event_id) else {
        return;
    };
    let transmission = Transmission {
        webhook_id: parcel.webhook_id.clone(),
        webhook_url: parcel.url.clone(),
        transmission_id: note.transmission_id.clone(),
        timestamp: note.at,
        status: note.status,
        http_status: note.http_status,
        attempts: note.attempts,
    };
    event.transmissions.retain(|earlier| earlier.webhook_id != parcel.webhook_id);
    event.transmissions.push(transmission);
}

/// Hands a parcel to the deliverer.
pub(super) fn send(service: &Service, parcel: Parcel) {
    let latest: Arc<Mutex<String>> = Arc::default();
    let (builder, signed, seen) = (service.clone(), parcel.clone(), Arc::clone(&latest));
    let build = move |_: u32, now: Timestamp| {
        let transmission_id = builder.ids().transmission(now);
        seen.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&transmission_id);
        build(&builder, &signed, transmission_id, now)
    };
    let (observer, observed) = (service.clone(), parcel.clone());
    let observe = move |attempt: &Attempt| {
        let transmission_id = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        observer.write(|world| note(world, &observed, &outcome(attempt, transmission_id)));
    };
    let label = format!("{} {}", parcel.event_type, parcel.event_id);
    service.deliverer().send(Delivery::post(Provider::Paypal, label, parcel.url, build).retrying(pause).observed(observe));
}

fn outcome(attempt: &Attempt, transmission_id: String) -> Note {
    let status = match attempt.outcome {
        Outcome::Delivered => TransmissionStatus::Success,
        Outcome::Retrying => TransmissionStatus::Pending,
        Outcome::GivenUp | Outcome::Dropped => TransmissionStatus::Failure,
    };
    Note { status, transmission_id, http_status: attempt.status, attempts: attempt.number, at: attempt.at }
}

/// How long after the failed attempt of this number the next one comes.
fn pause(attempt: u32) -> Option<SignedDuration> {
    let doublings = attempt.saturating_sub(1).min(16);
    let seconds = FIRST_PAUSE_SECONDS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_SECONDS);
    (attempt <= MOST_RETRIES).then(|| SignedDuration::from_secs(seconds))
}

/// What is signed.
pub(super) fn signed_text(transmission_id: &str, time: &str, webhook_id: &str, body: &[u8]) -> String {
    format!("{transmission_id}|{time}|{webhook_id}|{}", crc32fast::hash(body))
}

fn build(service: &Service, parcel: &Parcel, transmission_id: String, now: Timestamp) -> Built {
    let time = times::stamp(now);
    let signature = service.sign(&signed_text(&transmission_id, &time, &parcel.webhook_id, &parcel.body));
    let headers = [
        ("accept", "*/*".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("user-agent", "PayPal/AUHD-214.0-61503377".to_owned()),
        ("paypal-auth-algo", ALGORITHM.to_owned()),
        ("paypal-auth-version", "v2".to_owned()),
        ("paypal-cert-url", service.certificate_url()),
        ("paypal-transmission-id", transmission_id),
        ("paypal-transmission-sig", signature),
        ("paypal-transmission-time", time),
        ("correlation-id", service.ids().debug()),
        ("x-b3-spanid", service.ids().hexadecimal(16)),
        ("cal_poolstack", "amqunphttpdeliveryd:UNPHTTPDELIVERY*CalThreadId=0*TopLevelTxnStartTime=0*Host=sandbox".to_owned()),
        ("client_pid", "1".to_owned()),
    ];
    (headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), parcel.body.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_five_retries_fit_into_three_days() {
        let pauses: Vec<SignedDuration> = (1..).map_while(pause).collect();
        assert_eq!(pauses.len(), 25);
        let total: i64 = pauses.iter().map(SignedDuration::as_secs).sum();
        assert!((60 * 3600..=72 * 3600).contains(&total), "{total}");
    }

    #[test]
    fn the_signed_text_has_the_checksum_in_decimal() {
        assert_eq!(signed_text("id", "time", "hook", b"{}"), format!("id|time|hook|{}", 2745614147_u32));
    }
}
