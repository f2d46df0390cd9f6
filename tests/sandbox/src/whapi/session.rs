//! The life of a channel behind its token: asleep, launching, showing codes, linked, broken.
//!
//! `NOT_INIT → INIT → LAUNCH → QR → AUTH`; a linked channel goes from `LAUNCH` straight to `AUTH`.
//! `ERROR` and `SYNC_ERROR` come from outside; `STOP` is not a phase but what everybody sees when
//! the channel is stopped or its days have run out. Steps that take time stand on the agenda with
//! the launch they belong to, so that a step of an earlier launch changes nothing. A code is made
//! when somebody asks for one; it is the only thing that a phone can scan.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::agenda::What;
use super::ids;
use super::qr;
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
    launch: u64,
    waits_left: u32,
    timed_out: bool,
    shown: Option<Shown>,
    pairing: Option<Pairing>,
}

/// What a request for a code gets.
pub(crate) enum Login {
    Waiting,
    TimedOut,
    Broken,
    Code(Shown),
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

    /// What a request for a QR code gets. Makes a new code when the last one has expired.
    pub(crate) fn login(&mut self, wakeup: bool, now_ms: i64, switches: &Switches) -> Result<Login, Refusal> {
        match self.phase(now_ms) {
            Phase::Auth | Phase::SyncError => Err(Refusal::conflict("Channel already authenticated")),
            _ if self.session.mobile => Err(not_for_mobile()),
            Phase::Stop => Ok(Login::Broken),
            Phase::NotInit | Phase::Error => Ok(self.login_asleep(wakeup, now_ms, switches)),
            Phase::Qr if self.session.waits_left == 0 => Ok(Login::Code(self.show_code(now_ms, switches))),
            Phase::Init | Phase::Launch | Phase::Qr => Ok(self.wait()),
        }
    }

    fn login_asleep(&mut self, wakeup: bool, now_ms: i64, switches: &Switches) -> Login {
        let (timed_out, broken) = (self.session.timed_out, self.session.phase == Phase::Error);
        if wakeup {
            self.launch(now_ms, switches);
        }
        match (timed_out, broken && !wakeup) {
            (true, _) => Login::TimedOut,
            (_, true) => Login::Broken,
            _ => self.wait(),
        }
    }

    fn wait(&mut self) -> Login {
        self.session.waits_left = self.session.waits_left.saturating_sub(1);
        Login::Waiting
    }

    fn show_code(&mut self, now_ms: i64, switches: &Switches) -> Shown {
        if let Some(shown) = self.session.shown.as_ref().filter(|shown| shown.expires_ms > now_ms) {
            return shown.clone();
        }
        let shown = Shown { rowdata: ids::rowdata(), expires_ms: now_ms + switches.qr_life_s * 1_000 };
        self.session.shown = Some(shown.clone());
        if self.wants("channel", "patch") {
            let code = qr::answer(&shown, now_ms, switches.bare_base64, &qr::Look::default());
            self.emit("channel", "patch", "qr", code.unwrap_or_else(|_| json!({"status": "ERROR"})), now_ms);
        }
        shown
    }

    /// A pairing code for this phone; the channel launches for it if it must.
    pub(crate) fn pair(&mut self, phone: &str, now_ms: i64, switches: &Switches) -> Result<String, Refusal> {
        match self.phase(now_ms) {
            Phase::Auth | Phase::SyncError => return Err(Refusal::conflict("Channel already authenticated")),
            _ if self.session.mobile => return Err(not_for_mobile()),
            Phase::Stop => return Err(Refusal::new(http::StatusCode::UNPROCESSABLE_ENTITY, "Render QR failed")),
            Phase::Qr => {}
            _ => self.hurry_to_codes(now_ms, switches),
        }
        let code = ids::pairing_code();
        let expires_ms = now_ms + switches.pairing_life_ms;
        self.session.pairing = Some(Pairing { phone: phone.to_owned(), code: code.clone(), expires_ms });
        Ok(code)
    }

    // The vendor's answer to a request for a pairing code has no word for “wait”.
    fn hurry_to_codes(&mut self, now_ms: i64, switches: &Switches) {
        self.launch(now_ms, switches);
        let launch = self.session.launch;
        self.step(launch, Phase::Launch, now_ms, switches);
        self.session.user = None;
        self.step(launch, Phase::Qr, now_ms, switches);
    }

    /// A phone scans the code that is shown, or types the pairing code. Answers the number.
    pub(crate) fn scan(&mut self, phone: Option<&str>, now_ms: i64) -> Result<String, String> {
        if self.phase(now_ms) != Phase::Qr {
            return Err(format!("the channel shows no code, it is {}", self.phase(now_ms).json()));
        }
        let session = &self.session;
        let paired = session.pairing.as_ref().filter(|pairing| pairing.expires_ms > now_ms).map(|pairing| pairing.phone.clone());
        let shown = session.shown.as_ref().is_some_and(|shown| shown.expires_ms > now_ms);
        let number = match (paired, shown) {
            (None, false) => return Err("no code is shown that has not expired".to_owned()),
            (Some(paired), false) if phone.is_some_and(|phone| phone != paired) => {
                return Err(format!("the pairing code belongs to {paired}"));
            }
            (Some(paired), _) => phone.map_or(paired, str::to_owned),
            (None, true) => phone.map_or_else(ids::phone_number, str::to_owned),
        };
        self.link(&number, now_ms);
        Ok(number)
    }

    fn link(&mut self, number: &str, now_ms: i64) {
        let user = User { id: number.to_owned(), name: format!("Phone {number}") };
        let session = &mut self.session;
        (session.shown, session.pairing) = (None, None);
        session.device_id += 1;
        session.user = Some(user.clone());
        self.phone = number.to_owned();
        self.enter(Phase::Auth, now_ms);
        self.emit("users", "post", "user", json!({"id": user.id, "name": user.name}), now_ms);
    }

    /// The link ends, from either side; false when there was none. The channel launches again.
    pub(crate) fn unlink(&mut self, now_ms: i64, switches: &Switches) -> bool {
        let Some(user) = self.session.user.take() else { return false };
        self.emit("users", "delete", "user", json!({"id": user.id, "name": user.name}), now_ms);
        self.session.phase = Phase::NotInit;
        self.launch(now_ms, switches);
        true
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
        self.emit("channel", "post", "health", health, now_ms);
    }

    /// Seconds since the last launch.
    pub(crate) fn uptime_s(&self, now_ms: i64) -> i64 {
        (now_ms - self.session.started_ms).max(0).div_euclid(1_000)
    }
}

fn not_for_mobile() -> Refusal {
    Refusal::new(http::StatusCode::NOT_ACCEPTABLE, "Not acceptable for mobile type channel")
}
