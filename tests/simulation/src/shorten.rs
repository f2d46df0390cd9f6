//! Shortens a story that fails: acts are left out, and parts of the weather, as long as the same check is
//! broken. Bounded in tries and in time.

use std::time::{Duration, Instant};

use crate::log::Ear;
use crate::play::{Ended, play};
use crate::story::{Climate, Story};

/// The most stories that are tried.
const MOST_TRIES: u32 = 120;
/// The longest that it may take.
const WITHIN: Duration = Duration::from_secs(90);

/// The shortest story found that breaks the first check which the whole one broke, and how it ended.
pub(crate) fn shorten(whole: &Story, ended: &Ended) -> (Story, Ended) {
    let Some(first) = ended.broken.first() else { return (whole.clone(), ended.clone()) };
    let mut search = Search { check: first.check, tries: 0, began: Instant::now(), best: (whole.clone(), ended.clone()) };
    search.leave_acts_out();
    search.calm_down();
    search.leave_acts_out();
    search.best
}

struct Search {
    check: &'static str,
    tries: u32,
    began: Instant,
    best: (Story, Ended),
}

impl Search {
    /// Takes a story if it fails in the same way.
    fn takes(&mut self, story: Story) -> bool {
        if self.tries >= MOST_TRIES || self.began.elapsed() > WITHIN {
            return false;
        }
        self.tries += 1;
        let ended = play(&story, &Ear::quiet());
        let fails = ended.breaks(self.check);
        if fails {
            self.best = (story, ended);
        }
        fails
    }

    /// Leaves out halves, quarters, … down to single acts, the last ones first.
    fn leave_acts_out(&mut self) {
        let mut size = (self.best.0.steps.len() / 2).max(1);
        loop {
            let mut end = self.best.0.steps.len();
            while end > 0 {
                let numbers: Vec<usize> = self.best.0.steps.iter().map(|step| step.number).collect();
                let begin = end.saturating_sub(size);
                let kept: Vec<usize> = numbers[..begin].iter().chain(&numbers[end.min(numbers.len())..]).copied().collect();
                let story = self.best.0.with_only(&kept);
                self.takes(story);
                end = begin;
            }
            if size == 1 {
                return;
            }
            size = (size / 2).max(1);
        }
    }

    /// Lets the weather be fair, part by part.
    fn calm_down(&mut self) {
        let parts: [fn(&mut Climate); 6] = [
            |climate| climate.aws = 0,
            |climate| climate.queue = 0,
            |climate| climate.providers = 0,
            |climate| climate.lost = 0,
            |climate| climate.twice = 0,
            |climate| climate.crashes = 0,
        ];
        for calm in parts {
            let mut story = self.best.0.clone();
            calm(&mut story.climate);
            if story.climate != self.best.0.climate {
                self.takes(story);
            }
        }
    }
}
