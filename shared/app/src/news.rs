//! What people are told when a subscription changed: its customer in a notification, staff on their list (PAY-5).
//! Staff are told before the change is committed: what PayPal said is so, whoever commits it first.

use domain::subscription::{Subscription, SubscriptionStatus};

use crate::error::AppError;
use crate::parts::App;
use crate::support::tell;

/// What there is for staff to do about most of it.
const NOTHING_TO_DO: &str = "Nothing has to be done: days that were bought stay. Write to the customer if you would like to.";
/// What there is to do about a payment that PayPal tries again.
const PAYPAL_TRIES: &str = "PayPal tries again by itself. Write to the customer if it goes on.";

/// What the customer is told.
pub(crate) fn for_customer(before: &Subscription, after: &Subscription) -> Option<String> {
    let plan = &after.terms.plan_name;
    if after.status != before.status {
        return match after.status {
            SubscriptionStatus::Active => Some(format!("Your {plan} plan is active.")),
            SubscriptionStatus::Canceled => Some(format!("Your {plan} plan was cancelled. It holds until its end; your days stay.")),
            SubscriptionStatus::Expired if before.status == SubscriptionStatus::Active => Some(format!("Your {plan} plan has ended.")),
            _ => None,
        };
    }
    is_failing(before, after).then(|| format!("{plan}: {}", after.note.as_deref().unwrap_or("a payment failed.")))
}

/// Whether a payment failed, or PayPal stopped trying.
fn is_failing(before: &Subscription, after: &Subscription) -> bool {
    after.paypal.failed_payments > before.paypal.failed_payments || (after.note != before.note && after.note.is_some())
}

/// Something that staff are told: its kind, what happened, what there is to do.
struct News(&'static str, &'static str, &'static str);

fn for_staff(before: &Subscription, after: &Subscription) -> Option<News> {
    let was_running = before.status == SubscriptionStatus::Active;
    match after.status {
        SubscriptionStatus::Canceled if was_running => Some(News("subscription.canceled", "was cancelled", NOTHING_TO_DO)),
        SubscriptionStatus::Expired if was_running => Some(News("subscription.expired", "has ended", NOTHING_TO_DO)),
        SubscriptionStatus::Active if was_running && is_failing(before, after) => {
            Some(News("subscription.failing", "could not be charged", PAYPAL_TRIES))
        }
        _ => None,
    }
}

/// Puts a change on the staff's list: once for each period that was paid, however often it is heard of.
pub(crate) async fn tell_staff(app: &App, before: &Subscription, after: &Subscription) -> Result<(), AppError> {
    let Some(News(kind, what, remedy)) = for_staff(before, after) else { return Ok(()) };
    let plan = &after.terms.plan_name;
    let why = after.note.as_deref().map_or_else(String::new, |note| format!(" {note}"));
    let text = format!("The {plan} plan of {} ({}) {what}.{why}", after.user_id, after.id);
    let key = format!("{kind}:{}:{}", after.id, after.paid_periods);
    tell(app, key, kind, text, remedy, Some(&after.user_id)).await.map(drop)
}
