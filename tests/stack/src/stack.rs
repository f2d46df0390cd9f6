//! The whole product in one process: embedded AWS stores, the providers' sandboxes, the gateway and
//! the event sources of `template.yaml`, the functions, and the local controls beside them.
//!
//! A [`Stack`] is what tests and `cargo dev` start. Dropping it closes every socket, ends every task
//! and removes what it kept in temporary folders; with a data folder the next one goes on from there.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use sandbox::serve::{Bound, Listening, bind};
use sandbox::{Clock, Sandbox, SandboxConfig, Saved};
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::aws::{Aws, AwsConfig, AwsError, Clients, REGION};
use crate::config::{StackConfig, StackError, read_template};
use crate::guard::Refusals;
use crate::invoke::InvokeError;
use crate::settle::{Restless, settle};
use crate::sources::Positions;
use crate::world::{Made, Plan, World};
use crate::{local, providers, seed};

/// How long running functions may take to end when the stack is taken down.
const END_WITHIN: Duration = Duration::from_secs(5);
/// How long a port that is taken may take to become free.
const FREED_WITHIN: Duration = Duration::from_secs(1);
/// How often to look whether they have.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running stack.
pub struct Stack {
    shared: Arc<Shared>,
    _listening: Listening,
    _tasks: JoinSet<()>,
}

/// What the stack's own doors share.
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) public_url: String,
    pub(crate) sandbox: Sandbox,
    pub(crate) aws: Option<Aws>,
    pub(crate) plan: Plan,
    /// Whether PayPal is the sandbox.
    pub(crate) own_paypal: bool,
    seeded: bool,
    // Absent while a reset is under way.
    world: RwLock<Option<Arc<World>>>,
}

impl Stack {
    /// Starts everything and puts in the seeds. Must be called on a runtime.
    ///
    /// # Errors
    /// When a part cannot be started.
    pub async fn start(config: StackConfig) -> Result<Self, StackError> {
        let began = Instant::now();
        loop {
            match Self::try_start(config.clone()).await {
                // A stack that was just dropped closes its sockets a moment later.
                Err(cause) if cause.is_taken_port() && began.elapsed() < FREED_WITHIN => {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                done => return done,
            }
        }
    }

    async fn try_start(config: StackConfig) -> Result<Self, StackError> {
        let port = config.port;
        let bound = bind(port).await;
        let bound = bound.map_err(|cause| StackError::Port { port, cause })?;
        let mut tasks = JoinSet::new();
        let clock = kept_clock(config.data_dir.as_deref(), &mut tasks)?;
        let shared = Arc::new(Shared::start(config, clock, &bound).await?);
        let listening = bound.serve(local::router(Arc::clone(&shared)));
        shared.begin().await?;
        Ok(Self { shared, _listening: listening, _tasks: tasks })
    }

    /// The gateway's address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The providers.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.shared.sandbox
    }

    /// The clock that everything goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.plan.clock
    }

    /// Clients of the stores.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.shared.plan.clients
    }

    /// The stores' address.
    #[must_use]
    pub fn aws_url(&self) -> &str {
        &self.shared.plan.aws_url
    }

    /// The real names of tables, queues, buckets and secrets.
    pub async fn made(&self) -> Made {
        self.shared.world().await.map(|world| world.made.clone()).unwrap_or_default()
    }

    /// What functions tried that their roles do not allow, in words.
    #[must_use]
    pub fn refusals(&self) -> Vec<String> {
        self.shared.plan.refusals.list()
    }

    /// Waits until nothing more happens by itself.
    ///
    /// # Errors
    /// When it does not come to rest in time.
    pub async fn settle(&self) -> Result<(), Restless> {
        self.shared.settle().await
    }

    /// Runs a scheduled job and waits for it; `None` when there is none of this name.
    pub async fn run_job(&self, job: &str) -> Option<Result<Value, InvokeError>> {
        self.shared.world().await?.sources.run(job).await
    }

    /// Calls a function by its name in the template.
    ///
    /// # Errors
    /// When it gives no answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        let world = self.shared.world().await.ok_or_else(|| InvokeError::Unknown(function.to_owned()))?;
        world.invoker.invoke(function, payload).await
    }

    /// Back to the seeded world, on the same ports.
    ///
    /// # Errors
    /// When it cannot be built anew.
    pub async fn reset(&self) -> Result<(), StackError> {
        self.shared.reset().await
    }

    /// Ends it, after what is running has had a moment to finish.
    pub async fn stop(self) {
        self.shared.end().await;
    }
}

impl Shared {
    async fn start(config: StackConfig, clock: Clock, bound: &Bound) -> Result<Self, StackError> {
        let url = bound.url();
        let public_url = config.public_url.clone().unwrap_or_else(|| url.clone());
        let sandbox = Sandbox::start(SandboxConfig {
            clock: clock.clone(),
            data_dir: config.data_dir.clone(),
            public_url: public_url.clone(),
            ports: config.ports,
            ..SandboxConfig::default()
        });
        let sandbox = sandbox.await?;
        let aws = embedded_aws(&config, &clock, &sandbox).await?;
        let positions = kept_positions(config.data_dir.as_deref())?;
        let (aws_url, clients) = match &aws {
            Some(aws) => (aws.url().to_owned(), aws.clients()),
            None => {
                let url = config.aws_endpoint_url.clone().unwrap_or_default();
                (url.clone(), Clients::over_http(&url))
            }
        };
        let parameters = providers::parameters(&sandbox, &public_url, &config.parameters);
        let plan = Plan {
            template: read_template(&config.template, &parameters)?,
            registry: config.registry,
            clients,
            aws_url,
            region: REGION.to_owned(),
            clock,
            positions,
            secrets: providers::secrets(&sandbox, &config.parameters),
            guarded: config.guarded,
            refusals: Refusals::default(),
        };
        let own_paypal = !config.parameters.contains_key("PaypalUrl");
        Ok(Self { url, public_url, sandbox, aws, plan, own_paypal, seeded: config.seeded, world: RwLock::new(None) })
    }

    pub(crate) async fn world(&self) -> Option<Arc<World>> {
        self.world.read().await.clone()
    }

    pub(crate) async fn answer(&self, request: Request) -> Response {
        match self.world().await {
            Some(world) => world.gateway.answer(request).await,
            None => {
                let mut response = Response::new(Body::from(r#"{"message":"Service Unavailable"}"#));
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                response
            }
        }
    }

    pub(crate) async fn settle(&self) -> Result<(), Restless> {
        if let Some(aws) = &self.aws
            && let Err(cause) = aws.clock_moved().await
        {
            return Err(Restless(vec![cause.to_string()]));
        }
        let Some(world) = self.world().await else {
            return Ok(());
        };
        settle(&world.sources, &world.invoker, &self.sandbox).await
    }

    pub(crate) async fn reset(&self) -> Result<(), StackError> {
        let aws = self.aws.as_ref().ok_or(StackError::NotOurs)?;
        self.end().await;
        self.sandbox.reset();
        self.plan.clock.reset();
        self.plan.positions.reset();
        aws.reset().await?;
        self.begin().await
    }

    async fn begin(&self) -> Result<(), StackError> {
        let world = Arc::new(World::build(&self.plan).await?);
        *self.world.write().await = Some(Arc::clone(&world));
        if self.seeded {
            seed::put_in(self, &world).await.map_err(StackError::Seed)?;
        }
        Ok(())
    }

    /// Takes the world down: nothing new begins, what runs may finish for a moment.
    async fn end(&self) {
        let Some(world) = self.world.write().await.take() else {
            return;
        };
        let began = Instant::now();
        while world.invoker.in_flight() > 0 && began.elapsed() < END_WITHIN {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn embedded_aws(config: &StackConfig, clock: &Clock, sandbox: &Sandbox) -> Result<Option<Aws>, AwsError> {
    if config.aws_endpoint_url.is_some() {
        return Ok(None);
    }
    let (data_dir, port) = (config.data_dir.clone(), config.aws_port);
    let aws = Aws::start(AwsConfig { data_dir, clock: clock.clone(), mail: sandbox.mail.clone(), port });
    aws.await.map(Some)
}

fn kept_positions(data_dir: Option<&Path>) -> Result<Positions, StackError> {
    match data_dir {
        Some(folder) => Ok(Saved::file(folder.join("stream.json"))?),
        None => Ok(Saved::memory()),
    }
}

/// The clock, where an earlier run on the same data had moved it to.
fn kept_clock(data_dir: Option<&Path>, tasks: &mut JoinSet<()>) -> Result<Clock, StackError> {
    let Some(folder) = data_dir else {
        return Ok(Clock::new());
    };
    let kept: Saved<i64> = Saved::file(folder.join("clock.json"))?;
    let clock = Clock::ahead_by_ms(kept.read(|offset_ms| *offset_ms));
    let mut moved = clock.subscribe();
    tasks.spawn(async move {
        while moved.changed().await.is_ok() {
            let offset_ms = *moved.borrow_and_update();
            kept.write(|kept| *kept = offset_ms);
        }
    });
    Ok(clock)
}
