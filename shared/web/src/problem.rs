//! Problem documents (RFC 9457): the only file that knows status codes.

use app::{AppError, FieldError};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// What went wrong, and what to do about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/docs#no_days")]
    pub kind: Box<str>,
    /// The code in words.
    pub title: &'static str,
    /// The HTTP status again.
    pub status: u16,
    /// The stable code.
    #[schema(schema_with = code_schema)]
    pub code: &'static str,
    /// What happened and what to do, safe to show.
    #[schema(value_type = String)]
    pub detail: Box<str>,
    /// The id of this request, to be quoted.
    #[schema(value_type = String)]
    pub instance: Box<str>,
    /// The fields that are wrong.
    pub errors: Vec<FieldProblem>,
    /// When to try again, in seconds; sent as `Retry-After`.
    #[serde(skip)]
    pub retry_after_seconds: Option<u32>,
}

/// A field that is wrong.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field's name, or its path with dots.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Every code, its status and its title: the closed list.
pub const CODES: &[(&str, u16, &str)] = &[
    ("validation_failed", 422, "Some fields are not right"),
    ("invalid_json", 400, "The body is not JSON"),
    ("token_invalid", 401, "Sign in again"),
    ("signature_invalid", 401, "The signature is not right"),
    ("no_days", 402, "No days"),
    ("no_plan", 402, "No plan"),
    ("forbidden", 403, "Not allowed"),
    ("account_suspended", 403, "Account suspended"),
    ("not_found", 404, "Not found"),
    ("method_not_allowed", 405, "Method not allowed"),
    ("channel_limit_reached", 409, "Channel limit reached"),
    ("plan_not_for_sale", 409, "Not for sale"),
    ("already_subscribed", 409, "Already subscribed"),
    ("channel_not_active", 409, "Channel not active"),
    ("channel_provisioning", 409, "Channel being set up"),
    ("channel_busy", 409, "Channel busy"),
    ("already_linked", 409, "Already linked"),
    ("not_linked", 409, "Not linked"),
    ("link_timed_out", 409, "Not scanned in time"),
    ("state_forbids", 409, "Not possible now"),
    ("account_closing", 409, "Account closing"),
    ("request_in_progress", 409, "Still running"),
    ("busy", 409, "Changed by somebody else"),
    ("body_too_large", 413, "Too large"),
    ("unsupported_media_type", 415, "Send JSON"),
    ("idempotency_key_reused", 422, "Idempotency-Key used before"),
    ("too_many_requests", 429, "Too many requests"),
    ("internal", 500, "Our mistake"),
    ("provider_refused", 502, "Refused by a provider"),
    ("provider_unavailable", 503, "A provider is down"),
    ("integration_not_configured", 503, "Not set up yet"),
    ("sales_paused", 503, "Sales paused"),
    ("unavailable", 503, "Down for a moment"),
    ("provider_slow", 504, "A provider is slow"),
];

/// The closed list as the document has it.
fn code_schema() -> Object {
    let codes = CODES.iter().map(|(code, ..)| *code);
    ObjectBuilder::new().schema_type(Type::String).description(Some("The stable code.")).enum_values(Some(codes)).build()
}

impl Problem {
    /// A problem with a code of [`CODES`]; an unknown code is our mistake and told so.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        let (code, status, title) = CODES.iter().find(|(known, ..)| *known == code).copied().unwrap_or(("internal", 500, "Our mistake"));
        Self {
            kind: format!("/docs#{code}").into(),
            title,
            status,
            code,
            detail: detail.into().into(),
            instance: Box::default(),
            errors: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// A wrong field or fields.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail =
            errors.first().map_or_else(|| "Some fields are not right.".to_owned(), |first| format!("{}: {}", first.field, first.text));
        let mut problem = Self::new("validation_failed", detail);
        problem.errors = errors.into_iter().map(|error| FieldProblem { field: error.field, detail: error.text }).collect();
        problem
    }

    /// There is nothing here, or it is somebody else's: both look the same.
    pub fn not_found() -> Self {
        Self::new("not_found", AppError::NotFound.to_string())
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let problem = match &error {
            AppError::Invalid(fields) => Self::fields(fields.clone()),
            other => Self::new(other.code(), other.to_string()),
        };
        if problem.status >= 500 {
            tracing::error!(code = problem.code, error = %chain(&error), "a request failed");
        }
        match error {
            AppError::RateLimited { retry_after_seconds } => {
                Self { retry_after_seconds: u32::try_from(retry_after_seconds).ok(), ..problem }
            }
            AppError::ProviderUnavailable { .. } | AppError::Unavailable(_) => Self { retry_after_seconds: Some(60), ..problem },
            _ => problem,
        }
    }
}

/// An error with its causes, once.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))], body).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

pub(crate) async fn no_route() -> Problem {
    Problem::not_found()
}

pub(crate) async fn no_method() -> Problem {
    Problem::new("method_not_allowed", "This address does not take that method.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Refusal;

    #[test]
    fn every_error_of_the_use_cases_has_a_code_of_the_list() {
        let refusals = [
            Refusal::NoPlan,
            Refusal::NoDaysLeft,
            Refusal::ChannelLimitReached,
            Refusal::PlanNotForSale,
            Refusal::AlreadySubscribed,
            Refusal::ChannelNotActive,
            Refusal::ChannelProvisioning,
            Refusal::ChannelBusy,
            Refusal::AlreadyLinked,
            Refusal::NotLinked,
            Refusal::LinkTimedOut,
            Refusal::StateForbids("no"),
            Refusal::AccountSuspended,
            Refusal::AccountClosing,
            Refusal::SalesPaused,
        ];
        for refusal in refusals {
            let code = refusal.code();
            assert_eq!(Problem::from(AppError::from(refusal)).code, code);
        }
        assert_eq!(Problem::from(AppError::NotFound).status, 404);
        assert_eq!(Problem::new("not a code", "x").status, 500);
    }
}
