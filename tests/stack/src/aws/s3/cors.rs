//! Which pages may talk to a bucket: the bucket's own rules, for the question before a request and
//! for the request itself. A bucket without rules lets no page read an answer.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use s3s::dto::CORSRule;
use serde::{Deserialize, Serialize};

/// One rule, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) id: Option<String>,
    pub(super) origins: Vec<String>,
    pub(super) methods: Vec<String>,
    pub(super) headers: Vec<String>,
    pub(super) exposed: Vec<String>,
    pub(super) max_age_seconds: Option<i32>,
}

impl From<CORSRule> for Rule {
    fn from(rule: CORSRule) -> Self {
        Self {
            id: rule.id,
            origins: rule.allowed_origins,
            methods: rule.allowed_methods,
            headers: rule.allowed_headers.unwrap_or_default(),
            exposed: rule.expose_headers.unwrap_or_default(),
            max_age_seconds: rule.max_age_seconds,
        }
    }
}

impl From<Rule> for CORSRule {
    fn from(rule: Rule) -> Self {
        let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
        Self {
            id: rule.id,
            allowed_origins: rule.origins,
            allowed_methods: rule.methods,
            allowed_headers: some(rule.headers),
            expose_headers: some(rule.exposed),
            max_age_seconds: rule.max_age_seconds,
        }
    }
}

/// The headers that answer a preflight, if a rule allows what it asks for.
pub(super) fn preflight(rules: &[Rule], asked: &HeaderMap) -> Option<HeaderMap> {
    let origin = text(asked, "origin")?;
    let method = text(asked, "access-control-request-method")?;
    let headers = text(asked, "access-control-request-headers").unwrap_or("");
    let rule = rules.iter().find(|rule| {
        let mut names = headers.split(',').map(str::trim).filter(|name| !name.is_empty());
        rule.allows(origin, method) && names.all(|name| rule.allows_header(name))
    })?;
    let mut answer = rule.headers_for(origin);
    set(&mut answer, "access-control-allow-methods", &rule.methods.join(", "));
    set(&mut answer, "access-control-allow-headers", &headers.to_ascii_lowercase());
    if let Some(seconds) = rule.max_age_seconds {
        set(&mut answer, "access-control-max-age", &seconds.to_string());
    }
    Some(answer)
}

/// The headers that let a page read the answer to its request.
pub(super) fn allow(rules: &[Rule], origin: &str, method: &Method) -> Option<HeaderMap> {
    let rule = rules.iter().find(|rule| rule.allows(origin, method.as_str()))?;
    Some(rule.headers_for(origin))
}

impl Rule {
    fn allows(&self, origin: &str, method: &str) -> bool {
        self.origins.iter().any(|pattern| matches(pattern, origin)) && self.methods.iter().any(|allowed| allowed == method)
    }

    fn allows_header(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let mut patterns = self.headers.iter();
        patterns.any(|pattern| matches(&pattern.to_ascii_lowercase(), &name))
    }

    fn headers_for(&self, origin: &str) -> HeaderMap {
        let mut answer = HeaderMap::new();
        if self.origins.iter().any(|pattern| pattern == "*") {
            set(&mut answer, "access-control-allow-origin", "*");
        } else {
            set(&mut answer, "access-control-allow-origin", origin);
            set(&mut answer, "access-control-allow-credentials", "true");
        }
        if !self.exposed.is_empty() {
            set(&mut answer, "access-control-expose-headers", &self.exposed.join(", "));
        }
        set(&mut answer, "vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        answer
    }
}

/// A pattern with at most one `*`, as S3 has them.
fn matches(pattern: &str, value: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == value,
        Some((start, end)) => value.len() >= start.len() + end.len() && value.starts_with(start) && value.ends_with(end),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
