//! Paypal: to come.

use crate::{Frame, SandboxError};

/// Paypal as a server.
#[derive(Clone)]
pub struct Paypal;

impl Paypal {
    /// Starts it.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(_frame: &Frame, _port: u16) -> Result<Self, SandboxError> {
        Ok(Self)
    }

    /// Back to a fresh world.
    pub fn reset(&self) {}
}
