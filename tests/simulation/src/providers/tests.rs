//! That the real clients reach the providers over pipes, that each kind of weather does what it says, and that
//! each mutation lies about one thing.

mod bench;
mod mutations;
mod signed;
mod storms;
