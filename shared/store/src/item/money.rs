//! Plans, subscriptions and the ledger.

use domain::due::DueKind;
use domain::ledger::Entry;
use domain::plan::Plan;
use domain::subscription::{PaypalSide, Subscription, Terms};

use super::field::nested;
use super::stored;
use crate::key::Key;

nested!(Terms { plan_id, plan_name, price, charged, days, limits, lapse_after, paypal_plan_id });
nested!(PaypalSide { id, approval_url, status, next_billing_at, failed_payments, cancel_wanted });

stored!(Plan {
    id, name, price, charged, billing_period, limits, lapse_after, features, paypal_product_id, paypal_plan_id, request_type, is_active,
    created_at, updated_at, version,
}, key(plan) Key::Plan(plan.id.clone()));

stored!(Subscription {
    id, user_id, terms, status, payment_method, paypal, replaces, start_at, end_at, paid_periods, offline_reference, approved_by, approved_at,
    note, due_at, attempts, created_at, updated_at, version,
}, key(subscription) Key::Subscription(subscription.user_id.clone(), subscription.id.clone()),
   due subscription.due_at.map(|at| (DueKind::Subscription, at)));

stored!(Entry {
    id, user_id, at, kind, days, cause, channel_id, subscription_id, lot_id, lapses_at, note, by,
}, key(entry) Key::Entry(entry.user_id.clone(), entry.id.clone()));
