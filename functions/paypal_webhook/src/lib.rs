//! PayPal's events: `POST /v1/webhooks/paypal`. Verified over the raw bytes, written down, answered.
//!
//! Nothing is done about an event here, and nothing is read before its signature was checked.

use app::inbox::PaypalHeaders;
use app::{App, AppError};
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;
use boot::{Boot, BootError};
use http::StatusCode;
use utoipa::OpenApi;
use web::openapi::OpenErrors;
use web::{Answer, body};

/// The longest event that is taken, in bytes.
const LARGEST_BYTES: usize = 1024 * 1024;

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    Ok(web::open(Router::new().route("/v1/webhooks/paypal", post(take)), boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(take))]
    struct Document;
    Document::openapi()
}

/// Takes an event that PayPal signed. A repeat is answered like the first.
#[utoipa::path(post, path = "/v1/webhooks/paypal", tag = "Providers", request_body(content = Object, content_type = "application/json"), responses((status = 200, description = "Written down"), OpenErrors))]
async fn take(State(app): State<App>, request: Request) -> Answer<StatusCode> {
    let headers = PaypalHeaders::read(request.headers()).map_err(|_| AppError::SignatureInvalid)?;
    let raw = body::read(request, LARGEST_BYTES).await?;
    app::inbox::paypal(&app, &headers, &raw).await?;
    Ok(StatusCode::OK)
}
