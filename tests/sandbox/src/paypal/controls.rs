//! What the payer and the vendor do, as methods: the local stack serves them under `/local/paypal/…`, tests call them.
//!
//! An id may be the subscription's own (`I-…`), its `custom_id`, its approval token, or the id of one of its sales.
//! Each answers with the subscription as it then is. Serves no route.

use serde_json::{Value, json};

use super::event::Kind;
use super::money::Money;
use super::payments;
use super::sale::{self, Hold, Sale, SaleState};
use super::subscription::{Status, Subscription};
use super::world::{Desk, World};
use super::{Paypal, approval, billing, delivery, lifecycle, subscription_view, times};
use crate::control::{ControlError, ControlResult};

/// The most rounds of one resend.
const MOST_ROUNDS: u32 = 100;

impl Paypal {
    /// The payer approves what waits behind the link: the subscription, or a change of it. `return_url` is where the browser would go.
    ///
    /// # Errors
    /// Unknown id; nothing waits for approval.
    pub fn approve(&self, id: &str) -> ControlResult {
        self.service.desk(|desk| {
            let subscription = find(desk.world, id)?;
            if subscription.gone {
                return Err(ControlError::impossible("the approval link has expired"));
            }
            let waits = subscription.status == Status::ApprovalPending || subscription.revision.is_some();
            if !waits {
                return Err(refused(&subscription, "approved"));
            }
            let return_url = approval::approve(desk, &subscription);
            Ok(with(shown(desk.world, &subscription.id), "return_url", json!(return_url)))
        })
    }

    /// The payer looks at what waits and goes back without approving, which changes nothing. `cancel_url` is where the browser would go.
    ///
    /// # Errors
    /// Unknown id; nothing waits for approval.
    pub fn decline(&self, id: &str) -> ControlResult {
        self.service.look(|world, _| {
            let subscription = find(world, id)?;
            if subscription.gone || (subscription.status != Status::ApprovalPending && subscription.revision.is_none()) {
                return Err(refused(&subscription, "declined"));
            }
            let cancel_url = approval::back(&subscription, approval::context(&subscription), false);
            Ok(with(shown(world, &subscription.id), "cancel_url", json!(cancel_url)))
        })
    }

    /// The payer cancels in their own account. What waits for approval cannot be cancelled.
    ///
    /// # Errors
    /// Unknown id; not active or suspended.
    pub fn cancel(&self, id: &str) -> ControlResult {
        self.when(id, &[Status::Active, Status::Suspended], "cancelled", |desk, subscription| {
            lifecycle::cancel_now(desk, &subscription.id, Some("Cancelled by the payer".to_owned()));
            Ok(())
        })
    }

    /// The payer, or the vendor, suspends it.
    ///
    /// # Errors
    /// Unknown id; not active.
    pub fn suspend(&self, id: &str) -> ControlResult {
        self.when(id, &[Status::Active], "suspended", |desk, subscription| {
            lifecycle::suspend_now(desk, &subscription.id, None);
            Ok(())
        })
    }

    /// The next payment (or the retry of a failed one) is taken now, with success. Due times after it stay on their days.
    ///
    /// # Errors
    /// Unknown id; not active; nothing left to be billed.
    pub fn renew(&self, id: &str) -> ControlResult {
        self.bill_now(id, false)
    }

    /// The next payment (or the retry of a failed one) is tried now and refused; so is every later one until [`Paypal::renew`].
    ///
    /// # Errors
    /// Unknown id; not active; nothing left to be billed.
    pub fn fail_payment(&self, id: &str) -> ControlResult {
        self.bill_now(id, true)
    }

    /// The payer's funding is in order again: what is tried from now on succeeds. Bills nothing by itself.
    ///
    /// # Errors
    /// Unknown id; ended.
    pub fn mend(&self, id: &str) -> ControlResult {
        self.when(id, &[Status::Active, Status::Suspended], "mended", |desk, subscription| {
            billing::change(desk, &subscription.id, |subscription| {
                subscription.declining = false;
            });
            Ok(())
        })
    }

    fn bill_now(&self, id: &str, declining: bool) -> ControlResult {
        self.when(id, &[Status::Active], "billed", |desk, subscription| {
            if subscription.next_billing.is_none() {
                return Err(ControlError::impossible("nothing is left to be billed"));
            }
            billing::change(desk, &subscription.id, |subscription| subscription.declining = declining);
            billing::bill(desk, &subscription.id);
            Ok(())
        })
    }

    /// The merchant gives back the newest sale (or the one named), all of it or `amount`, a decimal in its currency.
    ///
    /// # Errors
    /// Unknown id; nothing that could be given back; not that much.
    pub fn refund(&self, id: &str, amount: Option<&str>) -> ControlResult {
        self.give_back(id, amount, false)
    }

    /// The vendor takes the newest sale (or the one named) back by force, all of it or `amount`.
    ///
    /// # Errors
    /// Unknown id; nothing that could be taken back; not that much.
    pub fn reverse(&self, id: &str, amount: Option<&str>) -> ControlResult {
        self.give_back(id, amount, true)
    }

    fn give_back(&self, id: &str, amount: Option<&str>, reversal: bool) -> ControlResult {
        self.service.desk(|desk| {
            let subscription = find(desk.world, id)?;
            let sale = paid(desk.world, &subscription, id).ok_or_else(|| ControlError::impossible("there is no payment to give back"))?;
            let left = sale.amount.plus(-sale.refunded);
            let amount = amount.map_or(Ok(left.clone()), |text| Money::parse(&left.currency, text));
            let amount = amount.map_err(|_| ControlError::impossible("the amount is not a sum in the sale's currency"))?;
            if amount.minor <= 0 || amount.minor > left.minor {
                return Err(ControlError::impossible("that much is not left of the payment"));
            }
            let refund_id = payments::return_money(desk, &sale.id, amount, None, reversal);
            let answer = with(shown(desk.world, &subscription.id), "refund_id", json!(refund_id));
            Ok(with(answer, "sale_id", json!(sale.id)))
        })
    }

    /// The vendor will hold back the next sale: it is told as pending, and as completed once [`Paypal::release`]d.
    ///
    /// # Errors
    /// Unknown id; nothing more will be billed.
    pub fn hold_next_sale(&self, id: &str) -> ControlResult {
        let before = [Status::ApprovalPending, Status::Approved, Status::Active];
        self.when(id, &before, "held", |desk, subscription| {
            billing::change(desk, &subscription.id, |subscription| subscription.hold_next = true);
            Ok(())
        })
    }

    /// The vendor releases what it holds.
    ///
    /// # Errors
    /// Unknown id; nothing is held.
    pub fn release(&self, id: &str) -> ControlResult {
        self.service.desk(|desk| {
            let subscription = find(desk.world, id)?;
            let held = |sale: &&mut Sale| sale.subscription_id == subscription.id && sale.hold == Some(Hold::Held);
            let now = desk.now;
            let mut released: Vec<(u64, String)> = Vec::new();
            for sale in desk.world.sales.values_mut().filter(held) {
                sale.hold = Some(Hold::Released);
                sale.update_time = now;
                released.push((sale.serial, sale.id.clone()));
            }
            if released.is_empty() {
                return Err(ControlError::impossible("nothing is held"));
            }
            released.sort();
            for (_, sale_id) in released {
                sale::announce(desk, &sale_id, Kind::SaleCompleted);
            }
            Ok(shown(desk.world, &subscription.id))
        })
    }

    /// Sends every event of the subscription again, so many times, each time under a new transmission; in another order when shuffled.
    ///
    /// # Errors
    /// Unknown id; more rounds than anybody needs.
    pub fn resend(&self, id: &str, times: u32, shuffle: bool) -> ControlResult {
        if times > MOST_ROUNDS {
            return Err(ControlError::impossible(format!("at most {MOST_ROUNDS} times")));
        }
        let product = self.service.product_url();
        let (answer, mut parcels) = self.service.desk(|desk| {
            let subscription = find(desk.world, id)?;
            let events: Vec<String> = events_of(desk.world, &subscription.id);
            let rounds = (0..times).flat_map(|_| events.iter());
            let parcels: Vec<_> = rounds.flat_map(|event| delivery::address(desk.world, event, None, &product, desk.now)).collect();
            let answer = shown(desk.world, &subscription.id);
            Ok::<_, ControlError>((with(answer, "events", json!(events.len())), parcels))
        })?;
        if shuffle {
            self.service.ids().shuffle(&mut parcels);
        }
        let answer = with(answer, "sent", json!(parcels.len()));
        self.service.send_all(parcels);
        Ok(answer)
    }

    /// The subscription as it is, with its sales.
    ///
    /// # Errors
    /// Unknown id.
    pub fn inspect(&self, id: &str) -> ControlResult {
        self.service.look(|world, _| Ok(shown(world, &find(world, id)?.id)))
    }

    /// All subscriptions as they are, the newest first: `{"subscriptions": […]}`.
    ///
    /// # Errors
    /// Never; it is a control like the others.
    pub fn subscriptions(&self) -> ControlResult {
        self.service.look(|world, site| {
            let mut all: Vec<&Subscription> = world.subscriptions.values().collect();
            all.sort_by_key(|subscription| std::cmp::Reverse(subscription.serial));
            let listed = all.into_iter().map(|subscription| {
                let approval_url = subscription_view::approval_url(site, &subscription.ba_token);
                let plan = world.terms(subscription).map(|plan| plan.name.as_str());
                let answer = with(shown(world, &subscription.id), "plan", json!(plan));
                with(answer, "approval_url", json!(approval_url))
            });
            Ok(json!({ "subscriptions": listed.collect::<Vec<Value>>() }))
        })
    }

    fn when(
        &self,
        id: &str,
        statuses: &[Status],
        what: &str,
        work: impl FnOnce(&mut Desk<'_>, &Subscription) -> Result<(), ControlError>,
    ) -> ControlResult {
        self.service.desk(|desk| {
            let subscription = find(desk.world, id)?;
            if subscription.gone || !subscription.is_one_of(statuses) {
                return Err(refused(&subscription, what));
            }
            work(desk, &subscription)?;
            Ok(shown(desk.world, &subscription.id))
        })
    }
}

fn refused(subscription: &Subscription, what: &str) -> ControlError {
    ControlError::impossible(format!("a subscription that is {} cannot be {what}", word(subscription)))
}

fn word(subscription: &Subscription) -> String {
    let status = serde_json::to_value(subscription.status).unwrap_or_default();
    status.as_str().unwrap_or_default().to_owned()
}

/// The newest of those with this `custom_id`, or the one with this id of its own.
fn find(world: &World, id: &str) -> Result<Subscription, ControlError> {
    if let Some(subscription) = world.subscriptions.get(id) {
        return Ok(subscription.clone());
    }
    let behind_sale = world.sales.get(id).and_then(|sale| world.subscriptions.get(&sale.subscription_id));
    let named = |subscription: &&Subscription| subscription.custom_id.as_deref() == Some(id) || subscription.ba_token == id;
    let newest = || world.subscriptions.values().filter(named).max_by_key(|subscription| subscription.serial);
    behind_sale.or_else(newest).cloned().ok_or(ControlError::Unknown)
}

fn paid(world: &World, subscription: &Subscription, id: &str) -> Option<Sale> {
    let giveable = |sale: &&Sale| matches!(sale.state, SaleState::Completed | SaleState::PartiallyRefunded);
    if let Some(sale) = world.sales.get(id) {
        return Some(sale.clone()).filter(|sale| giveable(&sale));
    }
    let here = world.sales.values().filter(|sale| sale.subscription_id == subscription.id);
    here.filter(giveable).max_by_key(|sale| sale.serial).cloned()
}

fn events_of(world: &World, subscription_id: &str) -> Vec<String> {
    let here = world.events.iter().filter(|event| event.subscription.as_deref() == Some(subscription_id));
    here.map(|event| event.id.clone()).collect()
}

fn shown(world: &World, id: &str) -> Value {
    let Some(subscription) = world.subscriptions.get(id) else {
        return Value::Null;
    };
    let mut sales: Vec<&Sale> = world.sales.values().filter(|sale| sale.subscription_id == id).collect();
    sales.sort_by_key(|sale| sale.serial);
    let sales: Vec<Value> = sales
        .into_iter()
        .map(|sale| json!({"id": sale.id, "state": sale.state, "hold": sale.hold, "amount": sale.amount.plain(), "currency": sale.amount.currency}))
        .collect();
    json!({
        "subscription_id": id,
        "custom_id": subscription.custom_id,
        "status": if subscription.gone { json!("GONE") } else { json!(subscription.status) },
        "next_billing_time": subscription.next_billing.map(times::stamp),
        "failed_payments_count": subscription.failed_payments,
        "sales": sales,
    })
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    value
}
