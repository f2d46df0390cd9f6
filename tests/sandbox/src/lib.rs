//! sandbox: to come.
