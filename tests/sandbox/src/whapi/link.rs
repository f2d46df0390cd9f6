//! How a phone gets to a channel and leaves it: QR codes, pairing codes, the scan, the end.
//!
//! A code is made when somebody asks for one, and a new one when the last has expired; it is the
//! only thing that a phone can scan. A pairing code belongs to the number it was asked for.

use serde_json::json;

use super::qr;
use super::refusal::Refusal;
use super::session::{Pairing, Phase, Shown, User};
use super::state::{Channel, Switches};

/// What a request for a code gets.
pub(crate) enum Login {
    Waiting,
    TimedOut,
    Broken,
    Code(Shown),
}

impl Channel {
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
        let shown = Shown { rowdata: self.ids.rowdata(), expires_ms: now_ms + switches.qr_life_s * 1_000 };
        self.session.shown = Some(shown.clone());
        if self.wants("channel", "patch") {
            let code = qr::answer(&shown, now_ms, switches.bare_base64, &qr::Look::default());
            self.emit("channel", "patch", "qr", code.unwrap_or_else(|_| json!({"status": "ERROR"})));
        }
        shown
    }

    /// A pairing code for this phone; the channel launches for it if it must.
    pub(crate) fn pair(&mut self, phone: &str, now_ms: i64, switches: &Switches) -> Result<String, Refusal> {
        match self.phase(now_ms) {
            Phase::Auth | Phase::SyncError => {
                return Err(Refusal::conflict("Channel already authenticated"));
            }
            _ if self.session.mobile => return Err(not_for_mobile()),
            Phase::Stop => {
                return Err(Refusal::new(http::StatusCode::UNPROCESSABLE_ENTITY, "Render QR failed"));
            }
            _ if self.session.user.is_some() => {
                return Err(Refusal::conflict("Channel already authenticated"));
            }
            Phase::Qr => {}
            _ => self.hurry_to_codes(now_ms, switches),
        }
        let code = self.ids.pairing_code();
        let expires_ms = now_ms + switches.pairing_life_ms;
        self.session.pairing = Some(Pairing { phone: phone.to_owned(), code: code.clone(), expires_ms });
        Ok(code)
    }

    // The vendor's answer to a request for a pairing code has no word for “wait”.
    fn hurry_to_codes(&mut self, now_ms: i64, switches: &Switches) {
        self.launch(now_ms, switches);
        let launch = self.session.launch;
        self.step(launch, Phase::Launch, now_ms, switches);
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
            (None, true) => phone.map_or_else(|| self.ids.phone_number(), str::to_owned),
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
        self.emit("users", "post", "user", json!({"id": user.id, "name": user.name}));
    }

    /// The link ends, from either side; false when there was none. The channel launches again.
    pub(crate) fn unlink(&mut self, now_ms: i64, switches: &Switches) -> bool {
        let Some(user) = self.session.user.take() else {
            return false;
        };
        self.emit("users", "delete", "user", json!({"id": user.id, "name": user.name}));
        self.session.phase = Phase::NotInit;
        self.launch(now_ms, switches);
        true
    }
}

fn not_for_mobile() -> Refusal {
    Refusal::new(http::StatusCode::NOT_ACCEPTABLE, "Not acceptable for mobile type channel")
}
