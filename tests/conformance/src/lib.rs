//! conformance: to come.
