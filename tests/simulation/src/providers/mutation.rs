//! What is falsified on the providers' side of the wire, to see whether stories notice: each mutation takes
//! from the product the worth of one guard, as if it had been left out.
//!
//! A mutation lies by the providers' own words alone; what really happened stays as it is, and is seen by
//! whoever checks. Also here: the row that a list leaves out, which is no mutation but what WHAPI does.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{Method, header};
use jiff::{SignedDuration, Timestamp};
use sandbox::whapi::Whapi;
use sandbox::{Clock, MANAGER_HOST, PAYPAL_HOST};
use serde_json::{Value, json};

use super::passage::Whole;
use super::weather::Weather;
use crate::dice::Dice;

/// How long a lie about one call is told: longer than anybody looks for its outcome.
const LIE_TIME: SignedDuration = SignedDuration::from_mins(15);

/// A guard of the product that is made worthless at the providers' wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProviderMutation {
    /// The reading back of an extension whose answer was lost: WHAPI answers as if nothing had happened.
    FalseReadBack,
    /// The second sweep for a creation whose answer was lost: no list shows the channel, however often it is read.
    SecondSweep,
    /// The reading again of a sale: PayPal says that every sale is completed.
    SaleAlwaysCompleted,
    /// The wait before “it did not happen” may be said: late requests arrive after it.
    LateAfterWait,
}

impl ProviderMutation {
    /// Every mutation.
    pub const ALL: [Self; 4] = [Self::FalseReadBack, Self::SecondSweep, Self::SaleAlwaysCompleted, Self::LateAfterWait];

    /// Its name for commands and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FalseReadBack => "read-back",
            Self::SecondSweep => "second-sweep",
            Self::SaleAlwaysCompleted => "sale-reread",
            Self::LateAfterWait => "late-wait",
        }
    }
}

/// What a request asks for, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Creation,
    Extension(String),
    Channel,
    List,
    Sale,
    Sales,
    Other,
}

impl Asked {
    pub(super) fn new(host: &str, method: &Method, path: &str) -> Self {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (host, method.as_str(), segments.as_slice()) {
            (MANAGER_HOST, "PUT", ["channels"]) => Self::Creation,
            (MANAGER_HOST, "POST", ["channels", id, "extend"]) => Self::Extension((*id).to_owned()),
            (MANAGER_HOST, "GET", ["channels", "list", ..]) => Self::List,
            (MANAGER_HOST, "GET", ["channels", _]) => Self::Channel,
            (PAYPAL_HOST, "GET", ["v1", "payments", "sale", _]) => Self::Sale,
            (PAYPAL_HOST, "GET", ["v1", "billing", "subscriptions", _, "transactions"]) => Self::Sales,
            _ => Self::Other,
        }
    }
}

/// Falsifies what a mutation says.
pub(super) struct Mutant {
    whapi: Whapi,
    clock: Clock,
    mutation: Option<ProviderMutation>,
    memory: Mutex<Memory>,
}

/// Each by the channel's id.
#[derive(Default)]
struct Memory {
    /// Until when a channel is said to end as it did before, and when that was.
    stale: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Until when a channel is hidden.
    hidden: BTreeMap<String, Timestamp>,
    /// When a row was left out.
    skipped: BTreeMap<String, Timestamp>,
}

impl Mutant {
    pub(super) fn new(whapi: Whapi, clock: Clock, mutation: Option<ProviderMutation>) -> Self {
        Self { whapi, clock, mutation, memory: Mutex::default() }
    }

    fn is(&self, mutation: ProviderMutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// A call is about to be done, or to be late, whose caller will not hear of it.
    pub(super) fn unheard(&self, asked: &Asked) {
        let Asked::Extension(id) = asked else { return };
        if !self.is(ProviderMutation::FalseReadBack) {
            return;
        }
        let channel = self.whapi.channels().into_iter().find(|channel| channel.id == *id && channel.departed.is_none());
        if let Some(channel) = channel {
            let until = self.lie_until();
            self.memory().stale.entry(id.clone()).and_modify(|lie| lie.0 = until).or_insert((until, channel.active_till));
        }
    }

    /// A call was done whose caller does not hear this answer.
    pub(super) fn unheard_answer(&self, asked: &Asked, whole: &Whole) {
        let made = serde_json::from_slice::<Value>(&whole.body).ok();
        let id = made.as_ref().and_then(|made| made.get("id")).and_then(Value::as_str);
        if let (Asked::Creation, Some(id), true) = (asked, id, self.is(ProviderMutation::SecondSweep)) {
            let until = self.lie_until();
            self.memory().hidden.insert(id.to_owned(), until);
        }
    }

    /// The answer as the caller is to see it.
    pub(super) fn falsify(&self, asked: &Asked, whole: Whole) -> Whole {
        match (self.mutation, asked) {
            (Some(ProviderMutation::FalseReadBack), Asked::Channel) => changed(whole, |answer| self.make_stale(answer)),
            (Some(ProviderMutation::FalseReadBack), Asked::List) => {
                changed(whole, |answer| rows(answer).into_iter().flatten().for_each(|row| self.make_stale(row)))
            }
            (Some(ProviderMutation::SecondSweep), Asked::List) => changed(whole, |answer| {
                let (hidden, now) = (self.memory().hidden.clone(), self.clock.now());
                without(answer, |id| hidden.get(id).is_some_and(|until| *until > now));
            }),
            (Some(ProviderMutation::SaleAlwaysCompleted), Asked::Sale) => changed(whole, complete_sale),
            (Some(ProviderMutation::SaleAlwaysCompleted), Asked::Sales) => changed(whole, complete_sales),
            _ => whole,
        }
    }

    /// A row that a list may leave out, if there is one.
    pub(super) fn skippable(&self, whole: &Whole, dice: &Dice) -> Option<String> {
        let mut answer: Value = serde_json::from_slice(&whole.body).ok()?;
        let memory = self.memory();
        let rested = |id: &str| {
            let pause = SignedDuration::try_from(Weather::skip_pause()).unwrap_or(SignedDuration::MAX);
            memory.skipped.get(id).is_none_or(|at| self.clock.now().duration_since(*at) > pause)
        };
        let ids: Vec<String> = rows(&mut answer)?.iter().filter_map(|row| Some(row.get("id")?.as_str()?.to_owned())).collect();
        let ids: Vec<String> = ids.into_iter().filter(|id| rested(id)).collect();
        (!ids.is_empty()).then(|| dice.pick(&ids).clone())
    }

    /// The list without that row.
    pub(super) fn skip(&self, whole: Whole, id: &str) -> Whole {
        let now = self.clock.now();
        self.memory().skipped.insert(id.to_owned(), now);
        changed(whole, |answer| without(answer, |row| row == id))
    }

    fn make_stale(&self, channel: &mut Value) {
        let id = channel.get("id").and_then(Value::as_str).unwrap_or_default();
        let lie = self.memory().stale.get(id).copied().filter(|(until, _)| *until > self.clock.now());
        if let (Some((_, active_till)), Some(members)) = (lie, channel.as_object_mut()) {
            members.insert("activeTill".to_owned(), json!(active_till.as_millisecond()));
        }
    }

    fn lie_until(&self) -> Timestamp {
        self.clock.now().checked_add(LIE_TIME).unwrap_or(Timestamp::MAX)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer with other words; one that is no JSON stays as it is.
fn changed(mut whole: Whole, change: impl FnOnce(&mut Value)) -> Whole {
    if let Ok(mut answer) = serde_json::from_slice::<Value>(&whole.body) {
        change(&mut answer);
        whole.body = answer.to_string().into();
        whole.head.headers.remove(header::CONTENT_LENGTH);
    }
    whole
}

fn rows(answer: &mut Value) -> Option<&mut Vec<Value>> {
    answer.get_mut("channels")?.as_array_mut()
}

/// Takes rows out of a list, and out of what it counts.
fn without(answer: &mut Value, is_out: impl Fn(&str) -> bool) {
    let Some(rows) = rows(answer) else { return };
    let before = rows.len();
    rows.retain(|row| !row.get("id").and_then(Value::as_str).is_some_and(&is_out));
    let gone = before - rows.len();
    for name in ["count", "total"] {
        if let Some(number) = answer.get_mut(name) {
            *number = json!(number.as_u64().unwrap_or_default().saturating_sub(gone as u64));
        }
    }
}

fn complete_sale(sale: &mut Value) {
    let Some(members) = sale.as_object_mut().filter(|members| members.contains_key("state")) else { return };
    members.insert("state".to_owned(), json!("completed"));
    members.remove("payment_hold_status");
    members.remove("payment_hold_reasons");
}

fn complete_sales(answer: &mut Value) {
    let sales = answer.get_mut("transactions").and_then(Value::as_array_mut);
    for members in sales.into_iter().flatten().filter_map(Value::as_object_mut) {
        members.insert("status".to_owned(), json!("COMPLETED"));
        members.remove("status_details");
    }
}
