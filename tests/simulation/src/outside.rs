//! The providers in this process, as one story meets them: WHAPI and PayPal behind pipes, and their webhooks
//! carried to our functions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use sandbox::deliver::Carrier;
use sandbox::{Clock, GATE_HOST, InProcess, MANAGER_HOST, PAYPAL_HOST, Random, Sandbox, SandboxConfig};

use crate::dice::Dice;
use crate::front::{Front, Sent};
use crate::life::Life;
use crate::machine::Function;
use crate::providers::{Carriers, ProviderMutation, Weather};
use crate::story::Climate;
use crate::tally::Tally;
use crate::watched::Watched;

/// Where the product is.
pub(crate) const PUBLIC_URL: &str = "https://daypass.test";
/// Where PayPal's webhooks go.
const PAYPAL_PATH: &str = "/v1/webhooks/paypal";
/// The longest that a late request may still arrive.
pub(crate) const LATE: Duration = Duration::from_secs(120);
/// The longest that a webhook usually takes, and a late one, in milliseconds.
const USUAL_MS: u64 = 300;
const LATE_MS: u64 = 120_000;

/// WHAPI and PayPal, and the ways there and back.
#[derive(Clone)]
pub(crate) struct Outside {
    sandbox: InProcess,
    carriers: Carriers,
    weather: Weather,
    post: Arc<Post>,
}

/// The way of webhooks to us.
struct Post {
    /// Where they go, once there is somebody.
    front: OnceLock<Front>,
    dice: Dice,
    climate: Mutex<Climate>,
    tally: Tally,
}

impl Outside {
    /// Starts them, in fair weather.
    pub(crate) fn start(clock: &Clock, seed: u64, mutation: Option<ProviderMutation>, tally: &Tally) -> Self {
        let dice = Dice::of(seed, "post");
        let post = Arc::new(Post { front: OnceLock::new(), dice, climate: Mutex::default(), tally: tally.clone() });
        let taken = Arc::clone(&post);
        let carry = move |request: Request<Bytes>| -> BoxFuture<'static, Result<Response<Bytes>, String>> {
            Box::pin(Arc::clone(&taken).carry(request))
        };
        let sandbox = Sandbox::in_process(SandboxConfig {
            clock: clock.clone(),
            public_url: PUBLIC_URL.to_owned(),
            random: Random::seeded(Dice::of(seed, "sandbox").seed()),
            webhooks: Carrier::Given(Arc::new(carry)),
            ..SandboxConfig::default()
        });
        let sandbox = sandbox.unwrap();
        let weather = Weather::new(Dice::of(seed, "providers").seed());
        let carriers = Carriers::new(&sandbox, &weather, LATE, mutation);
        Self { sandbox, carriers, weather, post }
    }

    /// From now on the weather is like that.
    pub(crate) fn set_weather(&self, climate: Climate) {
        self.weather.set_all(climate.providers);
        *self.post.climate.lock().unwrap_or_else(PoisonError::into_inner) = climate;
    }

    /// What befell requests so far.
    pub(crate) fn count_hits(&self) {
        for (fault, many) in self.weather.hits() {
            self.post.tally.count_many(&format!("provider {}", fault.word()), many);
        }
    }

    /// Whether nothing is under way that nobody waits for.
    pub(crate) fn is_quiet(&self) -> bool {
        self.weather.under_way() == 0
    }

    /// From now on webhooks go there.
    pub(crate) fn set_front(&self, to: Front) {
        assert!(self.post.front.set(to).is_ok(), "a world has one front");
    }

    /// The providers themselves.
    pub(crate) fn sandbox(&self) -> &InProcess {
        &self.sandbox
    }

    /// What the template is told of them.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        let said = [
            ("PublicUrl", PUBLIC_URL.to_owned()),
            ("FirstAdmin", String::new()),
            ("WhapiManagerUrl", format!("https://{MANAGER_HOST}")),
            ("WhapiGateUrl", format!("https://{GATE_HOST}")),
            ("OidcIssuer", "https://oidc.test".to_owned()),
            ("OidcClientId", "console".to_owned()),
            ("PaypalUrl", format!("https://{PAYPAL_HOST}")),
            ("PaypalWebhookId", self.sandbox.paypal.webhook_id()),
            ("PaypalWebhookRoots", self.sandbox.paypal.ca_pem()),
            ("PaypalCertHosts", PAYPAL_HOST.to_owned()),
        ];
        said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Our keys there, as the platform's secret holds them.
    pub(crate) fn platform(&self) -> serde_json::Value {
        serde_json::json!({
            "whapi_partner_token": self.sandbox.whapi.partner_token(),
            "whapi_project_id": self.sandbox.whapi.project_id(),
            "whapi_partner_webhook_secret": "",
            "paypal_client_id": self.sandbox.paypal.client_id(),
            "paypal_client_secret": self.sandbox.paypal.client_secret(),
        })
    }

    /// The client of one environment, or of somebody outside of any.
    pub(crate) fn http(&self, life: Option<&Arc<Mutex<Life>>>) -> net::Http {
        let Some(life) = life.cloned() else { return self.carriers.http() };
        let carriers = self.carriers.clone();
        net::Http::over(move |address| {
            let (connecting, life) = (carriers.connect(&address), Arc::clone(&life));
            async move { connecting.await.map(|pipe| Watched::new(pipe, &life)) }
        })
    }
}

impl Post {
    /// Carries a webhook: it is lost, it comes twice, it is late, and so overtaken.
    async fn carry(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let climate = *self.climate.lock().unwrap_or_else(PoisonError::into_inner);
        let hit = |permille: u32, kind: &str| {
            let is_hit = self.dice.permille(permille);
            if is_hit {
                self.tally.count(kind);
            }
            is_hit
        };
        if hit(climate.lost, "webhook lost") {
            return Ok(Response::new(Bytes::new()));
        }
        let late = hit(climate.twice / 3, "webhook late");
        tokio::time::sleep(self.dice.time(1, if late { LATE_MS } else { USUAL_MS })).await;
        if hit(climate.twice, "webhook twice") {
            let (again, wait, post) = (request.clone(), self.dice.time(1, LATE_MS), Arc::clone(&self));
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                drop(deliver(post.front.get().cloned(), again).await);
            });
        }
        deliver(self.front.get().cloned(), request).await
    }
}

/// Hands a webhook to the function that takes it.
async fn deliver(front: Option<Front>, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let front = front.ok_or("nobody is there")?;
    let (head, body) = request.into_parts();
    let function = if head.uri.path() == PAYPAL_PATH { Function::PaypalWebhook } else { Function::WhapiWebhook };
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let sent = Sent { method: head.method, path, headers: head.headers, body };
    let answer = front.call(function, None, &sent).await.map_err(|ended| format!("{ended:?}"))?;
    Response::builder().status(answer.status).body(answer.body).map_err(|cause| cause.to_string())
}
