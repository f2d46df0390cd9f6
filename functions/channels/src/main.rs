//! The `channels` function. Channels.

fn main() -> std::process::ExitCode {
    boot::http(channels::router)
}
