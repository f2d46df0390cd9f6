//! A story: what several people do, one thing after the other with pauses in between, all of it decided by
//! the seed before anything happens. Acts name things by their places, so that a story with some of its acts
//! left out is still one.

use std::fmt;
use std::time::Duration;

use crate::dice::Dice;
use crate::mutation::Mutation;

/// The fewest and most acts after everybody has signed up.
const FEWEST_ACTS: u64 = 6;
const MOST_ACTS: u64 = 22;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Signs up, or signs in.
    SignUp,
    /// Begins a checkout of the plan at that place.
    Subscribe { plan: usize },
    /// Approves a checkout at PayPal, the newest being 0.
    Approve { back: usize },
    /// PayPal takes the next payment now.
    Renew,
    /// PayPal tries to take a payment and cannot.
    FailPayment,
    /// The payer's funding is in order again.
    Mend,
    /// PayPal will hold back the next sale.
    HoldNext,
    /// PayPal releases what it holds.
    Release,
    /// The merchant gives a sale back, the newest being 0; `percent` of it.
    Refund { back: usize, percent: u32 },
    /// PayPal takes a sale back by force.
    Reverse { back: usize },
    /// The customer cancels in Daypass.
    CancelHere,
    /// The customer cancels at PayPal.
    CancelThere,
    /// PayPal sends all events of a subscription again.
    Resend { times: u32 },
    /// Adds a channel.
    Add,
    /// Extends the channel at that place.
    Extend { channel: usize, days: u32 },
    /// Extends it many times at once.
    ExtendMany { channel: usize, days: u32, times: u32 },
    /// Deletes it.
    Delete { channel: usize },
    /// Gives it another name.
    Rename { channel: usize },
    /// Switches whether it renews by itself.
    SwitchRenewal { channel: usize },
    /// Asks for a code.
    Code { channel: usize },
    /// A phone scans it.
    Scan { channel: usize },
    /// The phone's owner ends the link.
    Unlink { channel: usize },
    /// Looks at it at WHAPI.
    Refresh { channel: usize },
    /// Staff gives days.
    Grant { days: u32 },
    /// Staff releases what was frozen.
    Unfreeze,
    /// Somebody else puts days on the channel at WHAPI.
    StrangerExtends { channel: usize, days: u32 },
    /// Somebody else deletes the channel at WHAPI.
    StrangerDeletes { channel: usize },
    /// The jobs of the night run, twice at once where that is said.
    Night { twice: bool },
}

impl Act {
    /// The word for it.
    pub(crate) fn word(&self) -> String {
        let text = format!("{self:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    }

    /// Whether it is the hand of somebody who has no business there.
    pub(crate) const fn is_strange(&self) -> bool {
        matches!(self, Self::StrangerExtends { .. } | Self::StrangerDeletes { .. })
    }
}

/// One step of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its place in the whole story.
    pub(crate) number: usize,
    /// How long after the step before.
    pub(crate) after: Duration,
    /// Whose.
    pub(crate) who: usize,
    /// What.
    pub(crate) act: Act,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>3}. {:>9} later, {}: {:?}", self.number, shown(self.after), ["Amal", "Badr", "Chloé", "Dana"][self.who % 4], self.act)
    }
}

fn shown(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// How bad the weather is: how many of a thousand things something befalls, by what it befalls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Climate {
    /// Requests to AWS.
    pub(crate) aws: u32,
    /// Messages and changes: late, twice.
    pub(crate) queue: u32,
    /// Requests to WHAPI and PayPal.
    pub(crate) providers: u32,
    /// Webhooks that never come.
    pub(crate) lost: u32,
    /// Webhooks that come twice.
    pub(crate) twice: u32,
    /// Invocations that die.
    pub(crate) crashes: u32,
}

impl Climate {
    fn of(dice: &Dice) -> Self {
        let level = |levels: &[u32]| *dice.pick(levels);
        Self {
            aws: level(&[0, 10, 30, 60, 100]),
            queue: level(&[0, 50, 150, 300]),
            providers: level(&[0, 50, 100, 200, 300]),
            lost: level(&[0, 100, 300]),
            twice: level(&[0, 200, 500]),
            crashes: level(&[0, 10, 40, 80]),
        }
    }
}

/// A story.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// Whose it is.
    pub(crate) seed: u64,
    /// How many customers it has.
    pub(crate) customers: usize,
    /// What happens.
    pub(crate) steps: Vec<Step>,
    /// In which weather.
    pub(crate) climate: Climate,
    /// What is taken from the product.
    pub(crate) without: Option<Mutation>,
}

impl Story {
    /// The story of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let dice = Dice::of(seed, "story");
        let climate = Climate::of(&Dice::of(seed, "climate"));
        let customers = usize::try_from(dice.number(1, 3)).unwrap_or(1);
        let mut acts: Vec<(usize, Act)> = Vec::new();
        for who in 0..customers {
            acts.extend([(who, Act::SignUp), (who, Act::Subscribe { plan: dice.place(4) })]);
            acts.push((who, if dice.permille(850) { Act::Approve { back: 0 } } else { act(&dice) }));
            acts.push((who, if dice.permille(850) { Act::Add } else { act(&dice) }));
        }
        for _ in 0..dice.number(FEWEST_ACTS, MOST_ACTS) {
            acts.push((dice.place(customers), act(&dice)));
        }
        let steps = acts.into_iter().enumerate().map(|(number, (who, act))| Step { number, after: pause(&dice), who, act });
        Self { seed, customers, steps: steps.collect(), climate, without: None }
    }

    /// Whether somebody's hand is in it that has no business there.
    pub(crate) fn is_strange(&self) -> bool {
        self.steps.iter().any(|step| step.act.is_strange())
    }

    /// The story with only these of its steps; the pauses of the others stay.
    pub(crate) fn with_only(&self, numbers: &[usize]) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        let mut skipped = Duration::ZERO;
        for step in &self.steps {
            if numbers.contains(&step.number) {
                steps.push(Step { after: step.after + skipped, ..*step });
                skipped = Duration::ZERO;
            } else {
                skipped += step.after;
            }
        }
        Self { steps, ..self.clone() }
    }
}

fn pause(dice: &Dice) -> Duration {
    match dice.number(0, 99) {
        0..=29 => dice.time(0, 2_000),
        30..=59 => dice.time(1_000, 300_000),
        60..=79 => dice.time(300_000, 43_200_000),
        80..=94 => dice.time(43_200_000, 6 * 86_400_000),
        _ => dice.time(6 * 86_400_000, 40 * 86_400_000),
    }
}

fn act(dice: &Dice) -> Act {
    let channel = dice.place(3);
    let days = u32::try_from(dice.number(1, 12)).unwrap_or(1);
    match dice.number(0, 99) {
        0..=6 => Act::Subscribe { plan: dice.place(4) },
        7..=14 => Act::Approve { back: dice.place(2) },
        15..=19 => Act::Renew,
        20..=21 => Act::FailPayment,
        22 => Act::Mend,
        23..=24 => Act::HoldNext,
        25..=26 => Act::Release,
        27..=30 => Act::Refund { back: dice.place(2), percent: if dice.permille(800) { 100 } else { 40 } },
        31..=32 => Act::Reverse { back: dice.place(2) },
        33..=36 => Act::CancelHere,
        37..=39 => Act::CancelThere,
        40..=41 => Act::Resend { times: u32::try_from(dice.number(1, 3)).unwrap_or(1) },
        42..=51 => Act::Add,
        52..=62 => Act::Extend { channel, days },
        63..=66 => Act::ExtendMany { channel, days, times: u32::try_from(dice.number(2, 6)).unwrap_or(2) },
        67..=72 => Act::Delete { channel },
        73..=74 => Act::Rename { channel },
        75..=76 => Act::SwitchRenewal { channel },
        77..=80 => Act::Code { channel },
        81..=83 => Act::Scan { channel },
        84 => Act::Unlink { channel },
        85 => Act::Refresh { channel },
        86..=88 => Act::Grant { days },
        89..=91 => Act::Unfreeze,
        92 => Act::StrangerExtends { channel, days },
        93 => Act::StrangerDeletes { channel },
        _ => Act::Night { twice: dice.permille(300) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_story_and_left_out_acts_leave_their_time() {
        let story = Story::of(7);
        assert_eq!(story.steps, Story::of(7).steps);
        assert_ne!(story.steps, Story::of(8).steps);
        let whole: Duration = story.steps.iter().map(|step| step.after).sum();
        let last = story.steps.len() - 1;
        let short = story.with_only(&[0, last]);
        assert_eq!(short.steps.iter().map(|step| step.after).sum::<Duration>(), whole);
        assert_eq!(short.steps[1].act, story.steps[last].act);
    }
}
