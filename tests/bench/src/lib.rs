//! What Daypass costs, measured: size, cold start and memory of each function, latency and requests per
//! second through the stack, the table's request units and round trips of each operation, and the same
//! with a hundred times the channels.
//!
//! Invariants: what is compared is measured in one run, interleaved; units are what the store's answers
//! say; a figure that misses its aim is printed as such. Absent on purpose: any test, because times on a
//! busy machine are no proof; and TLS, because the local stores speak plain HTTP.

#![cfg(feature = "stack")]

pub mod cold;
pub mod figures;
pub mod fill;
pub mod gate;
pub mod growth;
pub mod hook;
pub mod ledger;
pub mod prices;
pub mod probe;
pub mod signed;
pub mod table;
pub mod trace;
pub mod units;
pub mod warm;
pub mod world;

/// What a benchmark may fail with: whatever was in the way, in words.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// What a benchmark gives.
pub type Result<T> = std::result::Result<T, Error>;
