//! The web console: embedded files, and the little the browser must know to begin.
//!
//! Every answer carries the same strict headers; no page holds inline script or style, and the browser may
//! talk to nobody but us and the sign-in provider. Pages are drawn in the browser, so each path that names a
//! page answers with the same shell. What is absent: data. This function reads no table and holds no secret.

mod assets;
mod headers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use boot::{Boot, BootError, env};
use http::{Method, StatusCode, header};

use crate::assets::{Reader, Served};
use crate::headers::Policy;

/// The document of our API, as generated into `infra/`.
const OPENAPI: &[u8] = include_bytes!("../../../infra/openapi.json");
/// Where the sign-in provider sends the browser back to.
const CALLBACK_PATH: &str = "/signin/callback";
/// The languages that have a complete catalogue.
const LOCALES: [&str; 3] = ["en", "ar", "sw"];

/// What the console must be told before it can serve.
#[derive(Clone, Debug)]
pub struct ConsoleSettings {
    issuer: String,
    client_id: String,
    public_url: Option<String>,
    policy: Policy,
}

/// A setting that cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The issuer is no absolute `http` or `https` address, so no policy can name it.
    #[error("the sign-in issuer is not an absolute http(s) address: {0}")]
    Issuer(String),
}

impl ConsoleSettings {
    /// Settings for the sign-in provider at `issuer`, where we are known as `client_id`; `public_url` is where
    /// browsers reach us, when it is fixed.
    ///
    /// # Errors
    /// [`SettingsError::Issuer`] when the issuer is no absolute address.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>, public_url: Option<String>) -> Result<Self, SettingsError> {
        let issuer = issuer.into();
        let policy = Policy::for_issuer(&issuer).ok_or_else(|| SettingsError::Issuer(issuer.clone()))?;
        let public_url = public_url.filter(|url| !url.is_empty());
        Ok(Self { issuer, client_id: client_id.into(), public_url, policy })
    }

    fn config(&self) -> serde_json::Value {
        let redirect_uri = self.public_url.as_deref().map(|url| format!("{}{CALLBACK_PATH}", url.trim_end_matches('/')));
        serde_json::json!({
            "issuer": self.issuer,
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "socket_url": null,
            "locales": LOCALES,
        })
    }
}

/// The console of this deployment.
///
/// # Errors
/// [`BootError`] names the variable that is missing, or the issuer that is no address.
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let issuer = boot.env.need(env::DAYPASS_OIDC_ISSUER)?;
    let client_id = boot.env.need(env::DAYPASS_OIDC_CLIENT_ID)?;
    let public_url = boot.env.get(env::DAYPASS_PUBLIC_URL).map(str::to_owned);
    let settings = ConsoleSettings::new(issuer, client_id, public_url)
        .map_err(|error| BootError::Wrong(env::DAYPASS_OIDC_ISSUER, error.to_string()))?;
    Ok(routes(settings))
}

struct Site {
    policy: Policy,
    config: Served,
    openapi: Served,
}

/// The console's routes: `/config.json`, `/openapi.json`, `/docs`, `/assets/…`, and the shell for every page.
pub fn routes(settings: ConsoleSettings) -> Router {
    let config = settings.config().to_string();
    let site = Arc::new(Site {
        policy: settings.policy,
        config: Served::of("config.json", config.into_bytes().into()),
        openapi: Served::of("openapi.json", bytes::Bytes::from_static(OPENAPI)),
    });
    Router::new()
        .route("/config.json", get(config_json))
        .route("/openapi.json", get(openapi_json))
        .route("/docs", get(docs))
        .fallback(page_or_asset)
        .with_state(site)
}

async fn config_json(State(site): State<Arc<Site>>, request: Request) -> Response {
    site.policy.apply(site.config.answer(&Reader::of(request.headers())))
}

async fn openapi_json(State(site): State<Arc<Site>>, request: Request) -> Response {
    site.policy.apply(site.openapi.answer(&Reader::of(request.headers())))
}

async fn docs(State(site): State<Arc<Site>>, request: Request) -> Response {
    site.policy.apply(embedded("docs.html", &request))
}

async fn page_or_asset(State(site): State<Arc<Site>>, request: Request) -> Response {
    site.policy.apply(answer(&request))
}

fn answer(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return not_found();
    }
    match Wanted::by_path(request.uri().path()) {
        Wanted::Asset(name) => embedded(name, request),
        Wanted::Page => embedded("index.html", request),
        Wanted::Nothing => not_found(),
    }
}

fn embedded(name: &str, request: &Request) -> Response {
    match assets::find(name) {
        Some(asset) => asset.answer(&Reader::of(request.headers())),
        None => not_found(),
    }
}

/// What a path asks for. A page's path has no extension; the API's own paths are never a page.
enum Wanted<'a> {
    Asset(&'a str),
    Page,
    Nothing,
}

impl<'a> Wanted<'a> {
    fn by_path(path: &'a str) -> Self {
        if let Some(name) = path.strip_prefix("/assets/") {
            return Self::Asset(name);
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        if path == "/v1" || path.starts_with("/v1/") || last.contains('.') {
            return Self::Nothing;
        }
        Self::Page
    }
}

fn not_found() -> Response {
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "code": "not_found",
        "detail": "There is nothing at this address.",
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::NOT_FOUND, headers, problem.to_string()).into_response()
}

#[cfg(test)]
mod tests;
