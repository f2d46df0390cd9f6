//! The `account` function. The caller's own account.

fn main() -> std::process::ExitCode {
    boot::http(account::router)
}
