//! Tokens and jitter: random by the system's own source, or from a seed for simulations.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// Numbers that nobody else draws: a hash of a seed and a counter.
pub(crate) struct Entropy {
    seed: [u8; 32],
    drawn: AtomicU64,
}

impl Entropy {
    /// From the system. Should it have none to give, time and place still differ from store to store.
    pub(crate) fn system() -> Self {
        let mut seed = [0; 32];
        if SystemRandom::new().fill(&mut seed).is_err() {
            let place = format!("{:p} {:?} {}", &raw const seed, std::time::Instant::now(), std::process::id());
            seed.copy_from_slice(digest(&SHA256, place.as_bytes()).as_ref());
        }
        Self { seed, drawn: AtomicU64::new(0) }
    }

    /// From a seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, &seed.to_be_bytes()).as_ref());
        Self { seed: bytes, drawn: AtomicU64::new(0) }
    }

    fn draw(&self) -> u128 {
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut input = self.seed.to_vec();
        input.extend_from_slice(&count.to_be_bytes());
        let hash = digest(&SHA256, &input);
        hash.as_ref().iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
    }

    /// A token of 32 characters.
    pub(crate) fn token(&self) -> String {
        format!("{:032x}", self.draw())
    }

    /// A short mark of 16 characters.
    pub(crate) fn mark(&self) -> String {
        format!("{:016x}", self.draw() >> 64)
    }

    /// A wait between half of `longest` and `longest`.
    pub(crate) fn jittered(&self, longest: Duration) -> Duration {
        let half = longest / 2;
        let span_us = u128::max(half.as_micros(), 1);
        half + Duration::from_micros(u64::try_from(self.draw() % span_us).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays_and_two_stores_never_draw_the_same() {
        let (first, again) = (Entropy::seeded(7), Entropy::seeded(7));
        assert_eq!((first.token(), first.mark()), (again.token(), again.mark()));
        assert_ne!(Entropy::system().token(), Entropy::system().token());
        assert_eq!(first.token().len(), 32);
        let wait = first.jittered(Duration::from_millis(100));
        assert!(wait >= Duration::from_millis(50) && wait <= Duration::from_millis(100));
    }
}
