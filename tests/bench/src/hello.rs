//! The least that a Lambda function can be: `lambda_http`, one answer, no store, no client. What a cold
//! start of ours costs is told as a ratio to this one, built with the same profile and measured in the
//! same run.

use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_http::run(service_fn(hello)))
}

async fn hello(_: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::from("hello")))
}
