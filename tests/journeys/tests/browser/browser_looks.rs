//! How each page looks and whether all can use it, scene by scene. The pictures are kept in `target/screenshots`.

use journeys::browser::Browser;
use journeys::{Person, World, days, seconds};
use serde_json::json;

use crate::people::{customer, quick_world, sign_in};
use crate::rules::judge;
use crate::scenes::{look, scene};

const NEWCOMER: &str = "newcomer@muharraq.test";
const SMALL: &str = "small@muharraq.test";
const BUSY: &str = "busy@muharraq.test";
/// How long a QR code lives in these pictures.
const CODE_SECONDS: i64 = 60;
/// How often a channel is looked at until it is ready.
const MOST_LOOKS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_and_the_pages_behind_no_door() {
    let world = quick_world().await;
    let browser = Browser::open(world.url()).await;
    browser.go("/signin").await;
    look(&browser, scene("sign-in", "/signin", &[], ".door h1")).await;
    look(&browser, scene("sign-up", "/signup", &[], ".door h1")).await;
    look(&browser, scene("provider-sign-in", "/signin", &[".main-action"], "[autocomplete=current-password]")).await;
    look(&browser, scene("provider-sign-up", "/signup", &[".main-action"], "[autocomplete=new-password]")).await;
    look(&browser, scene("provider-reset", "/signin", &[".main-action", ".line a"], "[action^='/forgotPassword']")).await;
    look(&browser, scene("docs", "/docs", &[".operation > summary"], ".operation[open]")).await;
    look(&browser, scene("local-panel", "/local/", &[], "#jobs button")).await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_somebody_new() {
    let world = quick_world().await;
    let (browser, newcomer) = tokio::join!(Browser::open(world.url()), customer(&world, NEWCOMER));
    sign_in(&browser, NEWCOMER).await;
    look(&browser, scene("first-run", "/channels", &[], ".path .now")).await;
    look(&browser, scene("plans-new", "/plans", &[], ".plan")).await;
    look(&browser, scene("ask", "/plans", &[".other-plans .panel:last-child button"], "dialog[open] textarea")).await;
    let starter = world.plan("Starter").await;
    look(&browser, scene("checkout", format!("/plans/{starter}/checkout"), &[], ".ticket")).await;
    look(&browser, scene("balance-empty", "/balance", &[], ".nothing")).await;
    look(&browser, scene("payments-empty", "/payments", &[], ".nothing")).await;
    look(&browser, scene("notifications-empty", "/notifications", &[], ".nothing")).await;
    look(&browser, scene("return-nothing", "/subscription/return", &[], ".nothing")).await;
    look(&browser, scene("no-such-page", "/nowhere", &[], ".nothing")).await;
    let _pending = newcomer.checkout("Growth").await;
    look(&browser, scene("return-waiting", "/subscription/return", &[], ".banner.wait")).await;
    look(&browser, scene("payments-waiting", "/payments", &[], ".mend.wait")).await;
    look(&browser, scene("canceled", "/plans?canceled=1", &[], ".banner.wait")).await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_somebody_who_has_run_out() {
    let world = quick_world().await;
    let (browser, ()) = tokio::join!(Browser::open(world.url()), runs_out(&world));
    sign_in(&browser, SMALL).await;
    look(&browser, scene("no-days", "/channels", &[], ".banner")).await;
    look(&browser, scene("no-days-extend", "/channels", &["[data-key^=act-]"], "dialog[open] .mend")).await;
    look(&browser, scene("limit-reached", "/channels", &[".page-head .main-action"], "dialog[open] .mend")).await;
    look(&browser, scene("settings", "/settings", &[], "form .main-action")).await;
    look(&browser, scene("keys", "/api-keys", &[".main-action"], "dialog[open] form")).await;
    browser.answers("GET", "/v1/balance", 503, json!({ "code": "unavailable", "instance": "example-code" })).await;
    look(&browser, scene("page-failed", "/balance", &[], ".nothing .button")).await;
    browser.never_answers("GET", "/v1/payments").await;
    look(&browser, scene("loading", "/payments", &[], ".bones")).await;
    browser.answers_truly().await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_somebody_with_four_channels() {
    let world = quick_world().await;
    let (browser, [linked, lost, waiting]) = tokio::join!(Browser::open(world.url()), keeps_busy(&world));
    sign_in(&browser, BUSY).await;
    let page = format!("/channels/{linked}");
    look(&browser, scene("channels", "/channels", &[], ".channels li[data-id]")).await;
    look(&browser, scene("channel", &page, &[], ".days-line")).await;
    look(&browser, scene("channel-lost", format!("/channels/{lost}"), &[], ".mend")).await;
    look(&browser, scene("add", "/channels", &["[data-key=add]"], "dialog[open] form")).await;
    look(&browser, scene("extend", &page, &["[data-key=act]"], "dialog[open] .exchange")).await;
    look(&browser, scene("delete", &page, &["[data-key=more]", ".menu .danger"], "dialog[open] .danger")).await;
    let pair: &[&str] = &["[data-key=act]", "#tab-pair", "#panel-pair .with-button button"];
    look(&browser, scene("pairing", format!("/channels/{waiting}"), pair, ".pair")).await;
    look(&browser, scene("qr", format!("/channels/{waiting}"), &["[data-key=act]"], ".qr img")).await;
    offline(&browser).await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_about_money_of_somebody_with_four_channels() {
    let world = quick_world().await;
    let (browser, _) = tokio::join!(Browser::open(world.url()), keeps_busy(&world));
    sign_in(&browser, BUSY).await;
    look(&browser, scene("plans", "/plans", &[], ".plan.current")).await;
    look(&browser, scene("return", "/subscription/return", &[], ".done-head")).await;
    look(&browser, scene("balance", "/balance", &[], "day-chart svg")).await;
    look(&browser, scene("payments", "/payments", &[], "[data-key^=receipt-]")).await;
    look(&browser, scene("receipt", "/payments", &["[data-key^=receipt-]"], "dialog[open] .ticket")).await;
    look(&browser, scene("stop", "/payments", &[".panel .danger"], "dialog[open] .danger")).await;
    look(&browser, scene("notifications", "/notifications", &[], ".notes .new")).await;
    speaks_arabic(&browser).await;
    quiet(&browser).await;
}

/// What the API tells in English is said in the reader's language, with the names as they are.
async fn speaks_arabic(browser: &Browser) {
    browser.speak("ar").await;
    browser.go("/notifications").await;
    browser.sees("Zanzibar Spice Tours: أُلغي ربط الرقم. اربطه من جديد.").await;
    let english = browser.run("return [...document.querySelectorAll('main [lang=en]')].map((el) => el.textContent)", vec![]).await;
    assert_eq!(english, json!([]), "nothing is left in English");
    browser.speak("en").await;
}

/// The line over the page while nobody can be reached; what was there stays.
async fn offline(browser: &Browser) {
    browser.go("/channels").await;
    browser.comes_true("channels", "return document.querySelector('.channels li[data-id]')").await;
    browser.cut_off(true).await;
    browser.sees("You are offline. What you see is from ").await;
    browser.sees("Muharraq Auto Parts").await;
    browser.picture("offline").await;
    judge(browser, "offline").await;
    browser.press("button", "Add channel").await;
    browser.fill("Channel name", "Nobody hears this").await;
    browser.fill("Phone number", "+97336612345").await;
    browser.press("button", "Add channel").await;
    browser.sees_in("dialog", "You are offline. Nothing was changed. Try again when you are back.").await;
    browser.picture("offline-writing").await;
    browser.cut_off(false).await;
    browser.comes_true("the end of the line", "return !document.getElementById('offline')").await;
}

async fn quiet(browser: &Browser) {
    let complaints = browser.complaints(&["net::ERR_INTERNET_DISCONNECTED"]).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

/// Somebody on the smallest plan whose one channel has taken all days.
async fn runs_out(world: &World) {
    let small = customer(world, SMALL).await;
    small.buy("Starter").await;
    let id = small.add_working_channel("Corner Shop").await;
    small.link(&id).await;
    assert_eq!(small.remaining().await, 0);
}

/// Somebody with four channels in different states, and some history. Answers one that is linked, one whose phone
/// was logged out, and one that waits for its first.
async fn keeps_busy(world: &World) -> [String; 3] {
    world.sandbox(|sandbox| sandbox.whapi.switch(|switches| switches.qr_life_s = CODE_SECONDS)).await;
    let busy = customer(world, BUSY).await;
    let _ = busy.patch("/v1/me", json!({ "name": "Gulf Traders", "time_zone": "Asia/Bahrain" })).await.ok();
    busy.buy("Business").await;
    let linked = busy.add_working_channel("Muharraq Auto Parts").await;
    busy.link(&linked).await;
    world.advance(days(6)).await;
    let lost = busy.add_working_channel("Zanzibar Spice Tours").await;
    busy.link(&lost).await;
    world.advance(days(5)).await;
    extend(&busy, &linked).await;
    let other = busy.add_working_channel("متجر اللؤلؤ").await;
    busy.link(&other).await;
    let waiting = add(&busy, "Pearl Café", "+97336612345").await;
    world.control("whapi/unlink", json!({ "channel_id": lost })).await;
    world.settle().await;
    [linked, lost, waiting]
}

/// A channel that says from the start which phone it is for.
async fn add(person: &Person, name: &str, phone: &str) -> String {
    let added = person.post("/v1/channels", json!({ "name": name, "phone": phone })).await.with(201);
    let id = added["channel"]["id"].as_str().expect("an id").to_owned();
    person.world().settle().await;
    for _ in 0..MOST_LOOKS {
        if person.channel(&id).await["status"] == "active" {
            return id;
        }
        person.world().advance(seconds(5)).await;
    }
    panic!("the channel does not get ready");
}

async fn extend(person: &Person, channel: &str) {
    let _ = person.extend(channel, 30).await.ok();
    person.world().settle().await;
}
