//! authorizer: to come.
