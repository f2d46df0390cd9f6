//! A bench for the tests: providers in process, carriers to them, and the product's own clients.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use clients::outcome::CallError;
use clients::paypal::{Credentials, PayPal};
use clients::whapi::{ChannelInfo, Manager};
use domain::{Days, Secret};
use futures::future::BoxFuture;
use http::{Request, Response};
use jiff::Timestamp;
use sandbox::deliver::Carrier;
use sandbox::whapi::{ChannelTruth, Hand};
use sandbox::{Clock, InProcess, MANAGER_HOST, PAYPAL_HOST, Random, Sandbox, SandboxConfig};
use url::Url;

use crate::providers::{Carriers, Fault, ProviderMutation, Weather};

pub(super) const START: &str = "2026-11-21T06:54:07Z";
/// How long a late request may take.
pub(super) const LATE_LIMIT: Duration = Duration::from_secs(120);

pub(super) struct Bench {
    pub(super) sandbox: InProcess,
    pub(super) weather: Weather,
    pub(super) carriers: Carriers,
    /// Webhooks that came.
    pub(super) came: Arc<Mutex<Vec<Request<Bytes>>>>,
}

/// Runs a test on a paused runtime that could not open a socket.
pub(super) fn paused<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(test)
}

impl Bench {
    pub(super) fn new(seed: u64) -> Self {
        Self::with(seed, None)
    }

    pub(super) fn with(seed: u64, mutation: Option<ProviderMutation>) -> Self {
        let came: Arc<Mutex<Vec<Request<Bytes>>>> = Arc::default();
        let taken = Arc::clone(&came);
        let carry = move |request| -> BoxFuture<'static, Result<Response<Bytes>, String>> {
            taken.lock().unwrap().push(request);
            Box::pin(async { Ok(Response::new(Bytes::new())) })
        };
        let config = SandboxConfig {
            clock: Clock::simulated(START.parse::<Timestamp>().unwrap()),
            public_url: "https://daypass.test".to_owned(),
            random: Random::seeded(seed),
            webhooks: Carrier::Given(Arc::new(carry)),
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::in_process(config).unwrap();
        let weather = Weather::new(seed);
        let carriers = Carriers::new(&sandbox, &weather, LATE_LIMIT, mutation);
        Self { sandbox, weather, carriers, came }
    }

    /// Only this befalls every request from now on.
    pub(super) fn always(&self, fault: Fault) {
        self.weather.calm();
        self.weather.set(fault, 1_000);
    }

    pub(super) fn token(&self) -> Secret {
        Secret::new(self.sandbox.whapi.partner_token())
    }

    /// WHAPI as the product calls it, over connections of its own.
    pub(super) fn manager(&self) -> Manager {
        Manager::new(Url::parse(&format!("https://{MANAGER_HOST}")).unwrap(), self.carriers.http())
    }

    /// PayPal as the product calls it, over connections of its own.
    pub(super) fn paypal(&self) -> PayPal {
        let (paypal, clock) = (&self.sandbox.paypal, self.sandbox.clock.clone());
        let credentials = Credentials { client_id: Secret::new(paypal.client_id()), client_secret: Secret::new(paypal.client_secret()) };
        let base = Url::parse(&format!("https://{PAYPAL_HOST}")).unwrap();
        PayPal::with_credentials(base, self.carriers.http(), credentials, Arc::new(move || clock.now()))
    }

    pub(super) async fn create(&self, name: &str) -> Result<ChannelInfo, CallError> {
        self.manager().create_channel(&self.token(), name, None, None).await
    }

    pub(super) async fn extend(&self, id: &str, days: u32) -> Result<(), CallError> {
        self.manager().extend(&self.token(), id, Days::new(days), "ext").await
    }

    pub(super) async fn read(&self, id: &str) -> Result<ChannelInfo, CallError> {
        self.manager().get_channel(&self.token(), id).await
    }

    /// The names in WHAPI's list.
    pub(super) async fn listed(&self) -> Vec<String> {
        let page = self.manager().list_channels(&self.token(), 0, 500).await.unwrap();
        assert!(!page.more);
        page.channels.into_iter().filter_map(|channel| channel.name).collect()
    }

    pub(super) fn truth(&self, id: &str) -> ChannelTruth {
        self.sandbox.whapi.channels().into_iter().find(|channel| channel.id == id).unwrap()
    }

    /// The days that we really added to a channel.
    pub(super) fn days(&self, id: &str) -> i64 {
        self.truth(id).days_added_by(Hand::Partner)
    }
}

pub(super) async fn seconds_pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
