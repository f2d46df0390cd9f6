//! The sign-in provider, as a browser without scripts and the console meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser;
mod doors;
mod people;
mod tokens;
