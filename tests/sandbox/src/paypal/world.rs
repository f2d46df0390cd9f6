//! Everything this PayPal remembers, saved with each write: accounts, catalogue, subscriptions, sales, webhooks, events.
//! `Desk` is the world at one moment: whoever changes something does it there and leaves the events to be sent in `outgoing`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::ids::Ids;
use super::keyring::Keyring;
use super::plan::Plan;
use super::product::Product;
use super::sale::{Refund, Sale};
use super::subscription::Subscription;
use super::times;

/// How long an access token lives unless a test says otherwise: nine hours, in seconds.
pub(super) const TOKEN_SECONDS: i64 = 32_400;
/// How long an unapproved subscription is known unless a test says otherwise: three days, in seconds.
pub(super) const APPROVAL_SECONDS: i64 = 259_200;
/// How long the answer to a request id of products, plans and subscriptions is kept, in hours.
const REPLAY_HOURS: i64 = 72;
/// How long the answer to a request id of a refund is kept, in hours: 45 days.
const REFUND_REPLAY_HOURS: i64 = 45 * 24;
/// The most events kept; the oldest go first.
const MOST_EVENTS: usize = 10_000;

/// Who the merchant's application is; stays through a reset.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) app_id: String,
    pub(super) webhook_id: String,
    pub(super) keyring: Keyring,
}

/// A registered listener. Without an address it is the product's own, wherever that is now.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) url: Option<String>,
    pub(super) event_types: Vec<String>,
    pub(super) serial: u64,
}

/// Which resource a request id made, and when.
#[derive(Clone, Serialize, Deserialize)]
struct Replay {
    id: String,
    at: Timestamp,
}

/// What a request id belongs to; the same text may be used once in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplayKind {
    Product,
    Plan,
    Subscription,
    Capture,
    Refund,
}

/// Durations a test may shorten, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) token_seconds: i64,
    pub(super) approval_seconds: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { token_seconds: TOKEN_SECONDS, approval_seconds: APPROVAL_SECONDS }
    }
}

/// The whole state.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct World {
    pub(super) identity: Option<Identity>,
    pub(super) settings: Settings,
    pub(super) tokens: BTreeMap<String, Timestamp>,
    pub(super) products: BTreeMap<String, Product>,
    pub(super) plans: BTreeMap<String, Plan>,
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    pub(super) sales: BTreeMap<String, Sale>,
    pub(super) refunds: BTreeMap<String, Refund>,
    pub(super) webhooks: BTreeMap<String, Webhook>,
    pub(super) lookups: BTreeMap<String, u64>,
    pub(super) events: Vec<Event>,
    pub(super) outgoing: Vec<String>,
    replays: BTreeMap<String, Replay>,
    serial: u64,
}

impl World {
    /// Nothing but the application and its own webhook.
    pub(super) fn fresh(identity: Identity) -> Self {
        let webhook = Webhook { id: identity.webhook_id.clone(), url: None, event_types: vec!["*".to_owned()], serial: 0 };
        Self { webhooks: BTreeMap::from([(webhook.id.clone(), webhook)]), identity: Some(identity), ..Self::default() }
    }

    /// A number larger than all before: what was made first sorts first.
    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The subscription of this id.
    pub(super) fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.get(id).filter(|subscription| !subscription.gone)
    }

    /// The plan that governs a subscription: its own copy where it overrides something, or the plan it was made from.
    pub(super) fn terms<'a>(&'a self, subscription: &'a Subscription) -> Option<&'a Plan> {
        subscription.own_plan.as_ref().or_else(|| self.plans.get(&subscription.plan_id))
    }

    /// The event of this id.
    pub(super) fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().rev().find(|event| event.id == id)
    }

    /// The event of this id, to be changed.
    pub(super) fn event_mut(&mut self, id: &str) -> Option<&mut Event> {
        self.events.iter_mut().rev().find(|event| event.id == id)
    }

    /// Whether a bearer token is good at this moment.
    pub(super) fn token_holds(&self, token: &str, now: Timestamp) -> bool {
        self.tokens.get(token).is_some_and(|until| *until > now)
    }
}

/// The world at one moment.
pub(super) struct Desk<'a> {
    pub(super) world: &'a mut World,
    /// The moment, in whole seconds.
    pub(super) now: Timestamp,
    /// The base URL of this server, for links.
    pub(super) site: &'a str,
    /// Who names what is made.
    pub(super) ids: &'a Ids,
}

impl Desk<'_> {
    /// The resource an earlier request of this id made, as long as that is remembered.
    pub(super) fn replayed(&self, kind: ReplayKind, request_id: Option<&str>) -> Option<String> {
        let replay = self.world.replays.get(&replay_key(kind, request_id?))?;
        let kept = SignedDuration::from_hours(if kind == ReplayKind::Refund { REFUND_REPLAY_HOURS } else { REPLAY_HOURS });
        (times::later(replay.at, kept) > self.now).then(|| replay.id.clone())
    }

    /// Remembers what a request of this id made, counted from its first time.
    pub(super) fn remember(&mut self, kind: ReplayKind, request_id: Option<&str>, id: &str) {
        if let Some(request_id) = request_id.filter(|_| self.replayed(kind, request_id).is_none()) {
            let replay = Replay { id: id.to_owned(), at: self.now };
            self.world.replays.insert(replay_key(kind, request_id), replay);
        }
    }

    /// A new access token and the seconds it lives.
    pub(super) fn grant_token(&mut self) -> (String, i64) {
        let now = self.now;
        self.world.tokens.retain(|_, until| *until > now);
        let seconds = self.world.settings.token_seconds;
        let token = format!("A21AA{}", self.ids.token(92));
        self.world.tokens.insert(token.clone(), times::later(now, SignedDuration::from_secs(seconds)));
        (token, seconds)
    }

    /// Puts an event down to be sent.
    pub(super) fn publish(&mut self, event: Event) {
        self.world.outgoing.push(event.id.clone());
        self.world.events.push(event);
        let surplus = self.world.events.len().saturating_sub(MOST_EVENTS);
        self.world.events.drain(..surplus);
    }
}

fn replay_key(kind: ReplayKind, request_id: &str) -> String {
    format!("{kind:?} {request_id}")
}
