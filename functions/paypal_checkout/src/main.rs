//! The `paypal_checkout` program.
fn main() {}
