//! Reading: one record, several at once, a page of a list, a whole list.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};

use crate::call::{by_code, unexpected};
use crate::error::StoreError;
use crate::item::{Attributes, Item, from_item};
use crate::key::Key;
use crate::page::{Page, PageRequest, cursor};
use crate::store::Store;

/// DynamoDB's limit of records in one batch of reads.
const MOST_KEYS: usize = 100;
/// How often keys that a batch left out are asked for again.
const MOST_BATCHES: usize = 6;
/// How many questions one page of a list may take when much of it is left out.
const MOST_QUESTIONS: usize = 12;
/// How many items one question reads at least, when some may be left out.
const SMALLEST_READ: usize = 40;
/// How many pages of up to 1 MB a whole list may have.
const MOST_PAGES: usize = 200;

/// A list: a part of a partition.
pub(crate) struct List {
    pub(crate) pk: String,
    /// How its sort keys begin; also the list's name in cursors.
    pub(crate) prefix: String,
    pub(crate) consistent: bool,
}

/// What one question brought.
pub(crate) struct Found {
    pub(crate) items: Vec<Attributes>,
    /// Where to go on.
    pub(crate) last: Option<Attributes>,
}

/// A key as the SDK takes it.
pub(crate) fn key_map(pk: &str, sk: &str) -> Attributes {
    HashMap::from([("pk".to_owned(), AttributeValue::S(pk.to_owned())), ("sk".to_owned(), AttributeValue::S(sk.to_owned()))])
}

/// A text attribute of an item.
pub(crate) fn text<'a>(item: &'a Attributes, name: &str) -> Result<&'a str, StoreError> {
    let found = item.get(name).and_then(|value| value.as_s().ok());
    found.map(String::as_str).ok_or_else(|| StoreError::Corrupt(format!("an item has no `{name}`")))
}

impl Store {
    /// One record, as it is now. An id from outside that is longer than any key is simply not there.
    pub(crate) async fn get<T: Item>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        if !key.fits() {
            return Ok(None);
        }
        let request = self
            .dynamo()
            .get_item()
            .table_name(self.table())
            .set_key(Some(key_map(&key.pk(), &key.sk())))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = self.call(by_code, || request.clone().send()).await?.map_err(unexpected)?;
        self.count_reads(answer.consumed_capacity());
        answer.item().map(from_item).transpose()
    }

    /// Several records as they are now, by their sort keys in one partition; those that are not there are missing.
    pub(crate) async fn get_all(&self, keys: &[Key]) -> Result<Vec<Attributes>, StoreError> {
        let mut wanted: Vec<_> = keys.iter().map(|key| key_map(&key.pk(), &key.sk())).collect();
        if wanted.len() > MOST_KEYS {
            return Err(StoreError::Corrupt(format!("{} records were asked for at once", wanted.len())));
        }
        let mut items = Vec::with_capacity(wanted.len());
        for _ in 0..MOST_BATCHES {
            wanted = self.get_some(wanted, &mut items).await?;
            if wanted.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::unavailable("the table left keys of a batch out again and again"))
    }

    /// One batch; returns the keys that it left out.
    async fn get_some(&self, keys: Vec<Attributes>, items: &mut Vec<Attributes>) -> Result<Vec<Attributes>, StoreError> {
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().map_err(StoreError::unavailable)?;
        let request =
            self.dynamo().batch_get_item().request_items(self.table(), keys).return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut answer = self.call(by_code, || request.clone().send()).await?.map_err(unexpected)?;
        self.count_reads(answer.consumed_capacity());
        if let Some(found) = answer.responses.as_mut().and_then(|tables| tables.remove(self.table())) {
            items.extend(found);
        }
        let left_out = answer.unprocessed_keys.and_then(|mut tables| tables.remove(self.table()));
        Ok(left_out.map(|left| left.keys).unwrap_or_default())
    }

    /// One question to a list.
    pub(crate) async fn query(
        &self,
        list: &List,
        forward: bool,
        limit: Option<usize>,
        after: Option<Attributes>,
    ) -> Result<Found, StoreError> {
        let limit = limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX));
        let request = self
            .dynamo()
            .query()
            .table_name(self.table())
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(list.pk.clone()))
            .expression_attribute_values(":prefix", AttributeValue::S(list.prefix.clone()))
            .scan_index_forward(forward)
            .consistent_read(list.consistent)
            .set_limit(limit)
            .set_exclusive_start_key(after)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = self.call(by_code, || request.clone().send()).await?.map_err(unexpected)?;
        self.count_reads(answer.consumed_capacity());
        Ok(Found { items: answer.items.unwrap_or_default(), last: answer.last_evaluated_key.filter(|key| !key.is_empty()) })
    }

    /// A page of a list, the newest first, of the records that `keep` keeps. One more than the page holds is
    /// looked for, so that a cursor is given only when there is something behind it.
    pub(crate) async fn page<T: Item>(&self, list: &List, request: &PageRequest, keep: impl Fn(&T) -> bool) -> Result<Page<T>, StoreError> {
        let size = request.size();
        let mut after = request.after(&list.pk, &list.prefix)?.map(|sk| key_map(&list.pk, &sk));
        let mut kept: Vec<T> = Vec::with_capacity(size + 1);
        let mut last = None;
        for question in 0..MOST_QUESTIONS {
            let missing = size + 1 - kept.len();
            let limit = if question == 0 { missing } else { missing.max(SMALLEST_READ) };
            let found = self.query(list, false, Some(limit), after.take()).await?;
            for item in &found.items {
                kept.extend(Some(from_item::<T>(item)?).filter(|record| keep(record)));
            }
            last = found.last;
            if last.is_none() || kept.len() > size {
                break;
            }
            after.clone_from(&last);
        }
        let position = match kept.len() > size {
            true => kept.get(size - 1).map(|record| record.key().sk()),
            false => last.as_ref().map(|key| text(key, "sk").map(str::to_owned)).transpose()?,
        };
        kept.truncate(size);
        Ok(Page { items: kept, next_cursor: position.map(|sk| cursor(&list.pk, &list.prefix, &sk)) })
    }

    /// A whole list, the oldest first, of the records that `keep` keeps.
    pub(crate) async fn whole<T: Item>(&self, list: &List, keep: impl Fn(&T) -> bool) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let found = self.query(list, true, None, after).await?;
            for item in &found.items {
                all.extend(Some(from_item::<T>(item)?).filter(|record| keep(record)));
            }
            after = found.last;
            if after.is_none() {
                return Ok(all);
            }
        }
        Err(StoreError::Corrupt(format!("{} / {}: a list that is too long to be read whole", list.pk, list.prefix)))
    }
}
