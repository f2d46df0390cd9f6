//! Channels, extensions and linking in JSON.

use app::linking::LinkState;
use domain::Timestamp;
use domain::channel::{Channel, Provision};
use domain::extension::Extension;
use domain::notice::HistoryEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::{maybe_time, time};

/// What was last seen of a channel's health.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthView {
    /// The provider's word.
    pub text: String,
    /// When it was read.
    pub read_at: String,
}

/// How far the creation at WHAPI is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProvisionView {
    /// `waiting`, `creating`, `created`, `ready` or `refused`.
    pub state: String,
    /// Its place in the queue, when it must wait.
    pub place: Option<u32>,
    /// When its turn is expected.
    pub expected_at: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl From<&Provision> for ProvisionView {
    fn from(provision: &Provision) -> Self {
        let view = |state: &str| Self { state: state.to_owned(), place: None, expected_at: None, reason: None };
        match provision {
            Provision::Waiting { place, expected_at } => Self { place: *place, expected_at: maybe_time(*expected_at), ..view("waiting") },
            Provision::Calling { .. } => view("creating"),
            Provision::Created => view("created"),
            Provision::Confirmed => view("ready"),
            Provision::Refused { reason } => Self { reason: Some(reason.clone()), ..view("refused") },
        }
    }
}

/// A channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelView {
    /// Its id.
    #[schema(example = "chn_01kah6w1m0e8c9q2v7r4t5y6z8")]
    pub id: String,
    /// `unofficial` or `official`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The channel's id at WHAPI, as soon as it is there.
    pub channel_ref: Option<String>,
    /// What WHAPI last said of it, in WHAPI's word.
    pub provider_status: Option<String>,
    /// The number that it is meant for.
    pub phone: Option<String>,
    /// The number that is linked.
    pub whatsapp_number: Option<String>,
    /// `pending`, `active`, `qr_generated`, `expired` or `deleting`.
    pub status: String,
    /// The word on its badge.
    pub badge: String,
    /// `pending` or `authorized`.
    pub auth_status: String,
    /// How its connection is.
    pub connection: String,
    /// Whether WHAPI has stopped it.
    pub stopped: bool,
    /// Whether WHAPI does not have it any more: it can only be deleted, and its days come back.
    pub gone: bool,
    /// When it ends.
    pub active_till: Option<String>,
    /// Whole days until then.
    pub days_left: u32,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// What was last seen of its health.
    pub health: Option<HealthView>,
    /// How far its creation is.
    pub provision: ProvisionView,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// Counts the changes.
    pub version: u64,
}

impl ChannelView {
    /// A channel as of `now`.
    pub fn of(channel: &Channel, now: Timestamp) -> Self {
        let number = |digits: &String| if digits.starts_with('+') { digits.clone() } else { format!("+{digits}") };
        Self {
            id: channel.id.to_string(),
            kind: channel.kind.word().to_owned(),
            name: channel.name.clone(),
            channel_ref: channel.channel_ref.clone(),
            provider_status: channel.provider_status.clone(),
            phone: channel.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            whatsapp_number: channel.whatsapp_number.as_ref().map(number),
            status: channel.status.word().to_owned(),
            badge: channel.badge().to_owned(),
            auth_status: channel.auth_status.word().to_owned(),
            connection: channel.connection.word().to_owned(),
            stopped: channel.stopped,
            gone: channel.gone,
            active_till: maybe_time(channel.active_till.filter(|_| channel.paid_till.is_some())),
            days_left: channel.days_left(now).count(),
            auto_renew: channel.auto_renew,
            health: channel.health.as_ref().map(|health| HealthView { text: health.text.clone(), read_at: time(health.read_at) }),
            provision: (&channel.provision).into(),
            created_at: time(channel.created_at),
            updated_at: time(channel.updated_at),
            version: channel.version,
        }
    }
}

/// An answer with one channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelAnswer {
    /// The channel.
    pub channel: ChannelView,
}

/// An extension.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExtensionView {
    /// Its id.
    pub id: String,
    /// The channel.
    pub channel_id: String,
    /// By how many days.
    pub days: u32,
    /// `queued`, `calling`, `unknown`, `posted` or `void`.
    pub state: String,
    /// Who wanted it: `customer`, `automatic`, `renewal` or `admin`.
    pub origin: String,
    /// Why it came to nothing.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl From<Extension> for ExtensionView {
    fn from(extension: Extension) -> Self {
        Self {
            id: extension.id.to_string(),
            channel_id: extension.channel_id.to_string(),
            days: extension.days.count(),
            state: extension.state.word().to_owned(),
            origin: extension.origin.word().to_owned(),
            reason: extension.reason,
            created_at: time(extension.created_at),
            updated_at: time(extension.updated_at),
        }
    }
}

/// A line of a channel's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryView {
    /// Its id.
    pub id: String,
    /// When.
    pub at: String,
    /// A stable word for what happened.
    pub kind: String,
    /// What happened.
    pub text: String,
    /// Why or by whom.
    pub cause: String,
}

impl From<HistoryEvent> for HistoryView {
    fn from(event: HistoryEvent) -> Self {
        Self { id: event.id.to_string(), at: time(event.at), kind: event.kind, text: event.text, cause: event.cause }
    }
}

/// The word for a link's state.
pub fn link_word(state: LinkState) -> &'static str {
    match state {
        LinkState::Waiting => "waiting",
        LinkState::Connecting => "connecting",
        LinkState::Linked => "linked",
        LinkState::TimedOut => "timed_out",
        LinkState::NotStarted => "not_started",
    }
}
