//! People at the door: how somebody signs up and in with a browser.

use journeys::browser::Browser;
use journeys::{Person, World};
use serde_json::json;

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "a long password";
/// How long WHAPI takes for each step of a new channel, in milliseconds.
const QUICK_MS: i64 = 20;

/// A world in which WHAPI needs no time for what nobody looks at.
pub(crate) async fn quick_world() -> World {
    let world = World::start().await;
    let hurry =
        |sandbox: &sandbox::Sandbox| sandbox.whapi.switch(|switches| (switches.provisioning_ms, switches.launch_ms) = (QUICK_MS, QUICK_MS));
    world.sandbox(hurry).await;
    world
}

/// Somebody who has an account already, as seen from the API.
pub(crate) async fn customer(world: &World, email: &str) -> Person {
    world.control("users", json!({ "email": email, "password": PASSWORD })).await;
    Person::sign_in(world, email, PASSWORD).await
}

/// Signs somebody in at the provider's page; ends on the channels.
pub(crate) async fn sign_in(browser: &Browser, email: &str) {
    sign_in_with(browser, email, PASSWORD).await;
}

/// Signs the seeded admin in; ends on the channels, as everybody does.
pub(crate) async fn sign_in_staff(browser: &Browser) {
    browser.go("/signin").await;
    sign_in_with(browser, "admin@daypass.test", "admin-daypass").await;
}

async fn sign_in_with(browser: &Browser, email: &str, password: &str) {
    browser.forget_everything().await;
    browser.go("/signin").await;
    browser.press("button", "Sign in").await;
    browser.fill("E-mail", email).await;
    browser.fill("Password", password).await;
    browser.press("button", "Sign in").await;
    browser.find("heading", "Channels").await;
}

/// The code of six digits in the newest mail to that address.
pub(crate) async fn mailed_code(world: &World, email: &str) -> String {
    let outbox = world.get("/local/outbox").await.ok();
    let mails = outbox["items"].as_array().expect("mails");
    let mail = mails.iter().rev().find(|mail| mail["to"] == email).expect("a mail");
    let text = mail["text"].as_str().expect("a text");
    let words = text.split(|letter: char| !letter.is_ascii_digit());
    words.into_iter().find(|word| word.len() == 6).expect("six digits").to_owned()
}
