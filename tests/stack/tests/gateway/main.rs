//! The local stack, proved with an application of its own: what a caller, a queue, a stream and a
//! schedule would see at AWS.

#[path = "bench.rs"]
mod bench;
mod door;
mod local;
mod product;
mod sources;
