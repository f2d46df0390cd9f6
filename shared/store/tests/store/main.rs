//! The store against the embedded DynamoDB: what two people do at once, what happens twice, what is lost
//! on the way, and what lists, due work, the inbox and kept answers look like from outside.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod commits;
mod faults;
mod inbox;
mod kept;
mod lists;
mod shared;
mod versions;
mod wire;
mod world;
