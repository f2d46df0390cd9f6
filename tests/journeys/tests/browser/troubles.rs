//! What staff have to do with: a payment that went back, an extension that only a person can settle, and days at WHAPI
//! that once were too few.

use journeys::{Person, World, days, minutes, seconds};
use reqwest::Method;
use serde_json::json;

use crate::people::customer;

/// Whose payment went back.
pub(crate) const REFUNDED: &str = "Gulf Traders";
/// How many days of it are frozen.
pub(crate) const FROZEN: i64 = 60;
/// How many days the extension in doubt has.
pub(crate) const IN_DOUBT: i64 = 20;
/// What WHAPI had for us, day by day; what it has today.
const HELD: [i64; 4] = [900, 700, 50, 1_240];

/// How often is looked for the notice.
const MOST_LOOKS: usize = 20;

/// Two customers, each with something that waits for a person.
pub(crate) struct Troubles {
    /// Whose payment went back.
    pub(crate) refunded: Person,
    /// Whose extension is in doubt.
    pub(crate) doubtful: Person,
}

/// Brings it all about.
pub(crate) async fn troubles(world: &World) -> Troubles {
    let refunded = goes_back(world).await;
    let doubtful = is_in_doubt(world).await;
    days_pass(world).await;
    Troubles { refunded, doubtful }
}

/// WHAPI has another number of days for us each day, and gives notice of today's. The number changes before the day
/// does, so that no reading by the clock sees the old one.
async fn days_pass(world: &World) {
    for (day, held) in HELD.into_iter().enumerate() {
        world.control("whapi/balance", json!({ "days": held })).await;
        world.move_clock(days(i64::from(day > 0))).await;
        world.job("solvency").await;
    }
    let today = HELD[HELD.len() - 1];
    world.control("whapi/low-balance", json!({ "days": today })).await;
    let admin = world.admin().await;
    for _ in 0..MOST_LOOKS {
        if admin.get("/v1/admin/partner-balance").await.ok()["current_days"] == today {
            return;
        }
        world.advance(seconds(5)).await;
    }
    panic!("the notice does not come");
}

/// Ninety days bought, thirty of them on a channel, the rest frozen; some were given before.
async fn goes_back(world: &World) -> Person {
    let person = customer(world, "gulf@staff.test").await;
    let _ = person.patch("/v1/me", json!({ "name": REFUNDED, "time_zone": "Asia/Bahrain" })).await.ok();
    let subscription = person.buy("Growth").await;
    person.add_working_channel("Muharraq Auto Parts").await;
    world.control("paypal/refund", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    let admin = world.admin().await;
    let gift = json!({ "days": 12, "reason": "Outage of 20 Nov" });
    let request = admin.request(Method::POST, &format!("/v1/admin/users/{}/grant-days", person.id)).await;
    let _ = world.send(request.json(&gift)).await.ok();
    person
}

/// An extension whose request was lost, while somebody put other days on the channel.
async fn is_in_doubt(world: &World) -> Person {
    let person = customer(world, "doubt@staff.test").await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Pearl Café").await;
    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_request", "times": 1 }])).await;
    person.extend(&shop, IN_DOUBT).await.with(202);
    world.settle().await;
    world.extend_by_hand(&person.line(&shop).await, 7).await;
    world.sweep_for(2, minutes(2)).await;
    person
}
