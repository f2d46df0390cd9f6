//! What of a stack is taken down and put up again by a reset: the resources, the functions, the
//! gateway, the event sources. Building it is what a deployment does.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandbox::Clock;

use crate::aws::{ACCESS_KEY_ID, Clients, SECRET_ACCESS_KEY};
use crate::config::StackError;
use crate::functions::{Registry, Surroundings};
use crate::gateway::Gateway;
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
        let worker = functions
            .iter()
            .find(|function| function.crate_name == WORKER);
        let worker = worker.map(|function| surroundings(plan, function));
        let deployed = functions.iter().map(|function| deploy(plan, function));
        let clock = plan.clock.clone();
        let invoker = Invoker::new(clock.clone(), deployed.collect::<Result<_, _>>()?);
        let surface = Surface::new(plan.clients.clone(), invoker.clone(), clock.clone());
        let (template, calls) = (&plan.template, invoker.clone());
        let gateway = Gateway::new(template, &facts, &functions, calls, clock)?;
        let sources = Sources::start(surface, &functions, plan.positions.clone(), &facts).await?;
        Ok(Self {
            gateway,
            invoker,
            sources,
            made: made(&stores, &facts),
            worker,
        })
    }
}

fn made(stores: &Stores, facts: &Facts) -> Made {
    let named = |id: &String, name: &String| (id.clone(), name.clone());
    let address = |queue: &Queue| Some((queue.id.clone(), facts.value(&queue.id)?));
    Made {
        tables: stores
            .tables
            .iter()
            .map(|one| named(&one.id, &one.name))
            .collect(),
        queues: stores.queues.iter().filter_map(address).collect(),
        buckets: stores
            .buckets
            .iter()
            .map(|one| named(&one.id, &one.name))
            .collect(),
        secrets: stores
            .secrets
            .iter()
            .map(|one| named(&one.id, &one.name))
            .collect(),
    }
}

fn deploy(plan: &Plan, function: &Function) -> Result<(String, Deployed), StackError> {
    let code = match plan.registry.maker(&function.crate_name) {
        Some(make) => {
            make(&surroundings(plan, function)).map_err(|cause| StackError::Function {
                name: function.id.clone(),
                cause,
            })?
        }
        None => absent(&function.crate_name),
    };
    Ok((
        function.id.clone(),
        Deployed {
            code,
            timeout: function.timeout,
            memory_mb: function.memory_mb,
        },
    ))
}

/// What the template gives a function, and what Lambda itself does.
fn surroundings(plan: &Plan, function: &Function) -> Surroundings {
    let mut variables = function.variables.clone();
    let lambdas_own = [
        ("AWS_REGION", plan.region.as_str()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_LAMBDA_FUNCTION_NAME", function.id.as_str()),
        ("AWS_ENDPOINT_URL", plan.aws_url.as_str()),
    ];
    variables.extend(lambdas_own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Surroundings {
        variables,
        clock: plan.clock.clone(),
    }
}

fn absent(crate_name: &str) -> Code {
    let text = format!("no crate stands for {crate_name}");
    Arc::new(move |_, _| {
        let text = text.clone();
        Box::pin(async move { Err(text) })
    })
}
