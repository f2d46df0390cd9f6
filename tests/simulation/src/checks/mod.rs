//! What must be true when a story is over. Each check has a name and says in a sentence what is wrong. The truth
//! is read off the table as it lies there and off the providers' own books, not through the code that is tried.

mod days;
mod payments;
mod places;
mod work;

use std::fmt;

use app::App;
use domain::id::UserId;
use sandbox::paypal::{SaleTruth, SubscriptionTruth};
use sandbox::whapi::{ChannelTruth, Hand};

use crate::table::{Item, Whole};
use crate::world::World;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The check.
    pub(crate) check: &'static str,
    /// What is wrong.
    pub(crate) text: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.text)
    }
}

/// What all checks look at.
pub(crate) struct Scene {
    pub(crate) users: Vec<UserId>,
    pub(crate) whole: Whole,
    pub(crate) channels_there: Vec<ChannelTruth>,
    pub(crate) sales: Vec<SaleTruth>,
    pub(crate) subscriptions_there: Vec<SubscriptionTruth>,
    pub(crate) dead_letters: Vec<String>,
    pub(crate) now: jiff::Timestamp,
    /// Whether somebody's hand was in it that has no business there.
    pub(crate) strange: bool,
    /// The use cases without weather.
    pub(crate) app: App,
}

/// What was found wrong.
#[derive(Default)]
pub(crate) struct Found(Vec<Broken>);

impl Found {
    /// Something is wrong unless `holds`.
    pub(crate) fn must(&mut self, check: &'static str, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Broken { check, text: text() });
        }
    }
}

impl Scene {
    /// The scene as it is now.
    pub(crate) fn of(world: &World, users: Vec<UserId>, strange: bool) -> Self {
        let sandbox = world.outside.sandbox();
        Self {
            users,
            whole: Whole::read(&world.cloud.tables, &world.table),
            channels_there: sandbox.whapi.channels(),
            sales: sandbox.paypal.sales(),
            subscriptions_there: sandbox.paypal.all_subscriptions(),
            dead_letters: world.cloud.queue.dead(),
            now: world.clock.now(),
            strange,
            app: world.machine.app(),
        }
    }

    /// A customer's account.
    pub(crate) fn account(&self, user: &UserId) -> &Item {
        self.whole.get(&format!("USR#{user}"), "ACCOUNT").unwrap()
    }

    /// A customer's ledger.
    pub(crate) fn entries(&self, user: &UserId) -> Vec<&Item> {
        self.whole.of(user.as_str(), "LED#").collect()
    }

    /// A customer's channels, tombstones too.
    pub(crate) fn channels(&self, user: &UserId) -> Vec<&Item> {
        self.whole.of(user.as_str(), "CHN#").collect()
    }

    /// A channel's extensions.
    pub(crate) fn extensions(&self, user: &UserId, channel: &str) -> Vec<&Item> {
        self.whole.of(user.as_str(), "EXT#").filter(|extension| extension.text("channel_id") == Some(channel)).collect()
    }

    /// A customer's subscriptions.
    pub(crate) fn subscriptions(&self, user: &UserId) -> Vec<&Item> {
        self.whole.of(user.as_str(), "SUB#").collect()
    }

    /// What there is of a channel at WHAPI.
    pub(crate) fn there(&self, channel_ref: &str) -> Option<&ChannelTruth> {
        self.channels_there.iter().find(|channel| channel.id == channel_ref)
    }

    /// Whether a stranger's hand was on a channel.
    pub(crate) fn was_touched(&self, channel_ref: &str) -> bool {
        self.there(channel_ref).is_some_and(|there| {
            there.made_by == Hand::Stranger
                || there.departed.is_some_and(|departed| departed.by == Hand::Stranger)
                || there.additions.iter().any(|addition| addition.by == Hand::Stranger)
        })
    }
}

/// All that is wrong.
pub(crate) async fn all(scene: &Scene) -> Vec<Broken> {
    let mut found = Found::default();
    for user in &scene.users {
        days::sums(scene, user, &mut found);
        days::lots(scene, user, &mut found).await;
        days::extensions(scene, user, &mut found);
        places::counted(scene, user, &mut found);
        places::paid_till(scene, user, &mut found);
        places::days_there(scene, user, &mut found);
        places::returned(scene, user, &mut found);
        places::fed(scene, user, &mut found);
        payments::plan(scene, user, &mut found).await;
        payments::one_runs(scene, user, &mut found);
    }
    places::both_ways(scene, &mut found);
    payments::credits(scene, &mut found);
    payments::frozen(scene, &mut found).await;
    work::unfinished(scene, &mut found);
    work::findings(scene, &mut found);
    found.0
}
