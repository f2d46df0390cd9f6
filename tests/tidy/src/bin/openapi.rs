//! The API's document, joined from what each function says of its routes: printed, written to a file, or
//! compared with one. Deterministic, so that the committed copy changes only when the API does.
//!
//! What no function can say is added here: some refusals come from the gateway itself, in its own words.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tidy::tree::root;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};

/// Where the committed copy stands.
const COPY: &str = "infra/openapi.json";
/// Statuses that the gateway answers before any function is asked, where an operation asks for a token.
const GATEWAYS_OWN: [&str; 4] = ["401", "413", "429", "503"];
/// What the gateway's answers are called in the document.
const GATEWAY_MESSAGE: &str = "GatewayMessage";
const USAGE: &str = "usage: openapi [--print | --check]: writes infra/openapi.json, or only compares it";

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None => write(),
        Some("--print") => document().and_then(|text| io::stdout().write_all(text.as_bytes()).map_err(|cause| cause.to_string())),
        Some("--check") => check(),
        Some(_) => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            let _ = writeln!(io::stderr(), "openapi: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// Pretty JSON with a newline at the end.
fn document() -> Result<String, String> {
    let mut whole = web::openapi::merge([
        account::openapi(),
        admin::openapi(),
        channels::openapi(),
        paypal_checkout::openapi(),
        paypal_webhook::openapi(),
        plans::openapi(),
        qr::openapi(),
        whapi_webhook::openapi(),
    ]);
    add_the_gateways_own(&mut whole);
    let mut text = serde_json::to_string_pretty(&whole).map_err(|cause| cause.to_string())?;
    text.push('\n');
    Ok(text)
}

/// Adds the gateway's form of a refusal beside ours: `{"message": "Unauthorized"}`.
fn add_the_gateways_own(document: &mut OpenApi) {
    let message = ObjectBuilder::new().schema_type(Type::String).description(Some("What is wrong.")).examples(["Unauthorized"]);
    let schema = ObjectBuilder::new().property("message", message).required("message");
    let schema = schema.description(Some("A refusal by the gateway, before our code is asked."));
    if let Some(components) = &mut document.components {
        components.schemas.insert(GATEWAY_MESSAGE.to_owned(), RefOr::T(Schema::Object(schema.build())));
    }
    let operations = document.paths.paths.values_mut().flat_map(operations);
    let signed_in = operations.filter(|operation| operation.security.as_ref().is_some_and(|any| !any.is_empty()));
    signed_in.for_each(add_to_operation);
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn add_to_operation(operation: &mut Operation) {
    for status in GATEWAYS_OWN {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(GATEWAY_MESSAGE))).build();
            response.content.insert("application/json".to_owned(), content);
        }
    }
}

fn copy() -> PathBuf {
    root().join(COPY)
}

fn write() -> Result<(), String> {
    fs::write(copy(), document()?).map_err(|cause| format!("{COPY}: {cause}"))
}

fn check() -> Result<(), String> {
    let (now, kept) = (document()?, fs::read_to_string(copy()).map_err(|cause| format!("{COPY}: {cause}"))?);
    if now == kept {
        return Ok(());
    }
    let same = now.lines().zip(kept.lines()).take_while(|(new, old)| new == old).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").trim().to_owned();
    Err(format!(
        "{COPY} is not what the functions say, from line {}: it has {:?}, they say {:?}.\nRun: cargo xtask openapi",
        same + 1,
        line(&kept),
        line(&now)
    ))
}
