//! The store itself.

use domain::account::Actor;
use domain::id::UserId;

use crate::commit::Commit;
use crate::error::StoreError;
use crate::meter::Meter;
use crate::scope::Tenant;

/// Which table and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The table's name.
    pub table: String,
    /// The bucket's name.
    pub bucket: String,
}

/// The table and the bucket. Cheap to clone; connects on first use.
#[derive(Clone)]
pub struct Store;

impl Store {
    /// A store that has not connected yet.
    pub fn new(config: StoreConfig, aws: net::Aws) -> Self {
        drop((config, aws));
        Self
    }

    /// The same, with its costs counted.
    #[must_use]
    pub fn metered(self, meter: Meter) -> Self {
        drop(meter);
        self
    }

    /// What an actor may reach: the data of the account that they act on. The only way for a request.
    pub fn tenant(&self, actor: &Actor) -> Tenant {
        self.custody(&actor.account_id)
    }

    /// A customer's data without an actor, for jobs, webhooks and the schedule.
    pub fn custody(&self, user: &UserId) -> Tenant {
        Tenant::new(self.clone(), user.clone())
    }

    /// Commits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        todo!("{}", commit.is_empty())
    }
}
