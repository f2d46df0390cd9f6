//! PayPal's signing certificate: which addresses it may be fetched from, fetching, and keeping it.
//!
//! Invariants: https to a host that was named, or http to this very machine where that was named with its
//! port; no user name, query or fragment; one path; 64 KiB; no redirect; at most sixteen are kept. What is
//! kept is judged anew each time, so that none outlives its end.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use net::Http;
use url::Url;

/// The path below which PayPal keeps its certificates.
const PATH: &str = "/v1/notifications/certs/";
/// The longest certificate file that is read, in bytes.
const LONGEST_FILE: usize = 64 * 1024;
/// The longest time that fetching may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(8);
/// How many certificates are kept.
const MOST_KEPT: usize = 16;
/// The longest certificate address.
const LONGEST_ADDRESS: usize = 500;

/// Which PayPal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Real money.
    Live,
    /// PayPal's sandbox, or ours.
    Sandbox,
}

impl Environment {
    /// The environment of an API address.
    pub fn of(base: &Url) -> Self {
        match base.host_str() {
            Some("api-m.paypal.com" | "api.paypal.com") => Self::Live,
            _ => Self::Sandbox,
        }
    }

    /// Where its certificates are fetched.
    pub fn certificate_host(self) -> CertificateHost {
        let host = match self {
            Self::Live => "api.paypal.com",
            Self::Sandbox => "api.sandbox.paypal.com",
        };
        CertificateHost { host: host.to_owned(), port: None }
    }

    /// The name that its certificates bear.
    pub const fn certificate_name(self) -> &'static str {
        match self {
            Self::Live => "messageverificationcerts.paypal.com",
            Self::Sandbox => "messageverificationcerts.sandbox.paypal.com",
        }
    }
}

/// A host that certificates may be fetched from; with a port only where it is a local one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateHost {
    host: String,
    port: Option<u16>,
}

impl CertificateHost {
    /// Reads `host` or `host:port`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(&format!("http://{text}/")).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none();
        let bare = plain && url.fragment().is_none() && !text.contains(['/', '?', '#', '@']);
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        bare.then(|| Some(Self { host: url.host_str()?.to_owned(), port })).flatten()
    }

    fn allows(&self, url: &Url) -> bool {
        if url.host_str() != Some(self.host.as_str()) {
            return false;
        }
        match self.port {
            None => url.scheme() == "https" && url.port().is_none(),
            Some(port) => url.port_or_known_default() == Some(port) && (url.scheme() == "https" || self.is_this_machine()),
        }
    }

    fn is_this_machine(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// The address in a webhook's header, if a certificate may be fetched from there.
pub(super) fn address(text: &str, hosts: &[CertificateHost]) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| text.len() <= LONGEST_ADDRESS && url.as_str() == text)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let scheme = matches!(url.scheme(), "https" | "http");
    let name = url.path().strip_prefix(PATH)?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (bare && scheme && plain && hosts.iter().any(|host| host.allows(&url))).then_some(url)
}

/// Fetches the file at an allowed address; the error is for the log.
pub(super) async fn fetch(http: &Http, url: &Url) -> Result<Bytes, String> {
    let request = Request::get(url.as_str()).body(Bytes::new()).map_err(|error| error.to_string())?;
    let answer = http.call(request, Some(FETCH_TIMEOUT), LONGEST_FILE).await.map_err(|error| error.to_string())?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        other => Err(format!("status {}", other.as_u16())),
    }
}

/// The files that were good, by their whole address, the oldest first.
#[derive(Default)]
pub(super) struct Kept(Mutex<VecDeque<(Url, Bytes)>>);

impl Kept {
    pub(super) fn get(&self, url: &Url) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, _)| of == url).map(|(_, file)| file.clone())
    }

    pub(super) fn put(&self, url: &Url, file: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| of != url);
        if kept.len() >= MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back((url.clone(), file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str) -> bool {
        let hosts = [Environment::Live.certificate_host(), CertificateHost::parse("127.0.0.1:4003").unwrap()];
        address(text, &hosts).is_some()
    }

    #[test]
    fn certificates_come_from_the_named_hosts_alone() {
        assert!(allowed("https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb"));
        assert!(allowed("http://127.0.0.1:4003/v1/notifications/certs/CERT-1"));
        for bad in [
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "https://evilpaypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
            "https://me@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
            "https://api.paypal.com/v1/notifications/certs/CERT-1#x",
            "https://api.paypal.com/v1/notifications/certs/../../x",
            "https://api.paypal.com/v1/notifications/certs/%2e%2e/x",
            "https://api.paypal.com/v1/notifications/certs/a/b",
            "https://api.paypal.com/v1/notifications/certs/",
            "https://api.paypal.com/other/CERT-1",
            "https://api.paypal.com\\@evil.example/v1/notifications/certs/CERT-1",
            " https://api.paypal.com/v1/notifications/certs/CERT-1",
            "http://127.0.0.1:4004/v1/notifications/certs/CERT-1",
            "http://127.0.0.1/v1/notifications/certs/CERT-1",
            "ftp://api.paypal.com/v1/notifications/certs/CERT-1",
            "file:///v1/notifications/certs/CERT-1",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let far = [CertificateHost::parse("10.0.0.5:80").unwrap(), CertificateHost::parse("certs.example:8080").unwrap()];
        assert!(address("http://10.0.0.5/v1/notifications/certs/C", &far).is_none());
        assert!(address("http://certs.example:8080/v1/notifications/certs/C", &far).is_none());
        assert!(address("https://certs.example:8080/v1/notifications/certs/C", &far).is_some());
        for bad in ["", "a b", "host/path", "me@host", "host?x", "host:port"] {
            assert_eq!(CertificateHost::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_more_than_the_sixteen_newest_are_kept_and_none_twice() {
        let kept = Kept::default();
        let url = |number: usize| Url::parse(&format!("https://a.example/{number}")).unwrap();
        for number in (0..40).chain(24..40) {
            kept.put(&url(number), Bytes::from(vec![0; number]));
        }
        let found: Vec<_> = (0..40).filter_map(|number| kept.get(&url(number))).map(|file| file.len()).collect();
        assert_eq!(found, (24..40).collect::<Vec<_>>());
        kept.put(&url(30), Bytes::from_static(b"new"));
        assert_eq!(kept.get(&url(30)).as_deref(), Some(&b"new"[..]));
        assert!(kept.get(&url(24)).is_some());
    }
}
