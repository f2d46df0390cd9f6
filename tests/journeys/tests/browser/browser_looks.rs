//! How each page looks: on a desk and a phone, light and dark, and from right to left. The pictures are kept
//! in `target/screenshots`; that nothing is wider than its screen, down to 320 px, is proved on the way.

use std::time::Duration;

use journeys::browser::{Browser, DESKTOP, Look, NARROWEST, PHONE};
use journeys::{Person, World, days, seconds};
use serde_json::json;

use crate::people::{customer, quick_world, sign_in};

const NEWCOMER: &str = "newcomer@muharraq.test";
const SMALL: &str = "small@muharraq.test";
const BUSY: &str = "busy@muharraq.test";
/// How long a QR code lives in these pictures, and how much of that is gone.
const CODE_SECONDS: i64 = 60;
const GONE: Duration = Duration::from_secs(19);
/// How often a channel is looked at until it is ready.
const MOST_LOOKS: usize = 20;

/// Something to look at: a page, what is pressed on it one after the other, and what has come up then.
struct Scene {
    name: &'static str,
    path: String,
    presses: &'static [&'static str],
    shows: &'static str,
}

fn scene(name: &'static str, path: impl Into<String>, presses: &'static [&'static str], shows: &'static str) -> Scene {
    Scene { name, path: path.into(), presses, shows }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_somebody_new_and_of_somebody_who_has_run_out() {
    let world = quick_world().await;
    let (browser, newcomer, ()) = tokio::join!(Browser::open(world.url()), customer(&world, NEWCOMER), runs_out(&world));
    browser.go("/signin").await;
    look(&browser, scene("sign-in", "/signin", &[], ".door h1")).await;
    sign_in(&browser, NEWCOMER).await;
    look(&browser, scene("first-run", "/channels", &[], ".path .now")).await;
    let starter = world.plan("Starter").await;
    look(&browser, scene("checkout", format!("/plans/{starter}/checkout"), &[], ".ticket")).await;
    let _pending = newcomer.checkout("Growth").await;
    look(&browser, scene("return-waiting", "/subscription/return", &[], ".banner.wait")).await;
    sign_in(&browser, SMALL).await;
    look(&browser, scene("no-days", "/channels", &[], ".banner.stop")).await;
    look(&browser, scene("no-days-extend", "/channels", &["[data-key^=act-]"], "dialog[open] .mend")).await;
    look(&browser, scene("limit-reached", "/channels", &[".page-head .main-action"], "dialog[open] .mend")).await;
    quiet(&browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_somebody_with_four_channels() {
    let world = quick_world().await;
    let (browser, channels) = tokio::join!(Browser::open(world.url()), keeps_busy(&world));
    browser.go("/signin").await;
    sign_in(&browser, BUSY).await;
    let [linked, waiting] = channels;
    let page = format!("/channels/{linked}");
    look(&browser, scene("channels", "/channels", &[], ".channels li[data-id]")).await;
    look(&browser, scene("channel", &page, &[], ".days-line")).await;
    look(&browser, scene("extend", &page, &["[data-key=act]"], "dialog[open] .exchange")).await;
    look(&browser, scene("delete", &page, &["[data-key=more]", ".menu .danger"], "dialog[open] .danger")).await;
    look(&browser, scene("plans", "/plans", &[], ".plan.current")).await;
    look(&browser, scene("return", "/subscription/return", &[], ".done-head")).await;
    look(&browser, scene("balance", "/balance", &[], "day-chart svg")).await;
    look(&browser, scene("receipt", "/payments", &["[data-key^=receipt-]"], "dialog[open] .ticket")).await;
    look(
        &browser,
        scene("pairing", format!("/channels/{waiting}"), &["[data-key=act]", "#tab-pair", "#panel-pair .with-button button"], ".pair"),
    )
    .await;
    look(&browser, scene("qr", format!("/channels/{waiting}"), &["[data-key=act]"], ".qr img")).await;
    offline(&browser).await;
    quiet(&browser).await;
}

/// All pictures of one scene: in English on every screen, then in Arabic.
async fn look(browser: &Browser, scene: Scene) {
    set(browser, &scene, "en").await;
    browser.picture(scene.name).await;
    set(browser, &scene, "ar").await;
    browser.picture_on(&format!("{}-ar", scene.name), &[DESKTOP, PHONE], Look::Light).await;
    browser.fits_on(NARROWEST, scene.name).await;
    browser.at(DESKTOP, Look::Light).await;
    browser.speak("en").await;
}

async fn set(browser: &Browser, scene: &Scene, language: &str) {
    browser.speak(language).await;
    browser.go(&scene.path).await;
    for press in scene.presses {
        browser.press_at(press).await;
    }
    let shows = format!("return document.querySelector({})", json!(scene.shows));
    browser.comes_true(&format!("{} ({})", scene.name, scene.shows), &shows).await;
    if scene.shows == ".qr img" {
        browser.time_passes(GONE).await;
        browser.comes_true("ticks that have fallen", "return document.querySelectorAll('.ring .gone').length >= 19").await;
    }
}

/// The line over the page while nobody can be reached; what was there stays.
async fn offline(browser: &Browser) {
    browser.go("/channels").await;
    browser.comes_true("channels", "return document.querySelector('.channels li[data-id]')").await;
    browser.cut_off(true).await;
    browser.sees("You are offline. What you see is from ").await;
    browser.sees("Muharraq Auto Parts").await;
    browser.picture("offline").await;
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
    let complaints = browser.complaints(&["net::ERR_INTERNET_DISCONNECTED", "/favicon.ico"]).await;
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

/// Somebody with four channels in different states, and some history. Answers one that is linked and one that
/// is not.
async fn keeps_busy(world: &World) -> [String; 2] {
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
    [linked, waiting]
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
