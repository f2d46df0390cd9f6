//! What Daypass keeps: one DynamoDB table and one bucket. The only crate that names their SDKs.
//!
//! Invariants: a customer's data is reached through a [`Tenant`] alone, which only an actor (or, by the
//! searchable name `custody`, a job) opens; a decision rests on a consistent read of the record, never on
//! an index; all that a decision writes goes in one [`Commit`], whose conditions have names; nothing scans
//! but [`Store::walk`], for the nightly audit. Absent on purpose: any rule of the business, any clock.

mod archive;
mod call;
mod commit;
pub mod due;
mod entropy;
mod error;
mod expression;
mod findings;
mod idempotency;
mod inbox;
mod item;
pub mod key;
pub mod meter;
mod page;
mod partner;
mod read;
mod scope;
pub mod seal;
mod solvency;
mod store;
mod transact;
mod who;
mod write;

pub use commit::{Commit, ProfileChange};
pub use due::{Cursor, Job, Target};
pub use error::{Conflict, Source, StoreError, What};
pub use idempotency::{Begin, Run};
pub use inbox::{InboxItem, InboxState, PutInbox, WebhookLine};
pub use key::KeyError;
pub use meter::{Meter, Usage};
pub use page::{LARGEST_PAGE, Page, PageRequest};
pub use partner::PartnerState;
pub use scope::{MOST_MARKED, Tenant};
pub use seal::{Keyring, SealError, Sealer};
pub use solvency::Solvency;
pub use store::{Store, StoreConfig};
pub use who::{ApiKey, CauseRecord, Identity, Pointer, PointerKind};
