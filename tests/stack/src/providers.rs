//! What the sandboxes give a deployment: addresses for the template's parameters, keys for its
//! secrets, and all of it in one table for people who point a client of their own at them.

use std::collections::BTreeMap;

use sandbox::Sandbox;
use serde_json::{Value, json};

use crate::aws::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use crate::seed::ADMIN_EMAIL;
use crate::stack::Shared;
use crate::world::Made;

/// The secret of our own keys at the providers, by its name in the template.
const PLATFORM_SECRET: &str = "PlatformSecret";
/// The secret that our partner webhook at WHAPI carries.
pub(crate) const PARTNER_WEBHOOK_SECRET: &str = "whapi-partner-webhook";

/// Values for the template's parameters. `given` come from whoever starts the stack; a provider whose
/// address is given gets nothing of its sandbox.
pub(crate) fn parameters(sandbox: &Sandbox, public_url: &str, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut parameters = owned([
        ("PublicUrl", public_url.to_owned()),
        ("FirstAdmin", ADMIN_EMAIL.to_owned()),
        ("WhapiManagerUrl", sandbox.whapi.manager_url()),
        ("WhapiGateUrl", sandbox.whapi.gate_url()),
    ]);
    if !given.contains_key("OidcIssuer") {
        parameters.extend(owned([("OidcIssuer", sandbox.oidc.url()), ("OidcClientId", sandbox.oidc.client_id().to_owned())]));
    }
    if !given.contains_key("PaypalUrl") {
        parameters.extend(owned([
            ("PaypalUrl", sandbox.paypal.url()),
            ("PaypalWebhookId", sandbox.paypal.webhook_id()),
            ("PaypalWebhookRoots", sandbox.paypal.ca_pem()),
            ("PaypalCertHosts", host(&sandbox.paypal.url())),
        ]));
    }
    parameters.extend(given.clone());
    parameters
}

fn owned<const MANY: usize>(said: [(&str, String); MANY]) -> BTreeMap<String, String> {
    said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Values of secrets, by their names in the template: the sandboxes' keys, and nothing for a provider
/// whose address is given.
pub(crate) fn secrets(sandbox: &Sandbox, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let whapi = |value: String| if given.contains_key("WhapiManagerUrl") { String::new() } else { value };
    let paypal = |value: String| if given.contains_key("PaypalUrl") { String::new() } else { value };
    let platform = json!({
        "whapi_partner_token": whapi(sandbox.whapi.partner_token()),
        "whapi_project_id": whapi(sandbox.whapi.project_id()),
        "whapi_partner_webhook_secret": PARTNER_WEBHOOK_SECRET,
        "paypal_client_id": paypal(sandbox.paypal.client_id()),
        "paypal_client_secret": paypal(sandbox.paypal.client_secret()),
    });
    BTreeMap::from([(PLATFORM_SECRET.to_owned(), platform.to_string())])
}

/// Where everything listens, with the sandbox's own keys.
pub(crate) fn endpoints(shared: &Shared, made: &Made) -> Value {
    let sandbox = &shared.sandbox;
    json!({
        "gateway": shared.url,
        "public_url": shared.public_url,
        "aws": shared.plan.aws_url,
        "aws_region": shared.plan.region,
        "aws_access_key_id": ACCESS_KEY_ID,
        "aws_secret_access_key": SECRET_ACCESS_KEY,
        "table": made.tables.values().next(),
        "proofs_bucket": made.buckets.values().next(),
        "queues": made.queues,
        "secrets": made.secrets,
        "whapi_manager": sandbox.whapi.manager_url(),
        "whapi_gate": sandbox.whapi.gate_url(),
        "whapi_partner_token": sandbox.whapi.partner_token(),
        "paypal": sandbox.paypal.url(),
        "paypal_client_id": sandbox.paypal.client_id(),
        "paypal_client_secret": sandbox.paypal.client_secret(),
        "paypal_webhook_id": sandbox.paypal.webhook_id(),
        "paypal_webhook_ca": sandbox.paypal.ca_pem(),
        "oidc_issuer": sandbox.oidc.url(),
        "oidc_client_id": sandbox.oidc.client_id(),
        "oidc_redirect_uri": format!("{}/signin/callback", shared.public_url),
        "meta_graph": null,
        "meta_app_id": null,
        "meta_app_secret": null,
        "live": null,
        "openapi": format!("{}/openapi.json", shared.url),
    })
}

/// Host and port of an address.
fn host(url: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    host.trim_end_matches('/').to_owned()
}
