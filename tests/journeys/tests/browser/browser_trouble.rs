//! What people are told when something does not work: what happened, what was not changed, what to do.

use journeys::browser::Browser;
use journeys::{Person, World, days, minutes};
use serde_json::json;

use crate::people::{PASSWORD, customer, quick_world, sign_in};

const EMAIL: &str = "ali@trouble.test";
const CHANNEL: &str = "Corner Shop";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_is_said_with_what_to_do_next() {
    let world = quick_world().await;
    let (browser, person) = tokio::join!(Browser::open(world.url()), with_one_channel(&world));
    browser.go("/signin").await;
    sign_in(&browser, EMAIL).await;
    at_the_limit(&browser).await;
    without_days(&browser, &person).await;
    whapi_is_down(&world, &browser).await;
    whapi_answers_nothing(&world, &browser, &person).await;
    gone(&browser).await;
    nobody_pays(&world, &browser).await;
    the_session_ends(&world, &browser).await;
    let refusals = ["Failed to load resource: the server responded with a status of"];
    let complaints = browser.complaints(&refusals).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

/// A customer on the smallest plan, with the one channel it holds and no day left.
async fn with_one_channel(world: &World) -> Person {
    let person = customer(world, EMAIL).await;
    person.buy("Starter").await;
    let id = person.add_working_channel(CHANNEL).await;
    person.link(&id).await;
    person
}

async fn at_the_limit(browser: &Browser) {
    browser.sees("1 of 1 on your Starter plan. Channel limit reached for your plan.").await;
    browser.press("button", "Add channel").await;
    browser.sees_in("dialog", "Channel limit reached for your plan. Delete a channel, or choose a larger plan.").await;
    browser.press("link", "See plans").await;
    browser.find("heading", "Plans").await;
    assert!(!browser.has("dialog", "Add channel").await, "the dialog has gone with its page");
}

async fn without_days(browser: &Browser, person: &Person) {
    browser.go("/channels").await;
    browser.sees_in(".banner", "Your balance is 0 days.").await;
    browser.press("button", &format!("Extend {CHANNEL}")).await;
    browser.sees_in("dialog", "Your balance is 0 days. Buy days to go on.").await;
    browser.press("button", "Close").await;
    browser.focus_is_on(&format!("button Extend {CHANNEL}")).await;
    person.buy("Growth").await;
    browser.reload().await;
    browser.sees_in(".pass", "90 days in your balance").await;
    browser.no_longer_sees("Your balance is 0 days.").await;
}

/// A provider that refuses everything: nothing was changed, a code to quote, and a button that does it again.
async fn whapi_is_down(world: &World, browser: &Browser) {
    world.faults(json!([{ "provider": "whapi", "kind": "status", "rate": 1.0, "status": 503 }])).await;
    browser.press("button", &format!("More for {CHANNEL}")).await;
    browser.press("button", "Refresh Status").await;
    browser.sees_in("dialog", "The provider did not answer. Nothing was changed. Try again in a minute.").await;
    browser.sees_in("dialog", "Code to quote:").await;
    let code = browser.text_of("dialog .code").await;
    assert!(code.len() > 8, "a code that can be looked for: {code}");
    browser.picture("error").await;
    let _ = world.calm().await;
    browser.press("button", "Try again").await;
    browser.sees_in(".toasts", &format!("{CHANNEL} was read again just now.")).await;
}

/// An extension whose answer was lost is set aside and said so; later it is there once.
async fn whapi_answers_nothing(world: &World, browser: &Browser, person: &Person) {
    let before = person.remaining().await;
    world.faults(json!([{ "provider": "whapi", "route": "/extend", "kind": "lost_answer", "rate": 1.0 }])).await;
    browser.press("button", &format!("Extend {CHANNEL}")).await;
    browser.press("button", "Extend by 30 days").await;
    browser.sees_in("dialog", "We asked for 30 days and got no answer yet. They are set aside; we check every minute.").await;
    browser.picture("extend-unknown").await;
    browser.press("button", "Close").await;
    let _ = world.calm().await;
    world.sweep_for(3, minutes(2)).await;
    browser.reload().await;
    browser.sees_in(".channels", "65 days").await;
    assert_eq!(person.remaining().await, before - 30, "the days were taken once");
}

/// An address of nothing.
async fn gone(browser: &Browser) {
    browser.go("/channels/chn_nothing").await;
    browser.find("heading", "This is not here.").await;
    browser.sees("It may have been deleted, or the address is wrong.").await;
    browser.press("link", "Go to channels").await;
    browser.find("heading", "Channels").await;
    browser.go("/nowhere").await;
    browser.find("heading", "There is no such page").await;
}

/// Who says no at PayPal is told that nothing was bought.
async fn nobody_pays(world: &World, browser: &Browser) {
    let plan = world.plan("Business").await;
    browser.go(&format!("/plans/{plan}/checkout")).await;
    browser.press("button", "Continue to PayPal").await;
    browser.press("button", "Cancel").await;
    browser.sees("You came back without paying").await;
    browser.sees("You can choose a plan again whenever you like.").await;
}

/// After a month away one signs in again and is where one wanted to be.
async fn the_session_ends(world: &World, browser: &Browser) {
    world.move_clock(days(31)).await;
    browser.press("link", "Balance").await;
    browser.sees("Your session has ended. Sign in to go on.").await;
    browser.press("button", "Sign in").await;
    browser.fill("E-mail", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("button", "Sign in").await;
    browser.find("heading", "Balance").await;
    assert_eq!(browser.path().await, "/balance");
}
