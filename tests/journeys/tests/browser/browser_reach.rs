//! Whether everybody can use it, as far as a machine can tell: by keyboard alone, and by the rules that can
//! be counted (WCAG 2.2 AA, by axe-core, fetched from npm into the target folder).

use std::path::{Path, PathBuf};
use std::process::Command;

use journeys::World;
use journeys::browser::{Browser, DESKTOP, Look, PHONE};
use serde_json::Value;
use thirtyfour::Key;

use crate::people::{customer, quick_world, sign_in};

const NEWCOMER: &str = "nur@reach.test";
const EMAIL: &str = "mona@reach.test";
const CHANNEL: &str = "Pearl Café";
/// The rules' version.
const AXE: &str = "axe-core@4.14.1";
/// Runs the rules over the page; answers what breaks them.
const JUDGE: &str = r"
const done = arguments[0];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const told = ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.any.concat(node.all).map((one) => one.message).join('; ')}`);
axe.run(document, { runOnly: tags }).then(({ passes, violations }) => done({ kept: passes.length, broken: violations.flatMap(told) }), (error) => done({ kept: 0, broken: [String(error)] }));";
/// Fewer kept rules than this mean that no page was looked at.
const FEWEST_KEPT: u64 = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyboard_is_enough_and_no_rule_that_can_be_counted_is_broken() {
    let world = quick_world().await;
    let (browser, newcomer, channel) = tokio::join!(Browser::open(world.url()), customer(&world, NEWCOMER), with_a_channel(&world));
    browser.go("/signin").await;
    sign_in(&browser, newcomer.email()).await;
    by_keyboard(&browser).await;
    let Some(rules) = rules() else { return };
    let broken = by_the_rules(&browser, &rules, &channel).await;
    assert!(broken.is_empty(), "{broken:#?}");
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

/// What breaks the rules on the pages of somebody with a channel.
async fn by_the_rules(browser: &Browser, rules: &str, channel: &str) -> Vec<String> {
    browser.go("/signin").await;
    browser.forget_everything().await;
    browser.go("/signin").await;
    let mut broken = judge(browser, rules, "door", &[]).await;
    sign_in(browser, EMAIL).await;
    let page = format!("/channels/{channel}");
    let pages: [(&str, &[&str]); 10] = [
        ("/channels", &[]),
        (&page, &[]),
        (&page, &["[data-key=act]", "#tab-pair"]),
        (&page, &["[data-key=more]", ".menu button"]),
        ("/plans", &[]),
        ("/balance", &[]),
        ("/payments", &[]),
        ("/payments", &["[data-key^=receipt-]"]),
        ("/notifications", &[]),
        ("/settings", &[]),
    ];
    for (path, presses) in pages {
        browser.go(path).await;
        broken.extend(judge(browser, rules, path, presses).await);
    }
    broken
}

async fn with_a_channel(world: &World) -> String {
    let person = customer(world, EMAIL).await;
    person.buy("Growth").await;
    person.add_working_channel(CHANNEL).await
}

/// What breaks the rules on this page, on a desk in the light and on a phone in the dark.
async fn judge(browser: &Browser, rules: &str, name: &str, presses: &[&str]) -> Vec<String> {
    browser.comes_true("a page", "return document.querySelector('h1') && !document.querySelector('.bones')").await;
    for press in presses {
        browser.press_at(press).await;
    }
    browser.run(rules, vec![]).await;
    let mut broken = Vec::new();
    for (screen, look) in [(DESKTOP, Look::Light), (PHONE, Look::Dark)] {
        browser.at(screen, look).await;
        let found = browser.run_to_end(JUDGE).await;
        assert!(found["kept"].as_u64() > Some(FEWEST_KEPT), "{name}: {found}");
        broken.extend(
            found["broken"].as_array().into_iter().flatten().filter_map(Value::as_str).map(|line| format!("{name} {look:?}: {line}")),
        );
    }
    browser.at(DESKTOP, Look::Light).await;
    broken
}

/// The rules as a script; fetched once. Says so and answers nothing where npm cannot be had.
fn rules() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/axe");
    let script: PathBuf = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        std::fs::create_dir_all(&folder).expect("a folder for the rules");
        let fetched = Command::new("npm")
            .args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(AXE)
            .output();
        let said = fetched.map_or_else(|cause| cause.to_string(), |output| String::from_utf8_lossy(&output.stderr).into_owned());
        if !script.is_file() {
            skipped(&said);
            return None;
        }
    }
    std::fs::read_to_string(script).ok()
}

#[allow(clippy::print_stderr)]
fn skipped(why: &str) {
    eprintln!("{AXE} could not be fetched by npm, so its rules were not counted: {why}");
}
