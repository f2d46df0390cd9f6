//! JSON bodies, read strictly: the right content type, a bounded size, no unknown fields; what is wrong
//! is named by its path.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header;
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use app::FieldError;

/// The largest JSON body, in bytes.
pub const LARGEST_BYTES: usize = 64 * 1024;
/// How much is said of a name or value that was sent, in characters.
const MOST_SAID: usize = 200;
/// The deepest nesting that is looked at is serde_json's own limit of 128.
const TRAILING: &str = "There is something after the end of the JSON.";

/// A body of JSON that reads as a `T`. Types used here refuse unknown fields.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_content_type(&request)?;
        let bytes = read(request, LARGEST_BYTES).await?;
        parse(&bytes).map(Self)
    }
}

/// Raw bytes up to a limit, for webhooks whose signature covers them.
///
/// # Errors
/// The problem `body_too_large`.
pub async fn read(request: Request, limit_bytes: usize) -> Result<Bytes, Problem> {
    let limited = Limited::new(request.into_body(), limit_bytes);
    let collected =
        limited.collect().await.map_err(|_| Problem::new("body_too_large", format!("A body has {limit_bytes} bytes at most.")))?;
    Ok(collected.to_bytes())
}

fn check_content_type(request: &Request) -> Result<(), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        Ok(())
    } else {
        Err(Problem::new("unsupported_media_type", "Send the body as application/json."))
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() { wrong_field(&path, &inner) } else { Problem::new("invalid_json", format!("The body is not JSON: {inner}.")) }
    })?;
    reader.end().map_err(|_| Problem::new("invalid_json", TRAILING))?;
    Ok(value)
}

/// Names the field. serde's own words are clear enough once the position is taken off.
fn wrong_field(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (path, unknown.or(missing)) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => "body".to_owned(),
        (path, Some(name)) if !path.ends_with(name) => format!("{path}.{name}"),
        (path, _) => path.to_owned(),
    };
    Problem::fields(vec![FieldError::new(cut(&field), cut(text))])
}

/// The beginning of a text, so that nobody gets back all that they sent.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Wanted {
        name: String,
        days: Option<u32>,
    }

    #[test]
    fn what_is_wrong_is_named() {
        let field = |body: &str| {
            let problem = parse::<Wanted>(body.as_bytes()).unwrap_err();
            (problem.code.to_owned(), problem.errors.first().map(|error| error.field.clone()))
        };
        assert_eq!(field(r#"{"name":"a","extra":1}"#), ("validation_failed".to_owned(), Some("extra".to_owned())));
        assert_eq!(field(r#"{"days":1}"#), ("validation_failed".to_owned(), Some("name".to_owned())));
        assert_eq!(field(r#"{"name":"a","days":"3"}"#), ("validation_failed".to_owned(), Some("days".to_owned())));
        assert_eq!(field(r#"{"name":"a","days":-3}"#), ("validation_failed".to_owned(), Some("days".to_owned())));
        assert_eq!(field("[]").0, "validation_failed");
        assert_eq!(field("{").0, "invalid_json");
        assert_eq!(field(r#"{"name":"a"} x"#).0, "invalid_json");
        let long = format!(r#"{{"{}":1}}"#, "é".repeat(20_000));
        let problem = parse::<Wanted>(long.as_bytes()).unwrap_err();
        assert!(serde_json::to_string(&problem).unwrap().len() < 4 * 1024, "what was sent does not come back whole");
    }
}
