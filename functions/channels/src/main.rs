//! The `channels` program.
fn main() {}
