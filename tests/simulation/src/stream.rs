//! The table's change stream: read as soon as something changes, so that whoever asks what is due knows it;
//! handed to the relay late, in batches, sometimes twice, and lost when it failed too often. The sweep finds
//! what was lost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use jiff::Timestamp;
use serde_json::{Value, json};
use stack::aws::tables::{Attempt, Tables};
use stack::sources::matches;
use tokio::sync::Notify;

use crate::aws::Cloud;
use crate::checks::Broken;
use crate::dice::Dice;
use crate::machine::{Code, Function, Machine};
use crate::tally::Tally;

/// The most records that one look takes.
const LOOK_LIMIT: usize = 1_000;
/// The longest that a change usually waits before the relay hears of it, in milliseconds.
const USUAL_MS: u64 = 800;

/// Which record of the table.
pub(crate) type Place = (String, String);

/// How the relay follows the stream; the numbers are the template's.
#[derive(Clone, Debug)]
pub(crate) struct StreamRules {
    pub(crate) batch_size: usize,
    pub(crate) retries: u32,
    pub(crate) filters: Vec<Value>,
    /// How many of a thousand batches come twice.
    pub(crate) permille: u32,
}

/// What the stream has told so far.
#[derive(Default)]
struct State {
    iterator: Option<String>,
    /// Changes that somebody waits for and the relay has not heard of.
    waiting: VecDeque<Value>,
    /// When each unfinished record is due.
    due: BTreeMap<Place, (String, Timestamp)>,
    delivering: bool,
    calm: bool,
    broken: Vec<Broken>,
}

/// The stream of one story's table.
pub(crate) struct Stream {
    arn: String,
    rules: StreamRules,
    state: Mutex<State>,
    /// Told whenever what is due has changed.
    pub(crate) due_changed: Notify,
    more: Notify,
    dice: Dice,
    tally: Tally,
}

fn records(tables: &Tables, operation: &str, request: &Value) -> Value {
    match tables.call(operation, request.to_string().as_bytes()) {
        Attempt::Done(json) => serde_json::from_slice(&json).unwrap(),
        Attempt::Refused(error) => panic!("{operation}: {error}"),
        Attempt::Elsewhere => panic!("{operation}: not understood"),
    }
}

impl Stream {
    pub(crate) fn new(arn: String, rules: StreamRules, dice: Dice, tally: Tally) -> Self {
        Self { arn, rules, state: Mutex::default(), due_changed: Notify::new(), more: Notify::new(), dice, tally }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every batch comes once.
    pub(crate) fn calm(&self) {
        self.state().calm = true;
    }

    /// What was wrong at any moment.
    pub(crate) fn broken(&self) -> Vec<Broken> {
        self.state().broken.clone()
    }

    /// Whether the relay has heard of everything.
    pub(crate) fn is_quiet(&self) -> bool {
        let state = self.state();
        state.waiting.is_empty() && !state.delivering
    }

    /// When the next of it is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.state().due.values().map(|(_, at)| *at).min()
    }

    /// Reads what has changed.
    pub(crate) fn look(&self, tables: &Tables) {
        let mut state = self.state();
        let iterator = state.iterator.take().unwrap_or_else(|| self.beginning(tables));
        let found = records(tables, "GetRecords", &json!({ "ShardIterator": iterator, "Limit": LOOK_LIMIT }));
        state.iterator = found["NextShardIterator"].as_str().map(str::to_owned);
        let Some(changes) = found["Records"].as_array() else { return };
        for change in changes {
            note(&mut state.due, change);
            state.broken.extend(watch(change));
            let mut change = change.clone();
            change["eventSourceARN"] = Value::String(self.arn.clone());
            if matches(&self.rules.filters, &change) {
                state.waiting.push_back(change);
            }
        }
        if !changes.is_empty() {
            self.due_changed.notify_one();
            self.more.notify_one();
        }
    }

    fn beginning(&self, tables: &Tables) -> String {
        let described = records(tables, "DescribeStream", &json!({ "StreamArn": self.arn }));
        let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
        let request = json!({ "StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        records(tables, "GetShardIterator", &request)["ShardIterator"].as_str().unwrap().to_owned()
    }

    fn take(&self) -> Vec<Value> {
        let mut state = self.state();
        let many = state.waiting.len().min(self.rules.batch_size);
        state.delivering = many > 0;
        state.waiting.drain(..many).collect()
    }

    /// Reads changes as they happen, until it is dropped.
    pub(crate) async fn follow(self: Arc<Self>, cloud: Arc<Cloud>) {
        loop {
            cloud.changed.notified().await;
            self.look(&cloud.tables);
        }
    }

    /// Hands changes to the relay, until it is dropped.
    pub(crate) async fn relay(self: Arc<Self>, machine: Arc<Machine>) {
        loop {
            let batch = self.take();
            if batch.is_empty() {
                self.more.notified().await;
                tokio::time::sleep(self.dice.time(1, USUAL_MS)).await;
                continue;
            }
            let twice = !self.state().calm && self.dice.permille(self.rules.permille);
            if twice {
                self.tally.count("changes relayed twice");
                self.deliver(&machine, batch.clone()).await;
            }
            self.deliver(&machine, batch).await;
            self.state().delivering = false;
        }
    }

    async fn deliver(&self, machine: &Machine, mut batch: Vec<Value>) {
        for tries in 0..=self.rules.retries {
            let event: Event = serde_json::from_value(json!({ "Records": batch })).unwrap();
            let answer = machine
                .invoke(Function::Relay, async |code| match code {
                    Code::Relay(handler) => handler.call(event).await.ok(),
                    _ => None,
                })
                .await;
            let failed_from = match answer {
                Ok(Some(answer)) => match answer.batch_item_failures.first() {
                    Some(failed) => {
                        batch.iter().position(|change| change["dynamodb"]["SequenceNumber"].as_str() == failed.item_identifier.as_deref())
                    }
                    None => return,
                },
                _ => Some(0),
            };
            batch.drain(..failed_from.unwrap_or(0));
            tokio::time::sleep(Duration::from_millis(200 << tries)).await;
        }
        self.tally.count("changes lost by the relay");
    }
}

/// Remembers whether a record is due after a change.
fn note(due: &mut BTreeMap<Place, (String, Timestamp)>, change: &Value) {
    let change = &change["dynamodb"];
    let text = |of: &str, name: &str| change[of][name]["S"].as_str().map(str::to_owned);
    let place = (text("Keys", "pk").unwrap_or_default(), text("Keys", "sk").unwrap_or_default());
    let at = text("NewImage", "due_at").and_then(|at| at.parse().ok());
    match (at, text("NewImage", "due_kind")) {
        (Some(at), Some(kind)) => {
            due.insert(place, (kind, at));
        }
        _ => {
            due.remove(&place);
        }
    }
}

/// What must hold at every moment: counts never fall below nothing, a channel is never one too many, and every
/// change of a record was made from the version before it.
fn watch(change: &Value) -> Option<Broken> {
    let change = &change["dynamodb"];
    let number = |of: &str, name: &str| change[of][name]["N"].as_str().and_then(|text| text.parse::<i64>().ok());
    let place = format!("{} / {}", change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]);
    for name in ["days_remaining", "days_consumed", "days_frozen", "channels_used"] {
        if let Some(below) = number("NewImage", name).filter(|count| *count < 0) {
            return Some(Broken { check: "nothing is below zero", text: format!("{place}: {name} was {below}") });
        }
    }
    let used = (number("OldImage", "channels_used"), number("NewImage", "channels_used"), number("NewImage", "channels_limit"));
    if let (Some(before), Some(after), Some(limit)) = used
        && after > before
        && after > limit
    {
        return Some(Broken { check: "no more channels than the plan has", text: format!("{place}: {after} of {limit}") });
    }
    let versions = (number("OldImage", "version"), number("NewImage", "version"));
    match versions {
        (Some(before), Some(after)) if after != before + 1 => {
            Some(Broken { check: "every change is of the version before", text: format!("{place}: {before} became {after}") })
        }
        _ => None,
    }
}
