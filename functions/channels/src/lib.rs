//! Channels: add, list, look, rename, extend, refresh, delete, history.
//!
//! A channel that is somebody else's is not there. What takes long (creation, extension, deletion at WHAPI)
//! is recorded and answered; the worker does it.

use app::App;
use app::channels::{ChannelUpdate, NewChannel};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use boot::{Boot, BootError};
use domain::id::ChannelId;
use domain::{Days, PhoneNumber};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::openapi::CallerErrors;
use web::page::{ListView, PageParams};
use web::view::account::BalanceView;
use web::view::channel::{ChannelAnswer, ChannelView, ExtensionView, HistoryView};
use web::{Answer, Caller, Id, Json, Once, PageQuery, Problem, Writer};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/channels", get(list).post(create))
        .route("/v1/channels/{id}", get(one).patch(update).delete(delete))
        .route("/v1/channels/{id}/extend", post(extend))
        .route("/v1/channels/{id}/extensions", get(extensions))
        .route("/v1/channels/{id}/refresh", post(refresh))
        .route("/v1/channels/{id}/history", get(history));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, create, one, update, delete, extend, extensions, refresh, history))]
    struct Document;
    Document::openapi()
}

/// What a channel is made from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelBody {
    /// A name for it, 60 characters at most.
    #[schema(min_length = 1, max_length = 60, example = "Manama Flowers")]
    name: String,
    /// The number that it will get, with its country code.
    #[schema(example = "+97336612345")]
    phone: Option<String>,
}

/// What may be changed of a channel; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateBody {
    /// A new name.
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// Whether it renews by itself a day before its end.
    auto_renew: Option<bool>,
}

/// By how many days.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExtendBody {
    /// From 1 to 3660.
    #[schema(minimum = 1, maximum = 3660, example = 30)]
    days: u32,
}

/// An extension that was taken on.
#[derive(Debug, Serialize, ToSchema)]
struct ExtendAnswer {
    /// The extension.
    extension: ExtensionView,
    /// The balance after its days were set aside.
    balance: BalanceView,
}

fn phone(text: Option<&str>) -> Result<Option<PhoneNumber>, Problem> {
    let wrong = |_| {
        Problem::fields(vec![app::FieldError::new(
            "phone",
            "Give a telephone number that exists, with its country code, such as +97336612345.",
        )])
    };
    text.filter(|text| !text.trim().is_empty()).map(PhoneNumber::parse).transpose().map_err(wrong)
}

/// The caller's channels, newest first.
#[utoipa::path(get, path = "/v1/channels", tag = "Channels", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<ChannelView>), CallerErrors))]
async fn list(State(app): State<App>, Caller(actor): Caller, PageQuery(page): PageQuery) -> Answer<axum::Json<ListView<ChannelView>>> {
    let channels = app::channels::list(&app, &actor, page).await?;
    let now = app.now();
    Ok(axum::Json(ListView::of(channels, |channel| ChannelView::of(&channel, now))))
}

/// Adds a channel. It is set up at WHAPI by itself, and gets days when there are any.
#[utoipa::path(post, path = "/v1/channels", tag = "Channels", security(("bearer" = [])), request_body = ChannelBody, responses((status = 201, body = ChannelAnswer), CallerErrors))]
async fn create(
    State(app): State<App>,
    Writer(actor): Writer,
    Once(once): Once,
    Json(body): Json<ChannelBody>,
) -> Answer<(StatusCode, axum::Json<ChannelAnswer>)> {
    let wanted = NewChannel { phone: phone(body.phone.as_deref())?, name: body.name };
    let channel = app::channels::create(&app, &actor, wanted, once.as_ref()).await?;
    Ok((StatusCode::CREATED, axum::Json(ChannelAnswer { channel: ChannelView::of(&channel, app.now()) })))
}

/// One channel.
#[utoipa::path(get, path = "/v1/channels/{id}", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = ChannelView), CallerErrors))]
async fn one(State(app): State<App>, Caller(actor): Caller, Id(id): Id<ChannelId>) -> Answer<axum::Json<ChannelView>> {
    let channel = app::channels::get(&app, &actor, &id).await?;
    Ok(axum::Json(ChannelView::of(&channel, app.now())))
}

/// Renames a channel, or switches its renewal.
#[utoipa::path(patch, path = "/v1/channels/{id}", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path)), request_body = UpdateBody, responses((status = 200, body = ChannelView), CallerErrors))]
async fn update(
    State(app): State<App>,
    Writer(actor): Writer,
    Id(id): Id<ChannelId>,
    Json(body): Json<UpdateBody>,
) -> Answer<axum::Json<ChannelView>> {
    let update = ChannelUpdate { name: body.name, auto_renew: body.auto_renew };
    let channel = app::channels::update(&app, &actor, &id, update).await?;
    Ok(axum::Json(ChannelView::of(&channel, app.now())))
}

/// Deletes a channel; unused days that were paid for come back.
#[utoipa::path(delete, path = "/v1/channels/{id}", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 202, body = ChannelAnswer), CallerErrors))]
async fn delete(
    State(app): State<App>,
    Writer(actor): Writer,
    Id(id): Id<ChannelId>,
    Once(once): Once,
) -> Answer<(StatusCode, axum::Json<ChannelAnswer>)> {
    let channel = app::channels::delete(&app, &actor, &id, once.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ChannelAnswer { channel: ChannelView::of(&channel, app.now()) })))
}

/// Sets days aside for a channel; they are put on it shortly after.
#[utoipa::path(post, path = "/v1/channels/{id}/extend", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path)), request_body = ExtendBody, responses((status = 202, body = ExtendAnswer), CallerErrors))]
async fn extend(
    State(app): State<App>,
    Writer(actor): Writer,
    Id(id): Id<ChannelId>,
    Once(once): Once,
    Json(body): Json<ExtendBody>,
) -> Answer<(StatusCode, axum::Json<ExtendAnswer>)> {
    let (extension, balance) = app::extensions::request(&app, &actor, &id, Days::new(body.days), once.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ExtendAnswer { extension: extension.into(), balance: balance.into() })))
}

/// The extensions of a channel, newest first.
#[utoipa::path(get, path = "/v1/channels/{id}/extensions", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path), PageParams), responses((status = 200, body = ListView<ExtensionView>), CallerErrors))]
async fn extensions(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(id): Id<ChannelId>,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<ExtensionView>>> {
    let extensions = app::extensions::list(&app, &actor, &id, page).await?;
    Ok(axum::Json(ListView::of(extensions, Into::into)))
}

/// Reads the channel at WHAPI now.
#[utoipa::path(post, path = "/v1/channels/{id}/refresh", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = ChannelView), CallerErrors))]
async fn refresh(State(app): State<App>, Writer(actor): Writer, Id(id): Id<ChannelId>) -> Answer<axum::Json<ChannelView>> {
    let channel = app::channels::refresh(&app, &actor, &id).await?;
    Ok(axum::Json(ChannelView::of(&channel, app.now())))
}

/// What happened to a channel, newest first.
#[utoipa::path(get, path = "/v1/channels/{id}/history", tag = "Channels", security(("bearer" = [])), params(("id" = String, Path), PageParams), responses((status = 200, body = ListView<HistoryView>), CallerErrors))]
async fn history(
    State(app): State<App>,
    Caller(actor): Caller,
    Id(id): Id<ChannelId>,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<HistoryView>>> {
    let events = app::channels::history_of(&app, &actor, &id, page).await?;
    Ok(axum::Json(ListView::of(events, Into::into)))
}
