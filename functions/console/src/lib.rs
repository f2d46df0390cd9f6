//! console: to come.
