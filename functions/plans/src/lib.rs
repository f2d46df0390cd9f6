//! plans: to come.
