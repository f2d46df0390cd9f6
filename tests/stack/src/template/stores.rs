//! From resolved resources to the model: what keeps something.

use serde_json::Value;

use super::model::{Bucket, IndexKeys, KeyPart, Queue, Redrive, Secret, SecretValue, Stores, Table};
use super::read::text;
use super::resolve::{Facts, Resolver, physical_name};
use super::{Template, TemplateError};

/// Template properties of a queue that are SQS attributes of the same meaning.
const QUEUE_ATTRIBUTES: [&str; 6] = [
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "FifoQueue",
    "ContentBasedDeduplication",
];

impl Template {
    /// What is to be made, before there is anything.
    ///
    /// # Errors
    /// When something cannot be understood.
    pub fn stores(&self, facts: &Facts) -> Result<Stores, TemplateError> {
        let mut queues = self.all(facts, "AWS::SQS::Queue", queue)?;
        queues.sort_by_key(|queue| queue.redrive.is_some());
        Ok(Stores {
            tables: self.all(facts, "AWS::DynamoDB::Table", table)?,
            queues,
            buckets: self.all(facts, "AWS::S3::Bucket", bucket)?,
            secrets: self.all(facts, "AWS::SecretsManager::Secret", secret)?,
        })
    }

    fn all<T>(
        &self,
        facts: &Facts,
        kind: &str,
        read: impl Fn(&Resolver<'_>, &str, &Value) -> Result<T, TemplateError>,
    ) -> Result<Vec<T>, TemplateError> {
        let mut found = Vec::new();
        for name in self.names_of(kind) {
            let resource = self.section("Resources").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
            let resolver = Resolver { template: self, facts, place: name.to_owned() };
            if let Some(condition) = resource["Condition"].as_str()
                && !resolver.holds(condition)?
            {
                continue;
            }
            found.push(read(&resolver, name, &resource["Properties"])?);
        }
        Ok(found)
    }
}

fn name_in(properties: &Value, property: &str, id: &str) -> String {
    properties[property].as_str().map_or_else(|| physical_name(id), str::to_owned)
}

fn table(resolver: &Resolver<'_>, id: &str, properties: &Value) -> Result<Table, TemplateError> {
    let properties = resolver.resolve(properties)?;
    let attributes = items(&properties["AttributeDefinitions"]);
    let ttl = &properties["TimeToLiveSpecification"];
    Ok(Table {
        id: id.to_owned(),
        name: name_in(&properties, "TableName", id),
        attributes: attributes.iter().map(|one| (text(&one["AttributeName"]), text(&one["AttributeType"]))).collect(),
        key: key(&properties["KeySchema"]),
        indexes: items(&properties["GlobalSecondaryIndexes"]).iter().map(index).collect(),
        stream: properties["StreamSpecification"]["StreamViewType"].as_str().map(str::to_owned),
        expires_by: ttl["AttributeName"].as_str().filter(|_| ttl["Enabled"] == true).map(str::to_owned),
    })
}

fn index(properties: &Value) -> IndexKeys {
    let projection = &properties["Projection"];
    IndexKeys {
        name: text(&properties["IndexName"]),
        key: key(&properties["KeySchema"]),
        projection: projection["ProjectionType"].as_str().unwrap_or("ALL").to_owned(),
        included: items(&projection["NonKeyAttributes"]).iter().map(text).collect(),
    }
}

fn key(schema: &Value) -> Vec<KeyPart> {
    let part = |part: &Value| KeyPart { name: text(&part["AttributeName"]), kind: text(&part["KeyType"]) };
    items(schema).iter().map(part).collect()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn queue(resolver: &Resolver<'_>, id: &str, properties: &Value) -> Result<Queue, TemplateError> {
    let properties = resolver.resolve(properties)?;
    let said = |name: &&str| properties.get(*name).map(|value| ((*name).to_owned(), text(value)));
    let policy = &properties["RedrivePolicy"];
    let receives = policy["maxReceiveCount"].as_u64().and_then(|count| u32::try_from(count).ok());
    Ok(Queue {
        id: id.to_owned(),
        name: name_in(&properties, "QueueName", id),
        attributes: QUEUE_ATTRIBUTES.iter().filter_map(said).collect(),
        redrive: receives.map(|receives| Redrive { arn: text(&policy["deadLetterTargetArn"]), receives }),
    })
}

fn bucket(resolver: &Resolver<'_>, id: &str, properties: &Value) -> Result<Bucket, TemplateError> {
    let part = |name: &str| resolver.resolve(properties.get(name).unwrap_or(&Value::Null));
    Ok(Bucket {
        id: id.to_owned(),
        name: name_in(properties, "BucketName", id),
        versioned: part("VersioningConfiguration")?["Status"] == "Enabled",
        cors: items(&part("CorsConfiguration")?["CorsRules"]).to_vec(),
        lifecycle: items(&part("LifecycleConfiguration")?["Rules"]).to_vec(),
    })
}

fn secret(resolver: &Resolver<'_>, id: &str, properties: &Value) -> Result<Secret, TemplateError> {
    let said = resolver.resolve(properties.get("SecretString").unwrap_or(&Value::Null))?;
    let is_keyring = |name: &&str| {
        let all = resolver.template.section("Resources");
        all.is_some_and(|all| all.get(*name).is_some_and(|one| one["Properties"]["SecretId"]["Ref"] == id))
    };
    let keyring = resolver.template.names_of("Custom::Keyring").iter().any(is_keyring);
    let value = if keyring { SecretValue::Keyring } else { SecretValue::Said(text(&said)) };
    Ok(Secret { id: id.to_owned(), name: name_in(properties, "Name", id), value })
}
