//! Finds and reads recordings.

use std::fs;
use std::path::{Path, PathBuf};

use clients::paypal::{CertificateHost, Environment, PaypalHeaders, Verifier, VerifierConfig};
use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// The variable that names the folder.
const VARIABLE: &str = "DAYPASS_RECORDINGS";

/// A folder of recordings, with the roots that its chains lead to (none: the built-in ones).
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) roots_pem: String,
}

impl Folder {
    /// The folder that was named, or the one beside the checkout; says so when there is none.
    pub(crate) fn named() -> Option<Self> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/providers/fixtures");
        let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(path) = &named {
            assert!(path.is_dir(), "{VARIABLE} names no folder: {}", path.display());
        }
        let path = named.or_else(|| beside.is_dir().then_some(beside))?;
        Some(Self { path, roots_pem: String::new() })
    }

    /// All folders to run, ours last. `own` is made where the caller says.
    pub(crate) fn all(own: Self) -> Vec<Self> {
        let named = Self::named();
        if named.is_none() {
            eprintln_once();
        }
        named.into_iter().chain([own]).collect()
    }

    /// PayPal's requests in it.
    pub(crate) fn paypal(&self) -> Vec<SignedRequest> {
        let root = self.path.join("paypal");
        let mut found: Vec<_> = entries(&root).into_iter().filter(|path| path.join("body.bin").is_file()).collect();
        found.sort();
        found.iter().map(|path| SignedRequest::read(&root, path, self)).collect()
    }

    /// WHAPI's documents in it, by file name.
    pub(crate) fn whapi(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = entries(&self.path.join("whapi"));
        found.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        found.sort();
        found.iter().map(|path| (file_name(path), fs::read(path).unwrap())).collect()
    }
}

#[allow(clippy::print_stderr, reason = "a test that finds less than it could says so")]
fn eprintln_once() {
    eprintln!("no {VARIABLE} and no recordings beside the checkout: only our own are run");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|found| found.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[derive(Deserialize)]
pub(crate) struct Meta {
    pub(crate) webhook_id: String,
    pub(crate) cert_file: String,
    pub(crate) event_type: Option<String>,
}

/// One request as PayPal signed it.
pub(crate) struct SignedRequest {
    pub(crate) name: String,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: PaypalHeaders,
    pub(crate) meta: Meta,
    pub(crate) certificate: Vec<u8>,
    roots_pem: String,
    intermediates_pem: String,
}

impl SignedRequest {
    fn read(root: &Path, path: &Path, folder: &Folder) -> Self {
        let meta: Meta = serde_json::from_slice(&fs::read(path.join("meta.json")).unwrap()).unwrap();
        let headers: Map<String, Value> = serde_json::from_slice(&fs::read(path.join("headers.json")).unwrap()).unwrap();
        let chain = entries(&root.join("certs")).into_iter().filter(|path| file_name(path).starts_with("chain"));
        Self {
            name: file_name(path),
            body: fs::read(path.join("body.bin")).unwrap(),
            headers: PaypalHeaders::read(&header_map(&headers)).unwrap(),
            certificate: fs::read(root.join(&meta.cert_file)).unwrap(),
            meta,
            roots_pem: folder.roots_pem.clone(),
            intermediates_pem: chain.map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>().join("\n"),
        }
    }

    /// The time at which it was sent.
    pub(crate) fn sent_at(&self) -> Timestamp {
        self.headers.transmission_time.parse().unwrap()
    }

    pub(crate) fn environment(&self) -> Environment {
        let url = Url::parse(&self.headers.cert_url).unwrap();
        Environment::of(&url)
    }

    /// What a deployment of its time and environment would check it with.
    pub(crate) fn config(&self) -> VerifierConfig {
        let environment = self.environment();
        VerifierConfig {
            webhook_id: self.meta.webhook_id.clone(),
            roots_pem: self.roots_pem.clone(),
            intermediates_pem: self.intermediates_pem.clone(),
            certificate_hosts: vec![environment.certificate_host(), CertificateHost::parse("api-m.paypal.com").unwrap()],
            certificate_name: environment.certificate_name().to_owned(),
            accept_simulator: true,
        }
    }

    pub(crate) fn verifier(&self) -> Verifier {
        Verifier::new(self.config(), net::Http::new()).unwrap()
    }
}

fn header_map(headers: &Map<String, Value>) -> HeaderMap {
    let pair = |(name, value): (&String, &Value)| {
        let name: http::HeaderName = name.parse().ok()?;
        Some((name, value.as_str()?.parse().ok()?))
    };
    headers.iter().filter_map(pair).collect()
}
