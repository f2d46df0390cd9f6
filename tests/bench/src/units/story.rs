//! The operations, told once by somebody who signs up, buys, adds a channel, links it, extends it and
//! deletes it; each with the invocations that it caused.

use domain::id::ChannelId;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use store::PointerKind;

use crate::hook::Hook;
use crate::probe::Call;
use crate::world::{Person, World};
use crate::{Error, Result, prices};

/// A QR code while another one is out: the one that people see every 20 seconds.
pub(super) const QR: &str = "QR code, the next one";
/// A message that came in.
pub(super) const WHAPI_WEBHOOK: &str = "webhook of WHAPI: a message";
/// An event that PayPal signed.
pub(super) const PAYPAL_WEBHOOK: &str = "webhook of PayPal";
/// A sale that becomes days.
pub(super) const CREDIT: &str = "credit of a sale, the whole job";
/// Days for a channel.
pub(super) const EXTEND: &str = "extend a channel";
/// A message, with all that follows.
pub(super) const MESSAGE: &str = WHAPI_WEBHOOK;
/// A payment that renews a subscription, with all that follows.
pub(super) const PAYMENT: &str = "a payment renews the plan";
/// A look for what is due.
pub(super) const SWEEP: &str = "sweep, nothing due";

/// How often a channel is looked at until it works.
const MOST_LOOKS: usize = 30;
/// How far the clock moves between two looks, in seconds.
const LOOK_AFTER: u32 = 61;

/// WHAPI needs a moment before a new channel can be linked, in seconds.
const LINKABLE_AFTER: u32 = 180;

/// An operation and what it caused.
pub(super) struct Story {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether the gateway brought it.
    pub(super) is_http: bool,
    /// The invocations, the operation's own first.
    pub(super) calls: Vec<Call>,
}

/// What invocations ask of the table together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    /// How many they are.
    pub(super) invocations: f64,
    /// Their round trips.
    pub(super) requests: f64,
    /// Their read units.
    pub(super) reads: f64,
    /// Their write units.
    pub(super) writes: f64,
}

impl Sum {
    fn of<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Self {
        calls.into_iter().fold(Self::default(), |sum, call| Self {
            invocations: sum.invocations + 1.0,
            requests: sum.requests + counted(call.usage.requests),
            reads: sum.reads + call.usage.read_units,
            writes: sum.writes + call.usage.write_units,
        })
    }
}

#[allow(clippy::cast_precision_loss, reason = "a count of requests stays far below 2^53")]
fn counted(requests: u64) -> f64 {
    requests as f64
}

impl Story {
    /// The operation's own calls of AWS.
    pub(super) fn own_calls(&self) -> &[&'static str] {
        self.calls.first().map_or(&[], |call| &call.aws)
    }

    /// What the operation itself asks.
    pub(super) fn own(&self) -> Sum {
        Sum::of(self.calls.first())
    }

    /// What it asks with all that follows.
    pub(super) fn all(&self) -> Sum {
        Sum::of(&self.calls)
    }

    /// Dollars for a million of them.
    pub(super) fn dollars_per_million(&self) -> f64 {
        prices::dollars_per_million(&self.calls, self.is_http)
    }
}

/// Tells all stories.
///
/// # Errors
/// What was answered instead.
pub(super) async fn tell_all(world: &World) -> Result<Vec<Story>> {
    let mut teller = Teller { world, stories: Vec::new() };
    let person = teller.tell("first sign-in", "authorizer", world.sign_up("buyer")).await?;
    teller.reads(&person).await?;
    teller.buy(&person).await?;
    let channel = teller.add_channel(&person).await?;
    teller.link(&person, &channel).await?;
    teller.spend(&person, &channel).await?;
    let sweep = async { world.stack().run_job("sweep").await.transpose().map_err(Error::from) };
    teller.tell(SWEEP, "schedule", sweep).await?;
    Ok(teller.stories)
}

struct Teller<'a> {
    world: &'a World,
    stories: Vec<Story>,
}

impl Teller<'_> {
    /// Does something and waits for all that follows; its own invocation is the first of that function.
    async fn tell<T>(&mut self, name: &'static str, function: &str, act: impl Future<Output = Result<T>>) -> Result<T> {
        self.world.settle().await?;
        self.world.probe.take();
        let done = act.await.map_err(|error| Error::from(format!("{name}: {error}")))?;
        self.world.settle().await?;
        let calls = own_first(self.world.probe.take(), function);
        let is_http = !matches!(function, "worker" | "schedule" | "authorizer");
        self.stories.push(Story { name, is_http, calls });
        Ok(done)
    }

    async fn reads(&mut self, person: &Person) -> Result<()> {
        let world = self.world;
        self.tell("profile", "account", world.get(person, "/v1/me")).await?;
        self.tell("balance", "account", world.get(person, "/v1/balance")).await?;
        self.tell("movements of days", "account", world.get(person, "/v1/balance/entries")).await?;
        self.tell("plans", "plans", world.get(person, "/v1/plans")).await.map(drop)
    }

    async fn buy(&mut self, person: &Person) -> Result<()> {
        let world = self.world;
        let plan = plan(world, "Scale").await?;
        let wish = json!({ "plan_id": plan, "payment_method": "paypal" });
        let begun = self.tell("begin a checkout", "paypal_checkout", world.post(person, "/v1/subscriptions", wish)).await?;
        let said = json!({ "subscription_id": begun["subscription"]["id"] });
        self.tell("the first payment", "paypal_webhook", world.control("paypal/approve", said.clone())).await?;
        self.tell(PAYMENT, "paypal_webhook", world.control("paypal/renew", said)).await?;
        self.part(PAYMENT, PAYPAL_WEBHOOK, "paypal_webhook", true);
        self.part(PAYMENT, CREDIT, "worker", false);
        Ok(())
    }

    /// The invocation of a story that wrote most, told on its own.
    fn part(&mut self, of: &str, name: &'static str, function: &str, is_http: bool) {
        let told = self.stories.iter().filter(|story| story.name == of).flat_map(|story| &story.calls);
        let most = told.filter(|call| call.function == function).max_by(|a, b| a.usage.write_units.total_cmp(&b.usage.write_units));
        let calls: Vec<Call> = most.cloned().into_iter().collect();
        self.stories.push(Story { name, is_http, calls });
    }

    async fn add_channel(&mut self, person: &Person) -> Result<String> {
        let world = self.world;
        let added = self.tell("add a channel", "channels", world.post(person, "/v1/channels", json!({ "name": "Front desk" }))).await?;
        let id = added["channel"]["id"].as_str().unwrap_or_default().to_owned();
        for _ in 0..MOST_LOOKS {
            let is_active = world.get(person, &format!("/v1/channels/{id}")).await?["status"] == "active";
            // What is left of setting it up is done by the next look.
            world.advance_seconds(LOOK_AFTER).await?;
            if is_active {
                world.advance_seconds(LINKABLE_AFTER).await?;
                return Ok(id);
            }
        }
        Err(format!("the channel {id} does not get ready").into())
    }

    async fn link(&mut self, person: &Person, channel: &str) -> Result<()> {
        let world = self.world;
        let (code, state) = (format!("/v1/channels/{channel}/qr"), format!("/v1/channels/{channel}/link"));
        self.tell("channels, a page", "channels", world.get(person, "/v1/channels")).await?;
        self.tell("one channel", "channels", world.get(person, &format!("/v1/channels/{channel}"))).await?;
        self.tell("QR code, the first", "qr", world.get(person, &code)).await?;
        self.tell(QR, "qr", world.get(person, &code)).await?;
        self.tell("how far linking is", "qr", world.get(person, &state)).await?;
        let scan = json!({ "channel_id": channel });
        self.tell("a number is linked", "whapi_webhook", world.control("whapi/scan", scan)).await?;
        let message = whapi_message(world, channel).await?;
        self.tell(WHAPI_WEBHOOK, "whapi_webhook", world.send(message)).await.map(drop)
    }

    async fn spend(&mut self, person: &Person, channel: &str) -> Result<()> {
        let world = self.world;
        let path = format!("/v1/channels/{channel}");
        self.tell(EXTEND, "channels", world.post(person, &format!("{path}/extend"), json!({ "days": 1 }))).await?;
        self.tell("refresh a channel", "channels", world.post(person, &format!("{path}/refresh"), json!({}))).await?;
        self.tell("history of a channel", "channels", world.get(person, &format!("{path}/history"))).await?;
        let delete = world.request(Method::DELETE, &path).bearer_auth(&person.token);
        self.tell("delete a channel", "channels", world.send(delete)).await.map(drop)
    }
}

/// The invocations without the clock's own and without the authorizer's, whose answers the gateway keeps for a
/// minute; that of the operation first.
fn own_first(calls: Vec<Call>, function: &str) -> Vec<Call> {
    let asked_for = |call: &Call| call.function == function || !matches!(call.function, "schedule" | "authorizer");
    let mut calls: Vec<Call> = calls.into_iter().filter(asked_for).collect();
    if let Some(own) = calls.iter().position(|call| call.function == function) {
        calls[..=own].rotate_right(1);
    }
    calls
}

/// A message that came in on a channel, as WHAPI sends it.
async fn whapi_message(world: &World, channel: &str) -> Result<RequestBuilder> {
    let (app, id) = (world.app("worker")?, ChannelId::parse(channel).map_err(|error| Error::from(error.to_string()))?);
    let pointer = app.store.pointer(PointerKind::Channel, channel).await?.ok_or("the channel is nobody's")?;
    let known = app.store.custody(&pointer.user_id).channel(&id).await?.ok_or("the channel is gone")?;
    let hook = Hook::new(&app, &id, known.channel_ref.unwrap_or_default()).await?;
    Ok(hook.message(world, 0))
}

async fn plan(world: &World, name: &str) -> Result<String> {
    let plans = world.send(world.request(Method::GET, "/v1/plans")).await?;
    let mut items = plans["items"].as_array().into_iter().flatten();
    let found = items.find(|plan| plan["name"] == name).and_then(|plan| plan["id"].as_str());
    found.map(str::to_owned).ok_or_else(|| Error::from(format!("no plan {name}")))
}
