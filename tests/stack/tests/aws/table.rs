//! The product's table, and the few calls that every test of it makes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
};
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};

use super::world::World;

pub(crate) const TABLE: &str = "daypass";

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn item(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

fn attribute(name: &str) -> AttributeDefinition {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

/// The product's table: keys, the index of what is due, the stream, expiry.
pub(crate) async fn create_table(world: &World) {
    let due = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("due_shard", KeyType::Hash))
        .key_schema(key("due_at", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    let dynamodb = &world.clients.dynamodb;
    dynamodb
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .attribute_definitions(attribute("due_shard"))
        .attribute_definitions(attribute("due_at"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(due)
        .stream_specification(
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages).build().unwrap(),
        )
        .send()
        .await
        .expect("the table is made");
    dynamodb
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build().unwrap())
        .send()
        .await
        .expect("items may expire");
}

pub(crate) async fn put(world: &World, item: Item) {
    let put = world.clients.dynamodb.put_item().table_name(TABLE);
    put.set_item(Some(item)).send().await.expect("an item is put");
}

pub(crate) async fn get(world: &World, pk: &str, sk: &str) -> Option<Item> {
    let get = world.clients.dynamodb.get_item().table_name(TABLE);
    let got = get.set_key(Some(item(pk, sk))).consistent_read(true);
    got.send().await.expect("an item is asked for").item
}

/// Everything in the stream from its beginning.
pub(crate) async fn stream_records(world: &World) -> Vec<Record> {
    let described = world.clients.dynamodb.describe_table().table_name(TABLE);
    let described = described.send().await.unwrap();
    let arn = described.table.unwrap().latest_stream_arn.unwrap();
    let streams = &world.clients.streams;
    let stream = streams.describe_stream().stream_arn(&arn).send().await.unwrap();
    let shards = stream.stream_description.unwrap().shards.unwrap();
    let mut records = Vec::new();
    for shard in shards {
        let iterator = streams
            .get_shard_iterator()
            .stream_arn(&arn)
            .shard_id(shard.shard_id.unwrap())
            .shard_iterator_type(ShardIteratorType::TrimHorizon)
            .send()
            .await
            .unwrap();
        let page = streams.get_records().shard_iterator(iterator.shard_iterator.unwrap());
        records.extend(page.send().await.unwrap().records.unwrap());
    }
    records
}
