//! From resolved resources to the model: functions and the gateway. Properties are taken by serde, so that a property of the
//! wrong shape is named; properties that do nothing here are not looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::model::{Authorizer, Cors, Function, QueueSource, Route, Schedule, StreamSource};
use super::resolve::{Facts, Resolver};
use super::{Template, TemplateError};

/// Lambda's own defaults.
const MEMORY_UNSAID_MB: i32 = 128;
const TIMEOUT_UNSAID_S: u64 = 3;
/// SQS's and Lambda's own defaults for event sources.
const QUEUE_BATCH_UNSAID: u32 = 10;
const STREAM_BATCH_UNSAID: usize = 100;
const CONCURRENCY_UNSAID: usize = 10;
/// What of a function's properties the local stack looks at.
const FUNCTION_PROPERTIES: [&str; 5] = ["CodeUri", "MemorySize", "Timeout", "Environment", "Events"];

impl Template {
    /// The functions, once the facts say what was made.
    ///
    /// # Errors
    /// When something cannot be understood.
    pub fn functions(&self, facts: &Facts) -> Result<Vec<Function>, TemplateError> {
        let globals = self.section("Globals").and_then(|globals| globals.get("Function"));
        let globals = globals.cloned().unwrap_or(Value::Null);
        let mut functions = Vec::new();
        for name in self.names_of("AWS::Serverless::Function") {
            let resource = self.section("Resources").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
            let properties = merged(&globals, &resource["Properties"]);
            let resolver = Resolver { template: self, facts, place: name.to_owned() };
            let properties: FunctionProperties = typed(name, resolver.resolve(&properties)?)?;
            functions.push(function(name, properties)?);
        }
        Ok(functions)
    }

    /// The gateway's authorizer.
    ///
    /// # Errors
    /// When something cannot be understood.
    pub fn authorizer(&self) -> Result<Option<Authorizer>, TemplateError> {
        let Some((name, api)) = self.api() else {
            return Ok(None);
        };
        let auth = &api["Auth"];
        let Some(chosen) = auth["DefaultAuthorizer"].as_str() else {
            return Ok(None);
        };
        let authorizer: AuthorizerProperties = typed(name, auth["Authorizers"][chosen].clone())?;
        let function = authorizer.function_arn["Fn::GetAtt"][0].as_str();
        let function = function.ok_or_else(|| TemplateError::at(name, "FunctionArn must be a GetAtt of a function"))?;
        if !authorizer.enable_simple_responses || authorizer.authorizer_payload_format_version != json!("2.0") {
            return Err(TemplateError::at(name, "the local gateway knows simple answers to payload 2.0 only"));
        }
        Ok(Some(Authorizer {
            function: function.to_owned(),
            headers: authorizer.identity.headers.iter().map(|header| header.to_ascii_lowercase()).collect(),
            keep_for: Duration::from_secs(authorizer.identity.reauthorize_every),
        }))
    }

    /// What other origins may do at the gateway.
    ///
    /// # Errors
    /// When something cannot be understood.
    pub fn cors(&self, facts: &Facts) -> Result<Option<Cors>, TemplateError> {
        let Some((name, api)) = self.api() else {
            return Ok(None);
        };
        let Some(cors) = api.get("CorsConfiguration") else {
            return Ok(None);
        };
        let resolver = Resolver { template: self, facts, place: name.to_owned() };
        let cors: CorsProperties = typed(name, resolver.resolve(cors)?)?;
        Ok(Some(Cors {
            origins: cors.allow_origins,
            methods: cors.allow_methods,
            headers: cors.allow_headers,
            exposed: cors.expose_headers,
            max_age_seconds: cors.max_age,
        }))
    }

    fn api(&self) -> Option<(&str, &Value)> {
        let name = self.names_of("AWS::Serverless::HttpApi").into_iter().next()?;
        Some((name, &self.section("Resources")?.get(name)?["Properties"]))
    }
}

fn typed<T: DeserializeOwned>(place: &str, value: Value) -> Result<T, TemplateError> {
    serde_json::from_value(value).map_err(|cause| TemplateError::at(place, cause.to_string()))
}

/// The function's own properties over the globals; variables are put together.
fn merged(globals: &Value, own: &Value) -> Value {
    let mut properties = Map::new();
    for name in FUNCTION_PROPERTIES {
        let value = own.get(name).or_else(|| globals.get(name));
        properties.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    let mut variables = Map::new();
    for source in [globals, own] {
        let said = source["Environment"]["Variables"].as_object();
        variables.extend(said.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    }
    properties.insert("Environment".to_owned(), json!({ "Variables": variables }));
    Value::Object(properties)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    code_uri: String,
    memory_size: Option<i32>,
    timeout: Option<u64>,
    environment: Environment,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Event {
    HttpApi(HttpApiEvent),
    #[serde(rename = "SQS")]
    Sqs(SqsEvent),
    #[serde(rename = "DynamoDB")]
    DynamoDb(StreamEvent),
    ScheduleV2(ScheduleEvent),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApiEvent {
    method: String,
    path: String,
    #[serde(default)]
    auth: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SqsEvent {
    queue: String,
    batch_size: Option<u32>,
    #[serde(default)]
    maximum_batching_window_in_seconds: u64,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default)]
    scaling_config: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEvent {
    stream: String,
    batch_size: Option<usize>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default)]
    maximum_retry_attempts: u32,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default)]
    filter_criteria: Value,
    #[serde(default)]
    destination_config: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    schedule_expression: String,
    #[serde(default)]
    input: String,
    #[serde(default)]
    retry_policy: Value,
    #[serde(default)]
    dead_letter_config: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthorizerProperties {
    function_arn: Value,
    #[serde(default)]
    enable_simple_responses: bool,
    #[serde(default)]
    authorizer_payload_format_version: Value,
    identity: Identity,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    headers: Vec<String>,
    #[serde(default)]
    reauthorize_every: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct CorsProperties {
    allow_origins: Vec<String>,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    max_age: Option<u64>,
}

fn function(name: &str, properties: FunctionProperties) -> Result<Function, TemplateError> {
    let crate_name = properties.code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let mut function = Function {
        id: name.to_owned(),
        crate_name: crate_name.to_owned(),
        memory_mb: properties.memory_size.unwrap_or(MEMORY_UNSAID_MB),
        timeout: Duration::from_secs(properties.timeout.unwrap_or(TIMEOUT_UNSAID_S)),
        variables: properties.environment.variables.into_iter().map(|(name, value)| (name, text(&value))).collect(),
        routes: Vec::new(),
        queues: Vec::new(),
        streams: Vec::new(),
        schedules: Vec::new(),
    };
    for (event_name, event) in properties.events {
        let place = format!("{name}.{event_name}");
        match event {
            Event::HttpApi(event) => function.routes.push(route(event)),
            Event::Sqs(event) => function.queues.push(queue_source(event)),
            Event::DynamoDb(event) => function.streams.push(stream_source(&place, event)?),
            Event::ScheduleV2(event) => function.schedules.push(schedule(&place, event_name, event)?),
        }
    }
    Ok(function)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn route(event: HttpApiEvent) -> Route {
    Route { method: event.method.to_ascii_uppercase(), path: event.path, open: event.auth["Authorizer"] == "NONE" }
}

fn queue_source(event: SqsEvent) -> QueueSource {
    let concurrency = event.scaling_config["MaximumConcurrency"].as_u64();
    QueueSource {
        arn: event.queue,
        batch_size: event.batch_size.unwrap_or(QUEUE_BATCH_UNSAID),
        window: Duration::from_secs(event.maximum_batching_window_in_seconds),
        partial: reports_items(&event.function_response_types),
        concurrency: concurrency.and_then(|many| usize::try_from(many).ok()).unwrap_or(CONCURRENCY_UNSAID),
    }
}

fn stream_source(place: &str, event: StreamEvent) -> Result<StreamSource, TemplateError> {
    let filters = event.filter_criteria["Filters"].as_array().cloned().unwrap_or_default();
    let pattern = |filter: Value| {
        let text = filter["Pattern"].as_str().unwrap_or_default();
        serde_json::from_str(text).map_err(|cause| TemplateError::at(place, format!("a filter is no JSON: {cause}")))
    };
    Ok(StreamSource {
        arn: event.stream,
        batch_size: event.batch_size.unwrap_or(STREAM_BATCH_UNSAID),
        bisect: event.bisect_batch_on_function_error,
        retries: event.maximum_retry_attempts,
        partial: reports_items(&event.function_response_types),
        filters: filters.into_iter().map(pattern).collect::<Result<_, _>>()?,
        on_failure: event.destination_config["OnFailure"]["Destination"].as_str().map(str::to_owned),
    })
}

fn schedule(place: &str, name: String, event: ScheduleEvent) -> Result<Schedule, TemplateError> {
    let input = serde_json::from_str(&event.input);
    let retries = event.retry_policy["MaximumRetryAttempts"].as_u64();
    Ok(Schedule {
        name,
        expression: event.schedule_expression,
        input: input.map_err(|cause| TemplateError::at(place, format!("its input is no JSON: {cause}")))?,
        retries: retries.and_then(|many| u32::try_from(many).ok()).unwrap_or(0),
        dead_letters: event.dead_letter_config["Arn"].as_str().map(str::to_owned),
    })
}

fn reports_items(types: &[String]) -> bool {
    types.iter().any(|one| one == "ReportBatchItemFailures")
}
