//! Ids in paths: a malformed one is answered like one that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use lambda_http::RequestExt;

use crate::problem::Problem;

/// The first id in the path.
#[derive(Debug, Clone)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        let (name, text) = params.iter().next().ok_or_else(Problem::not_found)?;
        // The address is made from the decoded path and loses tabs, line ends and what follows a `#` on the way.
        if parts.path_parameters_ref().and_then(|sent| sent.first(name)).is_some_and(|sent| sent != text) {
            return Err(Problem::not_found());
        }
        text.parse().map(Self).map_err(|_| Problem::not_found())
    }
}
