//! Crash points: each flow is cut short after each of the changes that it makes, in turn, or what it asks of a provider
//! is lost, or the answer; it goes on by itself, and people repeat under the same key what was not answered. In the end
//! all must be as if nothing had happened, the answers too. Exhaustive; no seed decides where.
//!
//! All points of a test lie in one world, one after the other; what counts is by how much each changes the customer's
//! figures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::id::UserId;
use sandbox::whapi::Hand;

use crate::checks::{self, Scene};
use crate::dice::Dice;
use crate::hands::Hands;
use crate::life::{Mishap, Trap};
use crate::machine::Function;
use crate::rest;
use crate::story::{Act, Climate, Step};
use crate::world::World;

/// More changes than any flow makes.
const MOST_CHANGES: u32 = 60;
/// More customers than any test has.
const MOST_CUSTOMERS: usize = 200;
/// How people are answered when what they want is done.
const DONE: [&str; 4] = ["200", "201", "202", "done"];
/// How long after a customer the next one comes: so long that WHAPI's limit of creations keeps nobody waiting.
const PAUSE: Duration = Duration::from_secs(180);

/// What is tried.
#[derive(Clone, Copy)]
struct Flow {
    /// What was done before, with time to come to rest after each of these.
    before: &'static [&'static [Act]],
    /// What something befalls; where there are several, they take turns.
    acts: &'static [&'static [Act]],
    /// Whether one customer can do it again and again; otherwise each point has a customer of its own.
    repeats: bool,
}

const PAID: &[&[Act]] = &[&[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }]];
const RICH: &[&[Act]] = &[&[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }], &[Act::Grant { days: 3_000 }]];
const RICH_WITH_CHANNEL: &[&[Act]] =
    &[&[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }], &[Act::Add], &[Act::Grant { days: 3_000 }]];
const WITH_CHANNEL: &[&[Act]] = &[&[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }], &[Act::Add]];
/// All days are on one channel, another waits for some.
const WAITING: &[&[Act]] = &[&[Act::SignUp, Act::Subscribe { plan: 1 }, Act::Approve { back: 0 }], &[Act::Add, Act::Add]];

const TO_OPEN: &[Act] = &[Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }];
const TO_DUO: &[Act] = &[Act::Subscribe { plan: 1 }, Act::Approve { back: 0 }];

const MAKING: Flow = Flow { before: RICH, acts: &[&[Act::Add]], repeats: true };
const EXTENDING: Flow = Flow { before: RICH_WITH_CHANNEL, acts: &[&[Act::Extend { channel: 0, days: 5 }]], repeats: true };
const FEEDING: Flow = Flow { before: WAITING, acts: &[&[Act::Grant { days: 30 }]], repeats: false };
const GIVING: Flow = Flow { before: PAID, acts: &[&[Act::Grant { days: 4 }]], repeats: true };
const DELETING: Flow = Flow { before: WITH_CHANNEL, acts: &[&[Act::Delete { channel: 0 }]], repeats: false };
const BUYING: Flow = Flow { before: &[&[Act::SignUp]], acts: &[TO_OPEN], repeats: false };
const RENEWING: Flow = Flow { before: PAID, acts: &[&[Act::Renew]], repeats: true };
const CANCELLING: Flow = Flow { before: PAID, acts: &[&[Act::CancelHere]], repeats: false };
const REPLACING: Flow = Flow { before: PAID, acts: &[TO_DUO, TO_OPEN], repeats: true };

/// Where flows are played.
struct Stage {
    world: Arc<World>,
    hands: Hands,
}

/// A customer's figures, or by how much they changed.
type Figures = BTreeMap<String, i64>;

/// What came of a flow: what people were answered, and by how much their figures changed.
type Came = (Vec<String>, Figures);

impl Stage {
    async fn new() -> Self {
        let world = Arc::new(World::new(11, Climate::default(), None).await);
        let hands = Hands::new(Arc::clone(&world), MOST_CUSTOMERS, Dice::of(11, "hands")).patient();
        Self { world, hands }
    }

    async fn settle(&self) {
        assert_eq!(rest::settle(&self.world).await, Ok(()));
    }

    async fn act(&self, who: usize, act: Act) -> String {
        self.hands.play(&Step { number: 0, after: Duration::ZERO, who, act }).await
    }

    /// A new customer, with whom all is done that is before a flow.
    async fn prepare(&self, flow: Flow) -> usize {
        let who = self.hands.users().len();
        for acts in flow.before {
            for act in *acts {
                self.act(who, *act).await;
            }
            self.settle().await;
        }
        who
    }

    /// Plays some acts with a trap for a function.
    async fn play(&self, acts: &[Act], who: usize, function: Function, trap: &Arc<Trap>) -> Came {
        let before = self.figures(who);
        self.world.machine.set_trap(function, trap);
        let mut answers = Vec::new();
        for act in acts {
            answers.push(self.act(who, *act).await);
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        self.settle().await;
        self.world.machine.set_trap(function, &Trap::at(0, Mishap::Death));
        let mut change = self.figures(who);
        for (name, figure) in before {
            *change.entry(name).or_default() -= figure;
        }
        change.retain(|_, figure| *figure != 0);
        tokio::time::sleep(PAUSE).await;
        (answers, change)
    }

    fn figures(&self, who: usize) -> Figures {
        let scene = Scene::of(&self.world, self.hands.users(), false);
        figures(&scene, &scene.users[who])
    }

    /// Lets a mishap befall a flow at each change that a function makes in it.
    async fn befall(&self, flow: Flow, function: Function, mishap: Mishap) {
        let mut who = self.prepare(flow).await;
        let mut turns = flow.acts.iter().cycle();
        let nowhere = Trap::at(MOST_CHANGES + 1, mishap);
        let whole = self.play(turns.next().unwrap(), who, function, &nowhere).await;
        let refused: Vec<_> = whole.0.iter().filter(|answer| !DONE.contains(&answer.as_str())).collect();
        assert!(refused.is_empty(), "{refused:?}");
        for change in 1..=MOST_CHANGES {
            if !flow.repeats {
                who = self.prepare(flow).await;
            }
            let trap = Trap::at(change, mishap);
            let came = self.play(turns.next().unwrap(), who, function, &trap).await;
            assert_eq!(came, whole, "{mishap:?} of {} at change {change}", function.crate_name());
            if !trap.has_sprung() {
                assert!(change > 1, "{} changes nothing in this flow", function.crate_name());
                return;
            }
        }
        panic!("{} makes more changes than are tried", function.crate_name());
    }

    /// All adds up; and what is done is done: whatever runs again changes nothing.
    async fn end(&self) {
        let mut ends = Vec::new();
        for _ in 0..2 {
            let scene = Scene::of(&self.world, self.hands.users(), false);
            let broken = checks::all(&scene).await;
            assert!(broken.is_empty(), "{broken:#?}");
            ends.push(scene.users.iter().map(|user| figures(&scene, user)).collect::<Vec<_>>());
            for job in ["sweep", "reconcile-paypal", "reconcile-whapi"] {
                self.world.schedule.run(job).await;
            }
            self.settle().await;
        }
        assert_eq!(ends[0], ends[1]);
    }
}

/// Tries all of these in one world.
fn try_everywhere(mishap: Mishap, flows: &[(Flow, &[Function])]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let stage = Stage::new().await;
        for (flow, functions) in flows {
            for function in *functions {
                stage.befall(*flow, *function, mishap).await;
            }
        }
        stage.end().await;
    });
}

/// All that counts of a customer, summed.
fn figures(scene: &Scene, user: &UserId) -> Figures {
    let mut figures = Figures::new();
    let mut add = |name: String, figure: i64| *figures.entry(name).or_default() += figure;
    let account = scene.account(user);
    for name in ["days_remaining", "days_total", "days_consumed", "channels_used"] {
        add(name.to_owned(), account.number(name).unwrap_or_default());
    }
    for entry in scene.entries(user) {
        let cause = entry.text("cause").and_then(|cause| cause.split(':').next()).unwrap_or_default();
        let name = format!("{} by {cause}", entry.text("kind").unwrap_or_default());
        add(format!("days of {name}"), entry.number("days").unwrap_or_default());
        add(name, 1);
    }
    for channel in scene.channels(user) {
        let there = channel.text("ref").and_then(|channel_ref| scene.there(channel_ref));
        let mode = there.map(|there| (there.departed.is_some(), there.mode.clone()));
        add(format!("channel {:?}, at WHAPI {mode:?}", channel.text("status")), 1);
        add("days at WHAPI".to_owned(), there.map_or(0, |there| there.days_added_by(Hand::Partner)));
    }
    for ours in scene.subscriptions(user) {
        let there = scene.subscriptions_there.iter().filter(|there| there.custom_id.as_deref() == ours.text("id"));
        let there: Vec<&str> = there.map(|there| there.status.as_str()).collect();
        add(format!("subscription {:?}, at PayPal {there:?}", ours.text("status")), 1);
        add("paid periods".to_owned(), ours.number("paid_periods").unwrap_or_default());
    }
    figures
}

const WORKER: &[Function] = &[Function::Worker];
const CHANNELS: &[Function] = &[Function::Channels];
const CHECKOUT: &[Function] = &[Function::Checkout];

#[test]
fn a_channel_is_made_once_wherever_that_is_cut_short() {
    try_everywhere(Mishap::Death, &[(MAKING, CHANNELS), (MAKING, WORKER)]);
}

#[test]
fn days_reach_a_channel_once_wherever_that_is_cut_short() {
    try_everywhere(Mishap::Death, &[(EXTENDING, CHANNELS), (EXTENDING, WORKER), (GIVING, &[Function::Admin]), (FEEDING, WORKER)]);
}

#[test]
fn a_channel_goes_and_its_days_come_back_once_wherever_that_is_cut_short() {
    try_everywhere(Mishap::Death, &[(DELETING, CHANNELS), (DELETING, WORKER)]);
}

#[test]
fn channels_are_made_extended_and_deleted_once_whatever_whapi_is_asked_is_lost() {
    for mishap in [Mishap::RequestLost, Mishap::AnswerLost] {
        try_everywhere(mishap, &[(MAKING, WORKER), (EXTENDING, WORKER), (DELETING, WORKER)]);
    }
}

#[test]
fn a_plan_is_bought_and_paid_once_wherever_that_is_cut_short() {
    try_everywhere(Mishap::Death, &[(BUYING, CHECKOUT), (RENEWING, &[Function::PaypalWebhook]), (RENEWING, WORKER)]);
}

#[test]
fn a_plan_is_cancelled_and_replaced_wherever_that_is_cut_short() {
    try_everywhere(Mishap::Death, &[(CANCELLING, CHECKOUT), (CANCELLING, WORKER), (REPLACING, WORKER)]);
}

#[test]
fn plans_are_bought_and_cancelled_once_whatever_paypal_is_asked_is_lost() {
    for mishap in [Mishap::RequestLost, Mishap::AnswerLost] {
        try_everywhere(mishap, &[(BUYING, CHECKOUT), (CANCELLING, WORKER)]);
    }
}
