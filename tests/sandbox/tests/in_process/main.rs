//! Providers without sockets: the same seed gives the same world to the byte, on a paused runtime that could not
//! even open a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod replay;
mod session;
mod truth;
