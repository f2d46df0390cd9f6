//! A subscription and its side at PayPal: opened there, followed by reading it, cancelled until it is.
//! PayPal's events only make us look; PayPal's word, read again, is what counts.

use clients::outcome::CallError;
use clients::paypal::webhook::{self, Resource};
use clients::paypal::{NewSubscription, SubscriptionInfo, SubscriptionState, Transaction};
use domain::account::{Account, AccountChange, RENEWAL_GRACE};
use domain::due::next_attempt_at;
use domain::id::{SubscriptionId, UserId};
use domain::payment::SaleState;
use domain::subscription::{PaymentMethod, Subscription, SubscriptionStatus};
use domain::{SignedDuration, Timestamp};
use store::{Commit, Pointer, PointerKind, Tenant};

use crate::error::AppError;
use crate::inbox::Outcome;
use crate::news;
use crate::parts::App;
use crate::payments::{replace_older, settle_sale, want_cancelled};
use crate::support::{notification, until_settled};
use crate::work::Done;

/// How long a checkout may wait for its payer.
const CHECKOUT_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Until when a creation whose answer was lost is asked for again. PayPal keeps the id of a request for 72 hours
/// (its reference on idempotency); after that the same request would be another subscription.
const OPENS_WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// How often a checkout that waits for its payer is read.
const APPROVAL_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// How often a renewal that is late is read.
const LATE_PAUSE: SignedDuration = SignedDuration::from_hours(6);
/// What stands on a subscription whose last payment failed.
const FAILED_TEXT: &str = "PayPal could not take the last payment. It tries again by itself.";

/// Works on one event that PayPal signed.
pub(crate) async fn event(app: &App, raw: &[u8]) -> Result<Outcome, AppError> {
    let Ok(event) = webhook::parse(raw) else { return Ok(Outcome::Quarantined("The body could not be read.".to_owned())) };
    match &event.resource {
        Resource::Sale { id, agreement } => settle_sale(app, id, agreement.as_deref()).await,
        Resource::Refund { sale_id: Some(sale_id), .. } => settle_sale(app, sale_id, None).await,
        Resource::Refund { id, sale_id: None } => match app.paypal.refund_sale(id).await {
            Ok(Some(sale_id)) => settle_sale(app, &sale_id, None).await,
            Ok(None) => Ok(Outcome::Quarantined("A refund of no sale.".to_owned())),
            Err(error) => Ok(Outcome::Later(error.to_string())),
        },
        Resource::Subscription { id, custom_id } => subscription_event(app, id, custom_id.as_deref()).await,
        Resource::Other => Ok(Outcome::Processed(None)),
    }
}

async fn subscription_event(app: &App, paypal_id: &str, custom_id: Option<&str>) -> Result<Outcome, AppError> {
    let pointer = match app.store.pointer(PointerKind::PaypalSubscription, paypal_id).await? {
        Some(pointer) => Some(pointer),
        None => match custom_id.and_then(|custom| SubscriptionId::parse(custom).ok()) {
            Some(id) => app.store.pointer(PointerKind::Subscription, id.as_str()).await?,
            None => None,
        },
    };
    let Some(pointer) = pointer else { return Ok(Outcome::Unknown("No subscription of ours.".to_owned())) };
    let Ok(id) = SubscriptionId::parse(&pointer.target) else { return Ok(Outcome::Quarantined("A broken pointer.".to_owned())) };
    until_settled(|| look(app, &pointer.user_id, &id)).await?;
    Ok(Outcome::Processed(Some(pointer.user_id)))
}

/// Does what a subscription that is due needs.
pub(crate) async fn work(app: &App, user: &UserId, id: &SubscriptionId) -> Result<Done, AppError> {
    let due = app.store.custody(user).subscription(id).await?.and_then(|subscription| subscription.due_at);
    if due.is_none_or(|due| due > app.now()) {
        return Ok(Done::Nothing);
    }
    look(app, user, id).await
}

/// Reads it at PayPal and takes over what is so.
pub(crate) async fn look(app: &App, user: &UserId, id: &SubscriptionId) -> Result<Done, AppError> {
    let tenant = app.store.custody(user);
    let Some(subscription) = tenant.subscription(id).await?.filter(|found| found.payment_method == PaymentMethod::Paypal) else {
        return Ok(Done::Nothing);
    };
    let Some(paypal_id) = subscription.paypal.id.clone() else { return open_late(app, &tenant, subscription).await };
    match app.paypal.subscription(&paypal_id).await {
        Ok(info) if subscription.paypal.cancel_wanted => cancel(app, subscription, &info).await,
        Ok(info) => follow(app, &tenant, subscription, &info).await,
        Err(CallError::Refused(refused)) if refused.status == 404 => gone(app, &tenant, subscription).await,
        Err(_) => later(app, subscription).await,
    }
}

async fn later(app: &App, mut subscription: Subscription) -> Result<Done, AppError> {
    subscription.attempts += 1;
    subscription.due_at = Some(next_attempt_at(app.now(), subscription.attempts));
    app.store.commit(Commit::new().subscription(subscription)).await?;
    Ok(Done::Later)
}

/// A checkout whose creation at PayPal was never seen to end: the same request again is the same subscription, while
/// PayPal remembers it. After that nobody has its approval link, and what is there in spite of that can be paid by nobody.
async fn open_late(app: &App, tenant: &Tenant, mut subscription: Subscription) -> Result<Done, AppError> {
    if subscription.paypal.cancel_wanted || subscription.status.is_terminal() || subscription.created_at + OPENS_WITHIN < app.now() {
        let before = subscription.clone();
        subscription.end(SubscriptionStatus::Expired, "The checkout was not finished.");
        subscription.due_at = None;
        return commit_followed(app, tenant, &before, subscription).await;
    }
    match open(app, subscription.clone()).await {
        Ok(_) => Ok(Done::Progress),
        Err(AppError::Busy) => Err(AppError::Busy),
        Err(_) => later(app, subscription).await,
    }
}

/// Creates it at PayPal, with its own id as the request's, and saves PayPal's id and the approval link.
///
/// # Errors
/// What PayPal answered; a refusal ends the checkout.
pub(crate) async fn open(app: &App, mut subscription: Subscription) -> Result<Subscription, AppError> {
    let public = app.settings.public_url.as_str().trim_end_matches('/');
    let wanted = NewSubscription {
        request_id: subscription.id.to_string(),
        plan_id: subscription.terms.paypal_plan_id.clone().unwrap_or_default(),
        custom_id: subscription.id.to_string(),
        return_url: format!("{public}/subscription/return?subscription={}", subscription.id),
        cancel_url: format!("{public}/plans?canceled={}", subscription.id),
    };
    match app.paypal.create_subscription(&wanted).await {
        Ok(opened) => {
            let pointer = Pointer { user_id: subscription.user_id.clone(), target: subscription.id.to_string() };
            subscription.paypal.id = Some(opened.id.clone());
            subscription.paypal.approval_url = opened.approval_url;
            subscription.paypal.status = Some(opened.status);
            subscription.due_at = app.now().saturating_add(APPROVAL_PAUSE).ok();
            subscription.attempts = 0;
            subscription.updated_at = app.now();
            let commit = Commit::new().pointer(PointerKind::PaypalSubscription, &opened.id, pointer).subscription(subscription.clone());
            app.store.commit(commit).await?;
            subscription.version += 1;
            Ok(subscription)
        }
        Err(error) => {
            if let CallError::Refused(refused) = &error {
                subscription.end(SubscriptionStatus::Canceled, &refused.message);
                subscription.due_at = None;
                app.store.commit(Commit::new().subscription(subscription)).await?;
            }
            Err(AppError::call(crate::Provider::Paypal, &error))
        }
    }
}

/// Cancels at PayPal what can be; what waits for approval is watched until it can.
async fn cancel(app: &App, mut subscription: Subscription, info: &SubscriptionInfo) -> Result<Done, AppError> {
    note(&mut subscription, info, app.now());
    match info.state {
        SubscriptionState::Active | SubscriptionState::Suspended => {
            match app.paypal.cancel_subscription(&info.id, "Cancelled in Daypass").await {
                Ok(()) => finish_cancel(app, subscription).await,
                Err(_) => later(app, subscription).await,
            }
        }
        SubscriptionState::Cancelled | SubscriptionState::Expired => finish_cancel(app, subscription).await,
        _ if subscription.created_at + CHECKOUT_LIFE * 4 < app.now() => finish_cancel(app, subscription).await,
        _ => {
            subscription.due_at = app.now().saturating_add(APPROVAL_PAUSE).ok();
            app.store.commit(Commit::new().subscription(subscription)).await?;
            Ok(Done::Later)
        }
    }
}

async fn finish_cancel(app: &App, mut subscription: Subscription) -> Result<Done, AppError> {
    subscription.due_at = None;
    subscription.updated_at = app.now();
    app.store.commit(Commit::new().subscription(subscription)).await?;
    Ok(Done::Progress)
}

fn note(subscription: &mut Subscription, info: &SubscriptionInfo, now: Timestamp) {
    subscription.paypal.status = Some(info.state.text().to_owned());
    subscription.paypal.next_billing_at = info.next_billing_at;
    subscription.paypal.failed_payments = info.failed_payments;
    subscription.attempts = 0;
    subscription.updated_at = now;
}

/// Takes over PayPal's word.
async fn follow(app: &App, tenant: &Tenant, mut subscription: Subscription, info: &SubscriptionInfo) -> Result<Done, AppError> {
    let now = app.now();
    let before = subscription.clone();
    note(&mut subscription, info, now);
    match info.state {
        SubscriptionState::Active => subscription.activate(now),
        SubscriptionState::Cancelled => subscription.end(SubscriptionStatus::Canceled, "It was cancelled at PayPal."),
        SubscriptionState::Expired => subscription.end(SubscriptionStatus::Expired, "It ended at PayPal."),
        SubscriptionState::Suspended => subscription.note = Some("PayPal suspended it after failed payments.".to_owned()),
        _ => {}
    }
    expire_late(&mut subscription, info, now);
    subscription.due_at = next_look(&subscription, now);
    note_failure(&mut subscription, info);
    commit_followed(app, tenant, &before, subscription).await
}

/// Says that a payment failed while PayPal goes on trying, and takes it back when one succeeded.
fn note_failure(subscription: &mut Subscription, info: &SubscriptionInfo) {
    if info.state == SubscriptionState::Active && info.is_failing() {
        subscription.note = Some(FAILED_TEXT.to_owned());
    } else if subscription.note.as_deref() == Some(FAILED_TEXT) {
        subscription.note = None;
    }
}

/// Past its end and its grace, and PayPal does not call it active: it is over.
fn expire_late(subscription: &mut Subscription, info: &SubscriptionInfo, now: Timestamp) {
    let over = subscription.end_at.is_some_and(|end| end + RENEWAL_GRACE < now);
    if over && info.state != SubscriptionState::Active {
        subscription.end(SubscriptionStatus::Expired, "It was not paid any more.");
        if info.state == SubscriptionState::Suspended {
            // PayPal would go on with it as soon as somebody reactivates it there.
            want_cancelled(subscription, now);
        }
    }
    if subscription.status == SubscriptionStatus::Pending && subscription.created_at + CHECKOUT_LIFE < now {
        subscription.end(SubscriptionStatus::Expired, "The checkout was not finished.");
        want_cancelled(subscription, now);
    }
}

fn next_look(subscription: &Subscription, now: Timestamp) -> Option<Timestamp> {
    match (subscription.status, subscription.end_at) {
        (SubscriptionStatus::Pending, _) => now.saturating_add(APPROVAL_PAUSE).ok(),
        (SubscriptionStatus::Active, Some(end)) if end > now => Some(end),
        (SubscriptionStatus::Active, _) => now.saturating_add(LATE_PAUSE).ok(),
        _ if subscription.paypal.cancel_wanted => Some(now),
        _ => None,
    }
}

async fn commit_followed(app: &App, tenant: &Tenant, before: &Subscription, mut subscription: Subscription) -> Result<Done, AppError> {
    let account = tenant.account().await?;
    let now = app.now();
    let mut commit = Commit::new();
    let mut change = AccountChange::new(account.user_id.clone(), now);
    let is_current = account.plan.as_ref().is_some_and(|plan| plan.subscription_id == subscription.id);
    let becomes = subscription.status == SubscriptionStatus::Active && !is_current;
    if becomes && subscription.wins_over(account.plan.as_ref()) {
        commit = replace_older(app, tenant, &account, &subscription, commit).await?;
        change.plan = Some(Some(subscription.as_current_plan()));
    } else if becomes {
        subscription.end(SubscriptionStatus::Canceled, "A newer plan is active.");
        want_cancelled(&mut subscription, now);
    } else if is_current && account.plan.as_ref() != Some(&subscription.as_current_plan()) {
        change.plan = Some(Some(subscription.as_current_plan()));
    }
    if account.open_checkout.as_ref() == Some(&subscription.id) && subscription.status != SubscriptionStatus::Pending {
        change.open_checkout = Some(None);
    }
    if change.plan.is_some() || change.open_checkout.is_some() {
        commit = commit.account(change.guarded(domain::account::Guard::Version(account.version)));
    }
    if let Some(text) = news::for_customer(before, &subscription) {
        commit = commit.notification(notification(app, &account.user_id, "subscription.changed", text));
    }
    news::tell_staff(app, before, &subscription).await?;
    app.store.commit(commit.subscription(subscription)).await?;
    Ok(Done::Progress)
}

/// PayPal does not know it any more: an old checkout, or something for a person.
async fn gone(app: &App, tenant: &Tenant, mut subscription: Subscription) -> Result<Done, AppError> {
    if subscription.status == SubscriptionStatus::Active {
        let text = format!("PayPal does not know {} ({:?}) any more.", subscription.id, subscription.paypal.id);
        crate::support::find(
            app,
            format!("subscription:{}", subscription.id),
            "subscription.gone",
            text,
            "Look for it at PayPal.",
            Some(&subscription.user_id),
        )
        .await?;
        return later(app, subscription).await;
    }
    let before = subscription.clone();
    subscription.end(SubscriptionStatus::Expired, "The checkout was not finished.");
    subscription.due_at = None;
    commit_followed(app, tenant, &before, subscription).await
}

/// Reads the sales of a subscription since `from` and settles each (PAY-6). Of what was made before `recent` only that is
/// read again which the list does not call completed: it may have gone back.
pub(crate) async fn settle_sales(app: &App, subscription: &Subscription, from: Timestamp, recent: Timestamp) -> Result<(), AppError> {
    let Some(paypal_id) = subscription.paypal.id.as_deref() else { return Ok(()) };
    let until = app.now().saturating_add(SignedDuration::from_mins(5)).unwrap_or(Timestamp::MAX);
    let Ok(sales) = app.paypal.transactions(paypal_id, from, until).await else { return Ok(()) };
    let is_settled = |sale: &Transaction| sale.state == SaleState::Completed && sale.at.is_some_and(|at| at < recent);
    for sale in sales.iter().filter(|sale| !is_settled(sale)) {
        settle_sale(app, &sale.id, Some(paypal_id)).await?;
    }
    Ok(())
}

/// Whether the account has nothing of this subscription to lose by forgetting it.
pub(crate) fn is_over(account: &Account, subscription: &Subscription) -> bool {
    subscription.status.is_terminal() && account.plan.as_ref().is_none_or(|plan| plan.subscription_id != subscription.id)
}
