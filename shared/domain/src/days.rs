//! Whole days: what is bought, kept and spent.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// The length of one day of a channel, in seconds.
pub const DAY_SECONDS: i64 = 86_400;

/// A number of whole days, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Days(u32);

impl Days {
    /// No days.
    pub const ZERO: Self = Self(0);
    /// The most days that one movement may carry: ten years.
    pub const MOST_AT_ONCE: u32 = 3_660;

    /// That many days.
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// The count.
    pub const fn count(self) -> u32 {
        self.0
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, at the largest number that fits.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left when `other` is taken away, at least none.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times as many, at the largest number that fits.
    pub const fn times(self, periods: u32) -> Self {
        Self(self.0.saturating_mul(periods))
    }

    /// The same span as a duration.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0) * DAY_SECONDS)
    }

    /// The moment this many days after `from`.
    pub fn after(self, from: Timestamp) -> Timestamp {
        from.saturating_add(self.duration()).unwrap_or(Timestamp::MAX)
    }

    /// The whole days from `from` until `until`, none when that has passed.
    pub fn whole_between(from: Timestamp, until: Timestamp) -> Self {
        let seconds = until.duration_since(from).as_secs();
        Self(u32::try_from(seconds.max(0) / DAY_SECONDS).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::iter::Sum for Days {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Self::saturating_add)
    }
}
