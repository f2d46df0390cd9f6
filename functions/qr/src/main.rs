//! The `qr` program.
fn main() {}
