//! Whether a keyboard alone is enough, and whether what is said aloud is said where it is heard.

use journeys::World;
use journeys::browser::Browser;
use thirtyfour::Key;

use crate::people::{customer, quick_world, sign_in};

const NEWCOMER: &str = "nur@reach.test";
const EMAIL: &str = "mona@reach.test";
const CHANNELS: [&str; 2] = ["Pearl Café", "Sea Front"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyboard_is_enough_and_the_focus_is_never_lost() {
    let world = quick_world().await;
    let (browser, newcomer, ()) = tokio::join!(Browser::open(world.url()), customer(&world, NEWCOMER), with_channels(&world));
    sign_in(&browser, newcomer.email()).await;
    by_keyboard(&browser).await;
    sign_in(&browser, EMAIL).await;
    by_menu(&browser).await;
    after_deletion(&browser).await;
}

/// The skip link, the way to the plans, single keys, and dialogs that give the focus back.
async fn by_keyboard(browser: &Browser) {
    browser.reload().await;
    browser.find("heading", "Channels").await;
    let first = browser.run("return document.querySelector('a[href], button, input, [tabindex]').textContent", vec![]).await;
    assert_eq!(first, "Skip to content");
    browser.find("link", "Skip to content").await.focus().await.expect("the first link takes the focus");
    browser.keys(Key::Enter).await;
    browser.focus_is_on("main").await;
    browser.keys(Key::Tab).await;
    browser.focus_is_on("link See plans").await;
    browser.keys(Key::Enter).await;
    browser.find("heading", "Plans").await;
    browser.focus_is_on("main").await;
    browser.keys("?").await;
    browser.focus_is_on("heading Keys").await;
    browser.keys(Key::Escape).await;
    browser.focus_is_on("main").await;
    browser.keys("gb").await;
    browser.find("heading", "Balance").await;
    browser.keys("n").await;
    browser.sees_in("dialog", "You have no active plan. Choose a plan; then you can add a channel.").await;
    browser.keys(Key::Escape).await;
    browser.lost("dialog", "Add channel").await;
}

/// Menus are walked through with arrows, closed with Tab and Escape, and give the focus back.
async fn by_menu(browser: &Browser) {
    let [first, _] = CHANNELS;
    let more = format!("button More for {first}");
    browser.find("button", &format!("More for {first}")).await.focus().await.expect("a button takes the focus");
    browser.keys(Key::Enter).await;
    browser.focus_is_on("button Extend").await;
    browser.keys(Key::Up).await;
    browser.focus_is_on("button Delete and get days back").await;
    browser.keys(Key::Home).await;
    browser.focus_is_on("button Extend").await;
    browser.keys(Key::Escape).await;
    browser.focus_is_on(&more).await;
    browser.keys(Key::Enter).await;
    browser.keys(Key::Tab).await;
    browser.comes_true("the end of the menu", "return !document.querySelector('.menu')").await;
}

/// The row is gone; the focus is on the next one.
async fn after_deletion(browser: &Browser) {
    let [first, second] = CHANNELS;
    browser.press("button", &format!("More for {second}")).await;
    browser.press("button", "Delete and get days back").await;
    browser.focus_is_on(&format!("heading Delete {second}?")).await;
    browser.press("button", "Delete and get days back").await;
    browser.lost("link", second).await;
    browser.focus_is_on(&format!("link {first}")).await;
}

async fn with_channels(world: &World) {
    let person = customer(world, EMAIL).await;
    person.buy("Growth").await;
    for name in CHANNELS {
        person.add_working_channel(name).await;
    }
}
