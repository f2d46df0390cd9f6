//! Counts what happened in stories, by its kind: faults that were hit, acts that were played.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts; all clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<BTreeMap<String, u64>>>);

impl Tally {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more of that kind.
    pub(crate) fn count(&self, kind: &str) {
        let mut counts = self.counts();
        match counts.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                counts.insert(kind.to_owned(), 1);
            }
        }
    }

    /// So many more of that kind.
    pub(crate) fn count_many(&self, kind: &str, many: u64) {
        *self.counts().entry(kind.to_owned()).or_default() += many;
    }

    /// Adds another's counts.
    pub(crate) fn add(&self, other: &Self) {
        let other = other.all();
        let mut counts = self.counts();
        for (kind, count) in other {
            *counts.entry(kind).or_default() += count;
        }
    }

    /// All counts by kind.
    pub(crate) fn all(&self) -> BTreeMap<String, u64> {
        self.counts().clone()
    }
}
