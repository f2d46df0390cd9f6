//! One story's world: AWS, the functions, what calls them, the providers, all on one clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::id::PlanId;
use domain::plan::{BillingPeriod, Limits, RequestType};
use domain::{Currency, Money};
use jiff::Timestamp;
use net::SharedHttpClient;
use sandbox::Clock;
use serde_json::json;
use stack::aws::tables::Tables;
use stack::aws::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use tokio::task::JoinSet;

use crate::aws::{Cloud, CloudHttp, JobQueue, Weather};
use crate::dice::Dice;
use crate::front::Front;
use crate::machine::{Machine, Parts};
use crate::mutation::Mutation;
use crate::outside::{self, Outside};
use crate::schedule::Schedule;
use crate::story::Climate;
use crate::stream::Stream;
use crate::tally::Tally;
use crate::template::{self, KEYRING_SECRET, PLATFORM_SECRET, Plan};

/// When every story begins.
pub(crate) const START: &str = "2026-11-21T06:54:07Z";
/// The plans on sale: name, US cents, period, channels.
const PLANS: [(&str, i64, BillingPeriod, Option<u32>); 4] = [
    ("Starter", 1_350, BillingPeriod::Monthly, Some(1)),
    ("Duo", 2_400, BillingPeriod::Monthly, Some(2)),
    ("Growth", 3_600, BillingPeriod::Quarterly, Some(3)),
    ("Open", 5_000, BillingPeriod::Monthly, None),
];

/// A world.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) machine: Arc<Machine>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) schedule: Arc<Schedule>,
    pub(crate) tally: Tally,
    pub(crate) outside: Outside,
    /// The plans on sale.
    pub(crate) plans: Vec<PlanId>,
    /// The table's name.
    pub(crate) table: String,
    _tasks: JoinSet<()>,
}

impl World {
    /// A fresh world; must be made on a paused runtime.
    pub(crate) async fn new(seed: u64, climate: Climate, without: Option<Mutation>) -> Self {
        fastrand::seed(Dice::of(seed, "sdk").seed());
        let start: Timestamp = START.parse().unwrap();
        let clock = Clock::simulated(start);
        let tally = Tally::default();
        let outside = Outside::start(&clock, seed, without.and_then(Mutation::at_providers), &tally);
        let plan = template::plan(&outside.parameters());
        let cloud = Arc::new(cloud(seed, climate, without, &plan, &outside, &clock, &tally));
        let machine = Arc::new(Machine::new(Parts {
            cloud: Arc::clone(&cloud),
            outside: outside.clone(),
            clock: clock.clone(),
            deployed: plan.functions.clone(),
            ids: Dice::of(seed, "ids"),
            dice: Dice::of(seed, "machine"),
            permille: climate.crashes,
            tally: tally.clone(),
        }));
        let stream_arn = make_table(&cloud, &plan).await;
        let mut rules = plan.stream.clone();
        rules.permille = climate.queue;
        let stream = Arc::new(Stream::new(stream_arn, rules, Dice::of(seed, "stream"), tally.clone()));
        let schedule =
            Arc::new(Schedule::new(Arc::clone(&machine), Arc::clone(&stream), clock.clone(), Dice::of(seed, "schedule"), tally.clone()));
        outside.set_front(Front::new(Arc::clone(&machine)));
        let plans = publish(&machine, &clock).await;
        cloud.weather.set(climate.aws);
        outside.set_weather(climate);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&stream).follow(Arc::clone(&cloud)));
        tasks.spawn(Arc::clone(&stream).relay(Arc::clone(&machine)));
        tasks.spawn(Arc::clone(&schedule).sweep());
        let (jobs, batch) = (Dice::of(seed, "jobs"), plan.batch_size);
        tasks.spawn(crate::jobs::work_off(Arc::clone(&cloud), Arc::clone(&machine), clock.clone(), jobs, batch, plan.lanes));
        assert_eq!(template::late_request(&plan), outside::LATE, "requests are late by the template's number");
        Self { clock, cloud, machine, stream, schedule, tally, outside, plans, table: plan.table.name.clone(), _tasks: tasks }
    }
}

impl World {
    /// From now on the weather is fair.
    pub(crate) fn calm(&self) {
        self.outside.set_weather(Climate::default());
        self.outside.count_hits();
        self.cloud.weather.set(0);
        self.cloud.queue.calm();
        self.machine.calm();
        self.stream.calm();
    }
}

/// Puts the plans on sale.
async fn publish(machine: &Machine, clock: &Clock) -> Vec<PlanId> {
    let app = machine.app();
    let mut ids = Vec::new();
    for (number, (name, cents, billing_period, channels)) in PLANS.into_iter().enumerate() {
        let plan = app::plans::publish(&app, on_sale(name, cents, billing_period, channels, number as u128, clock.now())).await.unwrap();
        ids.push(plan.id);
    }
    ids
}

fn on_sale(
    name: &str,
    cents: i64,
    billing_period: BillingPeriod,
    channels: Option<u32>,
    number: u128,
    now: Timestamp,
) -> domain::plan::Plan {
    domain::plan::Plan {
        id: PlanId::new(now, number),
        name: name.to_owned(),
        price: Money::new(cents * 4, Currency::Bhd),
        charged: Some(Money::new(cents, Currency::Usd)),
        billing_period,
        limits: Limits { channels, daily_messages: None, bulk_messages: None },
        features: Vec::new(),
        lapse_after: None,
        paypal_product_id: None,
        paypal_plan_id: None,
        request_type: RequestType::Paid,
        is_active: true,
        created_at: now,
        updated_at: now,
        version: 0,
    }
}

fn cloud(seed: u64, climate: Climate, without: Option<Mutation>, plan: &Plan, outside: &Outside, clock: &Clock, tally: &Tally) -> Cloud {
    static WORLDS: AtomicU64 = AtomicU64::new(0);
    let name = format!("daypass-simulation-{}", WORLDS.fetch_add(1, Ordering::Relaxed));
    let tables = Tables::in_memory(&name, clock.clone()).unwrap();
    let mut rules = plan.queue;
    rules.permille = climate.queue;
    let queue = JobQueue::new(clock.clone(), Dice::of(seed, "queue"), rules, tally.clone());
    let weather = Weather::new(Dice::of(seed, "aws"), tally.clone());
    Cloud::new(tables, queue, secrets(plan, outside), weather, without.and_then(Mutation::at_aws))
}

fn secrets(plan: &Plan, outside: &Outside) -> BTreeMap<String, String> {
    let key = |id: &str, byte: u8| json!({ "id": id, "key": STANDARD.encode([byte; 32]) });
    let keyring = json!({ "seal": [key("s1", 1)], "webhook": [key("w1", 2)] });
    let named = [(KEYRING_SECRET, keyring), (PLATFORM_SECRET, outside.platform())];
    named.into_iter().map(|(id, value)| (plan.secrets[id].clone(), value.to_string())).collect()
}

/// Makes the table as the template says it; answers the name of its stream.
async fn make_table(cloud: &Arc<Cloud>, plan: &Plan) -> String {
    let key = net::aws::credentials(ACCESS_KEY_ID, &domain::Secret::new(SECRET_ACCESS_KEY), None);
    let http = SharedHttpClient::new(CloudHttp { cloud: Arc::clone(cloud), life: None });
    let aws = net::Aws::new("us-east-1", Some(template::AWS_URL.to_owned()), key).over(http);
    let client = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    stack::resources::create_table(&client, &plan.table).await.unwrap();
    let described = client.describe_table().table_name(&plan.table.name).send().await.unwrap();
    described.table.and_then(|table| table.latest_stream_arn).unwrap()
}
