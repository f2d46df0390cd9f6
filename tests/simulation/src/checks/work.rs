//! Work: nothing is left undone, and nothing waits for a person but what a person did.

use jiff::SignedDuration;

use super::{Found, Scene};
use crate::table::Item;

/// Findings that payers, payments and strangers bring about by themselves.
const BY_PEOPLE: [&str; 5] =
    ["sale.went_back", "sale.partially_refunded", "subscription.canceled", "subscription.expired", "subscription.failing"];
/// Findings that only a stranger's hand brings about.
const BY_STRANGERS: [&str; 4] = ["channel.drift", "channel.gone", "channel.stranger", "extension.drift"];

/// Nothing is due that was not done, no call of a provider is unread, and no dead letter is of work that was not done.
pub(super) fn unfinished(scene: &Scene, found: &mut Found) {
    for ((pk, sk), item) in &scene.whole.0 {
        if let Some(due) = item.time("due_at") {
            found.must("nothing is due that was not done", !is_owed(scene, due), || {
                format!("{pk} / {sk} is due since {due}: {}", brief(item))
            });
        }
    }
    for item in scene.whole.under("INB#") {
        let state = item.text("state").unwrap_or_default();
        found.must("every call of a provider is processed", state == "processed", || {
            format!("{} is {state}: {}", item.pk(), item.text("note").unwrap_or_default())
        });
    }
    for letter in &scene.dead_letters {
        let job: serde_json::Value = serde_json::from_str(letter).unwrap_or_default();
        let place = (job["pk"].as_str().unwrap_or_default(), job["sk"].as_str().unwrap_or_default());
        let due = scene.whole.get(place.0, place.1).and_then(|item| item.time("due_at"));
        let owed = due.is_some_and(|due| is_owed(scene, due));
        found.must("no dead letter is of work that could have been done", !owed, || letter.clone());
    }
}

/// Whether work is late: due for longer than it takes to hear of it, and of no person.
fn is_owed(scene: &Scene, due: jiff::Timestamp) -> bool {
    let patience = SignedDuration::from_mins(10);
    due.saturating_add(patience).is_ok_and(|late| late < scene.now)
}

fn brief(item: &Item) -> String {
    let mut text = item.0.to_string();
    text.truncate(900);
    text
}

/// Nothing waits for a person but what people did.
pub(super) fn findings(scene: &Scene, found: &mut Found) {
    for finding in scene.whole.under("FINDINGS") {
        let kind = finding.text("kind").unwrap_or_default();
        let explained = BY_PEOPLE.contains(&kind) || (scene.strange && BY_STRANGERS.contains(&kind));
        found.must("no finding without somebody's hand", explained, || format!("{kind}: {}", finding.text("text").unwrap_or_default()));
    }
}
