//! Crash points: each flow is cut short after each of the changes that it makes, in turn, and goes on by itself.
//! In the end all must be as if nothing had happened. Exhaustive; no seed decides where.

use std::sync::Arc;
use std::time::Duration;

use sandbox::whapi::Hand;

use crate::checks::{self, Scene};
use crate::dice::Dice;
use crate::hands::Hands;
use crate::life::Trap;
use crate::machine::Function;
use crate::rest;
use crate::story::{Act, Climate, Step};
use crate::table::Item;
use crate::world::World;

/// More changes than any flow makes.
const MOST_CHANGES: u32 = 60;

/// What is tried.
struct Flow {
    /// What was done before, with time to come to rest after each.
    before: &'static [Act],
    /// What is cut short.
    acts: &'static [Act],
    /// Whose invocations die.
    functions: &'static [Function],
}

const PAID: &[Act] = &[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }];
const WITH_CHANNEL: &[Act] = &[Act::SignUp, Act::Subscribe { plan: 3 }, Act::Approve { back: 0 }, Act::Add];

/// Plays a flow whose invocations of a function die at that change; tells how all ended, and whether anybody died.
fn play(flow: &Flow, function: Function, change: u32) -> (Vec<String>, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = Arc::new(World::new(11, Climate::default(), None).await);
        let hands = Hands::new(Arc::clone(&world), 1, Dice::of(11, "hands")).patient();
        for act in flow.before {
            hands.play(&step(*act)).await;
            settle(&world).await;
        }
        let trap = Trap::at(change, false);
        world.machine.set_trap(function, &trap);
        for act in flow.acts {
            hands.play(&step(*act)).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        settle(&world).await;
        // What is done is done: whatever runs again changes nothing.
        for _ in 0..2 {
            world.schedule.run("sweep").await;
            world.schedule.run("reconcile-paypal").await;
            settle(&world).await;
        }
        (summary(&world, &hands).await, trap.has_sprung())
    })
}

fn step(act: Act) -> Step {
    Step { number: 0, after: Duration::ZERO, who: 0, act }
}

async fn settle(world: &World) {
    let restless = rest::settle(world).await;
    assert_eq!(restless, Ok(()));
}

/// All that counts, without ids and times.
async fn summary(world: &World, hands: &Hands) -> Vec<String> {
    let scene = Scene::of(world, hands.users(), false);
    let broken = checks::all(&scene).await;
    assert!(broken.is_empty(), "{broken:#?}");
    let mut lines = Vec::new();
    for user in &scene.users {
        let account = scene.account(user);
        let count = |name: &str| account.number(name).unwrap_or_default();
        lines.push(format!("{} of {} days, {} channels", count("days_remaining"), count("days_total"), count("channels_used")));
        lines.extend(scene.entries(user).into_iter().map(entry));
        lines.extend(scene.channels(user).into_iter().map(|channel| of_channel(&scene, channel)));
        lines.extend(scene.subscriptions(user).into_iter().map(|one| of_subscription(&scene, one)));
    }
    lines.sort();
    lines
}

fn entry(entry: &Item) -> String {
    let cause = entry.text("cause").and_then(|cause| cause.split(':').next()).unwrap_or_default().to_owned();
    format!("{} of {:?} days by {cause}", entry.text("kind").unwrap_or_default(), entry.number("days"))
}

fn of_channel(scene: &Scene, channel: &Item) -> String {
    let there = channel.text("ref").and_then(|channel_ref| scene.there(channel_ref));
    let there = there.map(|there| (there.departed.is_some(), there.mode.clone(), there.days_added_by(Hand::Partner)));
    format!("channel {:?}, at WHAPI {there:?}", channel.text("status"))
}

fn of_subscription(scene: &Scene, ours: &Item) -> String {
    let there = scene.subscriptions_there.iter().filter(|there| there.custom_id.as_deref() == ours.text("id"));
    let there: Vec<&str> = there.map(|there| there.status.as_str()).collect();
    format!("subscription {:?}, at PayPal {there:?}, {:?} paid", ours.text("status"), ours.number("paid_periods"))
}

/// Cuts a flow short everywhere.
fn try_everywhere(flow: &Flow) {
    for function in flow.functions {
        let (whole, nobody) = play(flow, *function, MOST_CHANGES + 1);
        assert!(!nobody, "the flow makes more changes than are tried");
        let mut points = 0;
        for change in 1..=MOST_CHANGES {
            let (cut, died) = play(flow, *function, change);
            assert_eq!(cut, whole, "{} died after change {change}", function.crate_name());
            if !died {
                break;
            }
            points += 1;
        }
        assert!(points > 0, "{} changes nothing in this flow", function.crate_name());
    }
}

#[test]
fn a_channel_goes_and_its_days_come_back_once_wherever_that_is_cut_short() {
    let acts = &[Act::Delete { channel: 0 }];
    try_everywhere(&Flow { before: WITH_CHANNEL, acts, functions: &[Function::Channels, Function::Worker] });
}

#[test]
fn a_payment_is_credited_once_wherever_that_is_cut_short() {
    let before = &[Act::SignUp, Act::Subscribe { plan: 3 }];
    try_everywhere(&Flow { before, acts: &[Act::Approve { back: 0 }], functions: &[Function::PaypalWebhook, Function::Worker] });
}

#[test]
fn a_plan_is_cancelled_at_paypal_wherever_that_is_cut_short() {
    try_everywhere(&Flow { before: PAID, acts: &[Act::CancelHere], functions: &[Function::Worker] });
}

#[test]
fn another_plan_takes_the_place_of_the_old_one_wherever_that_is_cut_short() {
    let acts = &[Act::Subscribe { plan: 1 }, Act::Approve { back: 0 }];
    try_everywhere(&Flow { before: PAID, acts, functions: &[Function::Worker] });
}
