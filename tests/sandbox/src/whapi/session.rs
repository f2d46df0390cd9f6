//! The life of a channel behind its token: asleep, launching, showing codes, linked, broken.
//!
//! `NOT_INIT → INIT → LAUNCH → QR → AUTH`; a linked channel goes from `LAUNCH` straight to `AUTH`.
//! `ERROR` and `SYNC_ERROR` come from outside; `STOP` is not a phase but what everybody sees when
//! the channel is stopped or its days have run out. Steps that take time stand on the agenda with
//! the launch they belong to, so that a step of an earlier launch changes nothing. The
//! codes themselves and the phone that takes them stand in `link`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::agenda::What;
use super::refusal::Refusal;
use super::state::{Channel, Switches};

/// How much of the launch is `INIT`, in percent; the rest is `LAUNCH`.
const INIT_PERCENT: i64 = 30;

/// Where the session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Phase {
    NotInit,
    Init,
    Launch,
    Qr,
    Auth,
    Error,
    SyncError,
    Stop,
}

impl Phase {
    /// The vendor's number; that of `STOP` is documented nowhere.
    fn code(self) -> u8 {
        match self {
            Self::NotInit => 0,
            Self::Init => 1,
            Self::Launch => 2,
            Self::Qr => 3,
            Self::Auth => 4,
            Self::Error => 5,
            Self::SyncError => 6,
            Self::Stop => 7,
        }
    }

    /// As in `health.status`.
    pub(crate) fn json(self) -> Value {
        json!({"code": self.code(), "text": self})
    }
}

/// The linked phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A QR code that can be scanned until it expires.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) rowdata: String,
    pub(crate) expires_ms: i64,
}

/// A pairing code that its phone can type until it expires.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pairing {
    pub(crate) phone: String,
    pub(crate) code: String,
    pub(crate) expires_ms: i64,
}

/// What runs behind a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) phase: Phase,
    pub(crate) started_ms: i64,
    pub(crate) device_id: u32,
    pub(crate) user: Option<User>,
    pub(crate) about: String,
    /// Launched as a phone: such a channel shows no codes.
    pub(crate) mobile: bool,
    pub(crate) launch: u64,
    pub(crate) waits_left: u32,
    pub(crate) timed_out: bool,
    pub(crate) shown: Option<Shown>,
    pub(crate) pairing: Option<Pairing>,
}

impl Session {
    /// Asleep since `now_ms`.
    pub(crate) fn asleep(now_ms: i64) -> Self {
        Self {
            phase: Phase::NotInit,
            started_ms: now_ms,
            device_id: 0,
            user: None,
            about: "Hey there! I am using WhatsApp.".to_owned(),
            mobile: false,
            launch: 0,
            waits_left: 0,
            timed_out: false,
            shown: None,
            pairing: None,
        }
    }
}

impl Channel {
    /// What everybody sees now.
    pub(crate) fn phase(&self, now_ms: i64) -> Phase {
        if self.is_alive(now_ms) { self.session.phase } else { Phase::Stop }
    }

    /// Refuses what needs a linked number.
    pub(crate) fn need_link(&self, now_ms: i64) -> Result<(), Refusal> {
        match self.phase(now_ms) {
            Phase::Auth | Phase::SyncError => Ok(()),
            _ => Err(Refusal::not_linked()),
        }
    }

    /// Starts the channel again from the beginning, if it has days and is not stopped.
    pub(crate) fn launch(&mut self, now_ms: i64, switches: &Switches) {
        if !self.is_alive(now_ms) {
            return;
        }
        let session = &mut self.session;
        session.launch += 1;
        session.started_ms = now_ms;
        session.waits_left = switches.qr_waits;
        session.timed_out = false;
        (session.shown, session.pairing) = (None, None);
        let launch = session.launch;
        self.enter(Phase::Init, now_ms);
        let init_ms = switches.launch_ms * INIT_PERCENT / 100;
        self.later(now_ms + init_ms, What::Step { launch, to: Phase::Launch });
        self.later(now_ms + switches.launch_ms, What::Step { launch, to: Phase::Qr });
    }

    /// Launches a channel that sleeps or is broken; leaves every other one alone.
    pub(crate) fn wake(&mut self, now_ms: i64, switches: &Switches) {
        if matches!(self.session.phase, Phase::NotInit | Phase::Error) {
            self.launch(now_ms, switches);
        }
    }

    /// One step of a launch, unless a later launch has replaced it.
    pub(crate) fn step(&mut self, launch: u64, to: Phase, now_ms: i64, switches: &Switches) {
        if self.session.launch != launch || !self.is_alive(now_ms) {
            return;
        }
        match (self.session.phase, to) {
            (Phase::Init, Phase::Launch) => self.enter(Phase::Launch, now_ms),
            (Phase::Init | Phase::Launch, Phase::Qr) if self.session.user.is_some() => self.enter(Phase::Auth, now_ms),
            (Phase::Init | Phase::Launch, Phase::Qr) => {
                self.enter(Phase::Qr, now_ms);
                self.later(now_ms + switches.qr_window_ms, What::Step { launch, to: Phase::NotInit });
            }
            (Phase::Qr, Phase::NotInit) => {
                self.session.timed_out = true;
                self.enter(Phase::NotInit, now_ms);
            }
            _ => {}
        }
    }

    /// The channel breaks; the next wakeup or restart launches it again.
    pub(crate) fn fail(&mut self, to: Phase, now_ms: i64) {
        self.session.launch += 1;
        self.enter(to, now_ms);
    }

    /// Goes to a phase and tells whoever listens.
    pub(crate) fn enter(&mut self, phase: Phase, now_ms: i64) {
        self.session.phase = phase;
        self.tell_health(now_ms);
    }

    /// Sends the health as it is now.
    pub(crate) fn tell_health(&mut self, now_ms: i64) {
        let health = json!({
            "start_at": self.session.started_ms.div_euclid(1_000),
            "uptime": self.uptime_s(now_ms),
            "status": self.phase(now_ms).json(),
            "version": super::VERSION,
        });
        self.emit("channel", "post", "health", health);
    }

    /// Seconds since the last launch.
    pub(crate) fn uptime_s(&self, now_ms: i64) -> i64 {
        (now_ms - self.session.started_ms).max(0).div_euclid(1_000)
    }
}
