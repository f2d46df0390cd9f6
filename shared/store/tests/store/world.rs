//! A fresh table in the embedded DynamoDB, a store on it, and the records that the stories need.
//!
//! For a second opinion `DAYPASS_TEST_DYNAMODB_URL` names another DynamoDB: the table is made there instead.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use domain::account::{Account, AccountChange, Actor, Balance, CurrentPlan, Guard, Role};
use domain::channel::Channel;
use domain::extension::{Extension, ExtensionState, Origin};
use domain::id::{ChannelId, EntryId, ExtensionId, PlanId, SubscriptionId, UserId};
use domain::ledger::{Cause, Entry, EntryKind};
use domain::plan::Limits;
use domain::subscription::PaymentMethod;
use domain::{Days, Secret, SignedDuration, Timestamp};
use store::{Commit, Meter, Store, StoreConfig, Tenant};

use crate::wire::Wire;

/// The table, the store, and the directory that holds both while the test runs.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) wire: Wire,
    pub(crate) meter: Meter,
    pub(crate) raw: aws_sdk_dynamodb::Client,
    pub(crate) table: String,
    _server: Server,
}

/// The embedded DynamoDB, for as long as its test runs.
struct Server {
    url: String,
    task: Option<tokio::task::JoinHandle<()>>,
    directory: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Server {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        if let Ok(url) = std::env::var("DAYPASS_TEST_DYNAMODB_URL") {
            return Self { url, task: None, directory };
        }
        let database = dynoxide::Database::new(&directory.path().join("table.sqlite").to_string_lossy()).unwrap();
        database.enable_bulk_loading().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Self { url, task: Some(task), directory }
    }

    /// A name that no other test has.
    fn table(&self) -> String {
        let place = self.directory.path().file_name().unwrap().to_string_lossy();
        format!("daypass-{}", place.trim_start_matches('.'))
    }
}

/// The moment at which the stories begin.
pub(crate) fn start() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// So many seconds later.
pub(crate) fn after(seconds: i64) -> Timestamp {
    start().saturating_add(SignedDuration::from_secs(seconds)).unwrap()
}

pub(crate) fn user(number: u128) -> UserId {
    UserId::new(start(), number)
}

pub(crate) fn channel_id(number: u128) -> ChannelId {
    ChannelId::new(after(i64::try_from(number).unwrap()), number)
}

impl World {
    pub(crate) async fn begin() -> Self {
        let server = Server::start().await;
        let table = server.table();
        let wire = Wire::new();
        let keys = net::aws::credentials("test", &Secret::new("test"), None);
        let aws = net::Aws::new("eu-west-1", Some(server.url.clone()), keys);
        let raw = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
        create_table(&raw, &table).await;
        let aws = aws.over(aws_smithy_runtime_api::client::http::SharedHttpClient::new(wire.clone()));
        let meter = Meter::new();
        let config = StoreConfig { table: table.clone(), bucket: "bucket".to_owned() };
        let store = Store::seeded(config, aws, 1).metered(meter.clone());
        Self { store, wire, meter, raw, table, _server: server }
    }

    /// A customer with a plan of so many channels and so many days.
    pub(crate) async fn customer(&self, number: u128, channels: Option<u32>, days: u32) -> Tenant {
        let mut account = account(user(number));
        account.plan = Some(plan(channels));
        self.store.commit(Commit::new().new_account(account)).await.unwrap();
        if days > 0 {
            self.store.commit(credit(&user(number), number, days)).await.unwrap();
        }
        self.store.custody(&user(number))
    }
}

async fn create_table(client: &aws_sdk_dynamodb::Client, table: &str) {
    let attribute =
        |name: &str| AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap();
    let key = |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let index = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("due_shard", KeyType::Hash))
        .key_schema(key("due_at", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "due_shard", "due_at"].map(attribute).to_vec()))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .send()
        .await
        .unwrap();
}

pub(crate) fn account(user_id: UserId) -> Account {
    Account {
        user_id,
        email: Some("demo@daypass.test".to_owned()),
        name: "Demo".to_owned(),
        role: Role::Customer,
        time_zone: "UTC".to_owned(),
        locale: "en".to_owned(),
        balance: Balance::default(),
        channels_used: 0,
        plan: None,
        open_checkout: None,
        refunds: 0,
        suspended: false,
        closing: false,
        due_at: None,
        created_at: start(),
        updated_at: start(),
        version: 0,
    }
}

pub(crate) fn plan(channels: Option<u32>) -> CurrentPlan {
    CurrentPlan {
        subscription_id: SubscriptionId::new(start(), 1),
        plan_id: PlanId::new(start(), 1),
        name: "Starter".to_owned(),
        limits: Limits { channels, daily_messages: None, bulk_messages: None },
        end_at: None,
        payment_method: PaymentMethod::Paypal,
        renews: true,
    }
}

pub(crate) fn entry(user: &UserId, number: u128, kind: EntryKind, days: u32, cause: Cause) -> Entry {
    Entry {
        id: EntryId::new(start(), number),
        user_id: user.clone(),
        at: start(),
        kind,
        days: Days::new(days),
        cause,
        channel_id: None,
        subscription_id: None,
        lot_id: None,
        lapses_at: None,
        note: None,
        by: None,
    }
}

/// A payment that arrived.
pub(crate) fn credit(user: &UserId, number: u128, days: u32) -> Commit {
    let entry = entry(user, number, EntryKind::Credit, days, Cause::paypal_sale(&format!("SALE-{number}")));
    Commit::new().account(entry.account_change()).entry(entry)
}

/// Days that go to a channel, guarded as reservations are.
pub(crate) fn spend(user: &UserId, number: u128, days: u32) -> Commit {
    let extension = extension(user, &channel_id(1), number);
    let entry = entry(user, 1_000 + number, EntryKind::Debit, days, Cause::extend(&extension.id));
    let change = entry.account_change().guarded(Guard::Remaining(Days::new(days))).guarded(Guard::Open);
    Commit::new().account(change).entry(entry).extension(extension)
}

pub(crate) fn extension(user: &UserId, channel: &ChannelId, number: u128) -> Extension {
    Extension {
        id: ExtensionId::new(start(), number),
        user_id: user.clone(),
        channel_id: channel.clone(),
        days: Days::new(1),
        state: ExtensionState::Queued,
        origin: Origin::Customer,
        reason: None,
        due_at: Some(start()),
        attempts: 0,
        calls: 0,
        created_at: start(),
        updated_at: start(),
        version: 0,
    }
}

pub(crate) fn channel(user: &UserId, number: u128) -> Channel {
    Channel::new(channel_id(number), user.clone(), format!("Shop {number}"), None, start())
}

/// A channel that takes its place under the limit.
pub(crate) fn add_channel(user: &UserId, number: u128) -> Commit {
    let mut change = AccountChange::new(user.clone(), start()).guarded(Guard::Open).guarded(Guard::ChannelRoom);
    change.channels = 1;
    Commit::new().account(change).channel(channel(user, number))
}

pub(crate) fn actor(user: &UserId) -> Actor {
    Actor {
        user_id: user.clone(),
        account_id: user.clone(),
        role: Role::Customer,
        scopes: vec!["*".to_owned()],
        suspended: false,
        email: None,
    }
}
