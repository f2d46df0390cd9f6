//! What the people and the companies around us do: they sign up, scan, pay, fail.
//!
//! | route | |
//! |---|---|
//! | `POST /local/token` `{email, password}` · `POST /local/users` `{email, password, admin?}` | without a browser |
//! | `GET /local/endpoints` | where everything listens |
//! | `POST /local/whapi/…` · `GET /local/whapi/account` | the phone and WHAPI |
//! | `GET·PUT /local/whapi/dialect` `{error_shape?, event_spelling?}` | the sides WHAPI takes where its sources differ |
//! | `POST /local/paypal/…` | the payer and PayPal: `paypal` |
//! | `GET·PUT /local/faults` | what goes wrong |
//! | `GET /local/outbox` · `GET /local/webhooks` | mail that would have been sent; attempts to deliver webhooks |

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::BodyExt;
use sandbox::FaultPlan;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{Reply, Trouble, body, of};
use crate::providers;
use crate::stack::Shared;

/// How many of the newest attempts the log shows.
const ATTEMPTS_SHOWN: usize = 500;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/local/token", post(token))
        .route("/local/users", post(user))
        .route("/local/endpoints", get(endpoints))
        .route("/local/whapi/account", get(whapi_account))
        .route("/local/whapi/dialect", get(dialect).put(set_dialect))
        .route("/local/whapi/{act}", post(whapi))
        .route("/local/faults", get(faults).put(set_faults))
        .route("/local/outbox", get(outbox))
        .route("/local/webhooks", get(webhooks))
}

async fn endpoints(State(shared): State<Arc<Shared>>) -> Reply {
    let Some(world) = shared.world().await else {
        return Err(Trouble::impossible("a reset is under way"));
    };
    Ok(Json(providers::endpoints(&shared, &world.made)))
}

#[derive(Deserialize)]
struct Person {
    email: String,
    password: String,
    #[serde(default)]
    admin: bool,
}

async fn user(State(shared): State<Arc<Shared>>, bytes: Bytes) -> Reply {
    let person: Person = body(&bytes)?;
    let subject = shared.sandbox.oidc.create_user(&person.email, &person.password, person.admin)?;
    Ok(Json(json!({ "email": person.email, "subject": subject, "admin": person.admin })))
}

async fn token(State(shared): State<Arc<Shared>>, bytes: Bytes) -> Reply {
    let person: Person = body(&bytes)?;
    let token = shared.sandbox.oidc.token(&person.email, &person.password)?;
    let user_id = user_id(&shared, &token).await;
    Ok(Json(json!({ "access_token": token, "user_id": user_id })))
}

/// Our own id of the one whom the token speaks for: the first call makes the account.
async fn user_id(shared: &Shared, token: &str) -> Option<String> {
    let request = Request::get("/v1/me").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.header(header::HOST, "localhost");
    let answer = shared.answer(request.body(Body::empty()).ok()?).await;
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    let profile: Value = serde_json::from_slice(&body).ok()?;
    profile["id"].as_str().map(str::to_owned)
}

#[derive(Deserialize)]
struct Whapi {
    #[serde(default)]
    channel_id: String,
    phone: Option<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    text: String,
    days: Option<i64>,
    rings_s: Option<i64>,
    #[serde(default)]
    products: Vec<String>,
}

async fn whapi(State(shared): State<Arc<Shared>>, Path(act): Path<String>, bytes: Bytes) -> Reply {
    let said: Whapi = body(&bytes)?;
    let whapi = &shared.sandbox.whapi;
    let days = || said.days.ok_or_else(|| Trouble::misunderstood("days are needed"));
    match act.as_str() {
        "scan" => of(whapi.scan(&said.channel_id, said.phone)),
        "unlink" => of(whapi.unlink(&said.channel_id)),
        "message" => of(whapi.message(&said.channel_id, &said.from, &said.text)),
        "call" => of(whapi.call(&said.channel_id, &said.from, said.rings_s)),
        "order" => of(whapi.order(&said.channel_id, &said.from, &said.products)),
        "error" => of(whapi.error(&said.channel_id)),
        "low-balance" => of(whapi.low_balance(days()?)),
        "balance" => of(whapi.set_balance(days()?)),
        _ => Err(Trouble::new(StatusCode::NOT_FOUND, "WHAPI does no such thing")),
    }
}

async fn whapi_account(State(shared): State<Arc<Shared>>) -> Reply {
    of(shared.sandbox.whapi.account())
}

async fn dialect(State(shared): State<Arc<Shared>>) -> Reply {
    Ok(Json(json!(shared.sandbox.whapi.dialect())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    error_shape: Option<String>,
    event_spelling: Option<String>,
}

async fn set_dialect(State(shared): State<Arc<Shared>>, bytes: Bytes) -> Reply {
    let said: Sides = body(&bytes)?;
    let whapi = &shared.sandbox.whapi;
    let chosen = whapi.dialect().with(said.error_shape.as_deref(), said.event_spelling.as_deref());
    whapi.speak(chosen.map_err(Trouble::misunderstood)?);
    Ok(Json(json!(whapi.dialect())))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Reply {
    let faults = &shared.sandbox.faults;
    let plan = faults.plan();
    Ok(Json(json!({ "seed": plan.seed, "rules": plan.rules, "hits": faults.hits() })))
}

async fn set_faults(State(shared): State<Arc<Shared>>, bytes: Bytes) -> Reply {
    let plan: FaultPlan = body(&bytes)?;
    plan.check().map_err(Trouble::misunderstood)?;
    shared.sandbox.faults.set(plan.clone());
    Ok(Json(json!(plan)))
}

async fn outbox(State(shared): State<Arc<Shared>>) -> Reply {
    Ok(Json(json!({ "items": shared.sandbox.mail.list() })))
}

async fn webhooks(State(shared): State<Arc<Shared>>) -> Reply {
    let attempts = shared.sandbox.deliverer.log();
    let newest: Vec<_> = attempts.iter().rev().take(ATTEMPTS_SHOWN).collect();
    Ok(Json(json!({ "items": newest, "waiting_now": shared.sandbox.deliverer.waiting_now() })))
}
