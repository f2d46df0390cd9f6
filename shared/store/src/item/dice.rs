//! Any records, for tests: every field is drawn, so that no round trip is lucky.

use domain::account::{Account, Balance, CurrentPlan, Role};
use domain::channel::{AuthStatus, Channel, Connection, Deletion, Health, Kind, Provision, Sealed, Status};
use domain::creations::Creations;
use domain::extension::{Extension, ExtensionState, Origin, Turn};
use domain::ledger::{Cause, Entry, EntryKind};
use domain::notice::{Finding, HistoryEvent, Notification, PartnerBalanceNotice};
use domain::plan::{BillingPeriod, Limits, Plan, RequestType};
use domain::subscription::{PaymentMethod, PaypalSide, Subscription, SubscriptionStatus, Terms};
use domain::{Currency, Days, Money, PhoneNumber, Timestamp};
use ring::digest::{SHA256, digest};

use super::{Bytes, CauseRow, FindingKeyRow, HashedKey, InboxRow, LogRow, OwedRow, PointerRow, ReceiptRow, RolledRow};
use crate::inbox::{InboxState, WebhookLine};
use crate::partner::PartnerState;
use crate::solvency::Solvency;
use crate::who::{ApiKey, Identity, PointerKind};

/// Draws values from a seed.
pub(crate) struct Dice {
    seed: u64,
    thrown: u64,
}

/// A value that can be drawn.
pub(crate) trait Thrown: Sized {
    fn throw(dice: &mut Dice) -> Self;
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, thrown: 0 }
    }

    pub(crate) fn any<T: Thrown>(&mut self) -> T {
        T::throw(self)
    }

    fn bits(&mut self) -> u64 {
        self.thrown += 1;
        let bytes = [self.seed.to_be_bytes(), self.thrown.to_be_bytes()].concat();
        digest(&SHA256, &bytes).as_ref().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.bits() % of.len() as u64).unwrap()]
    }
}

impl<T: Thrown> Thrown for Option<T> {
    fn throw(dice: &mut Dice) -> Self {
        dice.any::<bool>().then(|| dice.any())
    }
}

impl<T: Thrown> Thrown for Vec<T> {
    fn throw(dice: &mut Dice) -> Self {
        (0..dice.bits() % 4).map(|_| dice.any()).collect()
    }
}

impl<A: Thrown, B: Thrown> Thrown for (A, B) {
    fn throw(dice: &mut Dice) -> Self {
        (dice.any(), dice.any())
    }
}

impl Thrown for bool {
    fn throw(dice: &mut Dice) -> Self {
        dice.bits() & 1 == 1
    }
}

macro_rules! thrown_numbers {
    ($($number:ty),*) => {$(
        impl Thrown for $number {
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "any bits will do")]
            fn throw(dice: &mut Dice) -> Self {
                let bits = dice.bits();
                dice.one(&[bits as $number, 0, 1, <$number>::MAX, <$number>::MIN])
            }
        }
    )*};
}

thrown_numbers!(u8, u16, u32, u64, i64);

impl Thrown for String {
    fn throw(dice: &mut Dice) -> Self {
        let letters = ["", "a", "Z", " ", "#", "/", "\"", "\\", "\n", "·", "ش", "🙂", "0", "usr_", "\u{0}"];
        (0..dice.bits() % 12).map(|_| dice.one(&letters)).collect()
    }
}

impl Thrown for Timestamp {
    fn throw(dice: &mut Dice) -> Self {
        let at_ms = i64::try_from(dice.bits() % 200_000_000_000_000).unwrap();
        Timestamp::from_millisecond(at_ms).unwrap()
    }
}

impl Thrown for Days {
    fn throw(dice: &mut Dice) -> Self {
        Self::new(dice.any())
    }
}

impl Thrown for Money {
    fn throw(dice: &mut Dice) -> Self {
        Self::new(dice.any(), dice.one(&[Currency::Bhd, Currency::Usd, Currency::Jpy]))
    }
}

impl Thrown for PhoneNumber {
    fn throw(dice: &mut Dice) -> Self {
        Self::from_stored(dice.one(&["+97336612345", "+4915112345678", "+12025550143"])).unwrap()
    }
}

impl Thrown for Sealed {
    fn throw(dice: &mut Dice) -> Self {
        Self(dice.any())
    }
}

impl Thrown for Cause {
    fn throw(dice: &mut Dice) -> Self {
        Self::from_stored(dice.any::<String>())
    }
}

impl Thrown for Bytes {
    fn throw(dice: &mut Dice) -> Self {
        Self(dice.any())
    }
}

macro_rules! thrown_ids {
    ($($id:ident),* $(,)?) => {$(
        impl Thrown for domain::id::$id {
            fn throw(dice: &mut Dice) -> Self {
                Self::new(dice.any(), u128::from(dice.bits()))
            }
        }
    )*};
}

thrown_ids!(ChannelId, EntryId, ExtensionId, FindingId, HistoryId, KeyId, NoticeId, NotificationId, PlanId, SubscriptionId, UserId,);

macro_rules! thrown_words {
    ($($kind:ident [$($variant:ident),* $(,)?])*) => {$(
        impl Thrown for $kind {
            fn throw(dice: &mut Dice) -> Self {
                dice.one(&[$($kind::$variant),*])
            }
        }
    )*};
}

thrown_words! {
    Role [Customer, Admin]
    Kind [Unofficial, Official]
    Status [Pending, Active, QrGenerated, Expired, Deleting, Deleted]
    AuthStatus [Pending, Authorized]
    Connection [Inactive, Initializing, QrPending, Authenticating, Connecting, Active, Disconnected, Error]
    ExtensionState [Queued, Calling, Unknown, Posted, Void]
    Origin [Customer, Automatic, Renewal, Admin]
    EntryKind [Credit, Grant, Debit, Return, Freeze, Release, Lapse]
    BillingPeriod [Monthly, Quarterly, Semiannual, Yearly]
    RequestType [Paid, RequestQuote, BookDemo]
    SubscriptionStatus [Pending, Active, Expired, Canceled]
    PaymentMethod [Paypal, Offline]
    InboxState [Received, Processed, Quarantined, Dead]
    PointerKind [WhapiChannel, PaypalSubscription, Subscription, Channel]
}

macro_rules! thrown {
    ($($kind:ident { $($field:ident),* $(,)? })*) => {$(
        impl Thrown for $kind {
            fn throw(dice: &mut Dice) -> Self {
                Self { $($field: dice.any()),* }
            }
        }
    )*};
}

thrown! {
    Limits { channels, daily_messages, bulk_messages }
    CurrentPlan { subscription_id, plan_id, name, limits, end_at, payment_method, renews }
    Account {
        user_id, email, name, role, time_zone, locale, balance, channels_used, plan, open_checkout, refunds, suspended, closing,
        due_at, created_at, updated_at, version,
    }
    Health { text, read_at }
    Deletion { asked_at, return_days }
    Turn { extension_id, days, before, called_at, unknown }
    Channel {
        id, user_id, kind, name, phone, whatsapp_number, channel_ref, token, status, provider_status, stopped, gone, auth_status,
        connection, health, auto_renew, active_till, paid_till, mode_live, webhooks_set, provision, creations, turn, code_given_at,
        deletion, retry_at, attempts, renewal_skipped_for, refusals, rests_until, created_at, updated_at, version,
    }
    Extension { id, user_id, channel_id, days, state, origin, reason, due_at, attempts, calls, created_at, updated_at, version }
    Plan {
        id, name, price, charged, billing_period, limits, lapse_after, features, paypal_product_id, paypal_plan_id, request_type, is_active,
        created_at, updated_at, version,
    }
    Terms { plan_id, plan_name, price, charged, days, limits, lapse_after, paypal_plan_id }
    PaypalSide { id, approval_url, status, next_billing_at, failed_payments, cancel_wanted }
    Subscription {
        id, user_id, terms, status, payment_method, paypal, replaces, start_at, end_at, paid_periods, offline_reference,
        approved_by, approved_at, note, due_at, attempts, created_at, updated_at, version,
    }
    Entry { id, user_id, at, kind, days, cause, channel_id, subscription_id, lot_id, lapses_at, note, by }
    Notification { id, user_id, kind, text, at, read_at }
    HistoryEvent { id, user_id, channel_id, at, kind, text, cause }
    PartnerBalanceNotice { id, current_days, days_limit, received_at, raw }
    Finding { id, key, kind, text, remedy, user_id, found_at, resolved_at }
    Creations { started, waiting, version }
    PartnerState { token_invalid, current_days, days_limit, received_at, live_days, read_at, raw, margin_days, margin_low, version }
    Identity { issuer, subject, user_id, role, suspended, email, created_at, version }
    ApiKey { id, user_id, name, prefix, hash, scopes, created_at, last_used_at, revoked_at, version }
    InboxRow {
        provider, event_id, event_type, subject, state, user_id, note, attempts, due_at, received_at, version, body, body_at,
        expires_at,
    }
    WebhookLine { provider, event_id, event_type, state, user_id, received_at }
    LogRow { line, shard, expires_at }
    ReceiptRow { user_id, route, key_hash, request, begun_at, leased_until, kept_until, status, body, expires_at }
    PointerRow { kind, id, user_id, target }
    CauseRow { cause, entry_id, user_id }
    FindingKeyRow { about, finding_id }
    RolledRow { user_id, owed_days, of_version, version }
    OwedRow { shard, days }
    Solvency { at, partner_days, owed_days, expires_at }
}

impl Thrown for HashedKey {
    fn throw(dice: &mut Dice) -> Self {
        Self(dice.any())
    }
}

impl Thrown for Balance {
    fn throw(dice: &mut Dice) -> Self {
        let consumed: u32 = dice.any::<u32>() / 2;
        let total = Days::new(consumed).saturating_add(Days::new(dice.any::<u32>() / 2));
        Self { total, consumed: Days::new(consumed), frozen: dice.any(), reserved: dice.any(), updated_at: dice.any() }
    }
}

impl Thrown for Provision {
    fn throw(dice: &mut Dice) -> Self {
        match dice.bits() % 5 {
            0 => Self::Waiting { place: dice.any(), expected_at: dice.any() },
            1 => Self::Calling { at: dice.any(), sweeps: dice.any() },
            2 => Self::Created,
            3 => Self::Confirmed,
            _ => Self::Refused { reason: dice.any() },
        }
    }
}
