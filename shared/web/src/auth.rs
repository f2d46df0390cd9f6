//! Who calls: what the authorizer found, read from the gateway's event. Only these extractors make an
//! [`Actor`], and only an actor opens a customer's data.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use domain::Refusal;
use domain::account::{Actor, Role};
use domain::id::UserId;
use http::request::Parts;
use lambda_http::request::RequestContext;
use serde_json::Value;

use crate::problem::Problem;

/// The scope that reading takes.
pub const READ: &str = "read";
/// The scope that changing channels takes.
pub const CHANNELS: &str = "channels";

/// A known caller who may read.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

/// A known caller who may change things: not suspended, and with the scope for it.
#[derive(Debug, Clone)]
pub struct Writer(pub Actor);

/// A known caller who is an admin.
#[derive(Debug, Clone)]
pub struct AdminCaller(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = actor(parts)?;
        if actor.may(READ) || actor.may(CHANNELS) { Ok(Self(actor)) } else { Err(forbidden()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Writer {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = actor(parts)?;
        if actor.suspended {
            return Err(Problem::new("account_suspended", Refusal::AccountSuspended.to_string()));
        }
        if actor.may(CHANNELS) { Ok(Self(actor)) } else { Err(forbidden()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AdminCaller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = actor(parts)?;
        if actor.role == Role::Admin && !actor.suspended { Ok(Self(actor)) } else { Err(forbidden()) }
    }
}

/// For what is beyond reading and channels: a person may do it, and a key that may do everything.
///
/// # Errors
/// The problem `forbidden`.
pub fn everything_only(actor: &Actor) -> Result<(), Problem> {
    if actor.may("*") { Ok(()) } else { Err(forbidden()) }
}

/// A person, signed in: a key never is one, whatever its scopes are.
#[derive(Debug, Clone, Copy)]
pub struct Person;

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let fields = fields(parts)?;
        if text(fields, "principal") == Some("jwt") { Ok(Self) } else { Err(forbidden()) }
    }
}

fn forbidden() -> Problem {
    Problem::new("forbidden", "You may not do this. Ask the owner of the account.")
}

/// The actor of a request.
pub(crate) fn actor(parts: &Parts) -> Result<Actor, Problem> {
    read(fields(parts)?)
}

/// What the authorizer said.
fn fields(parts: &Parts) -> Result<&HashMap<String, Value>, Problem> {
    let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get::<RequestContext>() else {
        return Err(token_invalid("Sign in to go on."));
    };
    let Some(authorizer) = &context.authorizer else { return Err(token_invalid("Sign in to go on.")) };
    Ok(&authorizer.fields)
}

fn text<'a>(fields: &'a HashMap<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The gateway keeps the authorizer's answer for so long.
const ASK_AGAIN_SECONDS: u32 = 60;

fn unavailable() -> Problem {
    let problem = Problem::new("unavailable", "We could not check who you are. Try again in a minute.");
    Problem { retry_after_seconds: Some(ASK_AGAIN_SECONDS), ..problem }
}

fn token_invalid(detail: &str) -> Problem {
    Problem::new("token_invalid", detail)
}

fn read(fields: &HashMap<String, Value>) -> Result<Actor, Problem> {
    let text = |name: &str| text(fields, name);
    match text("outcome") {
        Some("known") => {}
        Some("token_expired") => return Err(token_invalid("Your session has run out. Sign in again.")),
        Some("unavailable") => return Err(unavailable()),
        _ => return Err(token_invalid("This token is not valid. Sign in again.")),
    }
    let id = |name: &str| text(name).and_then(|id| UserId::parse(id).ok()).ok_or_else(|| token_invalid("Sign in again."));
    let user_id = id("user_id")?;
    Ok(Actor {
        account_id: id("account_id").unwrap_or_else(|_| user_id.clone()),
        user_id,
        role: text("role").and_then(Role::parse).unwrap_or(Role::Customer),
        scopes: text("scopes").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        suspended: text("suspended") != Some("false"),
        email: text("email").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> HashMap<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    #[test]
    fn only_a_known_caller_becomes_an_actor_and_silence_means_suspended() {
        let id = UserId::new(domain::Timestamp::UNIX_EPOCH, 1);
        let known = fields(&[("outcome", "known"), ("user_id", id.as_str()), ("role", "admin"), ("scopes", "*")]);
        let actor = read(&known).unwrap();
        assert_eq!((actor.role, actor.suspended, actor.may("channels")), (Role::Admin, true, true));
        for outcome in ["token_missing", "token_invalid", "token_expired", "anything"] {
            let problem = read(&fields(&[("outcome", outcome), ("user_id", id.as_str())])).unwrap_err();
            assert_eq!(problem.code, "token_invalid");
        }
        assert_eq!(read(&HashMap::new()).unwrap_err().status, 401);
    }
}
