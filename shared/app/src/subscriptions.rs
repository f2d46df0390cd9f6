//! Buying a plan through PayPal, and stopping that.

use domain::account::{AccountChange, Actor, Guard};
use domain::id::{PlanId, SubscriptionId};
use domain::plan::Plan;
use domain::subscription::{PaymentMethod, Subscription, SubscriptionStatus};
use domain::{Refusal, SignedDuration};
use store::{Commit, Page, PageRequest, Pointer, PointerKind};

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::idempotency::{self, Once};
use crate::news;
use crate::parts::App;
use crate::payments::{Payment, want_cancelled};
use crate::paypal_side::open;
use crate::support::until_settled;

/// How long the request itself has to open the checkout before the sweep does it.
const OWN_TRY: SignedDuration = SignedDuration::from_mins(2);

/// The caller's subscription: the checkout under way, else the one of the plan.
///
/// # Errors
/// Only what the store says.
pub async fn current(app: &App, actor: &Actor) -> Result<Option<Subscription>, AppError> {
    let tenant = app.store.tenant(actor);
    let account = tenant.account().await?;
    if let Some(open) = &account.open_checkout
        && let Some(checkout) = tenant.subscription(open).await?.filter(|found| found.status == SubscriptionStatus::Pending)
    {
        return Ok(Some(checkout));
    }
    match account.plan {
        Some(plan) => Ok(tenant.subscription(&plan.subscription_id).await?),
        None => Ok(None),
    }
}

/// Begins a checkout: recorded first, then opened at PayPal. An open one is replaced. The same request again is the same
/// checkout.
///
/// # Errors
/// [`Refusal::PlanNotForSale`], [`Refusal::AlreadySubscribed`], [`Refusal::SalesPaused`], or what PayPal answered.
pub async fn begin(app: &App, actor: &Actor, plan: &PlanId, once: Option<&Once>) -> Result<Subscription, AppError> {
    let mut id = idempotency::id(app, once, SubscriptionId::new);
    if once.is_some_and(Once::is_again) {
        match begun_before(app, actor, &id).await? {
            Before::Nothing => {}
            Before::Refused => id = app.new_subscription_id(),
            Before::Unopened(recorded) => return open(app, *recorded).await,
            Before::Begun(begun) => return Ok(*begun),
        }
    }
    let id = &id;
    crate::solvency::check_sales(app).await?;
    let plan = until_settled(|| crate::plans::for_checkout(app, plan)).await?;
    let recorded = until_settled(|| record(app, actor, &plan, id)).await?;
    count(app, Figure::CheckoutsBegun, 1);
    open(app, recorded).await
}

/// What an earlier run of the same request left.
enum Before {
    Nothing,
    /// A checkout that PayPal refused: the request may be tried once more, as another one.
    Refused,
    /// A checkout that may not be at PayPal yet.
    Unopened(Box<Subscription>),
    Begun(Box<Subscription>),
}

async fn begun_before(app: &App, actor: &Actor, id: &SubscriptionId) -> Result<Before, AppError> {
    let (account, found) = app.store.tenant(actor).account_and_subscription(id).await?;
    let Some(found) = found.map(Box::new) else { return Ok(Before::Nothing) };
    let is_open = account.open_checkout.as_ref() == Some(id);
    Ok(match (&found.paypal.id, found.status) {
        (None, SubscriptionStatus::Pending) => Before::Unopened(found),
        (None, _) if is_open => Before::Refused,
        _ => Before::Begun(found),
    })
}

async fn record(app: &App, actor: &Actor, plan: &Plan, id: &SubscriptionId) -> Result<Subscription, AppError> {
    let tenant = app.store.tenant(actor);
    let account = tenant.account().await?;
    let running = match &account.plan {
        Some(current) => tenant.subscription(&current.subscription_id).await?,
        None => None,
    };
    let mut subscription = Subscription::begin_paypal(id.clone(), &account, plan, running.as_ref(), app.now())?;
    subscription.due_at = app.now().saturating_add(OWN_TRY).ok();
    let mut change = AccountChange::new(account.user_id.clone(), app.now());
    change.open_checkout = Some(Some(subscription.id.clone()));
    let pointer = Pointer { user_id: account.user_id.clone(), target: subscription.id.to_string() };
    let mut commit = Commit::new()
        .account(change.guarded(Guard::Version(account.version)))
        .pointer(PointerKind::Subscription, subscription.id.as_str(), pointer)
        .subscription(subscription.clone());
    if let Some(open) = &account.open_checkout
        && let Some(mut replaced) = tenant.subscription(open).await?.filter(|found| found.status == SubscriptionStatus::Pending)
    {
        replaced.end(SubscriptionStatus::Canceled, "Another checkout took its place.");
        want_cancelled(&mut replaced, app.now());
        commit = commit.subscription(replaced);
    }
    app.store.commit(commit).await?;
    subscription.version = 1;
    Ok(subscription)
}

/// Stops renewals: canceled here at once, at PayPal by a job that does not give up. The plan's limits hold
/// until it ends, the days stay.
///
/// # Errors
/// [`AppError::NotFound`]; one that has ended already.
pub async fn cancel(app: &App, actor: &Actor, id: &SubscriptionId, once: Option<&Once>) -> Result<Subscription, AppError> {
    until_settled(|| async move {
        let tenant = app.store.tenant(actor);
        let account = tenant.account().await?;
        let mut subscription = tenant.subscription(id).await?.ok_or(AppError::NotFound)?;
        if subscription.status.is_terminal() && once.is_some_and(Once::is_again) {
            return Ok(subscription);
        }
        if subscription.status.is_terminal() {
            return Err(Refusal::StateForbids("This subscription has ended already.").into());
        }
        let before = subscription.clone();
        subscription.end(SubscriptionStatus::Canceled, "It was cancelled in Daypass.");
        news::tell_staff(app, &before, &subscription).await?;
        if subscription.payment_method == PaymentMethod::Paypal {
            want_cancelled(&mut subscription, app.now());
        }
        let mut change = AccountChange::new(account.user_id.clone(), app.now());
        if account.plan.as_ref().is_some_and(|plan| plan.subscription_id == *id) {
            change.plan = Some(Some(subscription.as_current_plan()));
        }
        if account.open_checkout.as_ref() == Some(id) {
            change.open_checkout = Some(None);
        }
        let commit = Commit::new().account(change.guarded(Guard::Version(account.version))).subscription(subscription.clone());
        app.store.commit(commit).await?;
        subscription.version += 1;
        Ok(subscription)
    })
    .await
}

/// The caller's payments, newest first.
///
/// # Errors
/// A cursor of another list.
pub async fn payments(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<Payment>, AppError> {
    crate::payments::list(app, &app.store.tenant(actor), page).await
}

/// One of the caller's payments, for its receipt.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn receipt(app: &App, actor: &Actor, id: &str) -> Result<Payment, AppError> {
    /// Pages of the ledger that are looked through for one receipt.
    const MOST_PAGES: usize = 100;
    let mut page = PageRequest { limit: 100, cursor: None };
    for _ in 0..MOST_PAGES {
        let found = payments(app, actor, page).await?;
        if let Some(payment) = found.items.into_iter().find(|payment| payment.id == id) {
            return Ok(payment);
        }
        match found.next_cursor {
            Some(cursor) => page = PageRequest { limit: 100, cursor: Some(cursor) },
            None => break,
        }
    }
    Err(AppError::NotFound)
}
