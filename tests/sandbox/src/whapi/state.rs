//! What the pretended WHAPI remembers: the partner's account, its projects and its channels.
//!
//! All times are milliseconds since 1970 and all days are kept as milliseconds too, so that a
//! balance never rounds. The world is plain data; what may happen to it stands in `account`
//! (days), `session` (the linked phone) and `send` (messages). Absent: anything of Daypass; a
//! channel knows only its name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::agenda::Due;
use super::ids::Ids;
use super::newsletter::Newsletter;
use super::refusal::Refusal;
use super::session::Session;
use super::store::Store;
use super::truth::{Addition, ChannelTruth, Hand};
use super::usage::Usage;
use super::webhooks::Outgoing;

/// One day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// What the account holds in a fresh world, in days.
const FIRST_BALANCE_DAYS: i64 = 10_000;
/// Below this many days the partner is told, unless it set another limit.
const DAYS_LIMIT: f64 = 7.0;
/// When the fresh account and its project were made: 1 January 2024.
const ACCOUNT_SINCE_MS: i64 = 1_704_067_200_000;
/// The name in the partner's own paths.
const PARTNER_NAME: &str = "whapicloud";

/// Everything.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) partner: Partner,
    pub(crate) projects: BTreeMap<String, Project>,
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) creations: Creations,
    pub(crate) switches: Switches,
    /// By their ids; whoever's they are.
    #[serde(default)]
    pub(crate) newsletters: BTreeMap<String, Newsletter>,
    /// Channels that were deleted.
    #[serde(default)]
    pub(crate) departed: Vec<ChannelTruth>,
    /// How many answers were given; decides which optional members are left out.
    pub(crate) answers: u64,
    /// Notices of the partner account that are to be sent.
    #[serde(skip)]
    pub(crate) outgoing: Vec<Outgoing>,
    /// Who names what is made.
    #[serde(skip)]
    pub(crate) ids: Ids,
}

/// The partner's account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Partner {
    pub(crate) name: String,
    pub(crate) owner_id: String,
    pub(crate) token: String,
    pub(crate) balance_ms: i64,
    pub(crate) settings: PartnerSettings,
    /// Whether the low balance was announced since it last stood above the limit.
    pub(crate) warned: bool,
}

/// What the partner set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PartnerSettings {
    pub(crate) webhooks: Vec<Value>,
    pub(crate) days_limit: f64,
    pub(crate) no_chat: bool,
}

/// A project: a named group of channels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
    pub(crate) is_default: bool,
}

/// When the latest creations were, for as long as they are counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Creations {
    #[serde(default)]
    pub(crate) at_ms: Vec<i64>,
}

/// How a channel is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Trial,
    Dev,
    DevArchive,
    Live,
}

/// One channel: its record at the manager and what runs behind its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) name: String,
    pub(crate) project_id: String,
    pub(crate) phone: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) previous_payment_id: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) trial_ms: i64,
    pub(crate) active_till_ms: i64,
    /// When the gate begins to know the token.
    pub(crate) ready_ms: i64,
    pub(crate) mode: Mode,
    pub(crate) stopped: bool,
    /// All days that extensions ever added.
    pub(crate) added_ms: i64,
    #[serde(default)]
    pub(crate) made_by: Hand,
    #[serde(default)]
    pub(crate) additions: Vec<Addition>,
    /// What went back to the account.
    #[serde(default)]
    pub(crate) returned_ms: i64,
    pub(crate) settings: Map<String, Value>,
    pub(crate) session: Session,
    pub(crate) usage: Usage,
    pub(crate) store: Store,
    pub(crate) agenda: Vec<Due>,
    /// Events that are to be sent.
    #[serde(skip)]
    pub(crate) outgoing: Vec<Outgoing>,
    /// Who names what is made.
    #[serde(skip)]
    pub(crate) ids: Ids,
}

/// What a person may set to make this WHAPI harder, kinder or faster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Error bodies as `{code, error}` instead of `{error: {code, message}}`.
    pub flat_errors: bool,
    /// Webhooks spell the verb `event.method` instead of `event.event`.
    pub method_spelling: bool,
    /// QR images as bare base64, without the `data:` prefix.
    pub bare_base64: bool,
    /// How long the gate answers 404 for a new channel's token, in milliseconds.
    pub provisioning_ms: i64,
    /// From the start of a launch to the first QR code, in milliseconds.
    pub launch_ms: i64,
    /// At least this many `WAITING` answers after each launch.
    pub qr_waits: u32,
    /// How long one QR code lives, in seconds.
    pub qr_life_s: i64,
    /// How long codes are shown before the channel goes back to sleep, in milliseconds.
    pub qr_window_ms: i64,
    /// How long a pairing code lives, in milliseconds.
    pub pairing_life_ms: i64,
    /// The status of an extension that the balance cannot pay.
    pub insufficient_status: u16,
    /// The status for a wrong partner token: 401 or 403.
    pub bad_token_status: u16,
    /// An extension of a trial begins now and not at the trial's end.
    pub trial_extends_from_now: bool,
    /// This many further changes of mode are answered well and not done.
    pub modes_ignored: u32,
    /// A send with a `typing_time` is answered only after that time.
    pub typing_holds: bool,
    /// Sent messages end as `failed`.
    pub sends_fail: bool,
    /// Milliseconds from a send until it is sent, delivered and read.
    pub status_ms: [i64; 3],
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            flat_errors: false,
            method_spelling: false,
            bare_base64: false,
            provisioning_ms: 2_000,
            launch_ms: 1_000,
            qr_waits: 1,
            qr_life_s: 20,
            qr_window_ms: 180_000,
            pairing_life_ms: 120_000,
            insufficient_status: 400,
            bad_token_status: 401,
            trial_extends_from_now: false,
            modes_ignored: 0,
            typing_holds: true,
            sends_fail: false,
            status_ms: [200, 600, 1_500],
        }
    }
}

/// A world that nobody has an account in yet.
impl Default for World {
    fn default() -> Self {
        Self {
            partner: Partner::nobody(),
            projects: BTreeMap::new(),
            channels: BTreeMap::new(),
            newsletters: BTreeMap::new(),
            departed: Vec::new(),
            creations: Creations::default(),
            switches: Switches::default(),
            answers: 0,
            outgoing: Vec::new(),
            ids: Ids::default(),
        }
    }
}

impl Partner {
    fn nobody() -> Self {
        Self {
            name: PARTNER_NAME.to_owned(),
            token: String::new(),
            owner_id: String::new(),
            balance_ms: FIRST_BALANCE_DAYS * DAY_MS,
            settings: PartnerSettings { webhooks: Vec::new(), days_limit: DAYS_LIMIT, no_chat: false },
            warned: false,
        }
    }
}

impl World {
    /// Takes names from `ids` from now on, and opens the partner's account if there is none yet.
    pub(crate) fn open(&mut self, ids: &Ids) {
        self.ids = ids.clone();
        self.channels.values_mut().for_each(|channel| channel.ids = ids.clone());
        if !self.partner.token.is_empty() {
            return;
        }
        self.partner.owner_id = ids.user_id();
        self.partner.token = ids.partner_token(PARTNER_NAME, &self.partner.owner_id);
        let project = Project { id: ids.project_id(), name: "Default".to_owned(), created_ms: ACCOUNT_SINCE_MS, is_default: true };
        self.projects.insert(project.id.clone(), project);
    }

    /// The channel of this id.
    pub(crate) fn channel(&mut self, id: &str) -> Result<&mut Channel, Refusal> {
        self.channels.get_mut(id).ok_or_else(|| Refusal::absent("channel"))
    }

    /// A channel at the gate, whose number must be linked.
    pub(crate) fn linked(&self, id: &str, now_ms: i64) -> Result<&Channel, Refusal> {
        let channel = self.channels.get(id).ok_or_else(Refusal::no_channel)?;
        channel.need_link(now_ms).map(|()| channel)
    }

    /// A channel at the gate that must be able to read.
    pub(crate) fn reader(&self, id: &str, now_ms: i64) -> Result<&Channel, Refusal> {
        let channel = self.channels.get(id).ok_or_else(Refusal::no_channel)?;
        channel.need_reads(now_ms).map(|()| channel)
    }

    /// The id of the project that a request names; `default` is a name for the default one.
    pub(crate) fn project_id(&self, named: &str) -> Result<String, Refusal> {
        let is_it = |project: &&Project| project.id == named || (named == "default" && project.is_default);
        let found = self.projects.values().find(is_it);
        found.map(|project| project.id.clone()).ok_or_else(|| Refusal::absent("project"))
    }

    /// Whether an optional member is left out of the answer that is being made.
    pub(crate) fn leaves_out(&mut self, one_in: u64) -> bool {
        self.answers = self.answers.wrapping_add(1);
        self.answers.is_multiple_of(one_in)
    }
}

impl Channel {
    /// Whether it runs: not stopped by hand, and days left.
    pub(crate) fn is_alive(&self, now_ms: i64) -> bool {
        !self.stopped && self.active_till_ms > now_ms
    }

    /// Whether the gate knows its token yet.
    pub(crate) fn is_ready(&self, now_ms: i64) -> bool {
        self.ready_ms <= now_ms
    }

    /// Whether the limits of trial and sandbox hold.
    pub(crate) fn is_limited(&self) -> bool {
        self.mode != Mode::Live
    }

    /// Our own id at the end of the name, if the name has one.
    pub(crate) fn reference(&self) -> Option<&str> {
        self.name.rsplit_once(" · ").map(|(_, reference)| reference)
    }
}

/// The settings of a new or reset channel.
pub(crate) fn first_settings() -> Map<String, Value> {
    let settings = json!({
        "callback_backoff_delay_ms": 3000,
        "max_callback_backoff_delay_ms": 900_000,
        "callback_persist": true,
        "media": {"auto_download": [], "init_avatars": false},
        "webhooks": [],
        "proxy": "",
        "mobile_proxy": "",
        "offline_mode": false,
        "full_history": false,
    });
    settings.as_object().cloned().unwrap_or_default()
}

/// A number of days as JSON: whole where it is whole.
pub(crate) fn days_json(days_ms: i64) -> Value {
    if days_ms % DAY_MS == 0 { json!(days_ms / DAY_MS) } else { json!(days_ms as f64 / DAY_MS as f64) }
}
