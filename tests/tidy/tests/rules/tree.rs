//! The tree of files: what stands at the top, and what stands nowhere.

use std::collections::BTreeSet;

use tidy::holds;
use tidy::tree::{bytes, files, text};

/// What stands at the top, besides tool files that begin with a dot.
const TOP: [&str; 8] = ["Cargo.toml", "Cargo.lock", "functions", "shared", "infra", "tests", "template.yaml", "README.md"];
/// A licence may stand there too.
const LICENCE: &str = "LICENSE";
/// What a newcomer types, and so must find.
const COMMANDS: [&str; 2] = ["cargo dev", "cargo xtask test"];
/// Parts of paths and addresses of one machine or one mirror; written so that this file holds none.
const NOWHERE: [&str; 9] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "plan"),
    concat!("find-", "links"),
    concat!("extra-index", "-url"),
    concat!("index-", "url"),
    concat!("trusted-", "host"),
    concat!("replace-", "with"),
    concat!("https://registry.", "npmjs.org"),
];

#[test]
fn the_top_level_is_fixed() {
    let files = files().unwrap();
    let top: BTreeSet<&str> = files.iter().filter_map(|path| path.split('/').next()).collect();
    let known = |name: &str| name.starts_with('.') || name.starts_with(LICENCE) || TOP.contains(&name);
    let broken: Vec<String> = top.iter().filter(|name| !known(name)).map(|name| format!("{name} is not for the top level")).collect();
    let missing = TOP.iter().filter(|name| !top.contains(*name)).map(|name| format!("{name} is missing"));
    holds("The top level has these names", &broken.into_iter().chain(missing).collect::<Vec<_>>());
}

#[test]
fn every_crate_stands_in_a_part_of_the_picture() {
    let files = files().unwrap();
    let manifests = files.iter().filter(|path| path.ends_with("/Cargo.toml"));
    let placed = |path: &&String| {
        matches!(path.split('/').collect::<Vec<_>>().as_slice(), ["functions" | "shared" | "tests", _, _] | ["infra", "xtask", _])
    };
    let broken: Vec<String> = manifests.filter(|path| !placed(path)).cloned().collect();
    holds("Crates stand in functions/, shared/, tests/ and infra/xtask", &broken);
}

#[test]
fn nothing_names_one_machine_or_one_mirror() {
    let mut broken = Vec::new();
    for path in files().unwrap() {
        let content = bytes(&path).unwrap();
        let content = String::from_utf8_lossy(&content);
        broken.extend(NOWHERE.iter().filter(|part| content.contains(**part)).map(|part| format!("{path} has {part}")));
    }
    holds("What is committed works on any machine", &broken);
}

#[test]
fn the_readme_tells_the_two_commands() {
    let readme = text("README.md").unwrap_or_default();
    let broken: Vec<String> = COMMANDS
        .iter()
        .filter(|command| !readme.contains(**command))
        .map(|command| format!("README.md does not say `{command}`"))
        .collect();
    holds("A newcomer finds how to start and how to test", &broken);
}
