//! qr: to come.
