//! PayPal as a server: sign-in of applications, catalogue, billing plans, subscriptions with an approval page, payments, and webhooks signed
//! by an authority of its own. The routes stand in [`routes`]; each file's head lists those it serves.
//!
//! - Everything is decided on one [`world::World`], under one lock, at the time of the shared clock; what fell due meanwhile is done first, so that
//!   nobody sees a renewal later than its time.
//! - An event's bytes are written once. Every delivery of it is signed anew.
//! - The application's credentials, its webhook and its certificates outlive a reset; nothing else does.
//!
//! Absent: one-off orders, disputes, payouts, other merchants, cards.

mod amend;
mod approval;
mod billing;
mod categories;
mod controls;
mod delivery;
mod dialect;
mod event;
mod event_routes;
mod event_types;
mod hooks;
mod ids;
mod keyring;
mod lifecycle;
mod money;
mod overrides;
mod page;
mod patch;
mod payments;
mod plan;
mod plan_rules;
mod plan_view;
mod plans;
mod problem;
mod product;
mod refund_view;
mod request;
mod revise;
mod routes;
mod sale;
mod service;
mod shape;
mod shapes;
mod simulate;
mod subscription;
mod subscription_view;
mod subscriptions;
mod times;
mod tokens;
mod truth;
mod verify;
mod world;

use axum::Router;
use service::Service;
pub use truth::{SaleStanding, SaleTruth, SubscriptionTruth};

use crate::serve::{self, Listening};
use crate::{Frame, SandboxError};

/// PayPal, running. Clones are one; the socket closes with the last.
#[derive(Clone)]
pub struct Paypal {
    service: Service,
    open: Option<Listening>,
}

impl Paypal {
    /// Starts it, with what an earlier run left when the frame keeps state.
    ///
    /// # Errors
    /// When the port is taken, saved state cannot be taken up, or no certificate can be made.
    pub async fn start(frame: &Frame, port: u16) -> Result<Self, SandboxError> {
        let bound = serve::bind(port).await?;
        let site = bound.url();
        let prepared = frame.clone();
        // Making a key takes a good part of a second.
        let made = tokio::task::spawn_blocking(move || Service::open(&prepared, site)).await;
        let service = made.map_err(|cause| SandboxError::Other(cause.to_string()))??;
        let (mut paypal, router) = Self::opened(service, frame);
        paypal.open = Some(bound.serve(router));
        Ok(paypal)
    }

    /// The same without a socket, at this address. Must be called on a runtime; the process's first time makes its keys.
    pub(crate) fn behind(frame: &Frame, site: String) -> Result<(Self, Router), SandboxError> {
        Ok(Self::opened(Service::open(frame, site)?, frame))
    }

    fn opened(service: Service, frame: &Frame) -> (Self, Router) {
        service.follow_the_clock();
        let router = routes::router(&service, frame);
        (Self { service, open: None }, router)
    }

    /// Its base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.service.site().to_owned()
    }

    /// Back to a fresh world with the same credentials, webhook and certificates.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Does what the clock has made due, now instead of a moment later: after a jump, the renewals are then on their way.
    pub fn catch_up(&self) {
        self.service.catch_up();
    }

    /// The application's id.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.service.identity(|identity| identity.client_id.clone())
    }

    /// The application's secret.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.service.identity(|identity| identity.client_secret.clone())
    }

    /// The id of the product's own webhook, which goes to `/v1/webhooks/paypal` at the frame's public URL.
    #[must_use]
    pub fn webhook_id(&self) -> String {
        self.service.identity(|identity| identity.webhook_id.clone())
    }

    /// Root and intermediate certificates in PEM: what the leaf of a webhook's signature must chain to.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.service.identity(|identity| identity.keyring.authorities())
    }

    /// Registers one more webhook, for every event, at any address. Answers its id.
    #[must_use]
    pub fn register_webhook(&self, url: &str) -> String {
        let every = vec![event_types::EVERY.to_owned()];
        self.service.desk(|desk| hooks::add(desk, url.to_owned(), every).id)
    }

    /// How many seconds the access tokens from now on live.
    pub fn set_token_seconds(&self, seconds: i64) {
        self.service.desk(|desk| desk.world.settings.token_seconds = seconds);
    }

    /// How many seconds an unapproved subscription is known.
    pub fn set_approval_seconds(&self, seconds: i64) {
        self.service.desk(|desk| desk.world.settings.approval_seconds = seconds);
    }
}
