//! Every night PayPal is asked about subscriptions and payments, so that a lost webhook costs nobody days.

use domain::id::UserId;
use domain::subscription::Subscription;
use domain::{SignedDuration, Timestamp};
use store::{Job, PageRequest, Target};

use crate::audit::Everybody;
use crate::error::AppError;
use crate::parts::App;
use crate::paypal_side::{is_over, look, settle_sales};
use crate::schedule;
use crate::support::until_settled;
use crate::work::Done;

/// How far back sales are looked for at least: one completes days after it was made, under its old time.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(45 * 24);
/// How far back payments that went back are looked for: a payment may be returned for 180 days, and be heard of later.
const RETURNS_BACK: SignedDuration = SignedDuration::from_hours(190 * 24);
/// By how much PayPal's times may be before ours: they are whole seconds, of another clock.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);
/// Subscriptions of one customer that are looked at.
const MOST_SUBSCRIPTIONS: usize = 100;

/// Has everybody asked about, each by a job of its own: however many they are, no run takes long.
pub(crate) async fn run(app: &App) -> Result<(), AppError> {
    let mut everybody = Everybody::of(app);
    while let Some(users) = everybody.next().await? {
        let jobs: Vec<Job> = users.into_iter().map(|user| Job::from(&Target::Reconcile(user))).collect();
        schedule::queue(app, &jobs).await?;
    }
    Ok(())
}

/// Asks about one customer.
pub(crate) async fn one(app: &App, user: &UserId) -> Result<Done, AppError> {
    let tenant = app.store.custody(user);
    let account = tenant.account().await?;
    let found = tenant.subscriptions(PageRequest { limit: MOST_SUBSCRIPTIONS, cursor: None }).await?;
    let from = app.now().saturating_sub(RETURNS_BACK).unwrap_or(Timestamp::MIN);
    for subscription in found.items.iter().filter(|found| found.paypal.id.is_some()) {
        if is_over(&account, subscription) && subscription.updated_at < from {
            continue;
        }
        if let Err(error) = ask(app, user, subscription, from).await {
            tracing::warn!(subscription = %subscription.id, %error, "a subscription could not be reconciled tonight");
        }
    }
    Ok(Done::Progress)
}

async fn ask(app: &App, user: &UserId, subscription: &Subscription, from: Timestamp) -> Result<(), AppError> {
    let unsettled = subscription.unsettled_from().saturating_sub(CLOCKS_DIFFER).unwrap_or(Timestamp::MIN);
    let recent = app.now().saturating_sub(LOOK_BACK).unwrap_or(Timestamp::MIN).min(unsettled);
    settle_sales(app, subscription, from.min(unsettled), recent).await?;
    until_settled(|| look(app, user, &subscription.id)).await?;
    Ok(())
}
