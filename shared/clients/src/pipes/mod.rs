//! Our own pipes: the queue of jobs and the secrets.
//!
//! Invariant: what cannot be read is an error, never an empty answer.

mod queue;
mod secrets;
mod stored;

pub use queue::Queue;
pub use secrets::Secrets;
pub use stored::PlatformSecrets;

/// Why a pipe did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PipeError {
    /// AWS could not be reached or failed: try again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// There is no such secret or queue, or we may not see it.
    #[error("not there: {0}")]
    Missing(String),
    /// What stands there cannot be read.
    #[error("cannot be read: {0}")]
    Corrupt(&'static str),
    /// A message longer than the queue takes.
    #[error("a message of {0} bytes is too long for the queue")]
    TooLong(usize),
}
