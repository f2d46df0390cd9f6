//! The `worker` function. The jobs of the queue.

fn main() -> std::process::ExitCode {
    boot::event(worker::handler, |handler, event| async move { handler.call(event).await })
}
