//! Counts what the store's calls cost, so that benchmarks can say it and nobody has to believe it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Half units and quarters must not be lost: they are counted in thousandths.
const MILLI: f64 = 1_000.0;

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    read_milli: AtomicU64,
    write_milli: AtomicU64,
}

/// A counter that any number of stores may share. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counts>);

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Requests to the table, repeats included.
    pub requests: u64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units.
    pub write_units: f64,
}

impl Meter {
    /// One that stands at nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted so far.
    pub fn usage(&self) -> Usage {
        let units = |count: &AtomicU64| units(count.load(Ordering::Relaxed));
        Usage {
            requests: self.0.requests.load(Ordering::Relaxed),
            read_units: units(&self.0.read_milli),
            write_units: units(&self.0.write_milli),
        }
    }

    pub(crate) fn request(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, units: f64) {
        self.0.read_milli.fetch_add(milli(units), Ordering::Relaxed);
    }

    pub(crate) fn wrote(&self, units: f64) {
        self.0.write_milli.fetch_add(milli(units), Ordering::Relaxed);
    }
}

#[allow(clippy::cast_precision_loss, reason = "a count of units stays far below 2^53")]
fn units(milli: u64) -> f64 {
    milli as f64 / MILLI
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a call's units are small and not negative")]
fn milli(units: f64) -> u64 {
    (units.max(0.0) * MILLI).round() as u64
}
