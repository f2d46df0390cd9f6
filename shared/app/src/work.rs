//! One job of the queue: look at the record that it names and do what it needs now. A job is only a hint:
//! the record decides, so a job that comes twice or late does no harm.

use domain::channel::{Channel, Need};
use domain::id::{ChannelId, UserId};
use store::{Job, Target};

use crate::error::AppError;
use crate::parts::App;
use crate::support::until_settled;
use crate::{deletion, funding, inbox, linking, paypal_side, provision, reconcile_paypal, settle, solvency};

/// The most steps that one job takes on one record before it leaves the rest to the next.
const MOST_STEPS: usize = 6;

/// What a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// There was nothing to do.
    Nothing,
    /// Something was done.
    Progress,
    /// It is to be looked at again; the record says when.
    Later,
}

/// Does one job.
///
/// # Errors
/// An [`AppError`] that another try may mend: the message comes again.
pub async fn run(app: &App, job: &Job) -> Result<Done, AppError> {
    let target = job.target().map_err(|error| AppError::Corrupt(error.to_string()))?;
    match target {
        Target::Inbox { provider, event_id } => inbox::work(app, &provider, &event_id).await,
        Target::Account(user) => until_settled(|| funding::work(app, &user)).await,
        Target::Subscription(user, id) => until_settled(|| paypal_side::work(app, &user, &id)).await,
        Target::Channel(user, id) => channel(app, &user, &id).await,
        Target::Extension(user, channel, id) => settle::work(app, &user, &channel, &id).await,
        Target::Rollup(user) => until_settled(|| solvency::roll_up(app, &user)).await,
        Target::Reconcile(user) => reconcile_paypal::one(app, &user).await,
    }
}

/// Takes a channel's due steps one after the other.
async fn channel(app: &App, user: &UserId, id: &ChannelId) -> Result<Done, AppError> {
    let mut done = Done::Nothing;
    for _ in 0..MOST_STEPS {
        match until_settled(|| step(app, user, id)).await? {
            Done::Progress => done = Done::Progress,
            last => return Ok(if done == Done::Progress { done } else { last }),
        }
    }
    Ok(done)
}

async fn step(app: &App, user: &UserId, id: &ChannelId) -> Result<Done, AppError> {
    let Some(channel) = app.store.custody(user).channel(id).await? else { return Ok(Done::Nothing) };
    match channel.next_need() {
        Some((need, at)) if at <= app.now() => take(app, channel, need).await,
        Some(_) => Ok(Done::Later),
        None => Ok(Done::Nothing),
    }
}

async fn take(app: &App, channel: Channel, need: Need) -> Result<Done, AppError> {
    match need {
        Need::Provision => provision::create(app, channel).await,
        Need::Confirm => provision::confirm(app, channel).await,
        Need::SetWebhooks => provision::set_webhooks(app, channel).await,
        Need::SetMode => provision::set_mode(app, channel).await,
        Need::WatchLink => linking::watch(app, channel).await,
        Need::Renew => provision::renew(app, channel).await,
        Need::Expire => provision::expire(app, channel).await,
        Need::Delete => deletion::go_on(app, channel).await,
    }
}
