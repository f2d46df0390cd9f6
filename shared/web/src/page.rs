//! Lists: `?limit=&cursor=` in, `{items, next_cursor}` out.

use app::{FieldError, Page, PageRequest};
use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// How many items a page has unless told.
pub const USUAL_LIMIT: usize = 50;
/// How many it may have.
pub const MOST_LIMIT: usize = 100;
/// The longest cursor that is looked at, in bytes.
const LONGEST_CURSOR_BYTES: usize = 1_024;
/// What a limit may be.
const LIMIT_TEXT: &str = "Give a number from 1 to 100.";

/// Which page is asked for.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items, 1 to 100; 50 unless told.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The page asked for, checked.
#[derive(Debug, Clone)]
pub struct PageQuery(pub PageRequest);

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|_| wrong("limit", LIMIT_TEXT))?;
        let limit = match only(&pairs, "limit")? {
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST_LIMIT).contains(limit)).ok_or_else(|| wrong("limit", LIMIT_TEXT))?,
            None => USUAL_LIMIT,
        };
        let cursor = only(&pairs, "cursor")?.filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        if cursor.as_ref().is_some_and(|cursor| cursor.len() > LONGEST_CURSOR_BYTES) {
            return Err(wrong("cursor", "This cursor does not belong to this list."));
        }
        Ok(Self(PageRequest { limit, cursor }))
    }
}

fn wrong(field: &str, text: &str) -> Problem {
    Problem::fields(vec![FieldError::new(field, text)])
}

/// The value of a parameter that may stand in the address once.
fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() { Err(wrong(name, "Give it once.")) } else { Ok(first) }
}

/// A page of items.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListView<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> ListView<T> {
    /// Presents a page item by item.
    pub fn of<U>(page: Page<U>, present: impl FnMut(U) -> T) -> Self {
        Self { items: page.items.into_iter().map(present).collect(), next_cursor: page.next_cursor }
    }
}
