//! The `relay` function. From the change stream to the queue.

fn main() -> std::process::ExitCode {
    boot::event(relay::handler, |handler, event| async move { handler.call(event).await })
}
