//! WHAPI's events: `POST /v1/webhooks/whapi/partner`, `POST /v1/webhooks/whapi/channels/{channel_id}`.
//!
//! WHAPI signs nothing: a channel's events are known by the secret header that we had WHAPI send, the
//! partner's by its own secret where one is set. Answered with exactly 200, which is what WHAPI counts.

use app::App;
use app::inbox::WHAPI_HEADER;
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;
use boot::{Boot, BootError};
use domain::id::ChannelId;
use http::{HeaderMap, StatusCode};
use utoipa::OpenApi;
use web::openapi::OpenErrors;
use web::{Answer, Id, body};

/// The longest event that is taken, in bytes.
const LARGEST_BYTES: usize = 1024 * 1024;
/// The header of the partner's secret.
const PARTNER_HEADER: &str = "x-webhook-secret";

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes =
        Router::new().route("/v1/webhooks/whapi/partner", post(partner)).route("/v1/webhooks/whapi/channels/{channel_id}", post(channel));
    Ok(web::open(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(partner, channel))]
    struct Document;
    Document::openapi()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The secret in the address, for whoever cannot set a header. It is never logged.
fn secret_in_address(request: &Request) -> Option<String> {
    let pairs = url::form_urlencoded::parse(request.uri().query()?.as_bytes());
    pairs.into_iter().find(|(name, _)| name == "secret").map(|(_, value)| value.into_owned())
}

/// Takes a low-balance notice.
#[utoipa::path(post, path = "/v1/webhooks/whapi/partner", tag = "Providers", request_body(content = Object, content_type = "application/json"), responses((status = 200, description = "Written down"), OpenErrors))]
async fn partner(State(app): State<App>, request: Request) -> Answer<StatusCode> {
    let secret = text(request.headers(), PARTNER_HEADER).or_else(|| secret_in_address(&request));
    let raw = body::read(request, LARGEST_BYTES).await?;
    app::inbox::whapi_partner(&app, secret.as_deref(), &raw).await?;
    Ok(StatusCode::OK)
}

/// Takes an event of one channel.
#[utoipa::path(post, path = "/v1/webhooks/whapi/channels/{channel_id}", tag = "Providers", params(("channel_id" = String, Path)), request_body(content = Object, content_type = "application/json"), responses((status = 200, description = "Written down"), OpenErrors))]
async fn channel(State(app): State<App>, Id(id): Id<ChannelId>, request: Request) -> Answer<StatusCode> {
    let secret = text(request.headers(), WHAPI_HEADER);
    let raw = body::read(request, LARGEST_BYTES).await?;
    app::inbox::whapi_channel(&app, &id, secret.as_deref(), &raw).await?;
    Ok(StatusCode::OK)
}
