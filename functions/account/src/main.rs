//! The `account` program.
fn main() {}
