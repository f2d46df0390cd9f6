//! The `whapi_webhook` function. WHAPI's events.

fn main() -> std::process::ExitCode {
    boot::http(whapi_webhook::router)
}
