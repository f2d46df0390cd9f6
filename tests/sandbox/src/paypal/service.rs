//! The one door to the world: every look and every change goes through here, at the time of the shared clock, with what is due done first and
//! the events that came of it handed to the deliverer afterwards, outside the lock. Serves no route.

use std::sync::{Arc, OnceLock, Weak};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::delivery::{self, Parcel};
use super::ids::Ids;
use super::keyring::{Keyring, KeyringError, Signer};
use super::world::{Desk, Identity, World};
use super::{billing, times};
use crate::clock::Clock;
use crate::deliver::Deliverer;
use crate::frame::PublicUrl;
use crate::saved::Saved;
use crate::{Frame, SandboxError};

/// Where the product takes this company's webhooks.
const PRODUCT_PATH: &str = "/v1/webhooks/paypal";

/// A handle on the world; all clones are one.
#[derive(Clone)]
pub(super) struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    saved: Saved<World>,
    clock: Clock,
    deliverer: Deliverer,
    public_url: PublicUrl,
    site: String,
    signer: Signer,
    ids: Ids,
    changed: Arc<Notify>,
    follower: OnceLock<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(follower) = self.follower.get() {
            follower.abort();
        }
    }
}

impl From<KeyringError> for SandboxError {
    fn from(cause: KeyringError) -> Self {
        Self::Other(cause.to_string())
    }
}

impl Service {
    /// Takes up the saved world, or makes a fresh one.
    pub(super) fn open(frame: &Frame, site: String) -> Result<Self, SandboxError> {
        let ids = Ids::new(&frame.random.stream("paypal"));
        let saved: Saved<World> = frame.saved("paypal")?;
        let identity = match saved.read(|world| world.identity.clone()) {
            Some(identity) => identity,
            None => fresh_identity(&ids, frame.clock.now())?,
        };
        let signer = identity.keyring.signer()?;
        if saved.read(|world| world.identity.is_none()) {
            saved.write(|world| *world = World::fresh(identity));
        }
        let inner = Inner {
            saved,
            clock: frame.clock.clone(),
            deliverer: frame.deliverer.clone(),
            public_url: frame.public_url.clone(),
            site,
            signer,
            ids,
            changed: Arc::default(),
            follower: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Looks at the world as it is now.
    pub(super) fn look<R>(&self, look: impl FnOnce(&World, &str) -> R) -> R {
        self.catch_up();
        self.inner.saved.read(|world| look(world, &self.inner.site))
    }

    /// Changes the world as it is now.
    pub(super) fn desk<R>(&self, work: impl FnOnce(&mut Desk<'_>) -> R) -> R {
        let answer = self.settle(work);
        self.inner.changed.notify_one();
        answer
    }

    fn settle<R>(&self, work: impl FnOnce(&mut Desk<'_>) -> R) -> R {
        let (site, ids, product) = (self.inner.site.as_str(), &self.inner.ids, self.product_url());
        let (answer, parcels) = self.inner.saved.write(|world| {
            let now = times::whole_second(self.inner.clock.now());
            billing::catch_up(world, site, ids, now);
            renew_certificate(world, ids, now);
            let answer = work(&mut Desk { world, now, site, ids });
            (answer, delivery::pack(world, &product, now))
        });
        self.send_all(parcels);
        answer
    }

    /// Does what is due.
    pub(super) fn catch_up(&self) {
        let now = self.inner.clock.now();
        if self.next_due().is_some_and(|due| due <= now) {
            self.settle(|_| ());
        }
    }

    /// Changes a record without looking at the time; what is due stays due.
    pub(super) fn write(&self, change: impl FnOnce(&mut World)) {
        self.inner.saved.write(change);
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.inner.saved.read(billing::next_due)
    }

    /// Does what falls due, when it does, until the last handle is gone.
    pub(super) fn follow_the_clock(&self) {
        let task = tokio::spawn(follow(Arc::downgrade(&self.inner), self.inner.clock.clone(), Arc::clone(&self.inner.changed)));
        let _ = self.inner.follower.set(task.abort_handle());
    }

    /// Hands parcels to the deliverer, in their order.
    pub(super) fn send_all(&self, parcels: Vec<Parcel>) {
        for parcel in parcels {
            delivery::send(self, parcel);
        }
    }

    /// Forgets everything but who the application is.
    pub(super) fn reset(&self) {
        self.write(|world| {
            if let Some(identity) = world.identity.clone() {
                *world = World::fresh(identity);
            }
        });
    }

    /// A part of who the application is.
    pub(super) fn identity<R: Default>(&self, part: impl FnOnce(&Identity) -> R) -> R {
        self.inner.saved.read(|world| world.identity.as_ref().map(part).unwrap_or_default())
    }

    /// Whether these are the application's credentials.
    pub(super) fn is_client(&self, id: &str, secret: &str) -> bool {
        self.identity(|identity| identity.client_id == id && identity.client_secret == secret)
    }

    /// Whether a bearer token is good now.
    pub(super) fn token_holds(&self, token: &str) -> bool {
        let now = self.inner.clock.now();
        self.inner.saved.read(|world| world.token_holds(token, now))
    }

    /// The product's own webhook address.
    pub(super) fn product_url(&self) -> String {
        format!("{}{PRODUCT_PATH}", self.inner.public_url.get())
    }

    /// The address of the certificate that signs now.
    pub(super) fn certificate_url(&self) -> String {
        let name = self.identity(|identity| identity.keyring.current().to_owned());
        format!("{}/v1/notifications/certs/{name}", self.inner.site)
    }

    /// The signature of a text.
    pub(super) fn sign(&self, text: &str) -> String {
        self.inner.signer.sign(text)
    }

    /// Whether a signature is ours over a text.
    pub(super) fn verifies(&self, text: &str, signature: &str) -> bool {
        self.inner.signer.verifies(text, signature)
    }

    /// The shared time.
    pub(super) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The base URL.
    pub(super) fn site(&self) -> &str {
        &self.inner.site
    }

    /// Who names things.
    pub(super) fn ids(&self) -> &Ids {
        &self.inner.ids
    }

    /// Who delivers.
    pub(super) fn deliverer(&self) -> &Deliverer {
        &self.inner.deliverer
    }
}

fn fresh_identity(ids: &Ids, now: Timestamp) -> Result<Identity, KeyringError> {
    Ok(Identity {
        client_id: format!("A{}", ids.token(79)),
        client_secret: format!("E{}", ids.token(79)),
        app_id: "APP-80W284485P519543T".to_owned(),
        webhook_id: ids.seventeen(),
        keyring: Keyring::make(ids, now)?,
    })
}

fn renew_certificate(world: &mut World, ids: &Ids, now: Timestamp) {
    if let Some(Err(cause)) = world.identity.as_mut().map(|identity| identity.keyring.renew(ids, now)) {
        tracing::error!(%cause, "the certificate could not be renewed");
    }
}

async fn follow(service: Weak<Inner>, clock: Clock, changed: Arc<Notify>) {
    loop {
        let Some(inner) = service.upgrade() else {
            return;
        };
        let due = {
            let service = Service { inner };
            service.catch_up();
            service.next_due()
        };
        let due = async {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = due => {}
            () = changed.notified() => {}
        }
    }
}
