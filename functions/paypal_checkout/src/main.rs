//! The `paypal_checkout` function. Checkouts through PayPal.

fn main() -> std::process::ExitCode {
    boot::http(paypal_checkout::router)
}
