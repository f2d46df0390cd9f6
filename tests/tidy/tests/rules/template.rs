//! `template.yaml` against the crates and the variables: what is deployed is what is built.

use std::collections::BTreeSet;

use serde_json::Value;
use tidy::crates::members;
use tidy::holds;
use tidy::template::{Function, Template};
use tidy::tree::text;

fn template() -> Template {
    Template::read().unwrap()
}

/// Fails with what stands on one side alone.
fn same(rule: &str, template: &BTreeSet<String>, other: &BTreeSet<String>, where_else: &str) {
    let only_here = template.difference(other).map(|one| format!("{one} stands in template.yaml, not in {where_else}"));
    let only_there = other.difference(template).map(|one| format!("{one} stands in {where_else}, not in template.yaml"));
    holds(rule, &only_here.chain(only_there).collect::<Vec<_>>());
}

/// `whapi_webhook` → `WhapiWebhook`.
fn pascal_case(name: &str) -> String {
    let word = |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
    name.split('_').map(word).collect()
}

#[test]
fn every_function_crate_is_deployed_and_every_deployed_function_is_a_crate() {
    let functions = template().functions();
    let deployed = functions.iter().map(|function| function.crate_name().unwrap_or(&function.id).to_owned()).collect();
    let built = members().unwrap().into_iter().filter(|member| member.part() == "functions").map(|member| member.name).collect();
    same("Functions in the template are the crates in functions/", &deployed, &built, "functions/");
}

#[test]
fn a_function_its_role_and_its_log_are_named_after_its_crate() {
    let mut broken = Vec::new();
    for function in template().functions() {
        let stem = pascal_case(function.crate_name().unwrap_or_default());
        let (role, group) = (format!("{stem}Role"), format!("{stem}Logs"));
        if function.id != format!("{stem}Function") || function.role() != Some(&role) || function.log_group() != Some(&group) {
            broken.push(format!("{}: role {:?}, log group {:?}", function.id, function.role(), function.log_group()));
        }
    }
    holds("QrFunction runs as QrRole, logs to QrLogs and is built from qr", &broken);
}

#[test]
fn variables_in_the_template_are_those_in_the_table_of_variables() {
    let table = text("shared/boot/src/env.rs").unwrap();
    let names = table.lines().filter_map(|line| line.trim().strip_suffix(';'));
    let names = names.filter(|name| name.starts_with("DAYPASS_") && name.chars().all(|one| one.is_ascii_uppercase() || one == '_'));
    let known: BTreeSet<String> = names.map(str::to_owned).collect();
    same(
        "Every variable of ours is given in the template and explained in the table",
        &template().variables(),
        &known,
        "shared/boot/src/env.rs",
    );
}

#[test]
fn every_function_has_its_limits() {
    let template = template();
    let mut broken = Vec::new();
    for function in template.functions() {
        let missing = ["Timeout", "MemorySize"].into_iter().filter(|limit| !function.properties[*limit].is_number());
        broken.extend(missing.map(|limit| format!("{} has no {limit}", function.id)));
        if !keeps_its_log_for_a_time(&template, &function) {
            broken.push(format!("{} has no log group with a retention", function.id));
        }
    }
    holds("A function has a timeout, a memory size, and a log that is not kept for ever", &broken);
}

fn keeps_its_log_for_a_time(template: &Template, function: &Function) -> bool {
    let group = function.log_group().and_then(|group| template.resource(group, "AWS::Logs::LogGroup"));
    group.is_some_and(|group| !group["RetentionInDays"].is_null())
}

#[test]
fn somebody_is_told_when_a_function_fails() {
    let template = template();
    let alarms = template.of_type("AWS::CloudWatch::Alarm");
    let watched = |id: &str| {
        let of_function = |alarm: &&Value| alarm["MetricName"] == "Errors" && alarm["Dimensions"][0]["Value"]["Ref"] == id;
        alarms.values().any(|alarm| of_function(alarm) && !alarm["AlarmActions"].is_null())
    };
    let broken: Vec<String> = template.functions().into_iter().map(|function| function.id).filter(|id| !watched(id)).collect();
    holds("Every function has an alarm on its errors", &broken);
}

#[test]
fn the_table_streams_forgets_and_can_be_brought_back() {
    let template = template();
    let tables = template.of_type("AWS::DynamoDB::Table");
    assert_eq!(tables.len(), 1, "one table");
    for table in tables.values() {
        assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
        assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true);
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    }
}

#[test]
fn no_job_is_lost_in_silence() {
    let template = template();
    let mut broken = Vec::new();
    for function in template.functions() {
        for (name, event) in function.properties["Events"].as_object().into_iter().flatten() {
            let properties = &event["Properties"];
            let partial = properties["FunctionResponseTypes"][0] == "ReportBatchItemFailures";
            let kept = match event["Type"].as_str().unwrap_or_default() {
                "SQS" => partial,
                "DynamoDB" => {
                    partial && !properties["DestinationConfig"]["OnFailure"].is_null() && !properties["MaximumRetryAttempts"].is_null()
                }
                "ScheduleV2" => !properties["DeadLetterConfig"].is_null(),
                _ => true,
            };
            if !kept {
                broken.push(format!("{} {name}", function.id));
            }
        }
    }
    let queues = template.of_type("AWS::SQS::Queue");
    let read = queues.iter().filter(|(id, _)| !id.ends_with("DeadLetters"));
    broken.extend(read.filter(|(_, queue)| queue["RedrivePolicy"].is_null()).map(|(id, _)| (*id).to_owned()));
    holds("Batches fail in part, and what cannot be done is kept somewhere", &broken);
}
