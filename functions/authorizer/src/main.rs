//! The `authorizer` function. Who is calling.

fn main() -> std::process::ExitCode {
    boot::event(authorizer::handler, |handler, event| async move { handler.call(event).await })
}
