//! What a function may do: its own role, actions named one by one, resources named in full.

use std::collections::BTreeMap;

use serde_json::Value;
use tidy::holds;
use tidy::template::Template;

/// Actions that AWS knows no resource for.
const WITHOUT_RESOURCE: [&str; 2] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
/// What reaches money or people: never for these functions.
const MAY_NEVER: [(&str, &str); 5] = [
    ("ConsoleRole", "dynamodb:"),
    ("ConsoleRole", "secretsmanager:"),
    ("RelayRole", "secretsmanager:"),
    ("RelayRole", "dynamodb:PutItem"),
    ("AuthorizerRole", "secretsmanager:"),
];

fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

/// Every statement of a role's policies.
fn statements(role: &Value) -> Vec<&Value> {
    let policies = role["Policies"].as_array().into_iter().flatten();
    policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().into_iter().flatten()).collect()
}

/// Whether a statement's resource is everything.
fn is_everywhere(statement: &Value) -> bool {
    words(&statement["Resource"]).contains(&"*")
}

#[test]
fn every_function_runs_as_a_role_of_its_own() {
    let template = Template::read().unwrap();
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for function in template.functions() {
        let role = function.role().filter(|role| template.resource(role, "AWS::IAM::Role").is_some());
        users.entry(role.unwrap_or("no role").to_owned()).or_default().push(function.id);
    }
    let broken: Vec<String> = users
        .iter()
        .filter(|(role, users)| users.len() > 1 || *role == "no role")
        .map(|(role, users)| format!("{role}: {users:?}"))
        .collect();
    holds("A function has a role, and no other function has it", &broken);
}

#[test]
fn roles_name_actions_and_resources_one_by_one() {
    let template = Template::read().unwrap();
    let mut broken = Vec::new();
    for (id, role) in template.of_type("AWS::IAM::Role") {
        if !role["ManagedPolicyArns"].is_null() {
            broken.push(format!("{id} has a managed policy"));
        }
        if statements(role).is_empty() {
            broken.push(format!("{id} says nothing"));
        }
        for statement in statements(role) {
            let actions = words(&statement["Action"]);
            broken.extend(actions.iter().filter(|action| action.contains('*')).map(|action| format!("{id} may {action}")));
            if is_everywhere(statement) && !actions.iter().all(|action| WITHOUT_RESOURCE.contains(action)) {
                broken.push(format!("{id} may {actions:?} everywhere"));
            }
            if !statement["NotAction"].is_null() || !statement["NotResource"].is_null() {
                broken.push(format!("{id} says what it may not, and so may the rest"));
            }
        }
    }
    holds("No action and no resource is a star, but for X-Ray's", &broken);
}

#[test]
fn some_functions_never_reach_some_things() {
    let template = Template::read().unwrap();
    let roles = template.of_type("AWS::IAM::Role");
    let mut broken = Vec::new();
    for (id, never) in MAY_NEVER {
        let statements = roles.get(id).map(|role| statements(role)).unwrap_or_default();
        let actions = statements.into_iter().flat_map(|statement| words(&statement["Action"]));
        broken.extend(actions.filter(|action| action.starts_with(never)).map(|action| format!("{id} may {action}")));
    }
    holds("The console touches no data, the relay changes none, and neither they nor the authorizer read secrets", &broken);
}
