//! worker: to come.
