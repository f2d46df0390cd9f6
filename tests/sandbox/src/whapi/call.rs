//! One request to the manager or to the gate: whose it is, and what it says.
//!
//! A handler that takes a [`ManagerCall`] cannot be reached without the partner's token, one that
//! takes a [`GateCall`] not without a channel's. What the gate does not know (a wrong token, a
//! channel that is deleted or not there yet) is 404, as with the vendor.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::shape::{self, Field, Kind, may};
use super::state::{Channel, Switches, World};
use super::{Core, multipart};

const COUNT_UNSAID: usize = 100;
const COUNT_LIMIT: f64 = 500.0;
const OFFSET_LIMIT: f64 = 1e15;
const PAGING: &[Field] = &[may("count", Kind::Number(1.0, COUNT_LIMIT)), may("offset", Kind::Number(0.0, OFFSET_LIMIT))];

/// What a request says, whoever sent it.
pub(crate) struct Said {
    query: Vec<(String, String)>,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// Which rows of a list are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    count: usize,
    pub(crate) offset: usize,
}

impl Page {
    /// The rows of this page.
    pub(crate) fn of<T>(self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.offset).take(self.count).collect()
    }

    /// A page of the same size that begins elsewhere.
    pub(crate) fn from(self, offset: usize) -> Self {
        Self { offset, ..self }
    }

    /// The answer of a list: this page of these rows, under their name.
    pub(crate) fn listed(self, name: &str, rows: Vec<Value>) -> Value {
        let total = rows.len();
        let rows = self.of(rows);
        json!({"count": rows.len(), "total": total, "offset": self.offset, name: rows})
    }
}

impl Said {
    /// The body as an object of this shape: JSON, or a form in either encoding.
    pub(crate) fn body(&self, fields: &[Field]) -> Result<Value, Refusal> {
        let value = match self.content_type.as_str() {
            kind if kind.starts_with("multipart/form-data") => {
                let boundary = multipart::boundary(kind).ok_or_else(|| Refusal::wrong("the form has no boundary"))?;
                shape::coerce(fields, &multipart::pairs(&self.bytes, &boundary))
            }
            kind if kind.starts_with("application/x-www-form-urlencoded") => shape::coerce(fields, &pairs_of(&self.bytes)),
            _ if self.bytes.is_empty() => Value::Object(serde_json::Map::new()),
            _ => serde_json::from_slice(&self.bytes).map_err(|_| Refusal::wrong("the body is not JSON"))?,
        };
        shape::check(fields, &value).map_err(Refusal::wrong)?;
        Ok(value)
    }

    /// The same, where an empty body is refused though no field is needed.
    pub(crate) fn some_body(&self, fields: &[Field]) -> Result<Value, Refusal> {
        if self.bytes.is_empty() {
            return Err(Refusal::wrong("the body is missing"));
        }
        self.body(fields)
    }

    /// The query as an object of this shape.
    pub(crate) fn query(&self, fields: &[Field]) -> Result<Value, Refusal> {
        let value = shape::coerce(fields, &self.query);
        shape::check(fields, &value).map_err(Refusal::wrong)?;
        Ok(value)
    }

    /// The query as an object of this shape, with one member that is said elsewhere.
    pub(crate) fn query_and(&self, fields: &[Field], name: &str, said: String) -> Result<Value, Refusal> {
        let mut value = shape::coerce(fields, &self.query);
        if let Some(members) = value.as_object_mut() {
            members.insert(name.to_owned(), Value::String(said));
        }
        shape::check(fields, &value).map_err(Refusal::wrong)?;
        Ok(value)
    }

    /// Whether the body is JSON and no file.
    pub(crate) fn is_json(&self) -> bool {
        self.content_type.starts_with("application/json")
    }

    /// One word of the query, unchecked.
    pub(crate) fn word(&self, name: &str) -> Option<String> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// A switch in the query that is on unless it says false.
    pub(crate) fn flag(&self, name: &'static str, unsaid: bool) -> Result<bool, Refusal> {
        let query = self.query(&[may(name, Kind::Flag)])?;
        Ok(query.get(name).and_then(Value::as_bool).unwrap_or(unsaid))
    }

    /// The rows that `count` and `offset` ask for.
    pub(crate) fn page(&self) -> Result<Page, Refusal> {
        let query = self.query(PAGING)?;
        let number = |name: &str| query.get(name).and_then(Value::as_f64).map(|number| number as usize);
        Ok(Page { count: number("count").unwrap_or(COUNT_UNSAID), offset: number("offset").unwrap_or(0) })
    }

    fn token(&self, headers: &HeaderMap) -> Option<String> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        bearer.map(|(_, token)| token.trim().to_owned()).or_else(|| self.word("token"))
    }
}

fn pairs_of(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

struct Heard {
    said: Said,
    token: Option<String>,
}

async fn hear(request: Request, core: &Core) -> Result<Heard, Refusal> {
    let headers = request.headers().clone();
    let query = pairs_of(request.uri().query().unwrap_or_default().as_bytes());
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let bytes = Bytes::from_request(request, core).await.map_err(|_| Refusal::too_large())?;
    let said = Said { query, content_type, bytes };
    let token = said.token(&headers);
    Ok(Heard { said, token })
}

fn no_token() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "Authorization token is required")
}

/// A request by the partner.
pub(crate) struct ManagerCall {
    pub(crate) core: Core,
    pub(crate) said: Said,
}

impl FromRequest<Core> for ManagerCall {
    type Rejection = Refusal;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Refusal> {
        let Heard { said, token } = hear(request, core).await?;
        let token = token.ok_or_else(no_token)?;
        let known = core.read(|world| world.partner.token == token);
        if !known {
            let status = StatusCode::from_u16(core.switches().bad_token_status).unwrap_or(StatusCode::UNAUTHORIZED);
            return Err(Refusal::new(status, "Wrong authorization token"));
        }
        Ok(Self { core: core.clone(), said })
    }
}

impl ManagerCall {
    /// Changes the world.
    pub(crate) fn act<T>(&self, change: impl FnOnce(&mut World, i64) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.core.act(change)
    }
}

/// A request by a channel's token.
pub(crate) struct GateCall {
    pub(crate) core: Core,
    pub(crate) said: Said,
    channel: String,
}

impl FromRequest<Core> for GateCall {
    type Rejection = Refusal;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Refusal> {
        let Heard { said, token } = hear(request, core).await?;
        let (token, now_ms) = (token.ok_or_else(no_token)?, core.now_ms());
        let found = core.read(|world| {
            let mut channels = world.channels.values();
            channels.find(|channel| channel.token == token && channel.is_ready(now_ms)).map(|channel| channel.id.clone())
        });
        let channel = found.ok_or_else(Refusal::no_channel)?;
        Ok(Self { core: core.clone(), said, channel })
    }
}

impl GateCall {
    /// Changes this call's channel.
    pub(crate) fn act<T>(&self, change: impl FnOnce(&mut Channel, &Switches, i64) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.core.act(|world, now_ms| {
            let switches = world.switches.clone();
            let channel = world.channels.get_mut(&self.channel).ok_or_else(Refusal::no_channel)?;
            change(channel, &switches, now_ms)
        })
    }

    /// Changes what this call's channel, whose id is told, shares with others.
    pub(crate) fn among<T>(&self, change: impl FnOnce(&mut World, &str, i64) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.core.act(|world, now_ms| change(world, &self.channel, now_ms))
    }
}
