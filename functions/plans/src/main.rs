//! The `plans` function. The catalogue.

fn main() -> std::process::ExitCode {
    boot::http(plans::router)
}
