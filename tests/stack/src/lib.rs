//! stack: to come.

pub mod aws;
