//! A scene is something to look at: a page, what is pressed on it, and what has come up then. Each is pictured on
//! a desk and a phone, light and dark, in three languages, from both sides, though not in each of these at once; proved
//! to fit the narrowest phone and a desk at 200 %; and judged by the rules that can be counted.

use std::time::Duration;

use journeys::browser::{Browser, DESKTOP, Look, NARROWEST, PHONE, Screen};
use serde_json::json;

use crate::rules::judge;

/// How much of a QR code's life is gone in its picture.
const GONE: Duration = Duration::from_secs(19);

/// Something to look at.
pub(crate) struct Scene {
    name: &'static str,
    path: String,
    presses: &'static [&'static str],
    shows: &'static str,
}

/// The scene of that name: a page, what is pressed on it one after the other, and what has come up then.
pub(crate) fn scene(name: &'static str, path: impl Into<String>, presses: &'static [&'static str], shows: &'static str) -> Scene {
    Scene { name, path: path.into(), presses, shows }
}

/// Looks at one scene in every way; ends on the desk, in English.
pub(crate) async fn look(browser: &Browser, scene: Scene) {
    set(browser, &scene, "en").await;
    pictured_and_judged(browser, scene.name, DESKTOP, Look::Light).await;
    pictured_and_judged(browser, scene.name, PHONE, Look::Dark).await;
    browser.fits_everywhere(scene.name).await;
    let arabic = format!("{}-ar", scene.name);
    set(browser, &scene, "ar").await;
    browser.picture_on(&arabic, &[PHONE], Look::Light).await;
    pictured_and_judged(browser, &arabic, DESKTOP, Look::Dark).await;
    browser.fits_on(NARROWEST, &arabic).await;
    let swahili = format!("{}-sw", scene.name);
    set(browser, &scene, "sw").await;
    browser.picture_on(&swahili, &[PHONE], Look::Light).await;
    browser.fits_everywhere(&swahili).await;
    browser.speak("en").await;
}

async fn pictured_and_judged(browser: &Browser, name: &str, screen: Screen, look: Look) {
    browser.picture_on(name, &[screen], look).await;
    judge(browser, &format!("{name} at {} px, {look:?}", screen.width)).await;
}

async fn set(browser: &Browser, scene: &Scene, language: &str) {
    browser.at(DESKTOP, Look::Light).await;
    browser.come_home().await;
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
