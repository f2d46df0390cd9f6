//! The local stack, proved with an application of its own: what a caller, a queue, a stream and a
//! schedule would see at AWS.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is missing")]

mod bench;
mod door;
mod local;
mod product;
mod sources;
