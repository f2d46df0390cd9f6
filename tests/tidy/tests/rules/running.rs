//! What tells people how it goes, and what brings a bad version back: alarms, figures, the way of a rollout.

use std::collections::BTreeSet;

use serde_json::Value;
use tidy::holds;
use tidy::template::Template;
use tidy::tree::text;

/// The namespace of the product's own metrics.
const OURS: &str = "Daypass";
/// The function that the gateway asks itself, so that no alias stands between.
const WITHOUT_ALIAS: &str = "AuthorizerFunction";
/// What must never go on unseen: a balance that is wrong, something that only a person can settle.
const ALARMED: [&str; 2] = ["LedgerMismatches", "Findings"];

fn template() -> Template {
    Template::read().unwrap()
}

/// The figures that the use cases tell.
fn told() -> BTreeSet<String> {
    let source = text("shared/app/src/figures.rs").unwrap();
    let names = source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split('"').nth(1));
    names.map(str::to_owned).collect()
}

/// The figures that alarms and the dashboard look at.
fn watched() -> BTreeSet<String> {
    let template = template();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let ours = alarms.values().filter(|alarm| alarm["Namespace"] == OURS);
    let mut names: BTreeSet<String> = ours.filter_map(|alarm| alarm["MetricName"].as_str()).map(str::to_owned).collect();
    for dashboard in template.of_type("AWS::CloudWatch::Dashboard").values() {
        let body: Value = serde_json::from_str(dashboard["DashboardBody"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let widgets = body["widgets"].as_array().unwrap().iter();
        let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
        names.extend(metrics.filter(|metric| metric[0] == OURS).map(|metric| metric[1].as_str().unwrap().to_owned()));
    }
    names
}

#[test]
fn every_figure_is_told_by_the_code_and_looked_at() {
    let (told, watched) = (told(), watched());
    assert!(!told.is_empty());
    let unwatched = told.difference(&watched).map(|name| format!("nobody looks at {name}"));
    let untold = watched.difference(&told).map(|name| format!("{name} is never told"));
    holds("Figures are on the dashboard, and alarms watch figures that exist", &unwatched.chain(untold).collect::<Vec<_>>());
}

#[test]
fn somebody_is_woken_by_what_must_not_go_on_unseen() {
    let template = template();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let wakes = |name: &&str| alarms.values().any(|alarm| alarm["MetricName"] == *name && alarm["Threshold"] == 0);
    let broken: Vec<String> = ALARMED.iter().filter(|name| !wakes(name)).map(|name| (*name).to_owned()).collect();
    holds("There is an alarm on the first of these", &broken);
    let silent = alarms.iter().filter(|(_, alarm)| alarm["AlarmActions"][0]["Ref"] != "Alarms").map(|(id, _)| (*id).to_owned());
    holds("Every alarm tells somebody", &silent.collect::<Vec<_>>());
}

#[test]
fn a_bad_version_of_a_function_comes_back_by_itself() {
    let mut broken = Vec::new();
    for function in template().functions().into_iter().filter(|function| function.id != WITHOUT_ALIAS) {
        let own = function.id.replace("Function", "ErrorsAlarm");
        let watches = function.properties["DeploymentPreference"]["Alarms"][0]["Ref"] == own.as_str();
        if !watches || function.properties["AutoPublishAliasAllProperties"] != true || function.properties["AutoPublishAlias"].is_null() {
            broken.push(function.id);
        }
    }
    holds("A new version, or new settings, take over bit by bit under the function's own alarm", &broken);
}
