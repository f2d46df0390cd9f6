//! boot: to come.
