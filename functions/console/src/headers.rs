//! The headers that every answer of the console carries.
//!
//! The content policy starts from nothing and names each exception: our own files, pictures as data (a QR code
//! comes as one), and the sign-in provider. Nothing here depends on a request.

use axum::response::Response;
use http::{HeaderName, HeaderValue, Uri, header};

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// What browsers are told about what our pages may do.
#[derive(Clone, Debug)]
pub(crate) struct Policy(HeaderValue);

impl Policy {
    /// The policy that lets pages sign in at `issuer`; none when that is no absolute http(s) address.
    pub(crate) fn for_issuer(issuer: &str) -> Option<Self> {
        let origin = origin_of(issuer)?;
        let connect = match token_hosts(&origin) {
            Some(hosts) => format!("{origin} {hosts}"),
            None => origin,
        };
        let text = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self' {connect}; font-src 'self'; form-action 'self' {connect}; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        HeaderValue::try_from(text).ok().map(Self)
    }

    /// The answer with our headers on it.
    pub(crate) fn apply(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.0.clone());
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn origin_of(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    Some(format!("{scheme}://{}", uri.authority()?))
}

/// A Cognito pool answers discovery at one host and hands out tokens at another, on the pool's own domain.
fn token_hosts(origin: &str) -> Option<String> {
    let region = origin.strip_prefix("https://cognito-idp.")?.strip_suffix(".amazonaws.com")?;
    Some(format!("https://*.auth.{region}.amazoncognito.com"))
}
