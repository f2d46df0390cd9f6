//! stack: to come.
