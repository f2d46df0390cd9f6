//! tidy: to come.
