//! The rules of accessibility that a machine can count: axe-core, by the versions that `axe/package-lock.json`
//! pins, fetched once by npm into the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use journeys::browser::Browser;
use serde_json::Value;

/// Runs the rules over the page; answers what breaks them.
const JUDGE: &str = r"
const done = arguments[0];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const told = ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.any.concat(node.all).map((one) => one.message).join('; ')}`);
axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(({ passes, violations }) => done({ kept: passes.length, broken: violations.flatMap(told) }), (error) => done({ kept: 0, broken: [String(error)] }));";
/// Fewer kept rules than this mean that no page was looked at.
const FEWEST_KEPT: u64 = 10;
const SCRIPT: &str = "node_modules/axe-core/axe.min.js";

/// Proves that the page, as it stands there, breaks no rule.
pub(crate) async fn judge(browser: &Browser, name: &str) {
    let Some(rules) = rules() else { return };
    if browser.run("return typeof axe", vec![]).await != "object" {
        browser.run(rules, vec![]).await;
    }
    let found = browser.run_to_end(JUDGE).await;
    let broken: Vec<_> = found["broken"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(broken.is_empty(), "{name} breaks rules: {broken:#?}");
    assert!(found["kept"].as_u64() > Some(FEWEST_KEPT), "{name}: {found}");
}

/// The rules as a script. Says so and answers nothing where there is no npm; the test command installs it.
fn rules() -> Option<&'static str> {
    static RULES: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let script = target.join("axe").join(SCRIPT);
        if !script.is_file() {
            fetch(&target)?;
        }
        Some(std::fs::read_to_string(script).expect("the rules"))
    };
    RULES.get_or_init(read).as_deref()
}

/// Fetches them beside the place where they belong, because other tests do the same at this moment.
fn fetch(target: &Path) -> Option<()> {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("axe");
    let folder: PathBuf = target.join(format!("axe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the rules");
    for list in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(list), folder.join(list)).expect("what is pinned");
    }
    let mut npm = Command::new("npm");
    let quietly = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let Ok(fetched) = npm.args(quietly).current_dir(&folder).output() else {
        skipped();
        return None;
    };
    assert!(folder.join(SCRIPT).is_file(), "npm could not fetch axe-core: {}", String::from_utf8_lossy(&fetched.stderr));
    if std::fs::rename(&folder, target.join("axe")).is_err() {
        std::fs::remove_dir_all(&folder).expect("another test was first");
    }
    Some(())
}

#[allow(clippy::print_stderr)]
fn skipped() {
    eprintln!("There is no npm, so the rules of axe-core were not counted. Install it: apt-get install npm (as root)");
}
