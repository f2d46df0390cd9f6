//! channels: to come.
