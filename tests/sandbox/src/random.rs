//! Where chance comes from: the machine, or a seed that makes the same choices again.
//!
//! A seeded source has streams by name, each of which is a source of its own: what one provider draws
//! does not change what another one gets. Everything of a pretended WHAPI or PayPal that looks random
//! is drawn here; keys and certificates alone are made with the machine's, once for the process.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngCore, SeedableRng as _};

/// The start of a name's hash, and what it is multiplied by (FNV-1a).
const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;
const HASH_FACTOR: u64 = 0x0100_0000_01b3;

/// A source of randomness; all clones are one.
#[derive(Clone, Default)]
pub struct Random(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    Machine,
    Seeded(Arc<Seeded>),
}

struct Seeded {
    seed: u64,
    chance: Mutex<StdRng>,
}

impl Random {
    /// The machine's randomness.
    #[must_use]
    pub fn machine() -> Self {
        Self::default()
    }

    /// Randomness that is the same for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let chance = Mutex::new(StdRng::seed_from_u64(seed));
        Self(Source::Seeded(Arc::new(Seeded { seed, chance })))
    }

    /// The source of this name: its own from the beginning, and the same for the same seed and name.
    #[must_use]
    pub fn stream(&self, name: &str) -> Self {
        match &self.0 {
            Source::Machine => Self::machine(),
            Source::Seeded(seeded) => Self::seeded(name.bytes().fold(HASH_START ^ seeded.seed, hashed)),
        }
    }

    /// A number below `limit`; 0 where that is 0.
    #[must_use]
    pub fn below(&self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.draw(|chance| chance.random_range(0..limit)) }
    }

    /// Fills with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.draw(|chance| chance.fill_bytes(bytes));
    }

    /// So many of these characters.
    #[must_use]
    pub fn text(&self, alphabet: &[u8], length: usize) -> String {
        let draw = |chance: &mut dyn RngCore| alphabet.get(chance.random_range(0..alphabet.len().max(1))).copied();
        self.draw(|chance| (0..length).filter_map(|_| draw(chance)).map(char::from).collect())
    }

    /// Puts things into another order.
    pub fn shuffle<T>(&self, things: &mut [T]) {
        self.draw(|chance| things.shuffle(chance));
    }

    fn draw<T>(&self, with: impl FnOnce(&mut dyn RngCore) -> T) -> T {
        match &self.0 {
            Source::Machine => with(&mut rand::rng()),
            Source::Seeded(seeded) => with(&mut *seeded.chance.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

fn hashed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(HASH_FACTOR)
}

/// Shows no state, from which what comes could be known.
impl fmt::Debug for Random {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match &self.0 {
            Source::Machine => "Random(the machine's)",
            Source::Seeded(_) => "Random(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(random: &Random) -> (String, usize, Vec<u32>, [u8; 8]) {
        let (mut order, mut bytes) = ((0..20).collect::<Vec<u32>>(), [0; 8]);
        random.shuffle(&mut order);
        random.fill(&mut bytes);
        (random.text(b"ABCDEF0123456789", 32), random.below(1_000_000), order, bytes)
    }

    #[test]
    fn the_same_seed_makes_the_same_choices_and_another_one_others() {
        assert_eq!(drawn(&Random::seeded(7)), drawn(&Random::seeded(7)));
        assert_ne!(drawn(&Random::seeded(7)), drawn(&Random::seeded(8)));
        assert_ne!(drawn(&Random::machine()), drawn(&Random::machine()));
    }

    #[test]
    fn streams_do_not_disturb_each_other() {
        let (one, other) = (Random::seeded(7), Random::seeded(7));
        let _ = drawn(&one.stream("whapi"));
        let _ = drawn(&one);
        assert_eq!(drawn(&one.stream("paypal")), drawn(&other.stream("paypal")));
        assert_ne!(drawn(&one.stream("paypal")), drawn(&one.stream("whapi")));
        let clone = one.clone();
        assert_ne!(drawn(&one), drawn(&clone), "a clone goes on where the first one is");
    }

    #[test]
    fn nothing_is_drawn_from_nothing() {
        let random = Random::seeded(1);
        assert_eq!((random.below(0), random.text(b"", 4)), (0, String::new()));
    }
}
