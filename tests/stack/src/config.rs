//! What a stack is started from, and why it may not start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sandbox::{PortPlan, SandboxError};

use crate::aws::AwsError;
use crate::functions::Registry;
use crate::resources::ResourceError;
use crate::sources::SourceError;
use crate::template::{Template, TemplateError};

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
    /// Whether each function may only do what its role in the template allows.
    pub guarded: bool,
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
            guarded: true,
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
    /// Whether a port is taken.
    #[must_use]
    pub fn is_taken_port(&self) -> bool {
        let cause = match self {
            Self::Port { cause, .. } | Self::Sandbox(SandboxError::Listen(cause)) | Self::Aws(AwsError::Io(cause)) => cause,
            _ => return false,
        };
        cause.kind() == std::io::ErrorKind::AddrInUse
    }
}

pub(crate) fn read_template(text: &TemplateText, parameters: &BTreeMap<String, String>) -> Result<Template, TemplateError> {
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
