//! The main job from the first visit to signing out, by hand and by keyboard, against the whole product.

use std::time::Duration;

use journeys::browser::{Browser, DESKTOP, Look, NARROWEST, PHONE};
use journeys::{World, seconds};
use serde_json::json;
use thirtyfour::Key;

use crate::people::{PASSWORD, mailed_code};

const EMAIL: &str = "huda@muharraq.test";
const CHANNEL: &str = "Muharraq Auto Parts";
/// Refusals that the console expects on its way: a code that is not ready yet, a channel that is gone.
const BY_DESIGN: [&str; 3] = [
    "/qr - Failed to load resource: the server responded with a status of 409",
    "/favicon.ico - Failed to load resource: the server responded with a status of 404",
    "/v1/channels/chn_",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_signs_up_pays_links_a_phone_and_gets_the_unused_days_back() {
    let world = World::start().await;
    let browser = Browser::open(world.url()).await;
    signs_up(&world, &browser).await;
    subscribes(&browser).await;
    adds_a_channel_by_keyboard(&browser).await;
    watches_the_code(&world, &browser).await;
    links_by_pairing_code(&world, &browser).await;
    extends(&browser).await;
    reads_the_balance(&browser).await;
    deletes(&browser).await;
    signs_out(&browser).await;
    let complaints = browser.complaints(&BY_DESIGN).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

/// Sign-up at the provider with the code that was mailed, and the page for who has nothing yet.
async fn signs_up(world: &World, browser: &Browser) {
    browser.go("/").await;
    browser.find("heading", "Sign in").await;
    browser.press("button", "Create an account").await;
    browser.find("heading", "Create an account").await;
    browser.fill("Name", "Huda").await;
    browser.fill("E-mail", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("button", "Create account").await;
    browser.find("heading", "Confirm your e-mail").await;
    browser.fill("Code", &mailed_code(world, EMAIL).await).await;
    browser.press("button", "Confirm").await;
    browser.find("heading", "Channels").await;
    browser.sees("Three steps to your first WhatsApp channel.").await;
    browser.sees("days in your balance").await;
    assert_eq!(browser.path().await, "/channels");
    fits(browser, "first run").await;
}

/// Plans, checkout, PayPal, and the page that believes nobody but PayPal.
async fn subscribes(browser: &Browser) {
    browser.press("link", "See plans").await;
    browser.find("heading", "Plans").await;
    browser.focus_is_on("main").await;
    for (plan, days) in [("Starter", 30), ("Growth", 90), ("Business", 180), ("Scale", 365)] {
        browser.sees(&format!("{plan} {days} days")).await;
    }
    assert!(browser.has("button", "Request Quote").await && browser.has("button", "Book Demo").await);
    browser.press("link", "Subscribe Growth").await;
    browser.find("heading", "Pay for Growth").await;
    browser.sees("Your balance after 90 days").await;
    fits(browser, "checkout").await;
    browser.press("button", "Continue to PayPal").await;
    browser.find("heading", "Approve your subscription").await;
    comes_back_too_early(browser).await;
    browser.press("button", "Approve").await;
    browser.find("heading", "Back from PayPal").await;
    browser.sees("Your Growth plan is active").await;
    browser.sees("90 days in your balance. The plan runs until ").await;
    browser.sees("Your plan is now active. You can add your first WhatsApp channel.").await;
}

/// Who comes back without having paid is told so, and can go on.
async fn comes_back_too_early(browser: &Browser) {
    browser.go("/subscription/return").await;
    browser.sees("PayPal has not confirmed yet.").await;
    browser.sees("Usually a minute; you can leave this page.").await;
    assert!(!browser.text().await.contains("is active"), "nothing is claimed that PayPal has not said");
    browser.press("link", "Not paid yet? Go back to PayPal").await;
    browser.find("heading", "Approve your subscription").await;
}

/// The dialog takes the focus, gives it back, and says what is missing.
async fn adds_a_channel_by_keyboard(browser: &Browser) {
    browser.press("link", "Add channel").await;
    browser.focus_is_on("heading Add channel").await;
    browser.keys(Key::Escape).await;
    browser.lost("dialog", "Add channel").await;
    browser.find("button", "Add channel").await.focus().await.expect("a button takes the focus");
    browser.keys(Key::Enter).await;
    browser.focus_is_on("heading Add channel").await;
    browser.keys(Key::Escape).await;
    browser.focus_is_on("button Add channel").await;
    browser.keys(Key::Enter).await;
    browser.press("button", "Add channel").await;
    browser.sees_in("dialog", "This is needed.").await;
    browser.focus_is_on("textbox Channel name").await;
    browser.fill("Channel name", CHANNEL).await;
    browser.fill("Phone number", "36612345").await;
    browser.press("button", "Add channel").await;
    browser.sees_in("dialog", "Begin with the country code, for example +973 3778 0873.").await;
    fits(browser, "add").await;
    browser.fill("Phone number", "+973 3661 2345").await;
    browser.press("button", "Add channel").await;
    browser.find("heading", &format!("Link {CHANNEL}")).await;
}

/// It becomes active by itself; then a code counts down, is renewed by itself, and can be asked for anew.
async fn watches_the_code(world: &World, browser: &Browser) {
    let first = picture(browser).await;
    browser.sees_in("dialog", "35 days are on this channel").await;
    let fallen = "return document.querySelectorAll('.ring .gone').length";
    let before = browser.comes_true("a tick that has fallen", fallen).await.as_u64();
    let more = format!("return document.querySelectorAll('.ring .gone').length > {}", before.unwrap_or(0));
    browser.comes_true("one more tick that has fallen", &more).await;
    assert!(browser.text_of("[role=timer]").await.starts_with("New code in "), "it says how long");
    fits(browser, "link").await;
    world.move_clock(seconds(60)).await;
    browser.time_passes(Duration::from_secs(60)).await;
    let another = format!("return (document.querySelector('.qr img')?.src ?? {first}) !== {first}", first = json!(first));
    browser.comes_true("another code by itself", &another).await;
    browser
        .comes_true("the new code said aloud", "return document.querySelector('dialog [data-says]').textContent === 'A new code is ready.'")
        .await;
    let asked = "return performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/qr')).length";
    let times = browser.run(asked, vec![]).await.as_u64().unwrap_or(0);
    browser.press("button", "Refresh QR").await;
    browser.comes_true("a fresh look for the code", &format!("{asked} > {times}")).await;
    picture(browser).await;
}

/// The picture that a phone would scan.
async fn picture(browser: &Browser) -> String {
    browser.find("img", "QR code to scan with WhatsApp").await;
    browser.run("return document.querySelector('.qr img').src", vec![]).await.as_str().expect("a picture").to_owned()
}

/// The way without a camera, by arrow keys; then the phone does its part.
async fn links_by_pairing_code(world: &World, browser: &Browser) {
    browser.find("tab", "Scan QR code").await.focus().await.expect("a tab takes the focus");
    browser.keys(Key::Right).await;
    browser.focus_is_on("tab Link with phone number").await;
    assert_eq!(browser.value("Phone number of the WhatsApp account").await, "+973 3661 2345");
    browser.press("button", "Get code").await;
    browser.sees_in("dialog", "Pairing code ").await;
    browser.find("button", "Copy code").await;
    fits(browser, "pairing").await;
    let channel = browser.run("return document.querySelector('[data-id]').dataset.id", vec![]).await;
    world.control("whapi/scan", json!({ "channel_id": channel })).await;
    browser.sees_in("dialog", "Channel connected successfully and now active.").await;
    browser.focus_is_on("heading Channel connected successfully and now active.").await;
    browser.press("button", "Done").await;
    browser.sees_in(".channels", "Connected").await;
    browser.sees("Connected").await;
    fits(browser, "channels").await;
}

/// Days leave the balance and stand on the channel; both are said before and after.
async fn extends(browser: &Browser) {
    browser.press("link", CHANNEL).await;
    browser.find("heading", CHANNEL).await;
    fits(browser, "channel").await;
    browser.press("button", "Extend").await;
    browser.focus_is_on(&format!("heading Extend {CHANNEL}")).await;
    browser.sees_in("dialog", "30 of 60 days remain").await;
    fits(browser, "extend").await;
    browser.press("button", "Extend by 30 days").await;
    browser.sees_in(".toasts", &format!("{CHANNEL} has 30 more days, until ")).await;
    browser.sees("65 days, until ").await;
}

/// The ledger tells each movement.
async fn reads_the_balance(browser: &Browser) {
    browser.press("link", "Balance").await;
    browser.find("heading", "Balance").await;
    browser.sees_in(".pass", "30 days in your balance").await;
    browser.sees_in("#movements ~ table, section:has(#movements)", "Paid by PayPal").await;
    browser.sees_in("section:has(#movements)", "+90 90").await;
    browser.sees_in("section:has(#movements)", &format!("{CHANNEL} extended")).await;
    browser.sees_in("section:has(#movements)", "\u{2212}30 30").await;
    fits(browser, "balance").await;
}

/// Nothing is said to be done before it is.
async fn deletes(browser: &Browser) {
    browser.press("link", "Channels 1").await;
    browser.press("button", &format!("More for {CHANNEL}")).await;
    browser.press("button", "Delete and get days back").await;
    browser.find("heading", &format!("Delete {CHANNEL}?")).await;
    fits(browser, "delete").await;
    browser.press("button", "Delete and get days back").await;
    browser.sees_in(".toasts", "Channel deleted successfully. Unused days have been credited back to your balance.").await;
    browser.go("/balance").await;
    browser.sees("Unused days of a deleted channel came back").await;
    browser.sees_in("section:has(#movements)", "+59 89").await;
    browser.sees_in(".pass", "89 days in your balance").await;
}

/// Afterwards nobody is signed in, neither here nor at the provider.
async fn signs_out(browser: &Browser) {
    browser.press("button", "Huda huda@muharraq.test").await;
    browser.press("button", "Sign out").await;
    browser.find("heading", "Sign in").await;
    browser.go("/channels").await;
    browser.press("button", "Sign in").await;
    browser.find("field", "Password").await;
}

/// Nothing is wider than the two phones.
async fn fits(browser: &Browser, what: &str) {
    browser.fits_on(PHONE, what).await;
    browser.fits_on(NARROWEST, what).await;
    browser.at(DESKTOP, Look::Light).await;
}
