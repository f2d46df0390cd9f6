//! What people are told when something does not work.
