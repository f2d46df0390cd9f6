//! What is owed to all customers together, as a sum that costs nothing on the money's path: each account is counted
//! with what it was owed as of one of its versions, in a part of the sum; and the readings that are made of it.
//!
//! Invariant: the sum of the parts is the sum of what every account is counted with, because both change in one
//! transaction; an older version never replaces a newer one, so that it does not matter how often and in what order
//! accounts are rolled up.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};

use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::item::{Item, OwedRow, RolledRow, from_item, to_item};
use crate::key::{Key, SOLVENCY, digest};
use crate::page::{Page, PageRequest};
use crate::read::{List, key_map};
use crate::store::Store;
use crate::transact::Transacted;

/// How many parts the sum has, so that no single one is hot.
const PARTS: u8 = 16;
/// How long a reading is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// One reading of what WHAPI has for us beside what we owe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solvency {
    /// When.
    pub at: Timestamp,
    /// The days that we have at WHAPI; `None` is unknown, which is not zero.
    pub partner_days: Option<i64>,
    /// The days that all customers can spend, and those on their way to channels.
    pub owed_days: i64,
    /// When it ages out, in seconds since 1970.
    pub expires_at: i64,
}

impl Solvency {
    /// A reading of now.
    pub fn new(at: Timestamp, partner_days: Option<i64>, owed_days: i64) -> Self {
        let expires_at = at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX).as_second();
        Self { at, partner_days, owed_days, expires_at }
    }

    /// By how many days what we have exceeds what we owe; `None` is unknown.
    pub fn margin_days(&self) -> Option<i64> {
        self.partner_days.map(|days| days.saturating_sub(self.owed_days))
    }
}

fn part_of(user: &UserId) -> u8 {
    let [first, ..] = digest(&["owed", user.as_str()]);
    first % PARTS
}

impl Store {
    /// Counts an account with what it is owed as of that version of it; whether that was news.
    ///
    /// # Errors
    /// [`Conflict::VersionMoved`] when somebody else rolled it up meanwhile.
    pub async fn roll_owed(&self, user: &UserId, of_version: u64, owed_days: i64) -> Result<bool, StoreError> {
        let found: Option<RolledRow> = self.get(&Key::Rolled(user.clone())).await?;
        if found.as_ref().is_some_and(|row| row.of_version >= of_version) {
            return Ok(false);
        }
        let (before, version) = found.map_or((0, 0), |row| (row.owed_days, row.version));
        let row = RolledRow { user_id: user.clone(), owed_days, of_version, version: version + 1 };
        let mut writes = vec![self.put_version_of(&row, version)?];
        if owed_days != before {
            writes.push(self.add_to_part(part_of(user), owed_days.saturating_sub(before))?);
        }
        match self.transact(writes, self.entropy().token()).await? {
            Transacted::Done => Ok(true),
            Transacted::Refused(_) => Err(Conflict::VersionMoved(What::Account).into()),
        }
    }

    /// What is owed to all customers together, as far as they are rolled up.
    ///
    /// # Errors
    /// What the store says.
    pub async fn owed_days(&self) -> Result<i64, StoreError> {
        let keys: Vec<Key> = (0..PARTS).map(Key::Owed).collect();
        let parts = self.get_all(&keys).await?;
        parts.iter().try_fold(0_i64, |sum, part| Ok(sum.saturating_add(from_item::<OwedRow>(part)?.days)))
    }

    /// Keeps a reading.
    ///
    /// # Errors
    /// What the store says.
    pub async fn put_solvency(&self, reading: &Solvency) -> Result<(), StoreError> {
        self.put(&reading.key(), to_item(reading), Expression::default()).await.map(drop)
    }

    /// The readings, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn solvency(&self, page: PageRequest) -> Result<Page<Solvency>, StoreError> {
        let list = List { pk: SOLVENCY.to_owned(), prefix: "AT#".to_owned(), consistent: true };
        self.page(&list, &page, |_| true).await
    }

    /// The last reading of each day (UTC) that has one, newest first, at most `days` of them: one question a day.
    ///
    /// # Errors
    /// What the store says.
    pub async fn solvency_by_day(&self, days: usize) -> Result<Vec<Solvency>, StoreError> {
        let list = List { pk: SOLVENCY.to_owned(), prefix: "AT#".to_owned(), consistent: true };
        let mut readings: Vec<Solvency> = Vec::new();
        for _ in 0..days {
            // The key of no reading: where that reading's day begins.
            let before = readings.last().map(|later| key_map(&list.pk, &format!("AT#{}", later.at.strftime("%Y-%m-%d"))));
            let found = self.query(&list, false, Some(1), before).await?;
            let Some(item) = found.items.first() else { break };
            readings.push(from_item(item)?);
        }
        Ok(readings)
    }

    fn put_version_of(&self, row: &RolledRow, read: u64) -> Result<TransactWriteItem, StoreError> {
        let condition = Expression::version(read);
        let put = Put::builder()
            .table_name(self.table())
            .set_item(Some(to_item(row)))
            .set_condition_expression(condition.condition())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        Ok(TransactWriteItem::builder().put(put.build().map_err(StoreError::unavailable)?).build())
    }

    fn add_to_part(&self, part: u8, days: i64) -> Result<TransactWriteItem, StoreError> {
        let key = Key::Owed(part);
        let mut change = Expression::default();
        change.set("shape", &OwedRow::SHAPE);
        change.set("shard", &part);
        change.add("days", days);
        let update = Update::builder()
            .table_name(self.table())
            .set_key(Some(key_map(&key.pk(), &key.sk())))
            .update_expression(change.update().unwrap_or_default())
            .set_expression_attribute_names(change.names())
            .set_expression_attribute_values(change.values());
        Ok(TransactWriteItem::builder().update(update.build().map_err(StoreError::unavailable)?).build())
    }
}
