//! Faults on purpose: what a network and a provider do on a bad day, by seeded rules.
//!
//! A plan is replayable: whether the n-th request that a rule looks at is hit depends on the seed,
//! the rule's place in the plan and n, and on nothing else. [`layer`] is put round each provider's
//! router; the deliverer of webhooks asks [`Faults::webhook`]. A `slow` rule that hits lets later
//! rules hit too; any other kind that hits ends the search.
//!
//! Serves no route; `GET·PUT /local/faults` of the local stack shows and sets the plan.

mod apply;
mod plan;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use apply::{FaultLayer, FaultService, layer, refusal};
pub use plan::{FaultKind, FaultPlan, FaultRule, Provider};

/// What a webhook meets on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookFate {
    /// It is sent twice.
    pub duplicated: bool,
    /// It is held back until another one of the provider has overtaken it.
    pub reordered: bool,
    /// It never arrives.
    pub dropped: bool,
}

/// What a request meets before and after its handler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct RequestFate {
    delay_ms: u64,
    ending: Option<Ending>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    LostRequest,
    LostAnswer,
    Status(u16),
    Garbage,
}

/// The plan in force and what it has done; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    plan: FaultPlan,
    tallies: Vec<Tally>,
    hits: BTreeMap<FaultKind, u64>,
}

/// How often a rule looked at something, and how often it hit.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    looked: u64,
    hit: u64,
}

impl Faults {
    /// No faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a plan in force from its beginning; an empty one turns faults off.
    pub fn set(&self, plan: FaultPlan) {
        let mut state = self.lock();
        state.tallies = vec![Tally::default(); plan.rules.len()];
        state.hits.clear();
        state.plan = plan;
    }

    /// The plan in force.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        self.lock().plan.clone()
    }

    /// How often each kind has hit since the plan was set.
    #[must_use]
    pub fn hits(&self) -> BTreeMap<FaultKind, u64> {
        self.lock().hits.clone()
    }

    /// What happens to this webhook; asked once for each, by the deliverer.
    #[must_use]
    pub fn webhook(&self, provider: Provider, method: &str, path: &str) -> WebhookFate {
        let mut state = self.lock();
        let mut ask = |kind| state.first_hit(provider, method, path, &[kind]).is_some();
        let dropped = ask(FaultKind::DropWebhook);
        WebhookFate {
            dropped,
            duplicated: !dropped && ask(FaultKind::DuplicateWebhook),
            reordered: !dropped && ask(FaultKind::ReorderWebhook),
        }
    }

    fn request(&self, provider: Provider, method: &str, path: &str) -> RequestFate {
        let mut state = self.lock();
        let slow = state.first_hit(provider, method, path, &[FaultKind::Slow]);
        let ending = state.first_hit(provider, method, path, &FaultKind::ENDINGS);
        RequestFate { delay_ms: slow.map_or(0, |rule| rule.delay_ms()), ending: ending.as_ref().and_then(ending_of) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ending_of(rule: &FaultRule) -> Option<Ending> {
    match rule.kind {
        FaultKind::LostRequest => Some(Ending::LostRequest),
        FaultKind::LostAnswer => Some(Ending::LostAnswer),
        FaultKind::Status => Some(Ending::Status(rule.status())),
        FaultKind::Garbage => Some(Ending::Garbage),
        _ => None,
    }
}

impl State {
    fn first_hit(&mut self, provider: Provider, method: &str, path: &str, kinds: &[FaultKind]) -> Option<FaultRule> {
        let rules = self.plan.rules.iter().zip(self.tallies.iter_mut());
        for (place, (rule, tally)) in rules.enumerate() {
            if !kinds.contains(&rule.kind) || !rule.concerns(provider, method, path) {
                continue;
            }
            if tally.look(self.plan.seed, place, rule) {
                *self.hits.entry(rule.kind).or_default() += 1;
                return Some(rule.clone());
            }
        }
        None
    }
}

impl Tally {
    fn look(&mut self, seed: u64, place: usize, rule: &FaultRule) -> bool {
        let number = self.looked;
        self.looked += 1;
        let exhausted = rule.times.is_some_and(|times| self.hit >= u64::from(times));
        let hit = !exhausted && draw(seed, place as u64, number) < rule.rate;
        self.hit += u64::from(hit);
        hit
    }
}

/// A number in 0..1 that depends on its arguments alone (SplitMix64).
fn draw(seed: u64, place: u64, number: u64) -> f64 {
    let mixed = scramble(scramble(scramble(seed) ^ place) ^ number);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

fn scramble(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests;
