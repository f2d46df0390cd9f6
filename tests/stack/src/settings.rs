//! What a person may set when starting the local stack: the `DAYPASS_*` variables.

use std::path::PathBuf;

use sandbox::PortPlan;

use crate::config::StackConfig;

/// The gateway's port when none is said; the others follow it.
const PORT_UNSAID: u16 = 3000;
/// How far after the gateway's port the stores' and the sandboxes' begin.
const AWS_PORT_AFTER: u16 = 1;
const SANDBOX_PORTS_AFTER: u16 = 2;
/// How many ports are used, from the gateway's on: the gateway, the stores, four of the sandboxes.
pub const PORTS_USED: u16 = 6;
/// Settings that stand for a parameter of the template.
const PARAMETERS: [(&str, &str); 12] = [
    ("DAYPASS_WHAPI_MANAGER_URL", "WhapiManagerUrl"),
    ("DAYPASS_WHAPI_GATE_URL", "WhapiGateUrl"),
    ("DAYPASS_PAYPAL_URL", "PaypalUrl"),
    ("DAYPASS_PAYPAL_WEBHOOK_ID", "PaypalWebhookId"),
    ("DAYPASS_PAYPAL_VERIFY", "PaypalVerify"),
    ("DAYPASS_PAYPAL_WEBHOOK_ROOTS", "PaypalWebhookRoots"),
    ("DAYPASS_PAYPAL_CERT_HOSTS", "PaypalCertHosts"),
    ("DAYPASS_OIDC_ISSUER", "OidcIssuer"),
    ("DAYPASS_OIDC_CLIENT_ID", "OidcClientId"),
    ("DAYPASS_FIRST_ADMIN", "FirstAdmin"),
    ("DAYPASS_LATE_REQUEST_SECONDS", "LateRequestSeconds"),
    ("DAYPASS_SOLVENCY_MARGIN_DAYS", "SolvencyMarginDays"),
];

/// A setting that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}, but it must be {must_be}")]
pub struct SettingsError {
    name: &'static str,
    value: String,
    must_be: &'static str,
}

/// The configuration that the settings ask for; `get` looks one up.
///
/// # Errors
/// When a setting makes no sense.
pub fn settings(get: impl Fn(&str) -> Option<String>) -> Result<StackConfig, SettingsError> {
    let said = |name: &str| get(name).filter(|value| !value.trim().is_empty());
    let port = port(said("DAYPASS_PORT"))?;
    let with_address = ["DAYPASS_PUBLIC_URL", "DAYPASS_AWS_ENDPOINT_URL", "DAYPASS_OIDC_ISSUER"];
    let providers = PARAMETERS.map(|(name, _)| name).into_iter().filter(|name| name.ends_with("_URL"));
    for name in with_address.into_iter().chain(providers) {
        check_url(name, said(name))?;
    }
    if let Some(value) = said("DAYPASS_OIDC_ISSUER").filter(|_| said("DAYPASS_OIDC_CLIENT_ID").is_none()) {
        let must_be = "set together with DAYPASS_OIDC_CLIENT_ID";
        return Err(SettingsError { name: "DAYPASS_OIDC_ISSUER", value, must_be });
    }
    let parameter = |(name, parameter): &(&str, &str)| said(name).map(|value| ((*parameter).to_owned(), bare(&value)));
    let fixed = port != 0;
    Ok(StackConfig {
        port,
        aws_port: if fixed { port.saturating_add(AWS_PORT_AFTER) } else { 0 },
        ports: if fixed { PortPlan::From(port.saturating_add(SANDBOX_PORTS_AFTER)) } else { PortPlan::Ephemeral },
        data_dir: said("DAYPASS_DATA_DIR").map(PathBuf::from),
        public_url: said("DAYPASS_PUBLIC_URL").map(|url| bare(&url)).or(fixed.then(|| format!("http://localhost:{port}"))),
        aws_endpoint_url: said("DAYPASS_AWS_ENDPOINT_URL").map(|url| bare(&url)),
        parameters: PARAMETERS.iter().filter_map(parameter).collect(),
        ..StackConfig::default()
    })
}

fn port(said: Option<String>) -> Result<u16, SettingsError> {
    let Some(value) = said else {
        return Ok(PORT_UNSAID);
    };
    let must_be = "a port: a number from 0 to 65000";
    let port = value.trim().parse().ok().filter(|port| *port <= 65_000);
    port.ok_or(SettingsError { name: "DAYPASS_PORT", value, must_be })
}

fn check_url(name: &'static str, said: Option<String>) -> Result<(), SettingsError> {
    let Some(value) = said else { return Ok(()) };
    let is_url = url::Url::parse(&value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let must_be = "an address that begins with http:// or https://";
    if is_url { Ok(()) } else { Err(SettingsError { name, value, must_be }) }
}

fn bare(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings_of(said: &[(&str, &str)]) -> Result<StackConfig, SettingsError> {
        settings(|name| said.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn with_nothing_said_the_console_is_at_port_3000_and_the_rest_after_it() {
        let config = settings_of(&[]).unwrap();
        assert_eq!((config.port, config.aws_port, config.ports), (3000, 3001, PortPlan::From(3002)));
        assert_eq!(config.public_url.as_deref(), Some("http://localhost:3000"));
        assert_eq!(config.data_dir, None);
        assert!(config.parameters.is_empty());
    }

    #[test]
    fn real_providers_take_the_place_of_sandboxes() {
        let config = settings_of(&[
            ("DAYPASS_PORT", "0"),
            ("DAYPASS_PAYPAL_URL", "https://api-m.sandbox.paypal.com/"),
            ("DAYPASS_PUBLIC_URL", "https://tunnel.example.test"),
            ("DAYPASS_DATA_DIR", " "),
        ]);
        let config = config.unwrap();
        assert_eq!(config.parameters["PaypalUrl"], "https://api-m.sandbox.paypal.com");
        assert_eq!(config.public_url.as_deref(), Some("https://tunnel.example.test"));
        assert_eq!((config.ports, config.data_dir), (PortPlan::Ephemeral, None));
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named_with_what_it_must_be() {
        let error = settings_of(&[("DAYPASS_PORT", "web")]).err().unwrap();
        assert_eq!(error.to_string(), "DAYPASS_PORT is web, but it must be a port: a number from 0 to 65000");
        let error = settings_of(&[("DAYPASS_WHAPI_GATE_URL", "gate.whapi.cloud")]).err().unwrap();
        assert!(error.to_string().starts_with("DAYPASS_WHAPI_GATE_URL is gate.whapi.cloud"), "{error}");
    }
}
