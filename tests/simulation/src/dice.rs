//! Chance from a seed: one stream of numbers for each purpose, so that what one part of a story draws does
//! not change what another part draws.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A stream of numbers; all clones draw from the same.
#[derive(Clone, Debug)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// The stream of that purpose.
    pub fn of(seed: u64, purpose: &str) -> Self {
        let salt = purpose.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed.rotate_left(17) ^ salt))))
    }

    fn draw(&self) -> MutexGuard<'_, StdRng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn permille(&self, many: u32) -> bool {
        many > 0 && self.draw().random_range(0..1_000) < many
    }

    /// A number from `least` to `most`, both included.
    pub fn number(&self, least: u64, most: u64) -> u64 {
        self.draw().random_range(least..=most.max(least))
    }

    /// One of these; the first of none is the caller's mistake.
    pub fn pick<'a, T>(&self, all: &'a [T]) -> &'a T {
        let place = self.draw().random_range(0..all.len());
        &all[place]
    }

    /// A place in a list of that length.
    pub fn place(&self, length: usize) -> usize {
        self.draw().random_range(0..length.max(1))
    }

    /// A time between the two, to the millisecond.
    pub fn time(&self, least_ms: u64, most_ms: u64) -> Duration {
        Duration::from_millis(self.number(least_ms, most_ms))
    }

    /// A hundred and twenty-eight random bits.
    pub fn bits(&self) -> u128 {
        self.draw().random()
    }

    /// Sixty-four random bits.
    pub fn seed(&self) -> u64 {
        self.draw().random()
    }

    /// A stream of its own that begins from this one.
    pub fn split(&self, purpose: &str) -> Self {
        Self::of(self.seed(), purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again_and_each_purpose_its_own() {
        let drawn = |seed, purpose| (0..8).map(|_| Dice::of(seed, purpose).number(0, 1_000_000)).collect::<Vec<_>>();
        assert_eq!(drawn(7, "ids"), drawn(7, "ids"));
        assert_ne!(drawn(7, "ids"), drawn(7, "queue"));
        assert_ne!(drawn(7, "ids"), drawn(8, "ids"));
    }
}
