//! Whapi: to come.

use crate::{Frame, SandboxError};

/// Whapi as a server.
#[derive(Clone)]
pub struct Whapi;

impl Whapi {
    /// Starts it.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(
        _frame: &Frame,
        _manager_port: u16,
        _gate_port: u16,
    ) -> Result<Self, SandboxError> {
        Ok(Self)
    }

    /// Back to a fresh world.
    pub fn reset(&self) {}
}
