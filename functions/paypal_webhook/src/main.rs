//! The `paypal_webhook` program.
fn main() {}
