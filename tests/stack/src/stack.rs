//! The whole product in one process: embedded AWS stores, the providers' sandboxes, the gateway and
//! the event sources of `template.yaml`, the functions, and the local controls beside them.
//!
//! A [`Stack`] is what tests and `cargo dev` start. Dropping it closes every socket, ends every task
//! and removes what it kept in temporary folders; with a data folder the next one goes on from there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use sandbox::serve::{Bound, Listening, bind};
use sandbox::{Clock, PortPlan, Sandbox, SandboxConfig, SandboxError, Saved};
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::aws::{Aws, AwsConfig, AwsError, Clients, REGION};
use crate::functions::Registry;
use crate::invoke::InvokeError;
use crate::resources::ResourceError;
use crate::settle::{Restless, settle};
use crate::sources::{Positions, SourceError};
use crate::template::{Template, TemplateError};
use crate::world::{Made, Plan, World};
use crate::{local, providers, seed};

/// How long running functions may take to end when the stack is taken down.
const END_WITHIN: Duration = Duration::from_secs(5);
/// How often to look whether they have.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How a stack is to be. The default is the product in a fresh world on free ports.
#[derive(Clone)]
pub struct StackConfig {
    /// The gateway's port; 0 takes any free one.
    pub port: u16,
    /// The sandboxes' ports.
    pub ports: PortPlan,
    /// The embedded stores' port; 0 takes any free one.
    pub aws_port: u16,
    /// Where data is kept between runs.
    pub data_dir: Option<PathBuf>,
    /// How providers and people reach the gateway; its own address when absent.
    pub public_url: Option<String>,
    /// An AWS-compatible endpoint in place of the embedded stores.
    pub aws_endpoint_url: Option<String>,
    /// The template's text.
    pub template: TemplateText,
    /// Values for the template's parameters in place of the sandbox's: real providers, say.
    pub parameters: BTreeMap<String, String>,
    /// What the template's functions are built from.
    pub registry: Registry,
    /// Whether to put in the seeded people and plans.
    pub seeded: bool,
}

/// Where the template comes from.
#[derive(Clone, Debug)]
pub enum TemplateText {
    /// The product's own.
    Product,
    /// Another.
    Text(String),
}

impl Default for StackConfig {
    fn default() -> Self {
        Self {
            port: 0,
            ports: PortPlan::Ephemeral,
            aws_port: 0,
            data_dir: None,
            public_url: None,
            aws_endpoint_url: None,
            template: TemplateText::Product,
            parameters: BTreeMap::new(),
            registry: Registry::product(),
            seeded: true,
        }
    }
}

/// Why a stack did not start, or could not be reset.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The gateway's port is taken.
    #[error("port {port} is taken: {cause}")]
    Port {
        /// Which.
        port: u16,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A sandbox did not start.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The stores did not start.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The template is not understood.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Something in the template could not be made.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// An event source could not be started.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A function could not be built.
    #[error("{name} could not be started: {cause}")]
    Function {
        /// Its name in the template.
        name: String,
        /// Why.
        cause: String,
    },
    /// What is kept between runs could not be taken up.
    #[error(transparent)]
    Kept(#[from] sandbox::saved::SavedError),
    /// The seeds could not be put in.
    #[error("the seeds could not be put in: {0}")]
    Seed(String),
    /// The stores belong to somebody else.
    #[error("the stores are not ours to empty")]
    NotOurs,
}

impl StackError {
    /// Whether a port is taken that is not the gateway's own.
    #[must_use]
    pub fn is_taken_port(&self) -> bool {
        let cause = match self {
            Self::Sandbox(SandboxError::Listen(cause)) | Self::Aws(AwsError::Io(cause)) => cause,
            _ => return false,
        };
        cause.kind() == std::io::ErrorKind::AddrInUse
    }
}

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
        let port = config.port;
        let bound = bind(port)
            .await
            .map_err(|cause| StackError::Port { port, cause })?;
        let mut tasks = JoinSet::new();
        let clock = kept_clock(config.data_dir.as_deref(), &mut tasks)?;
        let shared = Arc::new(Shared::start(config, clock, &bound).await?);
        let listening = bound.serve(local::router(Arc::clone(&shared)));
        shared.begin().await?;
        Ok(Self {
            shared,
            _listening: listening,
            _tasks: tasks,
        })
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
        self.shared
            .world()
            .await
            .map(|world| world.made.clone())
            .unwrap_or_default()
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
        let world = self
            .shared
            .world()
            .await
            .ok_or_else(|| InvokeError::Unknown(function.to_owned()))?;
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
        };
        Ok(Self {
            url,
            public_url,
            sandbox,
            aws,
            plan,
            seeded: config.seeded,
            world: RwLock::new(None),
        })
    }

    pub(crate) async fn world(&self) -> Option<Arc<World>> {
        self.world.read().await.clone()
    }

    pub(crate) async fn answer(&self, request: Request) -> Response {
        match self.world().await {
            Some(world) => world.gateway.answer(request).await,
            None => {
                let mut response =
                    Response::new(Body::from(r#"{"message":"Service Unavailable"}"#));
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

fn read_template(
    text: &TemplateText,
    parameters: &BTreeMap<String, String>,
) -> Result<Template, TemplateError> {
    match text {
        TemplateText::Text(text) => Template::parse(text, parameters),
        TemplateText::Product => Template::open(&product_template(), parameters),
    }
}

/// Where the product's template stands: at the top of the checkout.
#[must_use]
pub fn product_template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
}

async fn embedded_aws(
    config: &StackConfig,
    clock: &Clock,
    sandbox: &Sandbox,
) -> Result<Option<Aws>, AwsError> {
    if config.aws_endpoint_url.is_some() {
        return Ok(None);
    }
    let (data_dir, port) = (config.data_dir.clone(), config.aws_port);
    let aws = Aws::start(AwsConfig {
        data_dir,
        clock: clock.clone(),
        mail: sandbox.mail.clone(),
        port,
    });
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
