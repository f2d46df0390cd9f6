//! Rest: no weather any more, time goes on, and what is unfinished must be finished within a bounded number of
//! looks; the nights in between heal what was lost.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::table::{Item, Whole};
use crate::world::World;

/// How many nights a rest has.
const NIGHTS: u32 = 2;
/// How long to wait between two looks, in seconds, and how often: what is tried again waits longer each time.
const LOOKS: [(u64, u32); 4] = [(20, 30), (300, 24), (3_600, 30), (6 * 3_600, 24)];

/// How many invocations a world needs at most to come to rest: a healthy one needs a few hundred.
const MOST_INVOCATIONS: usize = 1_000;

/// Waits until the world is at rest; says what is not when it never is.
pub(crate) async fn rest(world: &World) -> Option<String> {
    for _ in 0..NIGHTS {
        if let Err(restless) = settle(world).await {
            return Some(restless);
        }
        if !world.schedule.whole_night().await {
            return Some("a job of the night fails in fair weather".to_owned());
        }
    }
    settle(world).await.err()
}

/// Waits until nothing moves; says what does when it never ends.
pub(crate) async fn settle(world: &World) -> Result<(), String> {
    let mut restless = String::new();
    let enough = world.machine.invoked() + MOST_INVOCATIONS;
    for (seconds, times) in LOOKS {
        for _ in 0..times {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            match moving(world) {
                None => return Ok(()),
                Some(what) if world.machine.invoked() > enough => return Err(format!("it works and works: {what}")),
                Some(what) => restless = what,
            }
        }
    }
    Err(restless)
}

/// What is not at rest yet.
fn moving(world: &World) -> Option<String> {
    let deliverer = &world.outside.sandbox().deliverer;
    let parts = [
        (world.machine.running(), "invocations run"),
        (usize::from(!world.stream.is_quiet()), "changes wait for the relay"),
        (usize::from(world.cloud.queue.next().is_some()), "messages wait"),
        (usize::from(!world.outside.is_quiet()), "late requests are under way"),
        (deliverer.waiting_now() + deliverer.waiting_later(), "webhooks are on their way"),
    ];
    if let Some((many, what)) = parts.into_iter().find(|(many, _)| *many > 0) {
        return Some(format!("{many} {what}"));
    }
    let whole = Whole::read(&world.cloud.tables, &world.table);
    let waits = whole.0.values().find(|item| is_unfinished(world, &whole, item));
    waits.map(|item| format!("unfinished: {}", item.0))
}

/// Whether something is still to be done for a record, and not only at a later time of its own.
fn is_unfinished(world: &World, whole: &Whole, item: &Item) -> bool {
    let Some(due) = item.time("due_at") else { return false };
    let soon = world.clock.now().saturating_add(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MAX);
    match item.text("due_kind").unwrap_or_default() {
        "extension" => !waits_for_a_person(whole, item),
        "channel" => due <= soon || !is_settled_channel(item),
        "subscription" => due <= soon || is_still_running(world, item),
        _ => true,
    }
}

/// Whether only a person can settle an extension.
pub(crate) fn waits_for_a_person(whole: &Whole, extension: &Item) -> bool {
    let id = extension.text("id").unwrap_or_default();
    whole.under("FINDINGS").any(|finding| finding.text("key").is_some_and(|key| key.starts_with("extension:") && key.ends_with(id)))
}

fn is_settled_channel(channel: &Item) -> bool {
    let confirmed = channel.inner("provision").is_some_and(|provision| provision.text("state") == Some("confirmed"));
    confirmed && channel.text("status") != Some("deleting") && channel.flag("webhooks_set") && channel.inner("turn").is_none()
}

/// Whether PayPal goes on with what ended here.
fn is_still_running(world: &World, subscription: &Item) -> bool {
    if !matches!(subscription.text("status"), Some("canceled" | "expired")) {
        return false;
    }
    let custom = subscription.text("id");
    let there = world.outside.sandbox().paypal.all_subscriptions();
    there.iter().any(|there| there.custom_id.as_deref() == custom && matches!(there.status.as_str(), "ACTIVE" | "SUSPENDED"))
}
