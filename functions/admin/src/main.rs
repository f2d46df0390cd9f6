//! The `admin` function. What staff see.

fn main() -> std::process::ExitCode {
    boot::http(admin::router)
}
