//! Which crate may know which.

use std::collections::BTreeSet;

use tidy::crates::{Member, locked, manifest, members};
use tidy::holds;

/// The picture: each shared crate, and all it may depend on of ours.
const LAYERS: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("net", &["domain"]),
    ("store", &["domain", "net"]),
    ("clients", &["domain", "net"]),
    ("app", &["domain", "store", "clients"]),
    ("web", &["domain", "app"]),
    ("boot", &["domain", "app", "store", "clients", "net"]),
];
/// What any function may depend on of ours.
const FUNCTIONS_MAY: [&str; 4] = ["app", "boot", "web", "domain"];
/// What one function may besides: the authorizer fetches the issuer's keys.
const ONE_FUNCTION_MAY: [(&str, &str); 1] = [("authorizer", "net")];
/// Outside crates that only some of ours may name, tests aside; what nobody may name is for tests alone.
const KEPT: [(&str, &[&str]); 7] = [
    ("aws-sdk-dynamodb", &["store"]),
    ("aws-sdk-s3", &["store"]),
    ("aws-sdk-sqs", &["clients"]),
    ("aws-sdk-secretsmanager", &["clients"]),
    ("hyper-util", &["net"]),
    ("rustls", &["net"]),
    ("reqwest", &[]),
];
/// What the pure crate must not even name: time, tasks, chance, sockets, stored shapes.
const NOT_PURE: [&str; 10] = ["tokio", "futures", "rand", "ring", "uuid", "serde", "serde_json", "reqwest", "axum", "tracing"];
/// What use cases must not name: how a caller reaches us.
const NOT_FOR_APP: [&str; 8] = ["axum", "hyper", "lambda_http", "lambda_runtime", "aws_lambda_events", "reqwest", "tower", "utoipa"];
/// What no build may hold: a second TLS, and what brings it along.
const NEVER_BUILT: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls", "aws-config"];
/// The only place that crates come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn may(member: &Member) -> Option<BTreeSet<&'static str>> {
    match member.part() {
        "tests" => None,
        "functions" => {
            let own = ONE_FUNCTION_MAY.iter().filter(|(name, _)| *name == member.name).map(|(_, may)| *may);
            Some(FUNCTIONS_MAY.into_iter().chain(own).collect())
        }
        _ => Some(LAYERS.iter().filter(|(name, _)| *name == member.name).flat_map(|(_, may)| may.iter().copied()).collect()),
    }
}

#[test]
fn crates_depend_on_each_other_only_as_the_picture_shows() {
    let mut broken = Vec::new();
    for member in members().unwrap() {
        let Some(may) = may(&member) else { continue };
        let ours = member.dependencies.iter().filter(|dependency| dependency.is_ours);
        broken.extend(ours.filter(|to| !may.contains(to.name.as_str())).map(|to| format!("{} → {}", member.folder, to.name)));
    }
    holds("Arrows of the picture in the architecture are the only dependencies between crates", &broken);
}

#[test]
fn every_shared_crate_stands_in_the_picture() {
    let drawn: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    let members = members().unwrap();
    let shared: BTreeSet<&str> = members.iter().filter(|member| member.part() == "shared").map(|member| member.name.as_str()).collect();
    assert_eq!(shared, drawn);
}

#[test]
fn a_crate_is_named_like_its_folder() {
    let wrong =
        |member: &Member| (!member.folder.ends_with(&format!("/{}", member.name))).then(|| format!("{} in {}", member.name, member.folder));
    let broken: Vec<String> = members().unwrap().iter().filter_map(wrong).collect();
    holds("A crate is named like its folder", &broken);
}

#[test]
fn only_the_crate_meant_for_it_talks_to_a_service() {
    let mut broken = Vec::new();
    for member in members().unwrap().iter().filter(|member| matches!(member.part(), "shared" | "functions")) {
        for dependency in member.dependencies.iter().filter(|dependency| !dependency.is_for_tests) {
            let kept = KEPT.iter().find(|(name, _)| *name == dependency.name);
            if kept.is_some_and(|(_, by)| !by.contains(&member.name.as_str())) {
                broken.push(format!("{} names {}", member.folder, dependency.name));
            }
        }
    }
    holds("A service is named by the one crate that is for it", &broken);
}

#[test]
fn the_domain_is_pure_and_use_cases_know_no_callers() {
    let mut broken = Vec::new();
    for member in members().unwrap() {
        let forbidden: &[&str] = match member.name.as_str() {
            "domain" => &NOT_PURE,
            "app" => &NOT_FOR_APP,
            _ => &[],
        };
        let named = member.dependencies.iter().filter(|dependency| !dependency.is_for_tests);
        let named = named.filter(|dependency| {
            forbidden.contains(&dependency.name.as_str()) || dependency.name.starts_with("aws-") && !forbidden.is_empty()
        });
        broken.extend(named.map(|dependency| format!("{} names {}", member.folder, dependency.name)));
    }
    holds("The domain has no I/O, no tasks, no chance and no stored shapes; use cases have no HTTP, no Lambda and no AWS", &broken);
}

#[test]
fn what_deploys_holds_no_second_tls_and_comes_from_one_registry() {
    let locked = locked().unwrap();
    let never = NEVER_BUILT.iter().filter(|name| locked.contains_key(**name)).map(|name| format!("Cargo.lock has {name}"));
    let elsewhere = locked.iter().filter(|(_, source)| source.as_deref().is_some_and(|source| source != REGISTRY));
    let broken: Vec<String> = never.chain(elsewhere.map(|(name, source)| format!("{name} comes from {source:?}"))).collect();
    holds("One TLS, one list of roots, one registry", &broken);
}

#[test]
fn versions_and_lints_are_said_once_for_all_crates() {
    let mut broken = Vec::new();
    for member in members().unwrap() {
        let manifest = manifest(&member.folder).unwrap();
        if manifest["lints"]["workspace"] != true {
            broken.push(format!("{}: [lints] workspace = true is missing", member.folder));
        }
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = manifest[section].as_object().into_iter().flatten();
            broken.extend(
                named
                    .filter(|(_, said)| said["workspace"] != true)
                    .map(|(name, _)| format!("{}: {name} has a version of its own", member.folder)),
            );
        }
    }
    holds("Versions and lints stand in the workspace's manifest alone", &broken);
}
