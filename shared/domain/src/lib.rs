//! domain: to come.
