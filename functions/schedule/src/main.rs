//! The `schedule` function. The jobs of the clock.

fn main() -> std::process::ExitCode {
    boot::event(schedule::handler, |handler, event| async move { handler.call(event).await })
}
