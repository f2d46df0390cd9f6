//! Tables and streams: conditions, transactions, tokens, pages, indexes, expiry, images.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use aws_sdk_dynamodbstreams::types::OperationType;
use jiff::SignedDuration;

use super::table::{TABLE, create_table, get, item, number, put, stream_records, text};
use super::world::fresh;

#[tokio::test]
async fn a_conditional_write_shows_what_stood_in_its_way() {
    let world = fresh().await;
    create_table(&world).await;
    let mut first = item("usr_1", "account");
    first.insert("days".to_owned(), number(30));
    put(&world, first.clone()).await;

    let refused = world
        .clients
        .dynamodb
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("usr_1", "account")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .expect_err("it exists")
        .into_service_error();
    let refused = match refused {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) => refused,
        other => panic!("another refusal: {other:?}"),
    };
    assert_eq!(refused.item, Some(first));

    let updated = world
        .clients
        .dynamodb
        .update_item()
        .table_name(TABLE)
        .set_key(Some(item("usr_1", "account")))
        .update_expression("SET days = days - :spent")
        .condition_expression("days >= :spent")
        .expression_attribute_values(":spent", number(30))
        .send()
        .await;
    updated.expect("there were enough days");
    let account = get(&world, "usr_1", "account").await.unwrap();
    assert_eq!(account["days"], number(0));
}

fn put_once(sk: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item("usr_1", sk)))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn spend(days: i64) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .set_key(Some(item("usr_1", "account")))
        .update_expression("SET days = days - :spent")
        .condition_expression("days >= :spent")
        .expression_attribute_values(":spent", number(days))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

#[tokio::test]
async fn a_transaction_happens_whole_or_says_which_condition_failed() {
    let world = fresh().await;
    create_table(&world).await;
    let mut account = item("usr_1", "account");
    account.insert("days".to_owned(), number(10));
    put(&world, account).await;

    let cancelled = world
        .clients
        .dynamodb
        .transact_write_items()
        .transact_items(put_once("entry#1"))
        .transact_items(spend(11))
        .send()
        .await
        .expect_err("ten days are not eleven")
        .into_service_error();
    let reasons = match &cancelled {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            cancelled.cancellation_reasons()
        }
        other => panic!("another refusal: {other:?}"),
    };
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(get(&world, "usr_1", "entry#1").await, None);

    let done = world.clients.dynamodb.transact_write_items();
    let done = done.transact_items(put_once("entry#1")).transact_items(spend(10));
    done.send().await.expect("ten days are there");
    assert_eq!(get(&world, "usr_1", "account").await.unwrap()["days"], number(0));
}

#[tokio::test]
async fn a_repeat_with_the_same_token_is_the_same_transaction_for_ten_minutes() {
    let world = fresh().await;
    create_table(&world).await;
    let mut account = item("usr_1", "account");
    account.insert("days".to_owned(), number(10));
    put(&world, account).await;
    let spend_once = |days| {
        let transaction = world.clients.dynamodb.transact_write_items();
        let transaction = transaction.client_request_token("commit-1");
        transaction.transact_items(spend(days)).send()
    };

    spend_once(4).await.unwrap();
    spend_once(4).await.expect("the repeat is welcome");
    assert_eq!(get(&world, "usr_1", "account").await.unwrap()["days"], number(6));

    let other = spend_once(5).await.expect_err("the token stands for four days");
    assert_eq!(other.code(), Some("IdempotentParameterMismatchException"));

    world.advance(SignedDuration::from_mins(11)).await;
    spend_once(4).await.expect("the token is forgotten");
    assert_eq!(get(&world, "usr_1", "account").await.unwrap()["days"], number(2));
}

#[tokio::test]
async fn pages_join_without_a_gap_and_the_sparse_index_holds_what_is_due() {
    let world = fresh().await;
    create_table(&world).await;
    for index in 0..25 {
        let mut channel = item("usr_1", &format!("channel#{index:03}"));
        if index % 5 == 0 {
            channel.insert("due_shard".to_owned(), text("renewal#0"));
            channel.insert("due_at".to_owned(), text(&format!("2026-12-{:02}", 10 + index)));
        }
        put(&world, channel).await;
    }

    let mut seen = Vec::new();
    let mut from = None;
    for _page in 0..4 {
        let page = world
            .clients
            .dynamodb
            .query()
            .table_name(TABLE)
            .key_condition_expression("pk = :pk AND begins_with(sk, :kind)")
            .expression_attribute_values(":pk", text("usr_1"))
            .expression_attribute_values(":kind", text("channel#"))
            .scan_index_forward(false)
            .limit(10)
            .set_exclusive_start_key(from.take())
            .send()
            .await
            .unwrap();
        seen.extend(page.items().iter().map(|item| item["sk"].clone()));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|index| text(&format!("channel#{index:03}"))).collect();
    assert_eq!(seen, expected);

    let due = world
        .clients
        .dynamodb
        .query()
        .table_name(TABLE)
        .index_name("due")
        .key_condition_expression("due_shard = :shard AND due_at <= :now")
        .expression_attribute_values(":shard", text("renewal#0"))
        .expression_attribute_values(":now", text("2026-12-20"))
        .send()
        .await
        .unwrap();
    let due: Vec<_> = due.items().iter().map(|item| item["sk"].clone()).collect();
    assert_eq!(due, ["channel#000", "channel#005", "channel#010"].map(text));
}

#[tokio::test]
async fn the_stream_tells_each_change_with_both_images_and_expiry_by_its_author() {
    let world = fresh().await;
    create_table(&world).await;
    let hour = world.clock.now() + SignedDuration::from_hours(1);
    let mut code = item("usr_1", "code");
    code.insert("expires_at".to_owned(), number(hour.as_second()));
    put(&world, code.clone()).await;
    let mut changed = code.clone();
    changed.insert("tries".to_owned(), number(1));
    put(&world, changed.clone()).await;
    put(&world, item("usr_1", "account")).await;

    world.advance(SignedDuration::from_mins(50)).await;
    assert!(get(&world, "usr_1", "code").await.is_some(), "its hour is not over");
    world.advance(SignedDuration::from_mins(11)).await;
    assert_eq!(get(&world, "usr_1", "code").await, None);
    assert!(get(&world, "usr_1", "account").await.is_some());

    let records = stream_records(&world).await;
    let names: Vec<_> = records.iter().filter_map(|record| record.event_name.clone()).collect();
    use OperationType::{Insert, Modify, Remove};
    assert_eq!(names, [Insert, Modify, Insert, Remove]);
    let images = |index: usize| {
        let change = records[index].dynamodb.as_ref().unwrap();
        let days = |image: &Option<HashMap<String, _>>| image.as_ref().map(|image| image.contains_key("tries"));
        (days(&change.old_image), days(&change.new_image))
    };
    assert_eq!(images(0), (None, Some(false)));
    assert_eq!(images(1), (Some(false), Some(true)));
    assert_eq!(images(3), (Some(true), None));
    let author = records[3].user_identity.as_ref().expect("an author");
    assert_eq!(author.principal_id.as_deref(), Some("dynamodb.amazonaws.com"));
    assert_eq!(author.r#type.as_deref(), Some("Service"));
    assert_eq!(records[0].user_identity, None);
}

#[tokio::test]
async fn an_invalid_request_is_refused_in_the_words_of_dynamodb() {
    let world = fresh().await;
    create_table(&world).await;
    let put = world.clients.dynamodb.put_item().table_name(TABLE);
    let refused = put.item("pk", text("usr_1")).send().await.expect_err("no sort key");
    assert_eq!(refused.code(), Some("ValidationException"));
    let message = "One or more parameter values were invalid: Missing the key sk in the item";
    assert_eq!(refused.message(), Some(message));
}

#[tokio::test]
async fn after_a_reset_no_table_is_left_and_a_new_one_starts_empty() {
    let world = fresh().await;
    create_table(&world).await;
    put(&world, item("usr_1", "account")).await;
    world.aws.reset().await.expect("everything is emptied");
    let tables = world.clients.dynamodb.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), [] as [String; 0]);
    create_table(&world).await;
    assert_eq!(get(&world, "usr_1", "account").await, None);
    assert!(stream_records(&world).await.is_empty());
}
