//! Single writes with a condition. Each carries a mark of its own: when its answer was lost and the repeat
//! finds its condition broken by the first try, the mark says that it was us.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};

use crate::call::{by_code, unexpected};
use crate::error::StoreError;
use crate::expression::Expression;
use crate::item::Attributes;
use crate::item::field::Field;
use crate::key::Key;
use crate::read::key_map;
use crate::store::Store;

/// The attribute that holds the mark of the write that made the item what it is.
const MARK: &str = "mark";

/// What a conditional write came to.
#[derive(Debug)]
pub(crate) enum Written {
    /// It was written.
    Done,
    /// Its condition did not hold; the item as it is, where there is one.
    Refused(Option<Attributes>),
}

impl Store {
    /// Puts an item under a condition.
    pub(crate) async fn put(&self, key: &Key, mut item: Attributes, condition: Expression) -> Result<Written, StoreError> {
        check(key)?;
        let mark = self.entropy().mark();
        item.insert(MARK.to_owned(), AttributeValue::S(mark.clone()));
        let request = self
            .dynamo()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item))
            .set_condition_expression(condition.condition())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match self.call(by_code, || request.clone().send()).await? {
            Ok(answer) => {
                self.count_writes(answer.consumed_capacity());
                Ok(Written::Done)
            }
            Err(PutItemError::ConditionalCheckFailedException(refused)) => Ok(verdict(refused.item, &mark)),
            Err(other) => Err(unexpected(other)),
        }
    }

    /// Changes an item under a condition.
    pub(crate) async fn update(&self, key: &Key, mut change: Expression) -> Result<Written, StoreError> {
        check(key)?;
        let mark = self.entropy().mark();
        change.set(MARK, &mark);
        let request = self
            .dynamo()
            .update_item()
            .table_name(self.table())
            .set_key(Some(key_map(&key.pk(), &key.sk())))
            .set_update_expression(change.update())
            .set_condition_expression(change.condition())
            .set_expression_attribute_names(change.names())
            .set_expression_attribute_values(change.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match self.call(by_code, || request.clone().send()).await? {
            Ok(answer) => {
                self.count_writes(answer.consumed_capacity());
                Ok(Written::Done)
            }
            Err(UpdateItemError::ConditionalCheckFailedException(refused)) => Ok(verdict(refused.item, &mark)),
            Err(other) => Err(unexpected(other)),
        }
    }
}

/// Ids from outside may be longer than any key.
pub(crate) fn check(key: &Key) -> Result<(), StoreError> {
    if key.fits() { Ok(()) } else { Err(StoreError::Corrupt("a key that is longer than DynamoDB takes".to_owned())) }
}

fn verdict(item: Option<HashMap<String, AttributeValue>>, mark: &str) -> Written {
    let item = item.filter(|item| !item.is_empty());
    let ours = item.as_ref().is_some_and(|item| String::read(item.get(MARK)).is_some_and(|found| found == mark));
    if ours { Written::Done } else { Written::Refused(item) }
}
