//! What of a stack is taken down and put up again by a reset: the resources, the functions, the
//! gateway, the event sources. Building it is what a deployment does.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandbox::Clock;
use sandbox::serve::Listening;

use crate::aws::{ACCESS_KEY_ID, AwsError, Clients, SECRET_ACCESS_KEY};
use crate::config::StackError;
use crate::functions::{Registry, Surroundings};
use crate::gateway::Gateway;
use crate::guard::{self, Door, Refusals};
use crate::invoke::{Code, Deployed, Invoker};
use crate::resources;
use crate::sources::{Positions, Sources, Surface};
use crate::template::{Facts, Function, Queue, Stores, Template};

/// The crate of the function with the means to put seeds in.
const WORKER: &str = "worker";

/// What a world is built from.
pub(crate) struct Plan {
    pub(crate) template: Template,
    pub(crate) registry: Registry,
    pub(crate) clients: Clients,
    pub(crate) aws_url: String,
    pub(crate) region: String,
    pub(crate) clock: Clock,
    pub(crate) positions: Positions,
    /// Values of secrets, by their names in the template.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Whether functions may only do what their roles allow.
    pub(crate) guarded: bool,
    /// What their roles did not allow.
    pub(crate) refusals: Refusals,
}

/// A deployed template.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) invoker: Invoker,
    pub(crate) sources: Sources,
    /// What the names in the template stand for: tables, queues, buckets, secrets.
    pub(crate) made: Made,
    /// What the worker finds around it: the seeds are put in with its means.
    pub(crate) worker: Option<Surroundings>,
    _doors: Vec<Listening>,
}

/// The real names of what was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Tables by their names in the template.
    pub tables: BTreeMap<String, String>,
    /// Addresses of queues.
    pub queues: BTreeMap<String, String>,
    /// Buckets.
    pub buckets: BTreeMap<String, String>,
    /// Secrets.
    pub secrets: BTreeMap<String, String>,
}

impl World {
    pub(crate) async fn build(plan: &Plan) -> Result<Self, StackError> {
        let mut facts = Facts::new(&plan.region);
        let stores = plan.template.stores(&facts)?;
        resources::make(&plan.clients, &stores, &plan.secrets, &mut facts).await?;
        let functions = plan.template.functions(&facts)?;
        let worker = functions.iter().find(|function| function.crate_name == WORKER);
        // The seeds are put in round the worker's door: they are no work of its own.
        let worker = worker.map(|function| surroundings(plan, function, &plan.aws_url));
        let doors = open_doors(plan, &stores, &functions, &facts).await?;
        let deployed = functions.iter().map(|function| {
            let door = doors.get(&function.id).map(Listening::url);
            deploy(plan, function, &door.unwrap_or_else(|| plan.aws_url.clone()))
        });
        let clock = plan.clock.clone();
        let invoker = Invoker::new(clock.clone(), deployed.collect::<Result<_, _>>()?);
        let surface = Surface::new(plan.clients.clone(), invoker.clone(), clock.clone());
        let (template, calls) = (&plan.template, invoker.clone());
        let gateway = Gateway::new(template, &facts, &functions, calls, clock)?;
        let sources = Sources::start(surface, &functions, plan.positions.clone(), &facts).await?;
        Ok(Self { gateway, invoker, sources, made: made(&stores, &facts), worker, _doors: doors.into_values().collect() })
    }
}

fn made(stores: &Stores, facts: &Facts) -> Made {
    let named = |id: &String, name: &String| (id.clone(), name.clone());
    let address = |queue: &Queue| Some((queue.id.clone(), facts.value(&queue.id)?));
    Made {
        tables: stores.tables.iter().map(|one| named(&one.id, &one.name)).collect(),
        queues: stores.queues.iter().filter_map(address).collect(),
        buckets: stores.buckets.iter().map(|one| named(&one.id, &one.name)).collect(),
        secrets: stores.secrets.iter().map(|one| named(&one.id, &one.name)).collect(),
    }
}

/// A door for each function whose role the template names.
async fn open_doors(
    plan: &Plan,
    stores: &Stores,
    functions: &[Function],
    facts: &Facts,
) -> Result<BTreeMap<String, Listening>, StackError> {
    let mut doors = BTreeMap::new();
    let arns = Arc::new(arns(stores, facts));
    for function in functions.iter().filter(|_| plan.guarded) {
        let Some(policy) = plan.template.policy(&function.id, facts)? else { continue };
        let door = Door {
            function: function.id.clone(),
            policy,
            stores: plan.aws_url.clone(),
            arns: Arc::clone(&arns),
            refusals: plan.refusals.clone(),
        };
        let opened = guard::open(door).await.map_err(AwsError::Io)?;
        doors.insert(function.id.clone(), opened);
    }
    Ok(doors)
}

/// ARNs by what requests call things.
fn arns(stores: &Stores, facts: &Facts) -> BTreeMap<String, String> {
    let tables = stores.tables.iter().map(|table| (Some(table.name.clone()), &table.id));
    let queues = stores.queues.iter().map(|queue| (facts.value(&queue.id), &queue.id));
    let known = tables.chain(queues).filter_map(|(name, id)| Some((name?, facts.attribute(id, "Arn")?)));
    known.collect()
}

fn deploy(plan: &Plan, function: &Function, aws_url: &str) -> Result<(String, Deployed), StackError> {
    let code = match plan.registry.maker(&function.crate_name) {
        Some(make) => {
            make(&surroundings(plan, function, aws_url)).map_err(|cause| StackError::Function { name: function.id.clone(), cause })?
        }
        None => absent(&function.crate_name),
    };
    Ok((function.id.clone(), Deployed { code, timeout: function.timeout, memory_mb: function.memory_mb }))
}

/// What the template gives a function, and what Lambda itself does.
fn surroundings(plan: &Plan, function: &Function, aws_url: &str) -> Surroundings {
    let mut variables = function.variables.clone();
    let lambdas_own = [
        ("AWS_REGION", plan.region.as_str()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_LAMBDA_FUNCTION_NAME", function.id.as_str()),
        ("AWS_ENDPOINT_URL", aws_url),
    ];
    variables.extend(lambdas_own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Surroundings { variables, clock: plan.clock.clone() }
}

fn absent(crate_name: &str) -> Code {
    let text = format!("no crate stands for {crate_name}");
    Arc::new(move |_, _| {
        let text = text.clone();
        Box::pin(async move { Err(text) })
    })
}
