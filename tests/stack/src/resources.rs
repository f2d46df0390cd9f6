//! Makes what the template says is kept: the table with its stream and index, the queues, the bucket,
//! the secrets. What is there already (from an earlier run on the same data) is left as it is.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types as table;
use aws_sdk_s3::types as bucket;
use aws_sdk_sqs::types::QueueAttributeName;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::aws::Clients;
use crate::rules;
use crate::template::{Bucket, Facts, IndexKeys, KeyPart, Queue, Secret, SecretValue, Stores, Table};

/// Why something was not made.
#[derive(Debug, thiserror::Error)]
#[error("{resource} could not be made: {cause}")]
pub struct ResourceError {
    resource: String,
    cause: String,
}

fn failed(resource: &str) -> impl FnOnce(String) -> ResourceError {
    move |cause| ResourceError { resource: resource.to_owned(), cause }
}

/// What an SDK error says, with its causes.
pub(crate) fn said(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Makes everything and tells the facts what came of it. `secrets` are values that take the place of
/// what the template says, by the secret's name in the template.
///
/// # Errors
/// When something can neither be made nor found.
pub(crate) async fn make(
    clients: &Clients,
    stores: &Stores,
    secrets: &BTreeMap<String, String>,
    facts: &mut Facts,
) -> Result<(), ResourceError> {
    for table in &stores.tables {
        make_table(clients, table, facts).await.map_err(failed(&table.id))?;
    }
    // Dead letters first: the others name them by the account that they turn out to be in.
    let (leading, last): (Vec<_>, Vec<_>) = stores.queues.iter().partition(|queue| queue.redrive.is_some());
    let mut made = HashMap::new();
    for queue in last.into_iter().chain(leading) {
        let arn = make_queue(clients, queue, &made, facts).await.map_err(failed(&queue.id))?;
        made.insert(queue.name.clone(), arn);
    }
    for bucket in &stores.buckets {
        make_bucket(clients, bucket).await.map_err(failed(&bucket.id))?;
        facts.learn(&bucket.id, bucket.name.clone());
    }
    for secret in &stores.secrets {
        make_secret(clients, secret, secrets.get(&secret.id)).await.map_err(failed(&secret.id))?;
        facts.learn(&secret.id, secret.name.clone());
    }
    Ok(())
}

async fn make_table(clients: &Clients, table: &Table, facts: &mut Facts) -> Result<(), String> {
    let client = &clients.dynamodb;
    if client.describe_table().table_name(&table.name).send().await.is_err() {
        create_table(client, table).await?;
    }
    let described = client.describe_table().table_name(&table.name).send().await.map_err(said)?;
    let described = described.table.ok_or("it is not described")?;
    facts.learn(&table.id, table.name.clone());
    facts.learn_attribute(&table.id, "Arn", described.table_arn.unwrap_or_default());
    facts.learn_attribute(&table.id, "StreamArn", described.latest_stream_arn.unwrap_or_default());
    Ok(())
}

/// Makes a table with its indexes, its stream and its expiry.
///
/// # Errors
/// What the store says.
pub async fn create_table(client: &aws_sdk_dynamodb::Client, table: &Table) -> Result<(), String> {
    let mut request = client.create_table().table_name(&table.name).billing_mode(table::BillingMode::PayPerRequest);
    for (name, kind) in &table.attributes {
        let kind = table::ScalarAttributeType::from(kind.as_str());
        let attribute = table::AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build();
        request = request.attribute_definitions(attribute.map_err(said)?);
    }
    request = request.set_key_schema(Some(schema(&table.key)?));
    for keys in &table.indexes {
        request = request.global_secondary_indexes(index(keys)?);
    }
    if let Some(view) = &table.stream {
        let view = table::StreamViewType::from(view.as_str());
        let stream = table::StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build();
        request = request.stream_specification(stream.map_err(said)?);
    }
    request.send().await.map_err(said)?;
    let Some(attribute) = &table.expires_by else {
        return Ok(());
    };
    let ttl = table::TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute).build();
    let request = client.update_time_to_live().table_name(&table.name);
    request.time_to_live_specification(ttl.map_err(said)?).send().await.map_err(said)?;
    Ok(())
}

fn schema(key: &[KeyPart]) -> Result<Vec<table::KeySchemaElement>, String> {
    let element = |part: &KeyPart| {
        let kind = table::KeyType::from(part.kind.as_str());
        table::KeySchemaElement::builder().attribute_name(&part.name).key_type(kind).build().map_err(said)
    };
    key.iter().map(element).collect()
}

fn index(keys: &IndexKeys) -> Result<table::GlobalSecondaryIndex, String> {
    let included = (!keys.included.is_empty()).then(|| keys.included.clone());
    let projection = table::Projection::builder()
        .projection_type(table::ProjectionType::from(keys.projection.as_str()))
        .set_non_key_attributes(included)
        .build();
    let builder = table::GlobalSecondaryIndex::builder().index_name(&keys.name).projection(projection);
    builder.set_key_schema(Some(schema(&keys.key)?)).build().map_err(said)
}

/// Makes a queue and answers its ARN. `made` are those of the queues so far, by name.
async fn make_queue(clients: &Clients, queue: &Queue, made: &HashMap<String, String>, facts: &mut Facts) -> Result<String, String> {
    let client = &clients.sqs;
    let attributes = queue_attributes(queue, made);
    let created = client.create_queue().queue_name(&queue.name).set_attributes(Some(attributes)).send().await;
    let url = match created {
        Ok(created) => created.queue_url,
        Err(cause) => {
            let found = client.get_queue_url().queue_name(&queue.name).send().await;
            found.map_err(|_| said(cause))?.queue_url
        }
    };
    let url = url.ok_or("it has no address")?;
    let arn = client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn).send().await;
    let arn = arn.map_err(said)?.attributes.and_then(|mut all| all.remove(&QueueAttributeName::QueueArn));
    let arn = arn.ok_or("it has no ARN")?;
    facts.learn(&queue.id, url);
    facts.learn_attribute(&queue.id, "Arn", arn.clone());
    Ok(arn)
}

fn queue_attributes(queue: &Queue, made: &HashMap<String, String>) -> HashMap<QueueAttributeName, String> {
    let said = queue.attributes.iter().map(|(name, value)| (QueueAttributeName::from(name.as_str()), value.clone()));
    let redrive = queue.redrive.as_ref().map(|redrive| {
        let name = redrive.arn.rsplit(':').next().unwrap_or_default();
        let arn = made.get(name).unwrap_or(&redrive.arn);
        let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": redrive.receives });
        (QueueAttributeName::RedrivePolicy, policy.to_string())
    });
    said.chain(redrive).collect()
}

async fn make_bucket(clients: &Clients, bucket: &Bucket) -> Result<(), String> {
    let client = &clients.s3;
    if client.head_bucket().bucket(&bucket.name).send().await.is_err() {
        client.create_bucket().bucket(&bucket.name).send().await.map_err(said)?;
    }
    if bucket.versioned {
        let on = bucket::VersioningConfiguration::builder().status(bucket::BucketVersioningStatus::Enabled).build();
        let request = client.put_bucket_versioning().bucket(&bucket.name).versioning_configuration(on);
        request.send().await.map_err(said)?;
    }
    if let Some(cors) = rules::cors(&bucket.cors)? {
        let request = client.put_bucket_cors().bucket(&bucket.name).cors_configuration(cors);
        request.send().await.map_err(said)?;
    }
    if let Some(lifecycle) = rules::lifecycle(&bucket.lifecycle)? {
        let request = client.put_bucket_lifecycle_configuration().bucket(&bucket.name);
        request.lifecycle_configuration(lifecycle).send().await.map_err(said)?;
    }
    Ok(())
}

async fn make_secret(clients: &Clients, secret: &Secret, given: Option<&String>) -> Result<(), String> {
    let client = &clients.secrets;
    // What somebody put there in an earlier run stays.
    if client.get_secret_value().secret_id(&secret.name).send().await.is_ok() {
        return Ok(());
    }
    let value = given.cloned().unwrap_or_else(|| initial(&secret.value));
    let request = client.create_secret().name(&secret.name).secret_string(value);
    request.send().await.map(drop).map_err(said)
}

fn initial(value: &SecretValue) -> String {
    let key = |id: &str| json!({ "id": id, "key": STANDARD.encode(rand::random::<[u8; 32]>()) });
    match value {
        SecretValue::Said(text) => text.clone(),
        SecretValue::Keyring => json!({ "seal": [key("s1")], "webhook": [key("w1")] }).to_string(),
    }
}
