//! How the pages of staff look, and where days came from as customers see it, scene by scene.

use journeys::browser::Browser;
use journeys::days;
use serde_json::{Value, json};

use crate::people::{customer, quick_world, sign_in, sign_in_staff};
use crate::scenes::{look, scene};
use crate::troubles::troubles;

const EMAIL: &str = "lots@muharraq.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_staff() {
    let world = quick_world().await;
    let (browser, _) = tokio::join!(Browser::open(world.url()), troubles(&world));
    sign_in_staff(&browser).await;
    look(&browser, scene("admin-balances", "/admin", &[], "day-chart svg")).await;
    look(&browser, scene("admin-findings", "/admin/findings", &[], "[data-kind]")).await;
    look(&browser, scene("admin-finding", "/admin/findings", &["[data-kind='sale.went_back'] .row-action"], "dialog[open] form")).await;
    look(&browser, scene("admin-verdict", "/admin/findings", &["[data-kind='extension.drift'] .row-action"], "dialog[open] .choice")).await;
    browser.answers("GET", "/v1/admin/findings", 200, json!({ "items": [], "next_cursor": null })).await;
    browser.answers("GET", "/v1/admin/status", 200, short_of_days()).await;
    look(&browser, scene("admin-short", "/admin", &[], ".banner.stop")).await;
    look(&browser, scene("admin-no-findings", "/admin/findings", &[], ".nothing")).await;
    browser.answers_truly().await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_staff_about_one_customer() {
    let world = quick_world().await;
    let (browser, troubles) = tokio::join!(Browser::open(world.url()), troubles(&world));
    sign_in_staff(&browser).await;
    let page = format!("/admin/users/{}", troubles.refunded.id);
    look(&browser, scene("admin-user", &page, &[], ".lots")).await;
    look(&browser, scene("admin-grant", &page, &["[data-key=grant]"], "dialog[open] .exchange")).await;
    look(&browser, scene("admin-grant-other", &page, &["[data-key=grant]", "dialog .choice:last-child"], "[name=days]")).await;
    look(&browser, scene("admin-release", &page, &["[data-key^=release-]"], "dialog[open] form")).await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_days_came_from() {
    let world = quick_world().await;
    let (browser, person) = tokio::join!(Browser::open(world.url()), customer(&world, EMAIL));
    person.buy("Growth").await;
    browser.go("/signin").await;
    sign_in(&browser, EMAIL).await;
    browser.answers("GET", "/v1/balance/lots", 200, lots(&(world.now().await + days(9)).to_string())).await;
    look(&browser, scene("balance-lots", "/balance", &[".pass .links a"], ".lots")).await;
    browser.go("/balance").await;
    browser.sees_in("section:has(#lots)", "30 days bought on 3 Mar 2026: 12 used, 18 left").await;
    browser.sees_in("section:has(#lots)", "60 of them are frozen, because the payment went back.").await;
    browser.press("button", "Show 3 that are used up").await;
    browser.sees_in("section:has(#lots)", "15 of them lapsed on 1 Apr 2026.").await;
    browser.answers_truly().await;
    browser.answers("GET", "/v1/balance/lots", 503, json!({ "code": "unavailable", "instance": "example-code" })).await;
    look(&browser, scene("balance-lots-failed", "/balance", &[], "section:has(#lots) .mend")).await;
    browser.go("/balance").await;
    browser.find("button", "Try again").await;
    browser.answers_truly().await;
    browser.press("button", "Try again").await;
    browser.sees_in("section:has(#lots)", "90 days bought on ").await;
    quiet(&browser).await;
}

/// More is owed than there is.
fn short_of_days() -> Value {
    json!({
        "banners": [{ "code": "sales_paused", "text": "New sales are paused: WHAPI has fewer days for us than customers can spend. Buy days at WHAPI." }],
        "solvency": { "at": "2026-12-01T09:00:00Z", "partner_days": 1_240, "owed_days": 1_502, "margin": -262 },
    })
}

/// Days of every kind: partly used, frozen, lapsing soon, lapsed, and many that are used up.
fn lots(soon: &str) -> Value {
    let lot = |number: usize, cause: &str, days: u32, used: u32, frozen: u32, lapsed: u32, lapses_at: Option<&str>| {
        json!({
            "entry_id": format!("led_{number}"), "at": format!("2026-03-{:02}T09:00:00Z", number + 1), "cause": cause, "days": days,
            "used": used, "left": days - used - frozen - lapsed, "frozen": frozen, "lapsed": lapsed, "lapses_at": lapses_at,
        })
    };
    let past = "2026-04-01T00:00:00Z";
    json!({ "next_cursor": null, "items": [
        lot(0, "paypal:A", 30, 30, 0, 0, None), lot(1, "paypal:B", 30, 30, 0, 0, None), lot(2, "paypal:C", 30, 12, 0, 0, None),
        lot(3, "grant:D", 20, 5, 0, 15, Some(past)), lot(4, "paypal:E", 90, 30, 60, 0, None), lot(5, "grant:F", 10, 0, 0, 0, Some(soon)),
        lot(6, "paypal:G", 365, 101, 0, 0, None),
    ] })
}

async fn quiet(browser: &Browser) {
    let complaints = browser.complaints(&["Failed to load resource: the server responded with a status of 503"]).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}
