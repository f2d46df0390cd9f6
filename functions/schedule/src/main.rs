//! The `schedule` program.
fn main() {}
