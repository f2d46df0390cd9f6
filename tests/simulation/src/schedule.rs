//! The schedules of the template. The sweep runs at the full minutes at which something is due: at the others
//! it would find nothing. In a long quiet time it runs less often, as after an outage; nights that can bring
//! nothing are left out for the same reason.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use sandbox::Clock;

use crate::dice::Dice;
use crate::machine::{Code, Function, Machine};
use crate::stream::Stream;
use crate::tally::Tally;

/// The jobs of the night, and in how many of a thousand nights of a story they are worth their time.
pub(crate) const NIGHTLY: [(&str, u32); 5] =
    [("reconcile-paypal", 900), ("reconcile-whapi", 900), ("audit-ledger", 300), ("reminders", 200), ("solvency", 200)];
/// A job that failed is called again so often.
const AGAIN: u32 = 3;

/// The clock's errands.
pub(crate) struct Schedule {
    machine: Arc<Machine>,
    stream: Arc<Stream>,
    clock: Clock,
    dice: Dice,
    tally: Tally,
    /// The least time between two sweeps, in seconds.
    gap_seconds: AtomicI64,
}

fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}

impl Schedule {
    pub(crate) fn new(machine: Arc<Machine>, stream: Arc<Stream>, clock: Clock, dice: Dice, tally: Tally) -> Self {
        Self { machine, stream, clock, dice, tally, gap_seconds: AtomicI64::new(60) }
    }

    /// From now on at least so much time lies between two sweeps.
    pub(crate) fn set_gap(&self, gap: SignedDuration) {
        self.gap_seconds.store(gap.as_secs().max(60), Ordering::Relaxed);
        self.stream.due_changed.notify_one();
    }

    /// Sweeps whenever something is due, until it is dropped.
    pub(crate) async fn sweep(self: Arc<Self>) {
        let mut last = self.clock.now();
        loop {
            self.wait(last).await;
            last = self.clock.now();
            let twice = self.dice.permille(50);
            self.run("sweep").await;
            if twice {
                self.tally.count("two sweeps at once");
                tokio::join!(self.run("sweep"), self.run("sweep"));
            }
        }
    }

    /// Waits for the full minute at which the next sweep finds something.
    async fn wait(&self, last: Timestamp) {
        loop {
            let gap = SignedDuration::from_secs(self.gap_seconds.load(Ordering::Relaxed));
            let next = self.stream.next_due().map(|due| full_minute(due.max(later(last, gap))));
            let tick = async {
                match next {
                    Some(next) => self.clock.sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.stream.due_changed.notified() => {}
                () = tick => {
                    if self.stream.next_due().is_some_and(|due| due <= self.clock.now()) {
                        return;
                    }
                }
            }
        }
    }

    /// Runs a job, and again when it fails; answers whether it ended well.
    pub(crate) async fn run(&self, job: &str) -> bool {
        self.tally.count(&format!("job: {job}"));
        for _ in 0..=AGAIN {
            let tick = schedule::Tick { job: job.to_owned() };
            let answer = self
                .machine
                .invoke(Function::Schedule, async |code| match code {
                    Code::Schedule(handler) => handler.call(tick).await.is_ok(),
                    _ => false,
                })
                .await;
            if answer == Ok(true) {
                return true;
            }
            self.tally.count("scheduled job failed");
            tokio::time::sleep(self.dice.time(1_000, 60_000)).await;
        }
        false
    }

    /// Runs the jobs of one night in some order and sometimes at once. Those that only tell people something come by chance.
    pub(crate) async fn night(&self) -> bool {
        let at_once = self.dice.permille(300);
        let jobs: Vec<&str> = NIGHTLY.iter().filter(|(_, permille)| self.dice.permille(*permille)).map(|(job, _)| *job).collect();
        if at_once {
            return futures::future::join_all(jobs.into_iter().map(|job| self.run(job))).await.into_iter().all(|good| good);
        }
        let mut all = true;
        for job in jobs {
            all &= self.run(job).await;
        }
        all
    }

    /// Runs all jobs of the night.
    pub(crate) async fn whole_night(&self) -> bool {
        let mut all = true;
        for (job, _) in NIGHTLY {
            all &= self.run(job).await;
        }
        all
    }
}

fn full_minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_millisecond().div_euclid(60_000) * 60 + 60;
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
