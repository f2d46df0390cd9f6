//! Errors in the vendor's own words. What a call may say about a faulty request stands in its [`Dialect`].
//! Every answer has a debug id, in the body and in a header.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(super) use super::dialect::*;

/// The header that carries the debug id.
pub(super) const DEBUG_HEADER: &str = "paypal-debug-id";
const HELP: &str = "https://developer.paypal.com/api/rest/responses/";

/// One entry of `details`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<&'static str>,
    pub(super) issue: &'static str,
    pub(super) description: &'static str,
}

/// A fault found in a request, before it is put into a dialect.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) value: Option<String>,
    pub(super) location: &'static str,
    pub(super) issue: Issue,
}

impl Fault {
    /// A fault in the body.
    pub(super) fn body(field: &str, issue: Issue) -> Self {
        Self { field: field.to_owned(), value: None, location: "body", issue }
    }

    /// A fault in the query string.
    pub(super) fn query(field: &str, value: Option<&str>, issue: Issue) -> Self {
        Self { field: field.to_owned(), value: value.map(str::to_owned), location: "query", issue }
    }
}

/// An error answer.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    name: &'static str,
    message: &'static str,
    details: Vec<Detail>,
}

impl Problem {
    /// Any other error, by name.
    pub(super) fn named(status: StatusCode, name: &'static str, message: &'static str) -> Self {
        Self { status, name, message, details: Vec::new() }
    }

    /// 400, each fault told as the dialect knows it.
    pub(super) fn invalid(dialect: Dialect, faults: &[Fault]) -> Self {
        let problem = if dialect.older {
            Self::named(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "Invalid data provided")
        } else {
            Self::named(
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                "Request is not well-formed, syntactically incorrect, or violates schema.",
            )
        };
        let details = faults.iter().filter_map(|fault| {
            let (issue, description) = dialect.say(fault.issue)?.words();
            Some(Detail {
                field: Some(fault.field.clone()),
                value: fault.value.clone(),
                location: Some(fault.location),
                issue,
                description,
            })
        });
        Self { details: details.collect(), ..problem }
    }

    /// 422 with its issue and the vendor's sentence for it.
    pub(super) fn unprocessable(issue: &'static str, description: &'static str) -> Self {
        let message = "The requested action could not be performed, semantically incorrect, or failed business validation.";
        Self::named(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", message).with(issue, description)
    }

    /// 404 of the newer services.
    pub(super) fn not_found() -> Self {
        Self::absent().with("INVALID_RESOURCE_ID", "Specified resource ID does not exist. Please check the resource ID and try again.")
    }

    /// 404 as the calls say it that look up another resource than the one in their path.
    pub(super) fn reference_not_found() -> Self {
        Self::absent().with("INVALID_RESOURCE_ID", "Requested resource ID was not found.")
    }

    /// 404 without a detail.
    pub(super) fn absent() -> Self {
        Self::named(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "The specified resource does not exist.")
    }

    /// 404 of the older services.
    pub(super) fn older_not_found() -> Self {
        Self::named(StatusCode::NOT_FOUND, "INVALID_RESOURCE_ID", "The requested resource ID was not found")
    }

    /// 401 of everything but the token call.
    pub(super) fn unauthenticated() -> Self {
        let message = "Authentication failed due to missing authorization header, or invalid authentication credentials.";
        Self::named(StatusCode::UNAUTHORIZED, "AUTHENTICATION_FAILURE", message)
    }

    /// 415.
    pub(super) fn media_type() -> Self {
        let message = "The server does not support the request payload's media type.";
        Self::named(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// 405.
    pub(super) fn method() -> Self {
        Self::named(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "The server does not implement the requested HTTP method.")
    }

    fn with(mut self, issue: &'static str, description: &'static str) -> Self {
        self.details.push(Detail { field: None, value: None, location: None, issue, description });
        self
    }
}

#[derive(Serialize)]
struct Link {
    href: &'static str,
    rel: &'static str,
    method: &'static str,
}

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
    message: &'a str,
    debug_id: &'a str,
    #[serde(skip_serializing_if = "<[Detail]>::is_empty")]
    details: &'a [Detail],
    links: [Link; 1],
}

impl Problem {
    /// What is told, under the id of the answer, with the methods that are allowed where they are known.
    pub(super) fn told(&self, debug_id: &str, allow: Option<&HeaderValue>) -> Response {
        let links = [Link { href: HELP, rel: "information_link", method: "GET" }];
        let body = Body { name: self.name, message: self.message, debug_id, details: &self.details, links };
        let mut response = (self.status, Json(&body)).into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Service\""));
        }
        response
    }
}

/// An answer that bears the problem; its words come with its debug id (`request::debug_id`).
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
