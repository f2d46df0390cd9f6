//! relay: to come.
