//! The manager's projects and the partner's own account, for the partner's token:
//!
//! - `GET · PUT /projects`, `GET · PATCH · DELETE /projects/{ProjectID}`
//! - `GET /partners`
//! - `GET · PATCH /partners/{PartnerName}/settings`
//!
//! The answer of `GET /partners` is described nowhere; its members are those that clients of the
//! real service are seen to read.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};

use super::Core;
use super::call::ManagerCall;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::{Project, World, days_json};

const NAMED: &[Field] = &[needs("name", Kind::Text)];
const LIST: &[Field] = &[may("uid", Kind::Like(ids::is_user))];
const EVENT: &[Field] = &[may("type", Kind::OneOf(&["days"])), may("method", Kind::OneOf(&["post"]))];
const WEBHOOK: &[Field] = &[
    needs("url", Kind::Text),
    may("events", Kind::List(&Kind::Object(EVENT), 0, usize::MAX)),
    may("mode", Kind::OneOf(&["body", "path", "method"])),
];
const SETTINGS: &[Field] = &[
    may("webhooks", Kind::List(&Kind::Object(WEBHOOK), 0, usize::MAX)),
    may("days_limit", super::shape::ANY_NUMBER),
    may("noChat", Kind::Flag),
];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/projects", get(list).put(create))
        .route("/projects/{project}", get(read).patch(rename).delete(delete))
        .route("/partners", get(partner))
        .route("/partners/{partner}/settings", get(settings).patch(change_settings))
}

async fn list(call: ManagerCall) -> Answer {
    let query = call.said.query(LIST)?;
    let asked = query.get("uid").and_then(Value::as_str).unwrap_or("me").to_owned();
    let page = call.said.page()?;
    ok(call.act(|world, _| {
        let mine = asked == "me" || asked == world.partner.owner_id;
        let all: Vec<Value> = world.projects.values().filter(|_| mine).map(|project| shown(world, project)).collect();
        let (total, rows) = (all.len(), page.of(all));
        Ok(json!({"count": rows.len(), "total": total, "offset": page.offset, "projects": rows}))
    })?)
}

async fn create(call: ManagerCall) -> Answer {
    let name = name_of(&call.said.body(NAMED)?);
    ok(call.act(|world, now_ms| {
        let project = Project { id: world.ids.project_id(), name, created_ms: now_ms, is_default: false };
        let answer = shown(world, &project);
        world.projects.insert(project.id.clone(), project);
        Ok(answer)
    })?)
}

async fn read(Path(id): Path<String>, call: ManagerCall) -> Answer {
    ok(call.act(|world, _| {
        let id = world.project_id(&id)?;
        Ok(world.projects.get(&id).map_or(Value::Null, |project| shown(world, project)))
    })?)
}

async fn rename(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let name = name_of(&call.said.body(NAMED)?);
    call.act(|world, _| {
        let id = world.project_id(&id)?;
        if let Some(project) = world.projects.get_mut(&id) {
            project.name = name;
        }
        Ok(())
    })?;
    success()
}

async fn delete(Path(id): Path<String>, call: ManagerCall) -> Answer {
    call.act(|world, _| {
        let id = world.project_id(&id)?;
        let is_default = world.projects.get(&id).is_some_and(|project| project.is_default);
        if is_default || world.channels.values().any(|channel| channel.project_id == id) {
            return Err(Refusal::wrong("the project is the default one or still has channels"));
        }
        world.projects.remove(&id);
        Ok(())
    })?;
    success()
}

async fn partner(call: ManagerCall) -> Answer {
    ok(call.act(|world, _| {
        let balance = days_json(world.partner.balance_ms);
        Ok(json!({
            "id": world.partner.owner_id,
            "name": world.partner.name,
            "balance": balance,
            "liveDays": balance,
            "trialDays": 0,
            "currency": "USD",
        }))
    })?)
}

async fn settings(Path(name): Path<String>, call: ManagerCall) -> Answer {
    ok(call.act(|world, _| {
        known_partner(world, &name)?;
        Ok(settings_json(world))
    })?)
}

async fn change_settings(Path(name): Path<String>, call: ManagerCall) -> Answer {
    let body = call.said.body(SETTINGS)?;
    call.act(|world, _| {
        known_partner(world, &name)?;
        let settings = &mut world.partner.settings;
        if let Some(webhooks) = body.get("webhooks").and_then(Value::as_array) {
            settings.webhooks = webhooks.clone();
        }
        settings.days_limit = body.get("days_limit").and_then(Value::as_f64).unwrap_or(settings.days_limit);
        settings.no_chat = body.get("noChat").and_then(Value::as_bool).unwrap_or(settings.no_chat);
        world.partner.warned = false;
        world.watch_balance();
        Ok(())
    })?;
    success()
}

fn known_partner(world: &World, name: &str) -> Result<(), Refusal> {
    if !ids::is_partner_name(name) {
        return Err(Refusal::wrong("the partner's name is wrong"));
    }
    if name != world.partner.name {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden"));
    }
    Ok(())
}

fn settings_json(world: &World) -> Value {
    let settings = &world.partner.settings;
    json!({
        "webhooks": settings.webhooks,
        "days_limit": settings.days_limit,
        "noChat": settings.no_chat,
        "liveDays": days_json(world.partner.balance_ms),
        "trialDays": 0,
    })
}

fn name_of(body: &Value) -> String {
    body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn shown(world: &World, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "ownerId": world.partner.owner_id,
        "creationTS": project.created_ms,
        "isDefault": project.is_default,
        "users": [world.partner.owner_id],
    })
}
