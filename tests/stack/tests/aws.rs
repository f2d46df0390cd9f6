//! The local AWS, as the unchanged SDK meets it over a socket: what Daypass relies on must hold here
//! as it holds at AWS. No product code takes part.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "this whole crate is tests")]

mod aws {
    pub(crate) mod dynamodb;
    pub(crate) mod forms;
    pub(crate) mod front;
    pub(crate) mod restart;
    pub(crate) mod s3;
    pub(crate) mod secrets;
    pub(crate) mod sqs;
    pub(crate) mod table;
    pub(crate) mod world;
}
