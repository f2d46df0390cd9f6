//! WHAPI as a server: the partner's manager and the channels' gate, each on a port of its own,
//! over one world that goes by the shared clock.
//!
//! Serves, without any prefix, the routes that `manager`, `projects`, `login`, `settings`, `messages`, `stories`,
//! `chats`, `contacts`, `groups`, `invites`, `communities`, `newsletters`, `followers`, `calls`, `business`,
//! `collections` and `media` list at their heads: all that the vendor's descriptions have. Every error has WHAPI's shape,
//! a slash at a path's end does not matter, and a token is taken from the header or the query.
//! [`Whapi`] is the handle: its methods are the controls (`control`). Absent: TLS, WhatsApp, and
//! any knowledge of Daypass but that an id may stand at the end of a channel's name.

mod account;
mod agenda;
mod business;
mod call;
mod calls;
mod chats;
mod collections;
mod communities;
mod contacts;
mod content;
mod control;
mod dialect;
mod followers;
mod group;
mod groups;
mod ids;
mod invites;
mod link;
mod login;
mod manager;
mod media;
mod messages;
mod multipart;
mod newsletter;
mod newsletters;
mod projects;
mod qr;
mod refusal;
mod send;
mod session;
mod settings;
mod shape;
mod state;
mod store;
mod stories;
mod strangers;
mod truth;
mod usage;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use http::StatusCode;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::faults::{self, Faults, Provider};
use crate::serve::{Listening, bind};
use crate::{Clock, Deliverer, Frame, PublicUrl, SandboxError, Saved, slash};
pub use dialect::{Dialect, ErrorShape, EventSpelling};
use ids::Ids;
use refusal::Refusal;
pub use state::Switches;
use state::World;
pub use truth::{Addition, ChannelTruth, Departure, Hand};

/// The version that channels say they run.
const VERSION: &str = "1.8.7-12-g4c1d2e9";
/// The largest request body, in bytes.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// The pretended WHAPI, running. All clones are one; dropping the last closes its sockets.
#[derive(Clone)]
pub struct Whapi {
    core: Core,
    manager_url: String,
    open: Option<(Listening, Listening)>,
    _ticking: Arc<Ticking>,
}

/// Manager and gate without sockets, for whoever carries requests to them.
pub(crate) struct Doors {
    pub(crate) manager: Router,
    pub(crate) gate: Router,
}

/// What both listeners and the controls share.
#[derive(Clone)]
pub(crate) struct Core {
    shared: Arc<Shared>,
}

struct Shared {
    saved: Saved<World>,
    clock: Clock,
    deliverer: Deliverer,
    public_url: PublicUrl,
    gate_url: String,
    changed: Notify,
}

struct Ticking(AbortHandle);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Whapi {
    /// Starts manager and gate; port 0 takes any free one. State is kept under `whapi`.
    ///
    /// # Errors
    /// When a port is taken or the saved state cannot be taken up.
    pub async fn start(frame: &Frame, manager_port: u16, gate_port: u16) -> Result<Self, SandboxError> {
        let (manager, gate) = (bind(manager_port).await?, bind(gate_port).await?);
        let (mut whapi, doors) = Self::behind(frame, manager.url(), gate.url())?;
        whapi.open = Some((manager.serve(doors.manager), gate.serve(doors.gate)));
        Ok(whapi)
    }

    /// The same without sockets, at these addresses. Must be called on a runtime.
    pub(crate) fn behind(frame: &Frame, manager_url: String, gate_url: String) -> Result<(Self, Doors), SandboxError> {
        let shared = Shared {
            saved: frame.saved("whapi")?,
            clock: frame.clock.clone(),
            deliverer: frame.deliverer.clone(),
            public_url: frame.public_url.clone(),
            gate_url,
            changed: Notify::new(),
        };
        let core = Core { shared: Arc::new(shared) };
        let ids = Ids::new(&frame.random.stream("whapi"));
        core.act(|world, _| world.open(&ids));
        let ticking = tokio::spawn(tick(core.clone())).abort_handle();
        let manager_routes = manager::router().merge(projects::router());
        let manager = door(manager_routes, &core, &frame.faults);
        let gate = door(gate_routes(), &core, &frame.faults);
        let whapi = Self { core, manager_url, open: None, _ticking: Arc::new(Ticking(ticking)) };
        Ok((whapi, Doors { manager, gate }))
    }

    /// The manager's base URL, without a slash at the end.
    #[must_use]
    pub fn manager_url(&self) -> String {
        self.manager_url.clone()
    }

    /// The gate's base URL, without a slash at the end.
    #[must_use]
    pub fn gate_url(&self) -> String {
        self.core.shared.gate_url.clone()
    }
}

fn gate_routes() -> Router<Core> {
    login::router()
        .merge(settings::router())
        .merge(messages::router())
        .merge(chats::router())
        .merge(contacts::router())
        .merge(groups::router())
        .merge(invites::router())
        .merge(communities::router())
        .merge(newsletters::router())
        .merge(followers::router())
        .merge(stories::router())
        .merge(calls::router())
        .merge(business::router())
        .merge(collections::router())
        .merge(media::router())
}

fn door(routes: Router<Core>, core: &Core, faults: &Faults) -> Router {
    let unknown = || async { Refusal::new(StatusCode::NOT_FOUND, "Not Found") };
    let routes = routes.fallback(unknown).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(core.clone());
    slash::ignored(routes).layer(from_fn_with_state(core.clone(), refusal::dress)).layer(faults::layer(
        Provider::Whapi,
        faults.clone(),
        core.shared.clock.clone(),
    ))
}

impl Core {
    /// Changes the world, after all that was due by now has happened, and sends what comes of it.
    pub(crate) fn act<T>(&self, change: impl FnOnce(&mut World, i64) -> T) -> T {
        let now_ms = self.now_ms();
        let (answer, outgoing) = self.shared.saved.write(|world| {
            world.settle(now_ms);
            let answer = change(world, now_ms);
            world.settle(now_ms);
            (answer, world.take_outgoing())
        });
        for webhook in outgoing {
            self.shared.deliverer.send(webhook.delivery());
        }
        self.shared.changed.notify_one();
        answer
    }

    /// Looks at the world as the last change left it.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.shared.saved.read(look)
    }

    /// What is switched how.
    pub(crate) fn switches(&self) -> Switches {
        self.read(|world| world.switches.clone())
    }

    /// The shared clock in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.shared.clock.now().as_millisecond()
    }

    /// Waits on the shared clock.
    pub(crate) async fn sleep_until_ms(&self, at_ms: i64) {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
        self.shared.clock.sleep_until(at).await;
    }

    /// The gate's URL as channels say it, with the slash that the vendor puts at its end.
    pub(crate) fn api_url(&self) -> String {
        format!("{}/", self.shared.gate_url)
    }
}

// Plays the agenda when its time comes, though nobody asks.
async fn tick(core: Core) {
    loop {
        let next = core.read(World::next_due_ms);
        let due = async {
            match next {
                Some(at_ms) => core.sleep_until_ms(at_ms).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = due => core.act(|_, _| ()),
            () = core.shared.changed.notified() => {}
        }
    }
}
