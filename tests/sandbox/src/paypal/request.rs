//! What every call shares: the bearer token, the id in the path, the query, the JSON body, the headers that change an answer.
//! Each refuses in the vendor's words.

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::{DEBUG_HEADER, Dialect, Fault, Issue, Problem};
use super::shape::{self, Shape};
use super::{Service, times};

/// What a handler answers.
pub(super) type Answer = Result<Response, Problem>;

/// Lets through who brings a token that holds.
pub(super) async fn bearer(State(service): State<Service>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if service.token_holds(token.trim()) => next.run(request).await,
        _ => Problem::unauthenticated().into_response(),
    }
}

/// Gives every answer a debug id, and the problems their words.
pub(super) async fn debug_id(State(service): State<Service>, request: Request, next: Next) -> Response {
    let debug_id = service.ids().debug();
    let response = next.run(request).await;
    let mut response = match response.extensions().get::<Problem>() {
        Some(problem) => problem.told(&debug_id, response.headers().get(header::ALLOW)),
        None => response,
    };
    response.headers_mut().insert(DEBUG_HEADER, HeaderValue::from_str(&debug_id).unwrap_or(HeaderValue::from_static("0")));
    response
}

/// The one id in the path; one that is no text is an unknown one.
pub(super) struct Key(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem::absent())
    }
}

/// The query string.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        Ok(Self { pairs: url::form_urlencoded::parse(text.as_bytes()).into_owned().collect() })
    }
}

impl Query {
    /// A parameter as it stands.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A list, by commas or by repetition; empty when absent.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.pairs.iter().filter(|(key, _)| key == name);
        values.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// A text of a length, in characters.
    pub(super) fn bounded(&self, name: &str, min: usize, max: usize, dialect: Dialect) -> Result<Option<&str>, Problem> {
        match self.text(name) {
            Some(text) if !(min..=max).contains(&text.chars().count()) => Err(refuse(name, text, Issue::Value, dialect)),
            other => Ok(other),
        }
    }

    /// A whole number between two others.
    pub(super) fn integer(&self, name: &str, min: i64, max: i64, unsaid: i64, dialect: Dialect) -> Result<i64, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(unsaid);
        };
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        number.ok_or_else(|| refuse(name, text, Issue::Value, dialect))
    }

    /// `true` or `false`; false when absent.
    pub(super) fn flag(&self, name: &str, dialect: Dialect) -> Result<bool, Problem> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(refuse(name, other, Issue::Value, dialect)),
        }
    }

    /// A moment, when it is said.
    pub(super) fn moment(&self, name: &str, dialect: Dialect) -> Result<Option<Timestamp>, Problem> {
        // A plus sign of an offset that was not escaped arrives as a space.
        self.text(name)
            .map(|text| times::parse(&text.replace(' ', "+")).ok_or_else(|| refuse(name, text, Issue::Syntax, dialect)))
            .transpose()
    }

    /// A moment that must be said.
    pub(super) fn needed_moment(&self, name: &str, dialect: Dialect) -> Result<Timestamp, Problem> {
        let missing = || Problem::invalid(dialect, &[Fault::query(name, None, Issue::Missing)]);
        self.moment(name, dialect)?.ok_or_else(missing)
    }
}

fn refuse(name: &str, value: &str, issue: Issue, dialect: Dialect) -> Problem {
    Problem::invalid(dialect, &[Fault::query(name, Some(value), issue)])
}

/// A body that has a shape.
pub(super) fn body(headers: &HeaderMap, bytes: &[u8], shape: &Shape, dialect: Dialect) -> Result<Value, Problem> {
    let value = json(headers, bytes, dialect)?;
    let faults = shape::faults(shape, &value);
    if faults.is_empty() { Ok(value) } else { Err(Problem::invalid(dialect, &faults)) }
}

/// A body that may be absent.
pub(super) fn optional_body(headers: &HeaderMap, bytes: &[u8], shape: &Shape, dialect: Dialect) -> Result<Value, Problem> {
    if bytes.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { body(headers, bytes, shape, dialect) }
}

/// A body that has a shape, in a type.
pub(super) fn typed<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8], shape: &Shape, dialect: Dialect) -> Result<T, Problem> {
    let value = body(headers, bytes, shape, dialect)?;
    convert(value, dialect)
}

/// A judged value in a type; what the shape could not judge, such as too many decimals, is a wrong value.
pub(super) fn convert<T: DeserializeOwned>(value: Value, dialect: Dialect) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|_| Problem::invalid(dialect, &[Fault::body("/", Issue::Value)]))
}

fn json(headers: &HeaderMap, bytes: &[u8], dialect: Dialect) -> Result<Value, Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::invalid(dialect, &[Fault::body("/", Issue::MissingBody)]));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if !(kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json")) {
        return Err(Problem::media_type());
    }
    serde_json::from_slice(bytes).map_err(|_| Problem::invalid(dialect, &[Fault::body("/", Issue::Syntax)]))
}

/// The request id, when there is one.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("paypal-request-id").and_then(|value| value.to_str().ok()).map(str::trim).filter(|id| !id.is_empty())
}

/// Whether the whole resource is asked for in the answer.
pub(super) fn wants_representation(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split([',', ';'])).any(|part| part.trim().eq_ignore_ascii_case("return=representation"))
}

/// 201 for what was made now, 200 for what an earlier request of the same id made.
pub(super) fn made(replayed: bool) -> StatusCode {
    if replayed { StatusCode::OK } else { StatusCode::CREATED }
}

/// Which part of a list is asked for, and whether its size.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    pub(super) page: usize,
    pub(super) size: usize,
    pub(super) totals: bool,
}

/// Reads the paging parameters of the catalogue and the billing lists.
pub(super) fn paging(query: &Query, dialect: Dialect) -> Result<Paging, Problem> {
    let size = query.integer("page_size", 1, 20, 10, dialect)?;
    let page = query.integer("page", 1, 100_000, 1, dialect)?;
    Ok(Paging {
        page: usize::try_from(page).unwrap_or(1),
        size: usize::try_from(size).unwrap_or(10),
        totals: query.flag("total_required", dialect)?,
    })
}

impl Paging {
    /// The page out of all.
    pub(super) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip((self.page - 1).saturating_mul(self.size)).take(self.size).collect()
    }

    /// How many pages `total` things fill.
    pub(super) fn pages(self, total: usize) -> usize {
        total.div_ceil(self.size)
    }

    /// The addresses of this page and its neighbours.
    pub(super) fn links(self, site: &str, path: &str, total: usize) -> Vec<Link> {
        let to = |page: usize, rel| Link::new(format!("{site}{path}?page_size={}&page={page}", self.size), rel, "GET");
        let last = self.pages(total).max(1);
        let mut links = vec![to(self.page, "self"), to(1, "first")];
        if self.page < last {
            links.push(to(self.page + 1, "next"));
        }
        if self.page > 1 {
            links.push(to(self.page - 1, "prev"));
        }
        links.push(to(last, "last"));
        links
    }
}

/// A hypermedia link.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Link {
    href: String,
    rel: &'static str,
    method: &'static str,
    #[serde(rename = "encType", skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

impl Link {
    /// A link to `href`.
    pub(super) fn new(href: String, rel: &'static str, method: &'static str) -> Self {
        Self { href, rel, method, encoding: None }
    }

    /// The same, saying how a body would be encoded, as the notification service does when asked.
    pub(super) fn encoded(self) -> Self {
        Self { encoding: Some("application/json"), ..self }
    }
}
