//! What is lost on the way, refused for a moment, or answered by halves.

use domain::Days;
use store::{Commit, Conflict, StoreError, What};

use crate::wire::Fault;
use crate::world::{World, add_channel, channel, channel_id, credit, spend, user};

const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"},{"Code":"None"}]}"#;

fn conflicts(count: usize) -> Vec<Fault> {
    vec![Fault::Answer(400, CONFLICT.to_owned()); count]
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_happens_once_and_is_told_as_done() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    world.wire.next("TransactWriteItems", [Fault::LostAnswer, Fault::LostRequest, Fault::Refused(500, "InternalServerError")]);
    world.store.commit(credit(&user(1), 1, 30)).await.unwrap();
    assert_eq!(world.wire.faults_left(), 0);
    assert_eq!(tenant.account().await.unwrap().balance.total, Days::new(30));
}

#[tokio::test]
async fn a_single_write_whose_answer_is_lost_knows_itself_again() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    world.wire.next("PutItem", [Fault::LostAnswer, Fault::LostAnswer]);
    world.store.commit(Commit::new().channel(channel(&user(1), 1))).await.unwrap();
    let read = tenant.channel(&channel_id(1)).await.unwrap().unwrap();
    world.wire.next("PutItem", [Fault::LostAnswer]);
    world.store.commit(Commit::new().channel(read.clone())).await.unwrap();
    assert_eq!(tenant.channel(&channel_id(1)).await.unwrap().unwrap().version, 2);
    world.wire.next("PutItem", [Fault::LostRequest]);
    let stale = world.store.commit(Commit::new().channel(read)).await;
    assert!(matches!(stale, Err(StoreError::Conflict(Conflict::VersionMoved(What::Channel)))));
}

#[tokio::test]
async fn others_at_the_same_records_are_waited_for_a_while() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    world.wire.next("TransactWriteItems", conflicts(5));
    world.store.commit(spend(&user(1), 1, 1)).await.unwrap();
    assert_eq!(tenant.account().await.unwrap().balance.remaining(), Days::new(9));
    world.wire.next("TransactWriteItems", conflicts(8));
    let busy = world.store.commit(spend(&user(1), 2, 1)).await;
    assert!(matches!(busy, Err(StoreError::Conflict(Conflict::Contention))), "{busy:?}");
    assert_eq!(world.wire.faults_left(), 0);
    assert_eq!(tenant.account().await.unwrap().balance.remaining(), Days::new(9));
}

#[tokio::test]
async fn a_table_that_is_gone_is_said_so_after_a_few_tries() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    world.wire.calls();
    world.wire.next("GetItem", vec![Fault::Refused(400, "ThrottlingException"); 4]);
    assert!(matches!(tenant.account().await, Err(StoreError::Unavailable(_))));
    assert_eq!(world.wire.calls().len(), 4);
    world.wire.next("GetItem", vec![Fault::LostAnswer; 3]);
    assert!(tenant.account().await.is_ok());
    world.wire.next("TransactWriteItems", vec![Fault::LostRequest; 4]);
    assert!(matches!(world.store.commit(add_channel(&user(1), 1)).await, Err(StoreError::Unavailable(_))));
    world.wire.next("GetItem", [Fault::Refused(400, "AccessDeniedException")]);
    assert!(matches!(tenant.account().await, Err(StoreError::Unavailable(_))), "what will not pass is not tried again");
    assert_eq!(world.wire.faults_left(), 0);
}

#[tokio::test]
async fn keys_that_a_batch_leaves_out_are_asked_for_again() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    world.store.commit(add_channel(&user(1), 1)).await.unwrap();
    let left_out = |sk: String| serde_json::json!({"pk": {"S": format!("USR#{}", user(1))}, "sk": {"S": sk}});
    let keys = [left_out("ACCOUNT".to_owned()), left_out(format!("CHN#{}", channel_id(1)))];
    let table = &world.table;
    let nothing = serde_json::json!({"Responses": {table: []}, "UnprocessedKeys": {table: {"Keys": keys, "ConsistentRead": true}}});
    world.wire.next("BatchGetItem", vec![Fault::Answer(200, nothing.to_string()); 5]);
    let (account, found) = tenant.account_and_channel(&channel_id(1)).await.unwrap();
    assert_eq!((account.balance.remaining(), found.is_some()), (Days::new(10), true));
    world.wire.next("BatchGetItem", vec![Fault::Answer(200, nothing.to_string()); 6]);
    assert!(matches!(tenant.account_and_channel(&channel_id(1)).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_record_that_somebody_spoiled_is_named() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let key = |sk: &str| {
        std::collections::HashMap::from([
            ("pk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(format!("USR#{}", user(1)))),
            ("sk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(sk.to_owned())),
        ])
    };
    let spoil = world.raw.update_item().table_name(&world.table).set_key(Some(key("ACCOUNT")));
    let one = aws_sdk_dynamodb::types::AttributeValue::N("1".to_owned());
    spoil.update_expression("SET days_remaining = :one").expression_attribute_values(":one", one).send().await.unwrap();
    let error = tenant.account().await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(what) if what.contains(user(1).as_str()) && what.contains("days_remaining")), "{error:?}");
}

#[tokio::test]
async fn what_it_costs_is_counted() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 10).await;
    let before = world.meter.usage();
    tenant.account().await.unwrap();
    let read = world.meter.usage();
    assert_eq!((read.requests - before.requests, read.read_units - before.read_units), (1, 1.0));
    world.store.commit(Commit::new().channel(channel(&user(1), 1))).await.unwrap();
    let wrote = world.meter.usage();
    assert_eq!(wrote.requests - read.requests, 1);
    assert!(wrote.write_units - read.write_units >= 1.0, "{wrote:?}");
}
