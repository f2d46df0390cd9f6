//! The `paypal_webhook` function. PayPal's events.

fn main() -> std::process::ExitCode {
    boot::http(paypal_webhook::router)
}
