//! What may befall a request to a provider, how often, and how often it did.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;

use crate::dice::Dice;

/// The usual time of a way there or back, in milliseconds.
const USUAL_MS: (u64, u64) = (15, 350);
/// How long something slow takes, in milliseconds: some callers wait that long, others do not.
const SLOW_MS: (u64, u64) = (2_000, 45_000);
/// The soonest that something late arrives, in milliseconds.
const LATE_LEAST_MS: u64 = 1_000;
/// The latest that something late arrives before the limit, in milliseconds.
const LATE_MARGIN_MS: u64 = 100;
/// How many times the limit something may be late that comes after it.
const TOO_LATE_TIMES: u32 = 4;
/// How long after the row of a list was left out the same row may be left out again.
const SKIP_PAUSE: Duration = Duration::from_secs(3_600);

/// What may befall a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No connection can be made.
    Unreachable,
    /// It takes long, on the way there or on the way back.
    Slow,
    /// It never arrives.
    RequestLost,
    /// It is done, and its answer is lost, as a whole or from the middle on.
    AnswerLost,
    /// Its caller is hung up on, or waits in vain; it is done some time later.
    Late,
    /// 429, and it is not done.
    TooMany,
    /// 500, 502 or 503, and it is not done.
    FailedBefore,
    /// 500, 502 or 503, and it is done.
    FailedAfter,
    /// 200 with bytes that nobody can read; it is done, or it is not.
    Garbage,
    /// 200 with somebody else's page; it is done, or it is not.
    Html,
    /// A page of a list lacks a row that should be there; never the same row twice in an hour.
    SkippedRow,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Unreachable,
        Self::Slow,
        Self::RequestLost,
        Self::AnswerLost,
        Self::Late,
        Self::TooMany,
        Self::FailedBefore,
        Self::FailedAfter,
        Self::Garbage,
        Self::Html,
        Self::SkippedRow,
    ];

    /// What befalls a request in its place, of which at most one can.
    const OF_REQUESTS: [Self; 9] = [
        Self::Slow,
        Self::RequestLost,
        Self::AnswerLost,
        Self::Late,
        Self::TooMany,
        Self::FailedBefore,
        Self::FailedAfter,
        Self::Garbage,
        Self::Html,
    ];

    /// Its name in a table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::RequestLost => "request lost",
            Self::AnswerLost => "answer lost",
            Self::Late => "late request",
            Self::TooMany => "429",
            Self::FailedBefore => "5xx, not done",
            Self::FailedAfter => "5xx, done",
            Self::Garbage => "garbage",
            Self::Html => "html",
            Self::SkippedRow => "row left out of a list",
        }
    }
}

/// The weather on the way to the providers in one story; all clones are one. Fair until it is set.
#[derive(Clone)]
pub struct Weather {
    seed: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    permille: BTreeMap<Fault, u32>,
    hits: BTreeMap<Fault, u64>,
    calls: BTreeMap<String, u64>,
    under_way: usize,
    late_limit: Duration,
    too_late: bool,
}

/// What befalls one request.
pub(super) struct Journey {
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) fault: Option<Fault>,
    /// For all else about this request.
    pub(super) dice: Dice,
}

impl Weather {
    /// Fair weather, whose every draw comes from this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, state: Arc::default() }
    }

    /// From now on this befalls so many of a thousand requests.
    pub fn set(&self, fault: Fault, permille: u32) {
        self.lock().permille.insert(fault, permille);
    }

    /// From now on something befalls so many of a thousand requests, each kind as often as another.
    pub fn set_all(&self, permille: u32) {
        let kinds = u32::try_from(Fault::OF_REQUESTS.len()).unwrap_or(1);
        for fault in Fault::ALL {
            self.set(fault, permille.div_ceil(kinds));
        }
    }

    /// From now on nothing befalls anybody. What is late is still under way.
    pub fn calm(&self) {
        self.lock().permille.clear();
    }

    /// How often each kind has hit.
    pub fn hits(&self) -> BTreeMap<Fault, u64> {
        self.lock().hits.clone()
    }

    /// How many late requests are still to arrive.
    pub fn under_way(&self) -> usize {
        self.lock().under_way
    }

    pub(super) fn allow_late(&self, late_limit: Duration, too_late: bool) {
        let mut state = self.lock();
        (state.late_limit, state.too_late) = (late_limit, too_late);
    }

    /// Lets somebody make a connection, or not.
    pub(super) async fn connects(&self, host: &str) -> io::Result<()> {
        let dice = self.dice(&format!("connect {host}"));
        tokio::time::sleep(usual(&dice)).await;
        if self.hits_now(Fault::Unreachable, &dice) { Err(io::Error::from(io::ErrorKind::ConnectionRefused)) } else { Ok(()) }
    }

    /// What befalls a request.
    pub(super) fn journey(&self, method: &Method, host: &str, path: &str) -> Journey {
        let dice = self.dice(&format!("{method} {host}{}", shape(path)));
        let (there, back) = (usual(&dice), usual(&dice));
        let fault = self.drawn(&dice);
        let slow = if fault == Some(Fault::Slow) { dice.time(SLOW_MS.0, SLOW_MS.1) } else { Duration::ZERO };
        let (there, back) = if dice.permille(500) { (there + slow, back) } else { (there, back + slow) };
        Journey { there, back, fault, dice }
    }

    fn drawn(&self, dice: &Dice) -> Option<Fault> {
        let mut point = u32::try_from(dice.number(0, 999)).unwrap_or_default();
        let mut state = self.lock();
        for fault in Fault::OF_REQUESTS {
            let permille = state.permille.get(&fault).copied().unwrap_or_default();
            if point < permille {
                *state.hits.entry(fault).or_default() += 1;
                return Some(fault);
            }
            point -= permille;
        }
        None
    }

    /// Whether a kind that has a draw of its own hits.
    pub(super) fn hits_now(&self, fault: Fault, dice: &Dice) -> bool {
        let mut state = self.lock();
        let hit = dice.permille(state.permille.get(&fault).copied().unwrap_or_default());
        if hit {
            *state.hits.entry(fault).or_default() += 1;
        }
        hit
    }

    /// How late something late arrives, counted from its arrival.
    pub(super) fn lateness(&self, dice: &Dice) -> Duration {
        let state = self.lock();
        let limit_ms = u64::try_from(state.late_limit.as_millis()).unwrap_or(u64::MAX);
        if state.too_late {
            return dice.time(limit_ms, limit_ms.saturating_mul(TOO_LATE_TIMES.into()));
        }
        dice.time(LATE_LEAST_MS.min(limit_ms), limit_ms.saturating_sub(LATE_MARGIN_MS))
    }

    /// How long a row of a list is not left out again.
    pub(super) const fn skip_pause() -> Duration {
        SKIP_PAUSE
    }

    /// Notes a late request that sets out; it has arrived when this is dropped.
    pub(super) fn sets_out(&self) -> UnderWay {
        self.lock().under_way += 1;
        UnderWay(self.clone())
    }

    /// The dice for the next request of a kind.
    fn dice(&self, kind: &str) -> Dice {
        let mut state = self.lock();
        let calls = state.calls.entry(kind.to_owned()).or_default();
        *calls += 1;
        Dice::of(self.seed, &format!("{kind} {calls}"))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A late request that has not arrived.
pub(super) struct UnderWay(Weather);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
    }
}

fn usual(dice: &Dice) -> Duration {
    dice.time(USUAL_MS.0, USUAL_MS.1)
}

/// A path without what names one thing: two calls of one route have the same shape.
fn shape(path: &str) -> String {
    let is_name = |segment: &str| segment.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    path.split('/').map(|segment| if is_name(segment) { "*" } else { segment }).collect::<Vec<_>>().join("/")
}
