//! Errors in the vendor's own words. Each call names the issues its documentation lists (`Dialect`);
//! an issue outside that list is told by the nearest one inside it, or by none. Every answer has a debug id, in the body and in a header.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::ids;

/// The header that carries the debug id.
pub(super) const DEBUG_HEADER: &str = "paypal-debug-id";
const HELP: &str = "https://developer.paypal.com/api/rest/responses/";

/// What is wrong with a part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issue {
    MissingBody,
    Missing,
    Syntax,
    Value,
    TooShort,
    TooLong,
    TooSmall,
    TooLarge,
    StartTime,
    SystemPrefix,
    PatchUnsupported,
    PatchPath,
    PatchRepeated,
}

impl Issue {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingBody => ("MISSING_REQUEST_BODY", "Request body is missing."),
            Self::Missing => ("MISSING_REQUIRED_PARAMETER", "A required field is missing."),
            Self::Syntax => ("INVALID_PARAMETER_SYNTAX", "The value of a field does not conform to the expected format."),
            Self::Value => ("INVALID_PARAMETER_VALUE", "The value of a field is invalid."),
            Self::TooShort => ("INVALID_STRING_MIN_LENGTH", "The value of a field is too short."),
            Self::TooLong => ("INVALID_STRING_MAX_LENGTH", "The value of a field is too long."),
            Self::TooSmall => ("INVALID_INTEGER_MIN_VALUE", "The integer value of a field is too small."),
            Self::TooLarge => ("INVALID_INTEGER_MAX_VALUE", "The integer value of a field is too large."),
            Self::StartTime => ("INVALID_PARAMETER_VALUE", "Start time must be a valid future date and time."),
            Self::SystemPrefix => ("INVALID_PARAMETER_SYNTAX", "Input identifier must not use system prefix(PROD-)."),
            Self::PatchUnsupported => ("UNSUPPORTED_PATCH_OPERATION", "The specified patch operation not supported for this field."),
            Self::PatchPath => ("INVALID_PATCH_PATH", "The specified field cannot be patched."),
            Self::PatchRepeated => ("INVALID_PATCH_PATH", "Multiple operations on the same field are not allowed."),
        }
    }

    fn nearest(self) -> Option<Self> {
        match self {
            Self::MissingBody => Some(Self::Missing),
            Self::Value => None,
            Self::Missing => Some(Self::Syntax),
            _ => Some(Self::Value),
        }
    }
}

/// The issues a call's documentation lists for a 400, and whether it speaks the older form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) issues: &'static [Issue],
    pub(super) older: bool,
}

impl Dialect {
    const fn of(issues: &'static [Issue]) -> Self {
        Self { issues, older: false }
    }

    fn say(self, issue: Issue) -> Option<Issue> {
        if self.issues.contains(&issue) { Some(issue) } else { self.say(issue.nearest()?) }
    }
}

use Issue::{Missing, MissingBody, PatchPath, PatchRepeated, PatchUnsupported, StartTime, Syntax, SystemPrefix, TooLarge, TooLong, TooShort, TooSmall, Value};

pub(super) const PLAN_CREATE: Dialect = Dialect::of(&[Syntax, Value, Missing, TooShort, TooLong, TooSmall, TooLarge]);
pub(super) const PLAN_PATCH: Dialect = Dialect::of(&[PatchUnsupported, PatchPath, PatchRepeated, Syntax, Value]);
pub(super) const PLAN_PRICES: Dialect = Dialect::of(&[Value, Missing]);
pub(super) const LIST: Dialect = Dialect::of(&[Value]);
pub(super) const SUBSCRIBE: Dialect = Dialect::of(&[Syntax, TooLong, Value, TooSmall, TooLarge, StartTime, MissingBody, Missing]);
pub(super) const SUBSCRIPTION_PATCH: Dialect = Dialect::of(&[
    PatchUnsupported,
    PatchPath,
    PatchRepeated,
    Syntax,
    Value,
    TooLong,
    TooShort,
    TooSmall,
    TooLarge,
    MissingBody,
    Missing,
]);
pub(super) const REVISE: Dialect = Dialect::of(&[Syntax, Value, TooSmall, TooLarge, MissingBody, Missing]);
pub(super) const REASON: Dialect = Dialect::of(&[TooLong]);
pub(super) const CAPTURE: Dialect = Dialect::of(&[MissingBody, Value, TooLong, Missing]);
pub(super) const TRANSACTIONS: Dialect = Dialect::of(&[Syntax, Value, Missing]);
pub(super) const PRODUCT_CREATE: Dialect = Dialect::of(&[SystemPrefix, Syntax, Value, Missing, TooShort, TooLong]);
pub(super) const PRODUCT_PATCH: Dialect = Dialect::of(&[Missing, PatchUnsupported, PatchPath, Syntax, Value]);
pub(super) const OLDER: Dialect = Dialect { issues: &[MissingBody, Missing, Syntax, Value, TooShort, TooLong, TooSmall, TooLarge, PatchPath, PatchUnsupported], older: true };

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
            Self::named(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema.")
        };
        let details = faults.iter().filter_map(|fault| {
            let (issue, description) = dialect.say(fault.issue)?.words();
            Some(Detail { field: Some(fault.field.clone()), value: fault.value.clone(), location: Some(fault.location), issue, description })
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let debug_id = ids::debug();
        let links = [Link { href: HELP, rel: "information_link", method: "GET" }];
        let body = Body { name: self.name, message: self.message, debug_id: &debug_id, details: &self.details, links };
        let mut response = (self.status, Json(&body)).into_response();
        if let Ok(value) = HeaderValue::from_str(&debug_id) {
            response.headers_mut().insert(DEBUG_HEADER, value);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Service\""));
        }
        response
    }
}

/// A page that says what went wrong, for people.
pub(super) fn page(status: StatusCode, html: String) -> Response {
    (status, Html(html)).into_response()
}
