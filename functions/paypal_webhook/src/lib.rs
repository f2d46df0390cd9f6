//! paypal_webhook: to come.
