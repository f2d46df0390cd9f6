//! Linking a phone, and the channel's own state, for a channel's token:
//!
//! - `GET /users/login`, `/users/login/image`, `/users/login/rowdata`, `/users/login/{PhoneNumber}`
//! - `POST /users/logout`
//! - `GET · PATCH /users/profile`, `PUT /status`
//! - `GET /health`: launches a sleeping channel unless `wakeup=false`
//! - `GET /limits`: 204 for a live channel

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::ids;
use super::link::Login;
use super::qr::{self, Look};
use super::refusal::{Answer, Refusal, ok, success};
use super::session::Shown;
use super::shape::{ANY_NUMBER, Field, Kind, may, needs};
use super::state::Channel;

const LOOK: &[Field] = &[
    may("size", ANY_NUMBER),
    may("width", ANY_NUMBER),
    may("height", ANY_NUMBER),
    may("color_light", Kind::Text),
    may("color_dark", Kind::Text),
];
const HEALTH: &[Field] = &[may("platform", Kind::Text), may("channel_type", Kind::OneOf(&["web", "mobile"]))];
const PROFILE: &[Field] = &[may("name", Kind::Sized(3, 25)), may("about", Kind::Sized(1, 139)), may("icon", Kind::Text)];
const STATUS: &[Field] = &[needs("status", Kind::Text)];
/// In how many answers the health leaves its optional members out.
const LEFT_OUT_ONE_IN: i64 = 4;
/// The picture of every profile.
const ICON: &str = "https://pps.whatsapp.net/v/t61.24694-24/sandbox.jpg";

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/users/login", get(login))
        .route("/users/login/image", get(image))
        .route("/users/login/rowdata", get(rowdata))
        .route("/users/login/{phone}", get(pairing))
        .route("/users/logout", post(logout))
        .route("/users/profile", get(profile).patch(change_profile))
        .route("/status", put(change_status))
        .route("/health", get(health))
        .route("/limits", get(limits))
}

/// What the channel shows, with the time and the switches it was shown by.
struct Seen {
    login: Login,
    now_ms: i64,
    bare: bool,
}

fn look_at_code(call: &GateCall) -> Result<Seen, Refusal> {
    let unclear = |_| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Render QR failed");
    call.said.query(LOOK).map_err(unclear)?;
    let wakeup = call.said.flag("wakeup", true)?;
    call.act(|channel, switches, now_ms| Ok(Seen { login: channel.login(wakeup, now_ms, switches)?, now_ms, bare: switches.bare_base64 }))
}

impl Login {
    fn without_code(&self) -> Value {
        match self {
            Self::TimedOut => json!({"status": "TIMEOUT"}),
            Self::Broken => json!({"status": "ERROR"}),
            Self::Waiting | Self::Code(_) => json!({"status": "WAITING"}),
        }
    }
}

async fn login(call: GateCall) -> Answer {
    let seen = look_at_code(&call)?;
    let look = Look::asked(|name| call.said.word(name));
    match seen.login {
        Login::Code(shown) => ok(qr::answer(&shown, seen.now_ms, seen.bare, &look)?),
        other => ok(other.without_code()),
    }
}

async fn image(call: GateCall) -> Answer {
    let seen = look_at_code(&call)?;
    let look = Look::asked(|name| call.said.word(name));
    match seen.login {
        Login::Code(shown) => Ok(([(header::CONTENT_TYPE, "image/png")], qr::png(&shown.rowdata, &look)?).into_response()),
        other => ok(other.without_code()),
    }
}

async fn rowdata(call: GateCall) -> Answer {
    let seen = look_at_code(&call)?;
    match seen.login {
        Login::Code(shown) => ok(raw(&shown, seen.now_ms)),
        other => ok(other.without_code()),
    }
}

fn raw(shown: &Shown, now_ms: i64) -> Value {
    json!({"status": "OK", "rowdata": shown.rowdata, "expire": qr::expires_in_s(shown, now_ms)})
}

async fn pairing(Path(phone): Path<String>, call: GateCall) -> Answer {
    if phone.is_empty() || !ids::is_contact(&phone) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "Invalid phone number"));
    }
    let code = call.act(|channel, switches, now_ms| channel.pair(&phone, now_ms, switches))?;
    ok(json!({"code": code}))
}

async fn logout(call: GateCall) -> Answer {
    call.act(|channel, switches, now_ms| {
        let was_linked = channel.unlink(now_ms, switches);
        was_linked.then_some(()).ok_or_else(|| Refusal::conflict("Channel already logged out"))
    })?;
    success()
}

async fn profile(call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let name = channel.session.user.as_ref().map(|user| user.name.clone());
        Ok(json!({"name": name.unwrap_or_default(), "about": channel.session.about, "icon": ICON, "icon_full": ICON}))
    })?)
}

async fn change_profile(call: GateCall) -> Answer {
    let body = call.said.some_body(PROFILE)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        if let (Some(name), Some(user)) = (text("name"), channel.session.user.as_mut()) {
            user.name = name;
        }
        channel.session.about = text("about").unwrap_or_else(|| channel.session.about.clone());
        Ok(())
    })?;
    success()
}

async fn change_status(call: GateCall) -> Answer {
    let body = call.said.body(STATUS)?;
    let about = body.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.session.about = about;
        Ok(())
    })?;
    success()
}

async fn health(call: GateCall) -> Answer {
    let query = call.said.query(HEALTH)?;
    let wakeup = call.said.flag("wakeup", true)?;
    let mobile = query.get("channel_type").map(|kind| kind == "mobile");
    ok(call.act(|channel, switches, now_ms| {
        if wakeup {
            channel.session.mobile = mobile.unwrap_or(channel.session.mobile);
            channel.wake(now_ms, switches);
        }
        Ok(channel.health(now_ms))
    })?)
}

async fn limits(call: GateCall) -> Answer {
    let left = call.act(|channel, _, now_ms| {
        let limited = channel.is_limited();
        Ok(limited.then(|| channel.usage.left(now_ms)))
    })?;
    left.map_or_else(|| Ok(StatusCode::NO_CONTENT.into_response()), ok)
}

impl Channel {
    /// The health as `GET /health` says it.
    fn health(&self, now_ms: i64) -> Value {
        let mut health = json!({
            "channel_id": self.id,
            "start_at": self.session.started_ms.div_euclid(1_000),
            "uptime": self.uptime_s(now_ms),
            "version": super::VERSION,
            "status": self.phase(now_ms).json(),
        });
        let mut set = |name: &str, value: Value| {
            if let Some(members) = health.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        };
        if now_ms % LEFT_OUT_ONE_IN != 0 {
            set("core_version", json!(super::VERSION));
            set("api_version", json!(super::VERSION));
            set("ip", json!("127.0.0.1"));
        }
        if let (Some(user), Ok(())) = (&self.session.user, self.need_link(now_ms)) {
            set("device_id", json!(self.session.device_id));
            set("user", json!({"id": user.id, "name": user.name, "pushname": user.name, "saved": false}));
        }
        health
    }
}
