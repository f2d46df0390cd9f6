//! Plays a story to its end: the acts with their pauses, then fair weather until the world is at rest, then the
//! checks. All of it on one paused runtime in the calling thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::checks::{self, Broken, Scene};
use crate::dice::Dice;
use crate::hands::Hands;
use crate::log::{Ear, Heard};
use crate::rest;
use crate::story::{Step, Story};
use crate::tally::Tally;
use crate::world::World;

/// A day.
const DAY: Duration = Duration::from_secs(86_400);
/// Into how many parts a pause is cut by sweeps at most: the schedule has its bad days, too.
const SWEEPS_IN_A_PAUSE: [u32; 4] = [2, 5, 10, 20];
/// The longest that acts may take once the last has begun.
const ACTS_END_WITHIN: Duration = Duration::from_secs(3_600);

/// How a story ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// Whose it was.
    pub(crate) seed: u64,
    /// What is wrong.
    pub(crate) broken: Vec<Broken>,
    /// What happened, line by line.
    pub(crate) transcript: Vec<String>,
    /// What befell what, and what was done, by kind.
    pub(crate) tally: Tally,
    /// How long it lasted, by its own clock.
    pub(crate) lasted: SignedDuration,
}

impl Ended {
    /// The hash of all that happened and of all that was left.
    pub(crate) fn hash(&self) -> u64 {
        let bytes = self.transcript.iter().flat_map(|line| line.bytes().chain([b'\n']));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Whether a check of that name is broken.
    pub(crate) fn breaks(&self, check: &str) -> bool {
        self.broken.iter().any(|broken| broken.check == check)
    }
}

/// Plays a story; a panic in it is one more thing that is wrong.
pub(crate) fn play(story: &Story, ear: &Ear) -> Ended {
    let heard = ear.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let told = catch_unwind(AssertUnwindSafe(|| ear.listen(|| runtime.block_on(tell(story)))));
    let mut ended = told.unwrap_or_else(|panic| Ended {
        seed: story.seed,
        broken: vec![Broken { check: "nothing panics", text: text_of(&*panic) }],
        transcript: Vec::new(),
        tally: Tally::default(),
        lasted: SignedDuration::ZERO,
    });
    ended.broken.extend(heard.take().into_iter().map(|Heard { text }| Broken { check: "no mistake of ours is answered or logged", text }));
    ended
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

async fn tell(story: &Story) -> Ended {
    let world = Arc::new(World::new(story.seed, story.climate, story.without).await);
    let began = world.clock.now();
    let hands = Arc::new(Hands::new(Arc::clone(&world), story.customers, Dice::of(story.seed, "hands")));
    let mut transcript = act(story, &world, &hands).await;
    world.calm();
    let mut broken: Vec<Broken> = world.stream.broken();
    let restless = rest::rest(&world).await;
    broken.extend(restless.into_iter().map(|text| Broken { check: "the world comes to rest", text }));
    let scene = Scene::of(&world, hands.users(), story.is_strange());
    broken.extend(checks::all(&scene).await);
    transcript.extend(scene.whole.lines());
    Ended { seed: story.seed, broken, transcript, tally: world.tally.clone(), lasted: world.clock.now().duration_since(began) }
}

/// Lets everybody act, one beginning after the other, and waits until all have ended.
async fn act(story: &Story, world: &Arc<World>, hands: &Arc<Hands>) -> Vec<String> {
    let dice = Dice::of(story.seed, "nights");
    let mut acting: JoinSet<String> = JoinSet::new();
    for step in &story.steps {
        pause(step.after, world, &dice, &mut acting).await;
        world.tally.count(&format!("act {}", step.act.word()));
        acting.spawn(one(*step, Arc::clone(world), Arc::clone(hands)));
    }
    world.schedule.set_gap(SignedDuration::from_secs(60));
    let mut transcript = Vec::new();
    let all = async {
        while let Some(done) = acting.join_next().await {
            transcript.push(done.unwrap_or_else(|cause| std::panic::resume_unwind(cause.into_panic())));
        }
    };
    let in_time = tokio::time::timeout(ACTS_END_WITHIN, all).await;
    assert!(in_time.is_ok(), "an act never ends");
    transcript
}

async fn one(step: Step, world: Arc<World>, hands: Arc<Hands>) -> String {
    let begun = world.clock.now();
    let came_of_it = hands.play(&step).await;
    format!("{begun} {step} → {came_of_it} ({})", world.clock.now())
}

/// Time goes on; in a long pause a night may come, and sweeps are rare.
async fn pause(time: Duration, world: &Arc<World>, dice: &Dice, acting: &mut JoinSet<String>) {
    let gap = time / *dice.pick(&SWEEPS_IN_A_PAUSE);
    world.schedule.set_gap(SignedDuration::try_from(gap).unwrap_or(SignedDuration::ZERO));
    let wait = dice.time(0, u64::try_from(time.as_millis()).unwrap_or_default());
    if dice.permille(700) && time >= DAY {
        let world = Arc::clone(world);
        acting.spawn(async move {
            tokio::time::sleep(wait).await;
            format!("{} a night → {}", world.clock.now(), world.schedule.night().await)
        });
    }
    tokio::time::sleep(time).await;
}
