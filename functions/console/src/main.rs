//! The `console` program.

fn main() -> std::process::ExitCode {
    boot::http(console::router)
}
