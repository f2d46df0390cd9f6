//! The hands of a story: customers at the front door, payers and phones at the providers, staff, strangers.
//! Each act says in a few words what came of it.

use std::sync::{Arc, Mutex, PoisonError};

use app::identity::{Claims, Profile, resolve};
use domain::account::Role;
use domain::channel::Channel;
use domain::id::UserId;
use domain::subscription::Subscription;
use http::Method;
use sandbox::ControlResult;
use serde_json::{Value, json};
use store::{Identity, PageRequest};

use crate::dice::Dice;
use crate::front::{Answered, Front, Sent};
use crate::machine::{Code, Function};
use crate::story::{Act, Step};
use crate::world::World;

/// Who vouches for everybody.
const ISSUER: &str = "https://oidc.sim";
/// How often somebody tries a request that failed on our side.
const TRIES: u32 = 3;
/// How often somebody who is patient does.
const PATIENT_TRIES: u32 = 20;
/// The most subscriptions of one customer that are looked at.
const MOST_SUBSCRIPTIONS: usize = 100;

/// Somebody.
#[derive(Debug, Default)]
struct Person {
    identity: Option<Identity>,
}

/// All hands of a story.
pub(crate) struct Hands {
    world: Arc<World>,
    front: Front,
    people: Vec<Mutex<Person>>,
    dice: Dice,
    /// Whether they try again until they are answered.
    patient: bool,
    /// The use cases without weather, to see what a person would see on their screens.
    eyes: app::App,
}

impl Hands {
    pub(crate) fn new(world: Arc<World>, customers: usize, dice: Dice) -> Self {
        let (front, eyes) = (Front::new(Arc::clone(&world.machine)), world.machine.app());
        let people = (0..customers).map(|_| Mutex::default()).collect();
        Self { world, front, people, dice, patient: false, eyes }
    }

    /// The same, and nobody gives up.
    #[cfg(test)]
    pub(crate) fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    fn person(&self, who: usize) -> Option<Identity> {
        self.people[who].lock().unwrap_or_else(PoisonError::into_inner).identity.clone()
    }

    /// The customers by now.
    pub(crate) fn users(&self) -> Vec<UserId> {
        (0..self.people.len()).filter_map(|who| Some(self.person(who)?.user_id)).collect()
    }

    /// Does a step.
    pub(crate) async fn play(&self, step: &Step) -> String {
        let who = step.who;
        if step.act == Act::SignUp {
            return self.sign_up(who).await;
        }
        if let Act::Night { twice } = step.act {
            return self.night(twice).await;
        }
        let Some(me) = self.person(who) else { return "nobody has signed up".to_owned() };
        match step.act {
            Act::SignUp | Act::Night { .. } => String::new(),
            Act::Subscribe { plan } => self.subscribe(&me, plan).await,
            Act::CancelHere => self.cancel_here(&me).await,
            Act::Add => self.add(&me).await,
            Act::Grant { days } => self.grant(&me, days).await,
            Act::Unfreeze => self.unfreeze(&me).await,
            Act::Approve { .. }
            | Act::Renew
            | Act::FailPayment
            | Act::Mend
            | Act::HoldNext
            | Act::Release
            | Act::Refund { .. }
            | Act::Reverse { .. }
            | Act::CancelThere
            | Act::Resend { .. } => self.at_paypal(&me, step.act).await,
            Act::Extend { channel, .. }
            | Act::ExtendMany { channel, .. }
            | Act::Delete { channel }
            | Act::Rename { channel }
            | Act::SwitchRenewal { channel }
            | Act::Code { channel }
            | Act::Scan { channel }
            | Act::Unlink { channel }
            | Act::Refresh { channel }
            | Act::StrangerExtends { channel, .. }
            | Act::StrangerDeletes { channel } => self.on_channel(&me, channel, step.act).await,
        }
    }

    async fn sign_up(&self, who: usize) -> String {
        let claims = Claims { issuer: ISSUER.to_owned(), subject: format!("subject-{who}"), groups: Vec::new() };
        for _ in 0..TRIES {
            let claims = claims.clone();
            let profile = Profile { email: Some(format!("person{who}@example.com")), email_verified: true, name: None };
            let known = self.world.machine.invoke(Function::Authorizer, async move |code| match code {
                Code::App(app) => resolve(&app, &claims, async || Some(profile)).await.ok(),
                _ => None,
            });
            if let Ok(Some(identity)) = known.await {
                self.people[who].lock().unwrap_or_else(PoisonError::into_inner).identity = Some(identity);
                return "known".to_owned();
            }
            tokio::time::sleep(self.dice.time(500, 20_000)).await;
        }
        "gave up".to_owned()
    }

    /// Sends a request, and again under the same key while our side fails.
    async fn ask(&self, function: Function, me: &Identity, sent: Sent) -> Option<Answered> {
        let sent = if sent.method == Method::GET { sent } else { sent.keyed(&format!("{:032x}", self.dice.bits())) };
        let mut last = None;
        for _ in 0..if self.patient { PATIENT_TRIES } else { TRIES } {
            match self.front.call(function, Some(me), &sent).await {
                Ok(answer) if !self.is_to_be_repeated(&answer) => return Some(answer),
                Ok(answer) => last = Some(answer),
                Err(_) => last = None,
            }
            if !self.patient && self.dice.permille(400) {
                break;
            }
            tokio::time::sleep(self.dice.time(500, 90_000)).await;
        }
        last
    }

    /// Whether an answer asks for the same again, as the console understands it when somebody is patient.
    fn is_to_be_repeated(&self, answer: &Answered) -> bool {
        let is_busy = || matches!(answer.json()["code"].as_str(), Some("request_in_progress" | "busy"));
        answer.status >= 500 || (answer.status == 409 && (!self.patient || is_busy()))
    }

    async fn night(&self, twice: bool) -> String {
        if twice {
            let (one, other) = tokio::join!(self.world.schedule.night(), self.world.schedule.night());
            return format!("{one} {other}");
        }
        self.world.schedule.night().await.to_string()
    }

    async fn subscribe(&self, me: &Identity, plan: usize) -> String {
        let plan = &self.world.plans[plan % self.world.plans.len()];
        let body = json!({ "plan_id": plan.as_str(), "payment_method": "paypal" });
        told(self.ask(Function::Checkout, me, Sent::json(Method::POST, "/v1/subscriptions", Some(&body))).await)
    }

    async fn subscriptions(&self, me: &Identity) -> Vec<Subscription> {
        let page = PageRequest::first(MOST_SUBSCRIPTIONS);
        self.eyes.store.custody(&me.user_id).subscriptions(page).await.unwrap().items
    }

    async fn cancel_here(&self, me: &Identity) -> String {
        let all = self.subscriptions(me).await;
        let Some(open) = all.iter().find(|subscription| !subscription.status.is_terminal()) else { return "nothing to cancel".to_owned() };
        let path = format!("/v1/subscriptions/{}/cancel", open.id);
        told(self.ask(Function::Checkout, me, Sent::json(Method::POST, path, None)).await)
    }

    async fn add(&self, me: &Identity) -> String {
        let body = json!({ "name": format!("Shop {}", self.dice.number(1, 999)) });
        told(self.ask(Function::Channels, me, Sent::json(Method::POST, "/v1/channels", Some(&body))).await)
    }

    async fn grant(&self, me: &Identity, days: u32) -> String {
        let body = json!({ "days": days, "reason": "A gift" });
        let path = format!("/v1/admin/users/{}/grant-days", me.user_id);
        told(self.ask(Function::Admin, &admin(me), Sent::json(Method::POST, path, Some(&body))).await)
    }

    async fn unfreeze(&self, me: &Identity) -> String {
        let entries = self.eyes.store.custody(&me.user_id).all_entries().await.unwrap();
        let frozen = entries.iter().rfind(|entry| entry.kind == domain::ledger::EntryKind::Freeze);
        let Some(frozen) = frozen else { return "nothing is frozen".to_owned() };
        let body = json!({ "entry_id": frozen.id.as_str(), "reason": "It was a mistake" });
        let path = format!("/v1/admin/users/{}/release-days", me.user_id);
        told(self.ask(Function::Admin, &admin(me), Sent::json(Method::POST, path, Some(&body))).await)
    }

    /// This customer's subscriptions at PayPal, the newest first.
    async fn at_their_paypal(&self, me: &Identity) -> Vec<Value> {
        let ours: Vec<String> = self.subscriptions(me).await.iter().map(|one| one.id.to_string()).collect();
        let all = self.world.outside.sandbox().paypal.subscriptions().unwrap_or_default();
        let all = all["subscriptions"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|one| one["custom_id"].as_str().is_some_and(|id| ours.iter().any(|our| our == id))).collect()
    }

    async fn at_paypal(&self, me: &Identity, act: Act) -> String {
        let all = self.at_their_paypal(me).await;
        let paypal = &self.world.outside.sandbox().paypal;
        let with = |status: &[&str], back: usize| {
            let found = all.iter().filter(|one| one["status"].as_str().is_some_and(|said| status.contains(&said)));
            found.clone().nth(back).or_else(|| found.clone().next()).and_then(|one| one["subscription_id"].as_str()).map(str::to_owned)
        };
        let sale = |back: usize| {
            let sales = all.iter().flat_map(|one| one["sales"].as_array().into_iter().flatten().rev());
            sales.filter(|sale| sale["state"] == "COMPLETED" || sale["state"] == "completed").nth(back).cloned()
        };
        let running = with(&["ACTIVE"], 0);
        let done = match act {
            Act::Approve { back } => with(&["APPROVAL_PENDING"], back).map(|id| paypal.approve(&id)),
            Act::Renew => running.map(|id| paypal.renew(&id)),
            Act::FailPayment => running.map(|id| paypal.fail_payment(&id)),
            Act::Mend => running.map(|id| paypal.mend(&id)),
            Act::HoldNext => with(&["APPROVAL_PENDING", "ACTIVE"], 0).map(|id| paypal.hold_next_sale(&id)),
            Act::Release => running.map(|id| paypal.release(&id)),
            Act::Refund { back, percent } => sale(back).map(|sale| paypal.refund(text(&sale, "id"), part(&sale, percent).as_deref())),
            Act::Reverse { back } => sale(back).map(|sale| paypal.reverse(text(&sale, "id"), None)),
            Act::CancelThere => with(&["ACTIVE", "SUSPENDED"], 0).map(|id| paypal.cancel(&id)),
            Act::Resend { times } => all.first().map(|one| paypal.resend(text(one, "subscription_id"), times, true)),
            _ => None,
        };
        done.map_or_else(|| "nothing there".to_owned(), |done| said(&done))
    }

    async fn on_channel(&self, me: &Identity, place: usize, act: Act) -> String {
        let channels = self.eyes.store.custody(&me.user_id).all_channels().await.unwrap();
        if channels.is_empty() {
            return "no channel".to_owned();
        }
        let channel = &channels[place % channels.len()];
        let path = format!("/v1/channels/{}", channel.id);
        let whapi = &self.world.outside.sandbox().whapi;
        match act {
            Act::Extend { days, .. } => self.extend(me, channel, days).await,
            Act::ExtendMany { days, times, .. } => {
                let all = (0..times).map(|_| self.extend(me, channel, days));
                futures::future::join_all(all).await.join(", ")
            }
            Act::Delete { .. } => told(self.ask(Function::Channels, me, Sent::json(Method::DELETE, path, None)).await),
            Act::Rename { .. } => {
                let body = json!({ "name": format!("Renamed {}", self.dice.number(1, 999)) });
                told(self.ask(Function::Channels, me, Sent::json(Method::PATCH, path, Some(&body))).await)
            }
            Act::SwitchRenewal { .. } => {
                let body = json!({ "auto_renew": !channel.auto_renew });
                told(self.ask(Function::Channels, me, Sent::json(Method::PATCH, path, Some(&body))).await)
            }
            Act::Refresh { .. } => told(self.ask(Function::Channels, me, Sent::json(Method::POST, format!("{path}/refresh"), None)).await),
            Act::Code { .. } => told(self.ask(Function::Qr, me, Sent::json(Method::GET, format!("{path}/qr"), None)).await),
            Act::Scan { .. } => said(&whapi.scan(channel.id.as_str(), None)),
            Act::Unlink { .. } => said(&whapi.unlink(channel.id.as_str())),
            _ => self.stranger(channel, act),
        }
    }

    async fn extend(&self, me: &Identity, channel: &Channel, days: u32) -> String {
        let path = format!("/v1/channels/{}/extend", channel.id);
        told(self.ask(Function::Channels, me, Sent::json(Method::POST, path, Some(&json!({ "days": days })))).await)
    }

    fn stranger(&self, channel: &Channel, act: Act) -> String {
        let Some(channel_ref) = &channel.channel_ref else { return "not at WHAPI yet".to_owned() };
        let whapi = &self.world.outside.sandbox().whapi;
        said(&match act {
            Act::StrangerExtends { days, .. } => whapi.stranger_extends(channel_ref, i64::from(days)),
            _ => whapi.stranger_deletes(channel_ref),
        })
    }
}

/// The same person as staff: who gives and releases days is not the point of a story.
fn admin(me: &Identity) -> Identity {
    Identity { role: Role::Admin, ..me.clone() }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// So much of a sale's amount, or all of it.
fn part(sale: &Value, percent: u32) -> Option<String> {
    let minor: u64 = text(sale, "amount").replace('.', "").parse().ok()?;
    let part = minor * u64::from(percent) / 100;
    (percent < 100).then(|| format!("{}.{:02}", part / 100, part % 100))
}

fn told(answer: Option<Answered>) -> String {
    match answer {
        None => "no answer".to_owned(),
        Some(answer) if answer.status < 400 => answer.status.to_string(),
        Some(answer) => format!("{} {}", answer.status, answer.json()["code"].as_str().unwrap_or_default()),
    }
}

fn said(done: &ControlResult) -> String {
    match done {
        Ok(_) => "done".to_owned(),
        Err(cause) => cause.to_string(),
    }
}
