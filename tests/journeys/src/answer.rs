//! What came back over HTTP, and what a journey expects of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for the message of a failure.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Reads an answer to its end.
    pub(crate) async fn read(asked: String, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { asked, status, headers, body, text }
    }

    /// The body of a success.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} answered {} {}", self.asked, self.status, self.text);
        self.body
    }

    /// The body of exactly that status.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn with(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        self.body
    }

    /// A problem document with that status and code; answers it.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let (asked, text) = (self.asked.clone(), self.text.clone());
        let problem = self.problem();
        assert_eq!(
            (problem["status"].as_u64(), problem["code"].as_str()),
            (Some(u64::from(status)), Some(code)),
            "{asked} answered {text}"
        );
        problem
    }

    /// A problem document (RFC 9457) with all its members, of any code; answers it.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn problem(self) -> Value {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        assert_eq!(kind, "application/problem+json", "{} answered {} {}", self.asked, self.status, self.text);
        assert_eq!(self.body["status"].as_u64(), Some(u64::from(self.status)), "{} answered {}", self.asked, self.text);
        for member in ["type", "title", "code", "detail", "instance"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member} is missing: {} {}", self.asked, self.text);
        }
        assert!(self.body["errors"].is_array(), "errors is no list: {} {}", self.asked, self.text);
        self.body
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
