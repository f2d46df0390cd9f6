//! The `whapi_webhook` program.
fn main() {}
