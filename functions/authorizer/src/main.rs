//! The `authorizer` program.
fn main() {}
