//! The sign-in provider: to come.

use crate::{Frame, SandboxError};

/// The sign-in provider as a server.
#[derive(Clone)]
pub struct Oidc;

impl Oidc {
    /// Starts it.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(_frame: &Frame, _port: u16) -> Result<Self, SandboxError> {
        Ok(Self)
    }

    /// Back to a fresh world.
    pub fn reset(&self) {}
}
