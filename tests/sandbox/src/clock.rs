//! The one clock of the sandbox and of the local stack: the wall clock, or a simulation's time, plus
//! an offset that a person or a test moves.
//!
//! Every clone shares the offset. Whoever waits for a time wakes when the clock is moved past it.
//! The clock never stops and never jumps by itself; a simulated one goes as tokio's time goes, and
//! reads no other. This is the only file of the crate that reads the machine's time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::saved::{Saved, SavedError};

/// The longest real sleep between two looks at the time, so that a suspended machine is noticed.
const LOOK_AGAIN_MS: u64 = 60_000;

/// A movable clock; cheap to clone, all clones are one clock.
#[derive(Clone, Debug)]
pub struct Clock {
    base: Base,
    offset_ms: Arc<watch::Sender<i64>>,
    kept_ms: Saved<i64>,
}

/// What the offset is counted from.
#[derive(Clone, Copy, Debug)]
enum Base {
    Machine,
    Simulated { start: Timestamp, made: Instant },
}

impl Base {
    fn now(self) -> Timestamp {
        match self {
            Self::Machine => wall(),
            Self::Simulated { start, made } => later(start, SignedDuration::try_from(made.elapsed()).unwrap_or(SignedDuration::MAX)),
        }
    }

    /// How long a real sleep may last before the time is looked at again.
    fn longest_sleep(self) -> Duration {
        match self {
            Self::Machine => Duration::from_millis(LOOK_AGAIN_MS),
            Self::Simulated { .. } => Duration::MAX,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that shows the machine's time until it is moved.
    #[must_use]
    pub fn new() -> Self {
        Self::ahead_by_ms(0)
    }

    /// A clock that starts off the machine's time by this many milliseconds.
    #[must_use]
    pub fn ahead_by_ms(offset_ms: i64) -> Self {
        Self::on(Base::Machine, offset_ms, Saved::memory())
    }

    /// A clock that shows `start` now and goes on as tokio's time does, which a runtime can pause; so it is made
    /// on that runtime. Who waits sleeps in one piece, so that a paused runtime goes from one event to the next.
    #[must_use]
    pub fn simulated(start: Timestamp) -> Self {
        Self::on(Base::Simulated { start, made: Instant::now() }, 0, Saved::memory())
    }

    fn on(base: Base, offset_ms: i64, kept_ms: Saved<i64>) -> Self {
        Self { base, offset_ms: Arc::new(watch::Sender::new(offset_ms)), kept_ms }
    }

    /// A clock that keeps in `path` how far it was moved, and starts there.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn file(path: impl Into<PathBuf>) -> Result<Self, SavedError> {
        let kept_ms = Saved::file(path)?;
        let offset_ms = kept_ms.read(|offset_ms| *offset_ms);
        Ok(Self::on(Base::Machine, offset_ms, kept_ms))
    }

    /// The time that everybody goes by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(*self.offset_ms.borrow());
        later(self.base.now(), offset)
    }

    /// How far this clock is ahead of the machine's, or of the simulation's, in milliseconds.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        *self.offset_ms.borrow()
    }

    /// Moves the clock and wakes whoever waits for a time; answers the new time.
    pub fn advance(&self, by: SignedDuration) -> Timestamp {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.send_modify(|offset_ms| {
            *offset_ms = offset_ms.saturating_add(by_ms);
            self.kept_ms.write(|kept_ms| *kept_ms = *offset_ms);
        });
        self.now()
    }

    /// Back to the machine's time, or to the simulation's.
    pub fn reset(&self) {
        self.offset_ms.send_modify(|offset_ms| {
            *offset_ms = 0;
            self.kept_ms.reset();
        });
    }

    /// Waits until the clock shows `at`, whether by itself or because it was moved.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut moved = self.subscribe();
        while let Some(left) = self.left_until(at) {
            let look_again = left.min(self.base.longest_sleep());
            // In this order, because chance has no place in a simulation.
            tokio::select! {
                biased;
                () = tokio::time::sleep(look_again) => {}
                changed = moved.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Hears of every move; the value is the offset in milliseconds.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.offset_ms.subscribe()
    }

    fn left_until(&self, at: Timestamp) -> Option<Duration> {
        let left = at.duration_since(self.now());
        let left = Duration::try_from(left).ok()?;
        (!left.is_zero()).then_some(left)
    }
}

/// `from` moved by `by`, held at the ends of what a timestamp can say.
#[must_use]
pub fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    from.checked_add(by).unwrap_or(end)
}

#[allow(clippy::disallowed_methods)] // The one clock implementation.
fn wall() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_shows_the_same_time_to_all_its_clones() {
        let clock = Clock::new();
        let other = clock.clone();
        let before = clock.now();
        clock.advance(SignedDuration::from_hours(720));
        let moved = other.now().duration_since(before);
        assert!(moved >= SignedDuration::from_hours(720), "{moved:?}");
        assert!(moved < SignedDuration::from_hours(721), "{moved:?}");
        assert_eq!(other.offset_ms(), 720 * 3_600_000);
        other.reset();
        assert_eq!(clock.offset_ms(), 0);
    }

    #[tokio::test]
    async fn who_waits_for_a_time_wakes_when_the_clock_is_moved_past_it() {
        let clock = Clock::new();
        let at = later(clock.now(), SignedDuration::from_hours(24));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(at).await }
        });
        tokio::task::yield_now().await;
        clock.advance(SignedDuration::from_hours(23));
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished(), "an hour is still to go");
        clock.advance(SignedDuration::from_hours(1));
        tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("woken by the move").expect("no panic");
    }

    #[tokio::test]
    async fn a_time_that_is_past_is_not_waited_for() {
        let clock = Clock::new();
        clock.sleep_until(Timestamp::MIN).await;
    }

    #[tokio::test]
    async fn the_clock_goes_by_itself_too() {
        let clock = Clock::new();
        let at = later(clock.now(), SignedDuration::from_millis(20));
        clock.sleep_until(at).await;
        assert!(clock.now() >= at);
    }

    #[test]
    fn a_simulated_clock_goes_by_the_runtimes_time_alone() {
        let start: Timestamp = "2031-03-03T12:00:00Z".parse().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let clock = Clock::simulated(start);
            assert_eq!(clock.now(), start);
            let in_a_year = later(start, SignedDuration::from_hours(24 * 365));
            clock.sleep_until(in_a_year).await;
            assert_eq!(clock.now(), in_a_year, "slept to the very moment, in no time");
            clock.advance(SignedDuration::from_hours(1));
            let another_hour = later(in_a_year, SignedDuration::from_hours(2));
            clock.sleep_until(another_hour).await;
            assert_eq!(clock.now(), another_hour);
            assert_eq!(clock.offset_ms(), 3_600_000);
        });
    }

    #[test]
    fn a_kept_clock_starts_where_it_was_moved_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock.json");
        Clock::file(&path).unwrap().advance(SignedDuration::from_secs(90));
        assert_eq!(Clock::file(&path).unwrap().offset_ms(), 90_000);
    }

    #[test]
    fn the_ends_of_time_are_held() {
        assert_eq!(later(Timestamp::MAX, SignedDuration::from_secs(1)), Timestamp::MAX);
        let clock = Clock::new();
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
