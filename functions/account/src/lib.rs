//! The caller's own account: profile, days and movements, subscription, payments, notifications, API keys.
//!
//! Every route needs a caller and shows nothing but the caller's own. Absent: buying (`paypal_checkout`).

mod keys;

use app::account::ProfileUpdate;
use app::{App, subscriptions};
use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use boot::{Boot, BootError};
use domain::id::NotificationId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::auth::everything_only;
use web::openapi::CallerErrors;
use web::page::{ListView, PageParams};
use web::view::account::{BalanceView, EntryView, LotView, MeView, NotificationView};
use web::view::maybe_time;
use web::view::plan::{PaymentView, SubscriptionView};
use web::{Answer, Caller, Id, Json, PageQuery, Problem};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/me", get(me).patch(update_me))
        .route("/v1/balance", get(balance))
        .route("/v1/balance/entries", get(entries))
        .route("/v1/balance/lots", get(lots))
        .route("/v1/subscription", get(subscription))
        .route("/v1/payments", get(payments))
        .route("/v1/payments/{id}/receipt", get(receipt))
        .route("/v1/notifications", get(notifications))
        .route("/v1/notifications/read", post(read_notifications))
        .route("/v1/api-keys", get(keys::list).post(keys::create))
        .route("/v1/api-keys/{id}", delete(keys::revoke));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(
        me,
        update_me,
        balance,
        entries,
        lots,
        subscription,
        payments,
        receipt,
        notifications,
        read_notifications,
        keys::list,
        keys::create,
        keys::revoke
    ))]
    struct Document;
    Document::openapi()
}

/// The caller: profile, plan, limits, days, and what stands above every page.
#[utoipa::path(get, path = "/v1/me", tag = "Account", security(("bearer" = [])), responses((status = 200, body = MeView), CallerErrors))]
async fn me(State(app): State<App>, Caller(actor): Caller) -> Answer<axum::Json<MeView>> {
    let me = app::account::me(&app, &actor).await?;
    Ok(axum::Json(MeView::of(me, app.now())))
}

/// What may be changed of the profile; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    /// The name, 100 characters at most.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// An IANA time zone.
    #[schema(example = "Asia/Bahrain")]
    time_zone: Option<String>,
    /// `en`, `ar` or `sw`.
    locale: Option<String>,
}

/// Changes the profile.
#[utoipa::path(patch, path = "/v1/me", tag = "Account", security(("bearer" = [])), request_body = ProfileBody, responses((status = 200, body = MeView), CallerErrors))]
async fn update_me(State(app): State<App>, Caller(actor): Caller, Json(body): Json<ProfileBody>) -> Answer<axum::Json<MeView>> {
    everything_only(&actor)?;
    let update = ProfileUpdate { name: body.name, time_zone: body.time_zone, locale: body.locale };
    app::account::update(&app, &actor, update).await?;
    let me = app::account::me(&app, &actor).await?;
    Ok(axum::Json(MeView::of(me, app.now())))
}

/// The balance of days.
#[utoipa::path(get, path = "/v1/balance", tag = "Balance", security(("bearer" = [])), responses((status = 200, body = BalanceView), CallerErrors))]
async fn balance(State(app): State<App>, Caller(actor): Caller) -> Answer<axum::Json<BalanceView>> {
    Ok(axum::Json(app::account::balance(&app, &actor).await?.into()))
}

/// The movements of days, newest first, each with the balance after it.
#[utoipa::path(get, path = "/v1/balance/entries", tag = "Balance", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<EntryView>), CallerErrors))]
async fn entries(State(app): State<App>, Caller(actor): Caller, PageQuery(page): PageQuery) -> Answer<axum::Json<ListView<EntryView>>> {
    let entries = app::account::entries(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(entries, EntryView::of)))
}

/// Where the days came from, and what is left of each credit: oldest first, all of them.
#[utoipa::path(get, path = "/v1/balance/lots", tag = "Balance", security(("bearer" = [])), responses((status = 200, body = ListView<LotView>), CallerErrors))]
async fn lots(State(app): State<App>, Caller(actor): Caller) -> Answer<axum::Json<ListView<LotView>>> {
    let items = app::account::lots(&app, &actor).await?.into_iter().map(Into::into).collect();
    Ok(axum::Json(ListView { items, next_cursor: None }))
}

/// The caller's subscription.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionAnswer {
    /// The checkout under way, else the one of the plan; null when there is none.
    subscription: Option<SubscriptionView>,
    /// When PayPal bills next, as last read there.
    next_payment_at: Option<String>,
}

/// The caller's subscription: the checkout under way, else that of the plan.
#[utoipa::path(get, path = "/v1/subscription", tag = "Subscription", security(("bearer" = [])), responses((status = 200, body = SubscriptionAnswer), CallerErrors))]
async fn subscription(State(app): State<App>, Caller(actor): Caller) -> Answer<axum::Json<SubscriptionAnswer>> {
    let found = subscriptions::current(&app, &actor).await?;
    let next = found.as_ref().filter(|found| found.renews()).and_then(|found| found.paypal.next_billing_at.or(found.end_at));
    Ok(axum::Json(SubscriptionAnswer { subscription: found.map(Into::into), next_payment_at: maybe_time(next) }))
}

/// The payments, newest first.
#[utoipa::path(get, path = "/v1/payments", tag = "Payments", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<PaymentView>), CallerErrors))]
async fn payments(State(app): State<App>, Caller(actor): Caller, PageQuery(page): PageQuery) -> Answer<axum::Json<ListView<PaymentView>>> {
    let payments = subscriptions::payments(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(payments, Into::into)))
}

/// One payment, with all that its receipt says.
#[utoipa::path(get, path = "/v1/payments/{id}/receipt", tag = "Payments", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = PaymentView), CallerErrors))]
async fn receipt(State(app): State<App>, Caller(actor): Caller, Id(id): Id<String>) -> Answer<axum::Json<PaymentView>> {
    Ok(axum::Json(subscriptions::receipt(&app, &actor, &id).await?.into()))
}

/// The notifications, newest first.
#[utoipa::path(get, path = "/v1/notifications", tag = "Notifications", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<NotificationView>), CallerErrors))]
async fn notifications(
    State(app): State<App>,
    Caller(actor): Caller,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<NotificationView>>> {
    let notifications = app::account::notifications(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(notifications, Into::into)))
}

/// Which notifications were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadBody {
    /// Their ids, 100 at most; unknown ones are passed over.
    #[schema(max_items = 100)]
    ids: Vec<String>,
}

/// The most notifications that are marked at once.
const MOST_READ: usize = 100;

/// Marks notifications as read.
#[utoipa::path(post, path = "/v1/notifications/read", tag = "Notifications", security(("bearer" = [])), request_body = ReadBody, responses((status = 204, description = "Marked"), CallerErrors))]
async fn read_notifications(State(app): State<App>, Caller(actor): Caller, Json(body): Json<ReadBody>) -> Answer<StatusCode> {
    everything_only(&actor)?;
    if body.ids.len() > MOST_READ {
        return Err(Problem::fields(vec![app::FieldError::new("ids", "Give 100 ids at most.")]));
    }
    let ids: Vec<_> = body.ids.iter().filter_map(|id| NotificationId::parse(id).ok()).collect();
    app::account::mark_read(&app, &actor, &ids).await?;
    Ok(StatusCode::NO_CONTENT)
}
