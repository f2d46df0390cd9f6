//! account: to come.
