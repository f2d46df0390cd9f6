//! paypal_checkout: to come.
