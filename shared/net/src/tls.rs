//! The one rustls configuration: ring, TLS 1.2 and 1.3, and the roots of `webpki-roots`.
//!
//! Invariant: made once, on first use. The native certificate store is never read; loading it is what
//! a cold start would pay for.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore, crypto::ring};

static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();

/// The configuration shared by everything that connects out; `None` only if ring offered no protocol
/// version that rustls knows, which no build of ours does.
pub fn tls_config() -> Option<Arc<ClientConfig>> {
    CONFIG.get_or_init(make).clone()
}

fn make() -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions().ok()?;
    Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_one_configuration() {
        let (first, second) = (super::tls_config().unwrap(), super::tls_config().unwrap());
        assert!(std::sync::Arc::ptr_eq(&first, &second));
    }
}
