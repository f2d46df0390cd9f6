//! Days: the account is the sum of its entries, the lots sum to what can be spent, and every debit is of an
//! extension that was posted or given back.

use domain::id::UserId;
use domain::lots::Lots;

use super::{Found, Scene};
use crate::rest;

/// The account's sums are those of its entries.
pub(super) fn sums(scene: &Scene, user: &UserId, found: &mut Found) {
    let (mut total, mut consumed, mut frozen) = (0, 0, 0);
    for entry in scene.entries(user) {
        let days = entry.number("days").unwrap_or_default();
        match entry.text("kind").unwrap_or_default() {
            "credit" | "grant" => total += days,
            "debit" | "lapse" => consumed += days,
            "return" => consumed -= days,
            "freeze" => (consumed, frozen) = (consumed + days, frozen + days),
            "release" => (consumed, frozen) = (consumed - days, frozen - days),
            _ => {}
        }
    }
    let account = scene.account(user);
    let said = |name: &str| account.number(name).unwrap_or_default();
    for (name, sum) in [("days_total", total), ("days_consumed", consumed), ("days_frozen", frozen), ("days_remaining", total - consumed)] {
        found.must("entries sum to the balance", said(name) == sum, || {
            format!("{user}: the entries make {name} {sum}, the account says {}", said(name))
        });
        found.must("nothing is below zero", said(name) >= 0, || format!("{user}: {name} is {}", said(name)));
    }
}

/// The lots sum to what can be spent.
pub(super) async fn lots(scene: &Scene, user: &UserId, found: &mut Found) {
    let entries = scene.app.store.custody(user).all_entries().await.unwrap();
    let left = i64::from(Lots::fold(&entries).left().count());
    let remaining = scene.account(user).number("days_remaining").unwrap_or_default();
    found.must("lots sum to what can be spent", left == remaining, || format!("{user}: lots have {left} days, the account {remaining}"));
}

/// Each extension is posted with its debit, or void with its debit and its return.
pub(super) fn extensions(scene: &Scene, user: &UserId, found: &mut Found) {
    let entries = scene.entries(user);
    let days_of = |cause: String| -> Vec<i64> {
        entries.iter().filter(|entry| entry.text("cause") == Some(cause.as_str())).filter_map(|entry| entry.number("days")).collect()
    };
    let extensions: Vec<_> = scene.whole.of(user.as_str(), "EXT#").collect();
    for extension in &extensions {
        let (id, days) = (extension.text("id").unwrap_or_default(), extension.number("days").unwrap_or_default());
        let state = extension.text("state").unwrap_or_default();
        let (debits, returns) = (days_of(format!("extend:{id}")), days_of(format!("void:{id}")));
        found.must("every extension has its debit", debits == [days], || format!("{user}: {id} of {days} days has debits {debits:?}"));
        let expected = if state == "void" { vec![days] } else { Vec::new() };
        found.must("only what did not happen comes back", returns == expected, || {
            format!("{user}: {id} is {state} and has returns {returns:?}")
        });
        let waits_for_a_person = rest::waits_for_a_person(&scene.whole, extension);
        found.must("no extension is left open", matches!(state, "posted" | "void") || waits_for_a_person, || {
            format!("{user}: {id} is {state} and was touched last at {}", extension.text("updated_at").unwrap_or_default())
        });
    }
    let ids: Vec<&str> = extensions.iter().filter_map(|extension| extension.text("id")).collect();
    for entry in entries.iter().filter(|entry| entry.text("kind") == Some("debit")) {
        let cause = entry.text("cause").unwrap_or_default();
        let is_reserved = cause.strip_prefix("extend:").is_some_and(|id| ids.contains(&id));
        found.must("every debit has its reservation", is_reserved, || format!("{user}: the debit {cause} is of no extension"));
    }
}
