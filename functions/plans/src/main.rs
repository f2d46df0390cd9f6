//! The `plans` program.
fn main() {}
