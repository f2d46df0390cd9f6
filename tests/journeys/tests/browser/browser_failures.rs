//! What happens when things fail on the way to our server or inside a page: nobody is sent to the door for an
//! outage, nothing is done twice, and what was open is open again.

use std::time::Duration;

use journeys::browser::Browser;
use journeys::{Person, World};
use serde_json::{Value, json};

use crate::people::{customer, quick_world, sign_in};

const EMAIL: &str = "salma@failures.test";
const LINKED: &str = "Sea Front";
const WAITING: &str = "Pearl Café";
const ASKED_QR: &str = "return window.asked.filter((one) => one.path.endsWith('/qr')).length";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_signs_nobody_out_and_a_second_press_does_nothing() {
    let world = quick_world().await;
    let (browser, person) = tokio::join!(Browser::open(world.url()), with_two_channels(&world));
    sign_in(&browser, EMAIL).await;
    the_server_is_down(&browser).await;
    the_sign_in_service_is_silent(&browser).await;
    one_part_is_missing(&browser, &person).await;
    too_often(&browser, &person).await;
    pays_once(&world, &browser).await;
    extends_once(&browser, &person).await;
    deletes_once(&browser, &person).await;
    // What the outage itself brings about: refused requests, and the page's own word that it could not begin.
    let refusals = ["Failed to load resource: the server responded with a status of", "Error: config"];
    let complaints = browser.complaints(&refusals).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_shown_again_after_a_load_and_an_outage_and_tabs_end_together() {
    let world = quick_world().await;
    let (browser, _) = tokio::join!(Browser::open(world.url()), with_two_channels(&world));
    sign_in(&browser, EMAIL).await;
    loads_while_linking(&world, &browser).await;
    loses_the_network_while_linking(&browser).await;
    signs_out_in_another_tab(&browser).await;
}

/// One channel that is linked and one that waits for its phone.
async fn with_two_channels(world: &World) -> Person {
    let person = customer(world, EMAIL).await;
    person.buy("Growth").await;
    let linked = person.add_working_channel(LINKED).await;
    person.link(&linked).await;
    person.add_working_channel(WAITING).await;
    person
}

fn problem(code: &str) -> Value {
    json!({ "code": code, "title": code, "detail": "The words of the server.", "instance": "example-code" })
}

/// Whoever is signed in stays so: the page says what does not work, and the same button goes on.
async fn the_server_is_down(browser: &Browser) {
    browser.answers("GET", "/v1/me", 503, problem("unavailable")).await;
    browser.go("/channels").await;
    browser.find("heading", "We are down for a moment.").await;
    browser.sees("Nothing was changed. Try again in a minute. Code to quote: example-code").await;
    browser.focus_is_on("main").await;
    browser.answers_truly().await;
    browser.press("button", "Try again").await;
    browser.find("heading", "Channels").await;
    browser.find("button", EMAIL).await;
    browser.answers("GET", "/config.json", 503, json!({})).await;
    browser.reload().await;
    browser.find("heading", "Daypass did not load").await;
    browser.answers_truly().await;
    browser.press("button", "Try again").await;
    browser.find("heading", "Channels").await;
}

/// A provider that does not answer has not said that the session is over.
async fn the_sign_in_service_is_silent(browser: &Browser) {
    browser.answers("POST", "/oauth2/token", 503, json!({})).await;
    browser.reload().await;
    browser.find("heading", "The sign-in service did not answer.").await;
    browser.answers_truly().await;
    browser.press("button", "Try again").await;
    browser.find("heading", "Channels").await;
}

/// A list that could not be read is not said to be empty.
async fn one_part_is_missing(browser: &Browser, person: &Person) {
    let channel = channel_of(person, LINKED).await;
    browser.answers("GET", &format!("/v1/channels/{channel}/history"), 500, problem("internal")).await;
    browser.go(&format!("/channels/{channel}")).await;
    browser.find("heading", LINKED).await;
    browser.sees_in("section:has(#history)", "Something went wrong on our side. Nothing was changed.").await;
    browser.answers_truly().await;
    browser.press("button", "Try again").await;
    browser.sees_in("section:has(#history)", "Channel connected successfully and now active.").await;
}

/// How long to wait is said, in seconds.
async fn too_often(browser: &Browser, person: &Person) {
    let channel = channel_of(person, LINKED).await;
    browser.answers("POST", &format!("/v1/channels/{channel}/extend"), 429, problem("too_many_requests")).await;
    browser.press("button", "Extend").await;
    browser.press("button", "Extend by 30 days").await;
    browser.sees_in("dialog", "That was too often. Try again in 7 seconds.").await;
    browser.answers_truly().await;
    browser.press("button", "Cancel").await;
}

/// Pressed twice it is asked once; asked again after a failure it is the same wish; back from PayPal one can go on.
async fn pays_once(world: &World, browser: &Browser) {
    let plan = world.plan("Business").await;
    browser.answers("POST", "/v1/subscriptions", 503, problem("provider_unavailable")).await;
    browser.go(&format!("/plans/{plan}/checkout")).await;
    browser.find("button", "Continue to PayPal").await;
    let twice = "const act = document.querySelector('form .main-action'); act.click(); act.click(); act.form.requestSubmit();";
    browser.run(twice, vec![]).await;
    browser.sees("The provider did not answer. Nothing was changed. Try again in a minute.").await;
    assert_eq!(browser.keys_of("POST", "/v1/subscriptions").await.len(), 1, "asked once");
    browser.press("button", "Continue to PayPal").await;
    browser.comes_true("a second try", "return window.asked.filter((one) => one.path === '/v1/subscriptions').length === 2").await;
    let keys = browser.keys_of("POST", "/v1/subscriptions").await;
    assert!(keys[0] == keys[1] && keys[0].len() > 20, "the same wish: {keys:?}");
    browser.answers_truly().await;
    browser.press("button", "Continue to PayPal").await;
    browser.find("heading", "Approve your subscription").await;
    browser.back().await;
    browser.find("heading", "Pay for Business").await;
    browser.press("button", "Continue to PayPal").await;
    browser.find("heading", "Approve your subscription").await;
    browser.press("button", "Cancel").await;
    browser.sees("You came back without paying").await;
    browser.go("/payments").await;
    browser.sees("Not paid yet? Go on at PayPal. If you have paid, your days come by themselves.").await;
}

/// Pressed twice, days leave the balance once.
async fn extends_once(browser: &Browser, person: &Person) {
    let before = person.remaining().await;
    browser.go("/channels").await;
    browser.press("button", &format!("Extend {LINKED}")).await;
    browser.find("button", "Extend by 30 days").await;
    let twice = "const act = document.querySelector('dialog .main-action'); act.click(); act.click(); act.form.requestSubmit();";
    browser.run(twice, vec![]).await;
    browser.sees_in(".toasts", &format!("{LINKED} has 30 more days, until ")).await;
    assert_eq!(person.remaining().await, before - 30, "the days were taken once");
}

/// Pressed twice, a channel is deleted once, and its days come back once.
async fn deletes_once(browser: &Browser, person: &Person) {
    let channel = channel_of(person, LINKED).await;
    let before = person.remaining().await;
    browser.press("button", &format!("More for {LINKED}")).await;
    browser.press("button", "Delete and get days back").await;
    browser.find("heading", &format!("Delete {LINKED}?")).await;
    let twice = "const act = document.querySelector('dialog .foot .danger'); act.click(); act.click();";
    browser.run(twice, vec![]).await;
    browser.sees_in(".toasts", "Channel deleted successfully. Unused days have been credited back to your balance.").await;
    assert_eq!(browser.keys_of("DELETE", &format!("/v1/channels/{channel}")).await.len(), 1, "asked once");
    let (count, days) = person.moved("return").await;
    assert_eq!((count, person.remaining().await), (1, before + days), "they came back once");
}

/// The dialog is open again, with a code; what becomes of it is said inside the dialog, where it is heard.
async fn loads_while_linking(world: &World, browser: &Browser) {
    browser.press("button", &format!("Link {WAITING}")).await;
    browser.find("img", "QR code to scan with WhatsApp").await;
    browser.reload().await;
    browser.find("heading", &format!("Link {WAITING}")).await;
    browser.find("img", "QR code to scan with WhatsApp").await;
    world.move_clock(journeys::seconds(60)).await;
    browser.time_passes(Duration::from_secs(60)).await;
    browser
        .comes_true(
            "the new code said inside",
            "return document.querySelector('dialog [data-says]').textContent === 'A new code is ready.'",
        )
        .await;
}

/// Nothing is said to be awaited while there is no code; back on the network the code comes by itself.
async fn loses_the_network_while_linking(browser: &Browser) {
    browser.cut_off(true).await;
    browser.press("button", "Refresh QR").await;
    browser.sees_in("dialog", "You are offline. Nothing was changed. Try again when you are back.").await;
    browser.focus_is_on("button Try again").await;
    assert!(!browser.text_of("dialog").await.contains("Waiting for your phone"), "nothing waits");
    let asked = browser.run(ASKED_QR, vec![]).await;
    browser.cut_off(false).await;
    browser.find("img", "QR code to scan with WhatsApp").await;
    browser.comes_true("a code that was asked for by itself", &format!("{ASKED_QR} > {asked}")).await;
    browser.sees_in("dialog", "Waiting for your phone").await;
    browser.press("button", "Close").await;
    browser.focus_is_on(&format!("button Link {WAITING}")).await;
    assert_eq!(browser.path().await, "/channels", "the address has forgotten the dialog");
}

/// Who signs out is signed out in every tab, and told why.
async fn signs_out_in_another_tab(browser: &Browser) {
    let first = browser.other_tab("/balance").await;
    browser.press("button", "Sign in").await;
    browser.find("heading", "Balance").await;
    browser.press("button", EMAIL).await;
    browser.press("button", "Sign out").await;
    browser.find("heading", "Sign in").await;
    browser.turn_to(&first).await;
    browser.sees("You signed out in another tab. Sign in to go on.").await;
    browser.focus_is_on("main").await;
}

async fn channel_of(person: &Person, name: &str) -> String {
    let channels = person.get("/v1/channels").await.ok();
    let found = channels["items"].as_array().into_iter().flatten().find(|one| one["name"] == name);
    found.and_then(|one| one["id"].as_str()).expect("a channel of that name").to_owned()
}
