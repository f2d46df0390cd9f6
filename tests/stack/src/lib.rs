//! The whole of Daypass in one process, for tests and for `cargo dev`: the functions behind an API
//! gateway and event sources that are read from `template.yaml`, the AWS stores, and the sandboxes of
//! the providers.
//!
//! What is deployed is the template and the functions; what pretends is here. Nothing of this crate
//! is deployed, and no function knows that it runs here: it gets its variables from the template and
//! its events in the form that AWS gives them.

pub mod aws;
pub mod functions;
pub mod gateway;
pub mod invoke;
pub mod resources;
pub mod sources;
pub mod template;

mod config;
mod guard;
mod local;
mod providers;
mod rules;
mod seed;
mod settings;
mod settle;
mod stack;
mod world;

pub use config::{StackConfig, StackError, TemplateText, product_template};
pub use functions::Registry;
pub use settings::{PORTS_USED, SettingsError, settings};
pub use settle::Restless;
pub use stack::Stack;
pub use world::Made;
