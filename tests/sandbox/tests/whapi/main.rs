//! The pretended WHAPI from outside: journeys over HTTP with a partner's and a channel's token,
//! the clock moved instead of waited for, and a receiver that hears the webhooks.

#![allow(clippy::unwrap_used)] // A journey ends where its step fails.

mod account;
mod goods;
mod groups;
mod limits;
mod linking;
mod manager;
mod messages;
mod newsletters;
mod phone_side;
mod settings;
mod stories;
mod webhooks;
mod world;
