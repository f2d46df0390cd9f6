//! Who is calling: the authorizer's answer, kept for as long as the template says, by the headers that
//! it goes by. Without one of them nobody is asked and the gateway itself refuses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::event::{Incoming, to_authorizer};
use crate::invoke::Invoker;
use crate::template::Authorizer;

/// The most answers that are kept; then all are forgotten.
const KEPT_LIMIT: usize = 10_000;

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Go on, with what the authorizer says of the caller.
    Pass(Value),
    /// A header is missing: 401.
    Unidentified,
    /// The authorizer says no: 403.
    Refused,
    /// The authorizer failed: 500.
    Failed,
}

/// Asks the authorizer's function; all clones share what is kept.
#[derive(Clone)]
pub(super) struct Gatekeeper {
    authorizer: Authorizer,
    region: String,
    kept: Arc<Mutex<HashMap<Vec<String>, Kept>>>,
}

#[derive(Clone)]
struct Kept {
    verdict: Verdict,
    until: Timestamp,
}

impl Gatekeeper {
    pub(super) fn new(authorizer: Authorizer, region: &str) -> Self {
        Self { authorizer, region: region.to_owned(), kept: Arc::default() }
    }

    pub(super) async fn ask(&self, invoker: &Invoker, incoming: &Incoming<'_>) -> Verdict {
        let Some(identity) = self.identity(&incoming.parts.headers) else {
            return Verdict::Unidentified;
        };
        if let Some(verdict) = self.known(&identity, incoming.at) {
            return verdict;
        }
        let event = to_authorizer(incoming, &identity, &self.region);
        let verdict = match invoker.invoke(&self.authorizer.function, &event).await {
            Ok(answer) => verdict(&answer),
            Err(_) => Verdict::Failed,
        };
        self.keep(identity, &verdict, incoming.at);
        verdict
    }

    fn identity(&self, headers: &HeaderMap) -> Option<Vec<String>> {
        let said = |name: &String| headers.get(name)?.to_str().ok().filter(|text| !text.is_empty()).map(str::to_owned);
        self.authorizer.headers.iter().map(said).collect()
    }

    fn known(&self, identity: &Vec<String>, now: Timestamp) -> Option<Verdict> {
        let kept = self.lock();
        let entry = kept.get(identity).filter(|entry| entry.until > now)?;
        Some(entry.verdict.clone())
    }

    fn keep(&self, identity: Vec<String>, verdict: &Verdict, now: Timestamp) {
        if *verdict == Verdict::Failed || self.authorizer.keep_for.is_zero() {
            return;
        }
        let keep_for = SignedDuration::try_from(self.authorizer.keep_for).unwrap_or(SignedDuration::ZERO);
        let until = now.saturating_add(keep_for).unwrap_or(Timestamp::MAX);
        let mut kept = self.lock();
        if kept.len() >= KEPT_LIMIT {
            kept.clear();
        }
        kept.insert(identity, Kept { verdict: verdict.clone(), until });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<String>, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn verdict(answer: &Value) -> Verdict {
    match answer["isAuthorized"].as_bool() {
        Some(true) => Verdict::Pass(answer["context"].clone()),
        Some(false) => Verdict::Refused,
        None => Verdict::Failed,
    }
}
