//! A sale at PayPal becomes days, once: it is read again there, judged, and credited in one commit whose
//! entry has the sale as its unique cause.

use clients::outcome::CallError;
use clients::paypal::SaleInfo;
use domain::account::{Account, AccountChange, Guard};
use domain::channel::beyond_limit;
use domain::id::{SubscriptionId, UserId};
use domain::ledger::{Cause, EntryKind};
use domain::lots::Lots;
use domain::payment::{Sale, Verdict, credit, freeze, judge};
use domain::subscription::{Subscription, SubscriptionStatus};
use domain::{Days, Money, SignedDuration, Timestamp};
use store::{Commit, Page, PageRequest, PointerKind, Tenant};

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::inbox::Outcome;
use crate::parts::App;
use crate::support::{days_text, find, is_repeat, notification, until_settled};

/// A payment as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The id of its credit in the ledger.
    pub id: String,
    /// When it was credited.
    pub paid_at: Timestamp,
    /// The plan, as bought.
    pub plan_name: String,
    /// What was charged.
    pub amount: Money,
    /// The price in dinars.
    pub price: Money,
    /// The days that it gave.
    pub days: Days,
    /// How it was paid.
    pub method: &'static str,
    /// What it paid for.
    pub subscription_id: SubscriptionId,
    /// The payment's reference at the one who took it.
    pub reference: String,
}

/// How long a sale may be ahead of what we know of its subscription, before a person has to look.
const AHEAD_OF_US: SignedDuration = SignedDuration::from_mins(5);

/// Settles a sale by what PayPal says of it now. `agreement` is the subscription that an event named.
pub(crate) async fn settle_sale(app: &App, sale_id: &str, agreement: Option<&str>) -> Result<Outcome, AppError> {
    let info = match app.paypal.sale(sale_id).await {
        Ok(info) => info,
        Err(CallError::Refused(refused)) if refused.status == 404 => {
            return Ok(Outcome::Later("PayPal does not know this sale.".to_owned()));
        }
        Err(error) => return Ok(Outcome::Later(error.to_string())),
    };
    let Some(agreement) = info.agreement.as_deref().or(agreement) else {
        return Ok(Outcome::Processed(None));
    };
    match owner(app, agreement).await? {
        Owner::Known(user, subscription) => until_settled(|| settle_known(app, &info, &user, &subscription)).await,
        Owner::Nobody => nobodys(app, &info.sale, agreement).await,
        Owner::Unasked(why) => Ok(Outcome::Later(why)),
    }
}

/// Whose subscription a sale is of.
enum Owner {
    Known(UserId, SubscriptionId),
    Nobody,
    /// PayPal could not be asked.
    Unasked(String),
}

/// Whose subscription that is: by PayPal's id, or by ours if its answer was never saved.
async fn owner(app: &App, agreement: &str) -> Result<Owner, AppError> {
    let pointer = app.store.pointer(PointerKind::PaypalSubscription, agreement).await?;
    let pointer = match pointer {
        Some(pointer) => Some(pointer),
        None => match app.paypal.subscription(agreement).await {
            Ok(info) => app.store.pointer(PointerKind::Subscription, info.custom_id.as_deref().unwrap_or_default()).await?,
            Err(error) if error.is_not_found() => None,
            Err(error) => return Ok(Owner::Unasked(error.to_string())),
        },
    };
    let known = pointer.and_then(|pointer| SubscriptionId::parse(&pointer.target).ok().map(|id| (pointer.user_id, id)));
    Ok(known.map_or(Owner::Nobody, |(user, id)| Owner::Known(user, id)))
}

/// The sale may be ahead of us, so it is looked at again; when it still is nobody's, a person has to look.
async fn nobodys(app: &App, sale: &Sale, agreement: &str) -> Result<Outcome, AppError> {
    if app.now().duration_since(sale.made_at) >= AHEAD_OF_US {
        let text = format!("Sale {} of {} belongs to {agreement}, which is no subscription of ours.", sale.id, sale.amount);
        let remedy = "Find out at PayPal who paid, then credit or refund by hand.";
        find(app, format!("sale:{}", sale.id), "sale.unknown_subscription", text, remedy, None).await?;
    }
    Ok(Outcome::Unknown("The subscription is not known yet.".to_owned()))
}

async fn settle_known(app: &App, info: &SaleInfo, user: &UserId, id: &SubscriptionId) -> Result<Outcome, AppError> {
    let tenant = app.store.custody(user);
    let (account, subscription) = tenant.account_and_subscription(id).await?;
    let Some(subscription) = subscription else {
        return Ok(Outcome::Later("The subscription is not there yet.".to_owned()));
    };
    let sale = &info.sale;
    match judge(sale, &subscription) {
        Verdict::Counts => credit_sale(app, &tenant, &account, subscription, sale).await?,
        Verdict::WentBack => freeze_sale(app, &tenant, &account, sale).await?,
        Verdict::NotYet | Verdict::Nothing => {}
        Verdict::ForAPerson(kind) => {
            let text = format!(
                "Sale {} of {} for {}: {:?}; its terms say {:?}.",
                sale.id, sale.amount, subscription.id, sale.state, subscription.terms.charged
            );
            find(app, format!("sale:{}", sale.id), kind, text, "Compare it with PayPal, then grant days or refund.", Some(user)).await?;
        }
    }
    Ok(Outcome::Processed(Some(user.clone())))
}

async fn credit_sale(app: &App, tenant: &Tenant, account: &Account, subscription: Subscription, sale: &Sale) -> Result<(), AppError> {
    let now = app.now();
    let mut credited = credit(account, subscription, sale, app.new_entry_id(), now);
    let mut commit = Commit::new();
    if credited.is_current {
        commit = replace_older(app, tenant, account, &credited.subscription, commit).await?;
    } else {
        lose(&mut credited.subscription, now);
    }
    let days = credited.entry.days;
    let text = format!("{} arrived for your {} plan.", days_text(days), credited.subscription.terms.plan_name);
    let commit = commit
        .notification(notification(app, &account.user_id, "payment.credited", text))
        .account(credited.change)
        .entry(credited.entry)
        .subscription(credited.subscription);
    match app.store.commit(commit).await {
        Err(error) if is_repeat(&error) => {
            tracing::info!(sale = sale.id, "this sale is credited already");
            Ok(())
        }
        other => {
            other?;
            count(app, Figure::PaymentsCredited, 1);
            count(app, Figure::DaysCredited, days.count());
            Ok(())
        }
    }
}

/// The subscription that had the account's plan until now ends, here at once and at PayPal by a job.
pub(crate) async fn replace_older(
    app: &App,
    tenant: &Tenant,
    account: &Account,
    winner: &Subscription,
    commit: Commit,
) -> Result<Commit, AppError> {
    let older = account.plan.as_ref().map(|plan| &plan.subscription_id).filter(|id| **id != winner.id);
    let Some(older) = older else { return Ok(commit) };
    let Some(mut old) = tenant.subscription(older).await? else { return Ok(commit) };
    if old.status.is_terminal() && (old.paypal.cancel_wanted || old.paypal.id.is_none()) {
        return Ok(commit);
    }
    old.end(SubscriptionStatus::Canceled, "Another plan took its place.");
    want_cancelled(&mut old, app.now());
    tell_beyond(app, tenant, account, winner, commit.subscription(old)).await
}

/// A smaller plan: the customer is told which channels will not renew by themselves (PLAN-6).
async fn tell_beyond(app: &App, tenant: &Tenant, account: &Account, winner: &Subscription, commit: Commit) -> Result<Commit, AppError> {
    if winner.terms.limits.channels.is_none_or(|limit| account.channels_used <= limit) {
        return Ok(commit);
    }
    let after = Account { plan: Some(winner.as_current_plan()), ..account.clone() };
    let channels = tenant.all_channels().await?;
    let over = beyond_limit(&after, &channels, app.now());
    let names: Vec<_> = channels.iter().filter(|channel| over.contains(&channel.id)).map(|channel| format!("“{}”", channel.name)).collect();
    let text = format!(
        "Your {} plan has fewer channels than you use. These go on but will not renew by themselves: {}.",
        winner.terms.plan_name,
        names.join(", ")
    );
    Ok(commit.notification(notification(app, &account.user_id, "plan.channels_beyond", text)))
}

/// A subscription that came second: what it was paid counts, but it changes no plan and is cancelled.
fn lose(subscription: &mut Subscription, now: Timestamp) {
    if !subscription.status.is_terminal() {
        subscription.end(SubscriptionStatus::Canceled, "A newer plan is active.");
        want_cancelled(subscription, now);
    }
}

/// Has a job cancel it at PayPal, which does not give up until it is.
pub(crate) fn want_cancelled(subscription: &mut Subscription, now: Timestamp) {
    subscription.paypal.cancel_wanted = true;
    subscription.due_at = Some(now);
    subscription.attempts = 0;
    subscription.updated_at = now;
}

/// What is unspent of a sale that went back cannot be spent until an admin releases it.
async fn freeze_sale(app: &App, tenant: &Tenant, account: &Account, sale: &Sale) -> Result<(), AppError> {
    let entries = tenant.all_entries().await?;
    let frozen = Cause::freeze(&sale.id);
    if entries.iter().any(|entry| entry.cause == frozen) {
        return Ok(());
    }
    let Some(entry) = freeze(account, &Lots::fold(&entries), &sale.id, app.new_entry_id(), app.now()) else { return Ok(()) };
    let mut change = AccountChange::new(account.user_id.clone(), app.now());
    change.add_entry(&entry);
    change.refunds = 1;
    let text = format!("A payment went back at PayPal. {} of it were not used and cannot be spent.", days_text(entry.days));
    let commit = Commit::new()
        .account(change.guarded(Guard::Version(account.version)))
        .notification(notification(app, &account.user_id, "payment.refunded", text))
        .entry(entry.clone());
    app.store.commit(commit).await?;
    count(app, Figure::DaysFrozen, entry.days.count());
    let text = format!("Sale {} of {} went back; {} frozen.", sale.id, account.user_id, days_text(entry.days));
    find(
        app,
        format!("refund:{}", sale.id),
        "sale.went_back",
        text,
        "Look at it; release the days if they are the customer's.",
        Some(&account.user_id),
    )
    .await
}

/// The payments of an account, newest first.
pub(crate) async fn list(app: &App, tenant: &Tenant, page: PageRequest) -> Result<Page<Payment>, AppError> {
    let _ = app;
    let entries = tenant.entries(page).await?;
    let mut items = Vec::new();
    for entry in entries.items.iter().filter(|entry| entry.kind == EntryKind::Credit) {
        let Some(id) = &entry.subscription_id else { continue };
        let Some(subscription) = tenant.subscription(id).await? else { continue };
        items.push(Payment {
            id: entry.id.to_string(),
            paid_at: entry.at,
            plan_name: subscription.terms.plan_name.clone(),
            amount: subscription.terms.charged.unwrap_or(subscription.terms.price),
            price: subscription.terms.price,
            days: entry.days,
            method: subscription.payment_method.word(),
            subscription_id: id.clone(),
            reference: entry.cause.as_str().split_once(':').map(|(_, reference)| reference.to_owned()).unwrap_or_default(),
        });
    }
    Ok(Page { items, next_cursor: entries.next_cursor })
}
