//! The parts of the app from the variables. Functions get only the variables that they need: what a
//! function has no variable for points nowhere, and fails if it is used after all.

use std::sync::Arc;

use app::{App, AppParts, Settings};
use clients::paypal::{CertificateHost, Environment, PayPal, VerifierConfig, VerifyBy, WebhookCheck};
use clients::pipes::{Queue, Secrets};
use clients::whapi::{Gate, Manager};
use domain::{Secret, SignedDuration};
use ring::rand::{SecureRandom, SystemRandom};
use store::{Store, StoreConfig};
use url::Url;

use crate::env::{self, Env};
use crate::{Boot, BootError, Random};

/// WHAPI's partner API, unless told otherwise.
const WHAPI_MANAGER: &str = "https://manager.whapi.cloud";
/// WHAPI's channel API, unless told otherwise.
const WHAPI_GATE: &str = "https://gate.whapi.cloud";
/// PayPal's API, unless told otherwise.
const PAYPAL: &str = "https://api-m.paypal.com";
/// The region, where nobody says it.
const REGION: &str = "us-east-1";

pub(crate) fn app(boot: &Boot) -> Result<App, BootError> {
    let variables = &boot.env;
    let aws = aws(variables).over(boot.aws_http.clone());
    let secrets = Secrets::new(&aws, text(variables, env::DAYPASS_PLATFORM_SECRET), text(variables, env::DAYPASS_KEYRING_SECRET));
    let clock = boot.clock.clone();
    let paypal_url = url(variables, env::DAYPASS_PAYPAL_URL, PAYPAL)?;
    let http = || boot.http.clone();
    let paypal = PayPal::new(paypal_url.clone(), http(), secrets.clone(), Arc::new(move || clock.now()));
    Ok(App::new(AppParts {
        store: store(boot, aws.clone()),
        whapi: Manager::new(url(variables, env::DAYPASS_WHAPI_MANAGER_URL, WHAPI_MANAGER)?, http()),
        gate: Gate::new(url(variables, env::DAYPASS_WHAPI_GATE_URL, WHAPI_GATE)?, http()),
        paypal_webhooks: webhook_check(variables, &paypal_url, paypal.clone())?,
        paypal,
        secrets,
        queue: Queue::new(&aws, text(variables, env::DAYPASS_JOBS_QUEUE_URL)),
        clock: boot.clock.clone(),
        random: boot.random.clone().unwrap_or_else(random),
        settings: settings(variables)?,
    }))
}

fn store(boot: &Boot, aws: net::Aws) -> Store {
    let config = StoreConfig { table: text(&boot.env, env::DAYPASS_TABLE), bucket: text(&boot.env, env::DAYPASS_BUCKET) };
    let store = match &boot.random {
        // Half of a number is enough for a seed.
        Some(random) => Store::seeded(config, aws, random() as u64),
        None => Store::new(config, aws),
    };
    match &boot.meter {
        Some(meter) => store.metered(meter.clone()),
        None => store,
    }
}

fn text(variables: &Env, name: &str) -> String {
    variables.get(name).unwrap_or_default().to_owned()
}

fn url(variables: &Env, name: &'static str, usual: &str) -> Result<Url, BootError> {
    Url::parse(variables.get(name).unwrap_or(usual)).map_err(|error| BootError::Wrong(name, error.to_string()))
}

fn aws(variables: &Env) -> net::Aws {
    let secret = |name| Secret::new(text(variables, name));
    let session = secret(env::AWS_SESSION_TOKEN);
    let credentials = net::aws::credentials(&text(variables, env::AWS_ACCESS_KEY_ID), &secret(env::AWS_SECRET_ACCESS_KEY), Some(&session));
    let region = variables.get(env::AWS_REGION).unwrap_or(REGION);
    net::Aws::new(region, variables.get(env::AWS_ENDPOINT_URL).map(str::to_owned), credentials)
}

fn settings(variables: &Env) -> Result<Settings, BootError> {
    let mut settings = Settings::new(url(variables, env::DAYPASS_PUBLIC_URL, "http://localhost:3000")?);
    settings.first_admin = variables.get(env::DAYPASS_FIRST_ADMIN).map(str::to_owned);
    if let Some(seconds) = variables.get(env::DAYPASS_LATE_REQUEST_SECONDS) {
        let seconds: u32 =
            seconds.parse().map_err(|_| BootError::Wrong(env::DAYPASS_LATE_REQUEST_SECONDS, "no number of seconds".to_owned()))?;
        settings.late_request = SignedDuration::from_secs(i64::from(seconds));
    }
    if let Some(days) = variables.get(env::DAYPASS_SOLVENCY_MARGIN_DAYS) {
        let days: u32 = days.parse().map_err(|_| BootError::Wrong(env::DAYPASS_SOLVENCY_MARGIN_DAYS, "no number of days".to_owned()))?;
        settings.solvency_margin_days = i64::from(days);
    }
    Ok(settings)
}

fn webhook_check(variables: &Env, paypal_url: &Url, paypal: PayPal) -> Result<WebhookCheck, BootError> {
    let environment = Environment::of(paypal_url);
    let by = match variables.get(env::DAYPASS_PAYPAL_VERIFY) {
        None | Some("certificate") => VerifyBy::Certificate,
        Some("postback") => VerifyBy::Postback,
        Some(other) => return Err(BootError::Wrong(env::DAYPASS_PAYPAL_VERIFY, format!("{other} is neither certificate nor postback"))),
    };
    let wrong = |host: &str| BootError::Wrong(env::DAYPASS_PAYPAL_CERT_HOSTS, format!("{host} is no host"));
    let hosts = match variables.get(env::DAYPASS_PAYPAL_CERT_HOSTS) {
        Some(list) => {
            list.split(',').map(|host| CertificateHost::parse(host.trim()).ok_or_else(|| wrong(host))).collect::<Result<_, _>>()?
        }
        None => vec![environment.certificate_host()],
    };
    let config = VerifierConfig {
        webhook_id: text(variables, env::DAYPASS_PAYPAL_WEBHOOK_ID),
        roots_pem: text(variables, env::DAYPASS_PAYPAL_WEBHOOK_ROOTS),
        intermediates_pem: text(variables, env::DAYPASS_PAYPAL_WEBHOOK_ROOTS),
        certificate_hosts: hosts,
        certificate_name: environment.certificate_name().to_owned(),
        accept_simulator: false,
    };
    Ok(WebhookCheck::new(by, config, paypal))
}

/// Randomness of the machine. A machine without any gives zeros, and the store's conditions refuse the
/// second id made of them.
fn random() -> Random {
    let source = SystemRandom::new();
    Arc::new(move || {
        let mut bytes = [0; 16];
        if source.fill(&mut bytes).is_err() {
            tracing::error!("the machine gives no randomness");
        }
        u128::from_be_bytes(bytes)
    })
}
