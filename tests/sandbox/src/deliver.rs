//! The deliverer of webhooks: sends what the providers announce, tries again on the shared clock,
//! and lets webhooks meet the fault plan (twice, out of order, never).
//!
//! A delivery is built anew for each attempt, because some companies sign each attempt afresh.
//! Retries wait on the movable clock, never on the machine's. What waits is not kept over a
//! restart: a webhook can be lost, as in the world. Serves no route.

mod attempt;
mod carrier;
mod log;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::clock::Clock;
use crate::faults::{Faults, Provider};

pub use carrier::{Carrier, Carry, http_client};
use log::Log;
pub use log::{Attempt, Outcome};

/// Headers (name, value) and body of one attempt.
pub type Built = (Vec<(String, String)>, Bytes);
/// Builds one attempt from its number (1 is the first) and the time.
pub type Build = Arc<dyn Fn(u32, Timestamp) -> Built + Send + Sync>;
/// How long after the failed attempt of this number (1 is the first) the next one comes; `None` gives up.
pub type Retry = Arc<dyn Fn(u32) -> Option<SignedDuration> + Send + Sync>;
/// Which statuses end a delivery well.
pub type Accepts = Arc<dyn Fn(u16) -> bool + Send + Sync>;
/// Hears of each attempt, so that a provider can keep its own record of it.
pub type Observe = Arc<dyn Fn(&Attempt) + Send + Sync>;

/// One webhook to be delivered.
#[derive(Clone)]
pub struct Delivery {
    /// Whose webhook it is.
    pub provider: Provider,
    /// What it is, for the log: an event's id or type.
    pub label: String,
    /// Where it goes.
    pub url: String,
    /// `POST`, or what the receiver asked for.
    pub method: http::Method,
    /// Headers and body of each attempt.
    pub build: Build,
    /// When to try again.
    pub retry: Retry,
    /// Which statuses end it well.
    pub accepts: Accepts,
    /// Who hears of its attempts.
    pub observe: Option<Observe>,
}

impl Delivery {
    /// A POST that ends well with any 2xx and is tried once.
    pub fn post(
        provider: Provider,
        label: impl Into<String>,
        url: impl Into<String>,
        build: impl Fn(u32, Timestamp) -> Built + Send + Sync + 'static,
    ) -> Self {
        Self {
            provider,
            label: label.into(),
            url: url.into(),
            method: http::Method::POST,
            build: Arc::new(build),
            retry: Arc::new(|_| None),
            accepts: Arc::new(|status| (200..300).contains(&status)),
            observe: None,
        }
    }

    /// Tries again after failed attempts, by this schedule on the shared clock.
    #[must_use]
    pub fn retrying(mut self, retry: impl Fn(u32) -> Option<SignedDuration> + Send + Sync + 'static) -> Self {
        self.retry = Arc::new(retry);
        self
    }

    /// Says which statuses end it well.
    #[must_use]
    pub fn accepting(mut self, accepts: impl Fn(u16) -> bool + Send + Sync + 'static) -> Self {
        self.accepts = Arc::new(accepts);
        self
    }

    /// Tells of each attempt.
    #[must_use]
    pub fn observed(mut self, observe: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.observe = Some(Arc::new(observe));
        self
    }

    fn path(&self) -> String {
        let url = url::Url::parse(&self.url);
        url.map_or_else(|_| self.url.clone(), |url| url.path().to_owned())
    }
}

/// Sends webhooks; all clones are one.
#[derive(Clone)]
pub struct Deliverer {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    faults: Faults,
    carry: Carry,
    next: AtomicU64,
    waiting: Mutex<BTreeMap<u64, Waiting>>,
    /// How many deliveries of each provider have ended; what is held back waits for it to move.
    ended: watch::Sender<BTreeMap<Provider, u64>>,
    /// Moves whenever less is due than before.
    calmer: watch::Sender<()>,
    log: Mutex<Log>,
}

struct Waiting {
    due: Timestamp,
    task: Option<AbortHandle>,
}

impl Deliverer {
    /// A deliverer over sockets that goes by this clock and these faults.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(clock: Clock, faults: Faults) -> Result<Self, reqwest::Error> {
        Self::over(Carrier::Sockets, clock, faults)
    }

    /// The same over any carrier.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn over(carrier: Carrier, clock: Clock, faults: Faults) -> Result<Self, reqwest::Error> {
        let shared = Shared {
            clock,
            faults,
            carry: carrier.opened()?,
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
            ended: watch::Sender::new(BTreeMap::new()),
            calmer: watch::Sender::new(()),
            log: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Sends a webhook, or lets it meet its fault. Returns at once; must be called on a runtime.
    pub fn send(&self, delivery: Delivery) {
        let path = delivery.path();
        let fate = (self.shared.faults).webhook(delivery.provider, delivery.method.as_str(), &path);
        if fate.dropped {
            return self.shared.note_dropped(&delivery);
        }
        self.start(delivery.clone(), fate.reordered, false);
        if fate.duplicated {
            self.start(delivery, false, true);
        }
    }

    /// How many deliveries are due by the clock and not finished. Those that wait for a later
    /// time do not count.
    #[must_use]
    pub fn waiting_now(&self) -> usize {
        let now = self.shared.clock.now();
        let waiting = self.shared.waiting();
        waiting.values().filter(|entry| entry.due <= now).count()
    }

    /// Waits until nothing is due by the clock any more.
    pub async fn quiet(&self) {
        let mut calmer = self.shared.calmer.subscribe();
        while self.waiting_now() > 0 {
            if calmer.changed().await.is_err() {
                return;
            }
        }
    }

    /// How many deliveries wait for a later time.
    #[must_use]
    pub fn waiting_later(&self) -> usize {
        let now = self.shared.clock.now();
        let waiting = self.shared.waiting();
        waiting.values().filter(|entry| entry.due > now).count()
    }

    /// The newest attempts, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Attempt> {
        self.shared.log().list()
    }

    /// Gives up all that waits and forgets the log.
    pub fn clear(&self) {
        let waiting = std::mem::take(&mut *self.shared.waiting());
        for task in waiting.into_values().filter_map(|entry| entry.task) {
            task.abort();
        }
        self.shared.calmer.send_replace(());
        *self.shared.log() = Log::default();
    }

    fn start(&self, delivery: Delivery, held: bool, duplicate: bool) {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let due = self.shared.clock.now();
        // Counted before the task exists, so that nobody can find it quiet in between.
        self.shared.waiting().insert(id, Waiting { due, task: None });
        let run = attempt::Run { id, delivery, duplicate, shared: Arc::clone(&self.shared) };
        let task = tokio::spawn(run.deliver(held)).abort_handle();
        if let Some(entry) = self.shared.waiting().get_mut(&id) {
            entry.task = Some(task);
        }
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_dropped(&self, delivery: &Delivery) {
        let now = self.clock.now();
        self.log().push(Attempt::dropped(delivery, now));
    }

    fn wait_until(&self, id: u64, due: Timestamp) {
        if let Some(entry) = self.waiting().get_mut(&id) {
            entry.due = due;
        }
        self.calmer.send_replace(());
    }

    fn finish(&self, id: u64, provider: Provider) {
        self.ended.send_modify(|ended| *ended.entry(provider).or_default() += 1);
        self.waiting().remove(&id);
        self.calmer.send_replace(());
    }
}

#[cfg(test)]
mod tests;
