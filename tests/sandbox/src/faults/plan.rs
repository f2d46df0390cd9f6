//! The fault plan as people and scripts write it, and which requests a rule concerns.
//!
//! A route is "METHOD /path/{template}" (each `{…}` stands for one segment, the query is not
//! looked at) or any part of the path. Without a route a rule concerns everything of its provider.

use serde::{Deserialize, Serialize};

/// What a status rule answers with when it says none.
const STATUS_UNSAID: u16 = 503;
/// How long a slow rule waits when it says none, in milliseconds.
const DELAY_UNSAID_MS: u64 = 2_000;
/// The longest delay a rule may ask for, in milliseconds.
const DELAY_LIMIT_MS: u64 = 120_000;
/// The most rules in one plan.
const RULES_LIMIT: usize = 200;

/// Who is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// WHAPI, manager and gate.
    Whapi,
    /// PayPal.
    Paypal,
    /// Meta's Graph API.
    Meta,
    /// The sign-in provider.
    Oidc,
}

/// How it is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The answer comes late.
    Slow,
    /// The request is done, the connection ends before the answer.
    LostAnswer,
    /// The connection ends before the request is done.
    LostRequest,
    /// A refusal, before the request is done.
    Status,
    /// 200 with a body that cannot be read; the request is not done.
    Garbage,
    /// A webhook comes twice.
    DuplicateWebhook,
    /// A webhook is overtaken by the next.
    ReorderWebhook,
    /// A webhook never comes.
    DropWebhook,
}

impl FaultKind {
    /// The kinds after which nothing else can happen to a request.
    pub(super) const ENDINGS: [Self; 4] = [Self::LostAnswer, Self::LostRequest, Self::Status, Self::Garbage];
}

/// Rules and the seed by which they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// The same seed hits the same requests again.
    #[serde(default)]
    pub seed: u64,
    /// In order; an empty list turns faults off.
    pub rules: Vec<FaultRule>,
}

/// One kind of fault for some requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Who fails.
    pub provider: Provider,
    /// Which requests; all when absent. For webhook kinds, the address they are sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// How.
    pub kind: FaultKind,
    /// How often, from 0 (never) to 1 (always).
    #[serde(default = "always")]
    pub rate: f64,
    /// For `status`: what is answered (503 when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// For `slow`: real milliseconds (2000 when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// The rule ends after this many hits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

fn always() -> f64 {
    1.0
}

impl FaultPlan {
    /// Says in a sentence what is wrong with a plan that somebody wrote.
    ///
    /// # Errors
    /// The sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.rules.len() > RULES_LIMIT {
            return Err(format!("a plan has at most {RULES_LIMIT} rules"));
        }
        let faulty = |(place, rule): (usize, &FaultRule)| rule.check().map_err(|why| format!("rules[{place}]: {why}"));
        self.rules.iter().enumerate().try_for_each(faulty)
    }
}

impl FaultRule {
    /// A rule that always hits; the rest is set by its fields.
    #[must_use]
    pub fn always(provider: Provider, kind: FaultKind) -> Self {
        Self { provider, route: None, kind, rate: always(), status: None, delay_ms: None, times: None }
    }

    pub(super) fn status(&self) -> u16 {
        self.status.unwrap_or(STATUS_UNSAID)
    }

    pub(super) fn delay_ms(&self) -> u64 {
        self.delay_ms.unwrap_or(DELAY_UNSAID_MS).min(DELAY_LIMIT_MS)
    }

    pub(super) fn concerns(&self, provider: Provider, method: &str, path: &str) -> bool {
        let route = self.route.as_deref();
        self.provider == provider && route.is_none_or(|route| route_fits(route, method, path))
    }

    fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err("rate is from 0 to 1".to_owned());
        }
        if !(200..=599).contains(&self.status()) {
            return Err("status is from 200 to 599".to_owned());
        }
        if self.delay_ms.is_some_and(|delay_ms| delay_ms > DELAY_LIMIT_MS) {
            return Err(format!("delay_ms is at most {DELAY_LIMIT_MS}"));
        }
        Ok(())
    }
}

fn route_fits(route: &str, method: &str, path: &str) -> bool {
    let route = route.trim();
    match route.split_once(' ') {
        Some((verb, template)) => verb.eq_ignore_ascii_case(method) && template_fits(template.trim(), path),
        None if route.contains('{') => template_fits(route, path),
        None => path.contains(route),
    }
}

fn template_fits(template: &str, path: &str) -> bool {
    let mut wanted = template.trim_end_matches('/').split('/');
    let mut given = path.trim_end_matches('/').split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(segment)) if want == segment || is_blank(want) => {}
            _ => return false,
        }
    }
}

fn is_blank(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}
