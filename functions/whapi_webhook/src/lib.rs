//! whapi_webhook: to come.
