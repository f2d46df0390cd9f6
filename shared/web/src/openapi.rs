//! The OpenAPI document: each function describes its own routes, this joins them.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder};

use crate::problem::Problem;

/// The media type of problems.
pub const PROBLEM: &str = "application/problem+json";

/// The parts that every document shares: the bearer token and the problem.
pub fn base() -> OpenApi {
    let mut components = Components::new();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT or API key").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let mut schemas = Vec::new();
    <Problem as utoipa::ToSchema>::schemas(&mut schemas);
    schemas.push((String::from("Problem"), <Problem as utoipa::PartialSchema>::schema()));
    components.schemas.extend(schemas);
    let info = InfoBuilder::new()
        .title("Daypass")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("WhatsApp channels by the day. Errors are problem documents (RFC 9457) with a stable `code`; lists page by cursor; unsafe calls take an `Idempotency-Key`."))
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Joins the documents of all functions.
pub fn merge(documents: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let mut whole = base();
    for document in documents {
        whole.merge(document);
    }
    whole
}

/// The answers that a signed-in route may give besides its own, for `responses(...)`.
pub struct CallerErrors;

/// The answers of an open route.
pub struct OpenErrors;

fn problems(statuses: &[(&str, &str)]) -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
    let reference = utoipa::openapi::Ref::from_schema_name("Problem");
    let content = utoipa::openapi::ContentBuilder::new().schema(Some(reference)).build();
    statuses
        .iter()
        .map(|(status, description)| {
            let response = utoipa::openapi::ResponseBuilder::new().description(*description).content(PROBLEM, content.clone()).build();
            ((*status).to_owned(), response.into())
        })
        .collect()
}

impl utoipa::IntoResponses for CallerErrors {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
        problems(&[
            ("400", "The body is not JSON"),
            ("401", "Sign in again"),
            ("402", "No days or no plan"),
            ("403", "Not allowed"),
            ("404", "Absent, or not yours"),
            ("409", "The state forbids it"),
            ("413", "Too large"),
            ("415", "Send JSON"),
            ("422", "Some fields are not right"),
            ("429", "Too many requests"),
            ("502", "A provider refused"),
            ("503", "Down for a moment"),
            ("504", "A provider is slow"),
        ])
    }
}

impl utoipa::IntoResponses for OpenErrors {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
        problems(&[
            ("400", "The body is not JSON"),
            ("401", "The signature is not right"),
            ("404", "Absent"),
            ("413", "Too large"),
            ("415", "Send JSON"),
            ("422", "Some fields are not right"),
            ("429", "Too many requests"),
            ("503", "Down for a moment"),
        ])
    }
}
