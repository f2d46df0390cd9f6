//! What the template says of the functions, the table, the queue and the stream, so that a story runs by the
//! numbers that are deployed. Read once for each set of parameters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use stack::aws::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use stack::template::{Facts, Stores, Table, Template};

use crate::aws::QueueRules;
use crate::machine::{Deployed, Function};
use crate::stream::StreamRules;

/// Where the SDK sends its requests: nowhere but to the client that is given.
pub(crate) const AWS_URL: &str = "http://aws.sim";
/// The template's names of what a story looks at.
const JOBS_QUEUE: &str = "JobsQueue";
pub(crate) const PLATFORM_SECRET: &str = "PlatformSecret";
pub(crate) const KEYRING_SECRET: &str = "KeyringSecret";

/// The deployment.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) functions: BTreeMap<Function, Deployed>,
    pub(crate) table: Table,
    pub(crate) queue: QueueRules,
    pub(crate) batch_size: u64,
    pub(crate) lanes: usize,
    pub(crate) stream: StreamRules,
    /// Real names of secrets by their names in the template.
    pub(crate) secrets: BTreeMap<String, String>,
}

/// The plan for these parameters.
pub(crate) fn plan(parameters: &BTreeMap<String, String>) -> Arc<Plan> {
    static PLANS: Mutex<BTreeMap<BTreeMap<String, String>, Arc<Plan>>> = Mutex::new(BTreeMap::new());
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let plan = plans.entry(parameters.clone()).or_insert_with(|| Arc::new(read(parameters)));
    Arc::clone(plan)
}

fn read(parameters: &BTreeMap<String, String>) -> Plan {
    let template = Template::open(&stack::product_template(), parameters).unwrap();
    let mut facts = Facts::new("us-east-1");
    let stores = template.stores(&facts).unwrap();
    learn(&stores, &mut facts);
    let functions = template.functions(&facts).unwrap();
    let of_crate = |name: &str| functions.iter().find(|function| function.crate_name == name).unwrap();
    let deployed = Function::ALL.map(|function| {
        let said = of_crate(function.crate_name());
        let mut variables = said.variables.clone();
        let lambdas_own = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
            ("AWS_LAMBDA_FUNCTION_NAME", said.id.as_str()),
            ("AWS_ENDPOINT_URL", AWS_URL),
        ];
        variables.extend(lambdas_own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        (function, Deployed { variables, timeout: said.timeout })
    });
    let source = &of_crate("worker").queues[0];
    let stream = &of_crate("relay").streams[0];
    Plan {
        functions: deployed.into_iter().collect(),
        table: stores.tables[0].clone(),
        queue: queue_rules(&stores),
        batch_size: u64::from(source.batch_size),
        lanes: source.concurrency,
        stream: StreamRules { batch_size: stream.batch_size, retries: stream.retries, filters: stream.filters.clone(), permille: 0 },
        secrets: stores.secrets.iter().map(|secret| (secret.id.clone(), secret.name.clone())).collect(),
    }
}

/// What the stores are called once they are made.
fn learn(stores: &Stores, facts: &mut Facts) {
    for table in &stores.tables {
        facts.learn(&table.id, table.name.clone());
        facts.learn_attribute(&table.id, "StreamArn", "arn:aws:dynamodb:us-east-1:000000000000:table/stream");
    }
    for queue in &stores.queues {
        facts.learn(&queue.id, format!("{AWS_URL}/000000000000/{}", queue.name));
        facts.learn_attribute(&queue.id, "Arn", format!("arn:aws:sqs:us-east-1:000000000000:{}", queue.name));
    }
    for (id, name) in
        stores.buckets.iter().map(|bucket| (&bucket.id, &bucket.name)).chain(stores.secrets.iter().map(|one| (&one.id, &one.name)))
    {
        facts.learn(id, name.clone());
    }
}

fn queue_rules(stores: &Stores) -> QueueRules {
    let jobs = stores.queues.iter().find(|queue| queue.id == JOBS_QUEUE).unwrap();
    let hidden: i64 = jobs.attributes["VisibilityTimeout"].parse().unwrap();
    QueueRules { hidden_for: SignedDuration::from_secs(hidden), receives: jobs.redrive.as_ref().unwrap().receives, permille: 0 }
}

/// The longest time that a late request may still arrive, by the template.
pub(crate) fn late_request(plan: &Plan) -> Duration {
    let seconds = plan.functions[&Function::Worker].variables.get("DAYPASS_LATE_REQUEST_SECONDS");
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(120))
}
