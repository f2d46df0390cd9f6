//! The architecture as tests: each is one rule, and what breaks it is listed with its place.

#![allow(clippy::unwrap_used)] // A rule that cannot be checked is broken.

mod code;
mod crates;
mod doors;
mod roles;
mod running;
mod template;
mod tree;
