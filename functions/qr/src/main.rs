//! The `qr` function. Linking.

fn main() -> std::process::ExitCode {
    boot::http(qr::router)
}
