//! The two mains of a function. One thread: more cost a tenth of a cold start and win nothing at one
//! request at a time.

use std::process::ExitCode;

use axum::Router;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Boot, BootError, telemetry};

/// The main of a function that answers HTTP.
pub fn http(router: impl FnOnce(&Boot) -> Result<Router, BootError>) -> ExitCode {
    run(router, lambda_http::run)
}

/// The main of a function that takes events.
pub fn event<H, E, R, F, C>(handler: impl FnOnce(&Boot) -> Result<H, BootError>, call: F) -> ExitCode
where
    F: Fn(H, E) -> C,
    C: Future<Output = Result<R, Error>>,
    H: Clone,
    E: DeserializeOwned,
    R: Serialize,
{
    run(
        handler,
        |handler| async move { lambda_runtime::run(service_fn(|event: LambdaEvent<E>| call(handler.clone(), event.payload))).await },
    )
}

fn run<T, F>(make: impl FnOnce(&Boot) -> Result<T, BootError>, serve: impl FnOnce(T) -> F) -> ExitCode
where
    F: Future<Output = Result<(), Error>>,
{
    let boot = Boot::from_process();
    telemetry::start(&boot.env);
    let made = match make(&boot) {
        Ok(made) => made,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            return ExitCode::FAILURE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(made)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "the function ended");
            ExitCode::FAILURE
        }
    }
}
