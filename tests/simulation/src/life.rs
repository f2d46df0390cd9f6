//! The life of one invocation: it can be ended at any of its calls, before the call or after it, as when the
//! machine under it is gone. Whoever carries a call says so here; a dead invocation goes no further. And one call to a
//! provider can be lost, or its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;

/// Where one invocation ends, counted by its own calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doom {
    /// At which of its calls, the first being 1.
    pub(crate) call: u32,
    /// Whether before the call or after it.
    pub(crate) before: bool,
}

/// What befalls the change in a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The invocation ends after it.
    Death,
    /// It is asked of a provider, never arrives there, and the connection ends.
    RequestLost,
    /// It is asked of a provider, which does it, and the connection ends without an answer.
    AnswerLost,
}

/// What befalls one of all the changes that several invocations make together. It springs once.
#[derive(Debug)]
pub(crate) struct Trap {
    /// At which change, the first being 1; where it is about providers, only what is asked of them counts.
    change: u32,
    mishap: Mishap,
    changes: AtomicU32,
    sprung: AtomicBool,
}

impl Trap {
    /// A trap at that change.
    #[cfg(test)]
    pub(crate) fn at(change: u32, mishap: Mishap) -> Arc<Self> {
        Arc::new(Self { change, mishap, changes: AtomicU32::new(0), sprung: AtomicBool::new(false) })
    }

    /// Whether something befell somebody in it.
    #[cfg(test)]
    pub(crate) fn has_sprung(&self) -> bool {
        self.sprung.load(Ordering::Relaxed)
    }

    /// Whether it springs at that change by that mishap.
    fn springs(&self, change: Option<u32>, mishap: Mishap) -> bool {
        self.mishap == mishap && change == Some(self.change) && !self.sprung.swap(true, Ordering::Relaxed)
    }
}

/// The life of an invocation; all clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    doom: Option<Doom>,
    trap: Option<Arc<Trap>>,
    calls: AtomicU32,
    dead: AtomicBool,
    died: Notify,
}

impl Life {
    /// A life that may end by its own doom or in a trap.
    pub(crate) fn new(doom: Option<Doom>, trap: Option<Arc<Trap>>) -> Self {
        Self(Arc::new(Inner { doom, trap, ..Inner::default() }))
    }

    /// A call of AWS is about to be made. Does not return when the invocation ends here.
    pub(crate) async fn before(&self, changes: bool) -> Passing {
        match self.begin(changes, false) {
            Ok(passing) => passing,
            Err(Dead) => std::future::pending().await,
        }
    }

    /// A call of a provider is about to be made.
    ///
    /// # Errors
    /// When the invocation ends here, or has ended.
    pub(crate) fn ask(&self, changes: bool) -> Result<Passing, Dead> {
        self.begin(changes, true)
    }

    fn begin(&self, changes: bool, of_provider: bool) -> Result<Passing, Dead> {
        let call = self.0.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let trap = self.0.trap.as_ref().filter(|trap| changes && (of_provider || trap.mishap == Mishap::Death));
        let change = trap.map(|trap| trap.changes.fetch_add(1, Ordering::Relaxed) + 1);
        let passing = Passing { life: self.clone(), call, change };
        if passing.lives(true) { Ok(passing) } else { Err(Dead) }
    }

    /// Waits until it is dead.
    pub(crate) async fn died(&self) {
        self.0.died.notified().await;
    }
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Passing {
    life: Life,
    call: u32,
    /// The number of its change in the trap, if there is one.
    change: Option<u32>,
}

/// An invocation has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dead;

impl Passing {
    /// The call was made, whatever came of it. Does not return when the invocation ends here.
    pub(crate) async fn after(self) {
        if !self.end() {
            std::future::pending::<()>().await;
        }
    }

    /// The call was made; answers whether the invocation goes on.
    pub(crate) fn end(self) -> bool {
        self.lives(false)
    }

    /// Whether the request never arrives.
    pub(crate) fn loses_request(&self) -> bool {
        self.befalls(Mishap::RequestLost)
    }

    /// Whether the answer never arrives.
    pub(crate) fn loses_answer(&self) -> bool {
        self.befalls(Mishap::AnswerLost)
    }

    fn befalls(&self, mishap: Mishap) -> bool {
        self.life.0.trap.as_ref().is_some_and(|trap| trap.springs(self.change, mishap))
    }

    fn lives(&self, before: bool) -> bool {
        let inner = &self.life.0;
        let doomed = inner.doom.is_some_and(|doom| doom.before == before && doom.call == self.call);
        if doomed || (!before && self.befalls(Mishap::Death)) {
            inner.dead.store(true, Ordering::Relaxed);
            inner.died.notify_one();
        }
        !inner.dead.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MOMENT: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn an_invocation_ends_at_its_call() {
        let life = Life::new(Some(Doom { call: 2, before: false }), None);
        for ends in [false, true] {
            let passing = life.before(false).await;
            assert_eq!(tokio::time::timeout(MOMENT, passing.after()).await.is_err(), ends);
        }
        tokio::time::timeout(MOMENT, life.died()).await.unwrap();
        assert!(tokio::time::timeout(MOMENT, life.before(false)).await.is_err(), "the dead call nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trap_counts_the_changes_of_all_and_springs_once() {
        let trap = Trap::at(2, Mishap::Death);
        let (one, other) = (Life::new(None, Some(Arc::clone(&trap))), Life::new(None, Some(Arc::clone(&trap))));
        assert!(one.before(true).await.end(), "the first change");
        assert!(one.before(false).await.end(), "a look is no change");
        assert!(!other.before(true).await.end(), "the second change");
        assert!(trap.has_sprung());
        assert!(one.before(true).await.end(), "nobody dies in it again");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_lost_of_a_change_at_a_provider_alone() {
        let trap = Trap::at(1, Mishap::AnswerLost);
        let life = Life::new(None, Some(Arc::clone(&trap)));
        assert!(!life.before(true).await.loses_answer(), "a change of ours");
        assert!(!life.ask(false).unwrap().loses_answer(), "a look");
        let asked = life.ask(true).unwrap();
        assert!(!asked.loses_request() && asked.loses_answer());
        assert!(trap.has_sprung() && asked.end(), "nobody dies of it");
    }
}
