//! Figures from samples: medians and the slowest hundredth, in the units that tables show.

use std::time::Duration;

/// Microseconds of a millisecond.
const MICROS: f64 = 1_000.0;

/// Samples of one measurement, sorted.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// These samples, in any order.
    pub fn new(mut samples: Vec<f64>) -> Self {
        samples.retain(|sample| sample.is_finite());
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    /// Times, as milliseconds.
    pub fn of_times(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::new(times.into_iter().map(milliseconds).collect())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The sample below which that many hundredths of all lie; 0 without any.
    pub fn percentile(&self, hundredths: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * hundredths.min(100) / 100).copied().unwrap_or_default()
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }
}

/// A time in milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * MICROS
}

/// How often one is the other; 0 when there is no other.
pub fn ratio(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples() {
        let samples = Samples::new((1..=100).rev().map(f64::from).collect());
        assert_eq!((samples.median(), samples.percentile(99), samples.percentile(100)), (50.0, 99.0, 100.0));
        assert_eq!(Samples::default().median(), 0.0);
    }
}
