//! How a function's code is found: by the crate that the template builds it from. [`Registry::product`]
//! is the one place that names the product's crates; a test can put others in.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use lambda_http::Adapter;
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Context, LambdaEvent, Service};
use sandbox::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::invoke::Code;

/// What a function finds around it.
#[derive(Clone)]
pub struct Surroundings {
    /// Its variables: those of the template, and those that Lambda sets.
    pub variables: BTreeMap<String, String>,
    /// The clock it goes by.
    pub clock: Clock,
}

/// Builds a function's code once, as its cold start would.
pub type Maker = Arc<dyn Fn(&Surroundings) -> Result<Code, String> + Send + Sync>;

/// Crates by their names.
#[derive(Clone, Default)]
pub struct Registry {
    makers: BTreeMap<String, Maker>,
}

impl Registry {
    /// Adds a crate.
    #[must_use]
    pub fn with(mut self, crate_name: &str, make: impl Fn(&Surroundings) -> Result<Code, String> + Send + Sync + 'static) -> Self {
        self.makers.insert(crate_name.to_owned(), Arc::new(make));
        self
    }

    /// The maker of a crate's code.
    #[must_use]
    pub fn maker(&self, crate_name: &str) -> Option<&Maker> {
        self.makers.get(crate_name)
    }
}

/// The code of a function that answers HTTP: the gateway's event goes through the same adapter as
/// when it is deployed.
#[must_use]
pub fn http(router: Router) -> Code {
    Arc::new(move |payload, context| {
        let router = router.clone();
        Box::pin(async move {
            let event: LambdaRequest = serde_json::from_slice(&payload).map_err(|cause| cause.to_string())?;
            // The adapter itself is not kept over the wait: it could not move between threads.
            let answering = Adapter::from(router).call(LambdaEvent::new(event, context));
            let answer = answering.await;
            let answer = answer.map_err(|cause| cause.to_string())?;
            serde_json::to_vec(&answer).map_err(|cause| cause.to_string())
        })
    })
}

/// The code of a function that takes an event and answers something.
#[must_use]
pub fn event<E, R, F, C>(call: F) -> Code
where
    F: Fn(E, Context) -> C + Clone + Send + Sync + 'static,
    C: Future<Output = Result<R, lambda_runtime::Error>> + Send + 'static,
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + 'static,
{
    Arc::new(move |payload, context| {
        let call = call.clone();
        Box::pin(async move {
            let event: E = serde_json::from_slice(&payload).map_err(|cause| cause.to_string())?;
            let answer = call(event, context).await.map_err(|cause| cause.to_string())?;
            serde_json::to_vec(&answer).map_err(|cause| cause.to_string())
        })
    })
}

/// The maker of a crate that takes events.
macro_rules! event_of {
    ($function:ident) => {
        |around| {
            let handler = $function::handler(&around.boot()).map_err(text)?;
            Ok(event(move |payload, _| {
                let handler = handler.clone();
                async move { handler.call(payload).await }
            }))
        }
    };
}

impl Registry {
    /// The product's crates.
    #[must_use]
    pub fn product() -> Self {
        Self::default()
            .with("account", |around| http_of(around, account::router))
            .with("admin", |around| http_of(around, admin::router))
            .with("channels", |around| http_of(around, channels::router))
            .with("console", |around| http_of(around, console::router))
            .with("paypal_checkout", |around| http_of(around, paypal_checkout::router))
            .with("paypal_webhook", |around| http_of(around, paypal_webhook::router))
            .with("plans", |around| http_of(around, plans::router))
            .with("qr", |around| http_of(around, qr::router))
            .with("whapi_webhook", |around| http_of(around, whapi_webhook::router))
            .with("authorizer", event_of!(authorizer))
            .with("relay", event_of!(relay))
            .with("schedule", event_of!(schedule))
            .with("worker", event_of!(worker))
    }
}

impl Surroundings {
    /// What a function of the product starts from: the same as deployed, but for the clock.
    #[must_use]
    pub fn boot(&self) -> boot::Boot {
        let clock = self.clock.clone();
        let clock = app::Clock::from_fn(Arc::new(move || clock.now()));
        boot::Boot::new(boot::Env::from_map(self.variables.clone()), clock)
    }
}

fn http_of(around: &Surroundings, router: impl FnOnce(&boot::Boot) -> Result<Router, boot::BootError>) -> Result<Code, String> {
    router(&around.boot()).map(http).map_err(text)
}

#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
fn text(error: boot::BootError) -> String {
    error.to_string()
}
