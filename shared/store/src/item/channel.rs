//! Channels and their extensions. Names of attributes are short here where it keeps a channel's item
//! within one write unit (1 KB); when it is due is worked out from the channel itself.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::channel::{Channel, Deletion, Health, Provision};
use domain::due::DueKind;
use domain::extension::{Extension, Turn};

use super::field::{Field, Map, nested};
use super::{Item, Reading, Row, stored};
use crate::error::StoreError;
use crate::key::Key;

nested!(Health { text, read_at });
nested!(Deletion { asked_at, return_days });
nested!(Turn { extension_id, days, before, called_at, unknown });

impl Field for Provision {
    fn write(&self) -> Option<AttributeValue> {
        let mut map = Map::default();
        let state = match self {
            Self::Waiting { place, expected_at } => {
                map.put("place", place);
                map.put("expected_at", expected_at);
                "waiting"
            }
            Self::Calling { at, sweeps } => {
                map.put("at", at);
                map.put("sweeps", sweeps);
                "calling"
            }
            Self::Created => "created",
            Self::Confirmed => "confirmed",
            Self::Refused { reason } => {
                map.put("reason", reason);
                "refused"
            }
        };
        map.put("state", &state.to_owned());
        Some(map.into_value())
    }

    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        let map = value?.as_m().ok()?;
        let get = |name: &str| map.get(name);
        match map.get("state")?.as_s().ok()?.as_str() {
            "waiting" => Some(Self::Waiting { place: Field::read(get("place"))?, expected_at: Field::read(get("expected_at"))? }),
            "calling" => Some(Self::Calling { at: Field::read(get("at"))?, sweeps: Field::read(get("sweeps"))? }),
            "created" => Some(Self::Created),
            "confirmed" => Some(Self::Confirmed),
            "refused" => Some(Self::Refused { reason: Field::read(get("reason"))? }),
            _ => None,
        }
    }
}

impl Item for Channel {
    fn key(&self) -> Key {
        Key::Channel(self.user_id.clone(), self.id.clone())
    }

    fn write(&self, row: &mut Row) {
        write_identity(self, row);
        write_state(self, row);
        write_work(self, row);
    }

    fn read(item: &Reading<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: item.get("id")?,
            user_id: item.get("user_id")?,
            kind: item.get("kind")?,
            name: item.get("name")?,
            phone: item.get("phone")?,
            whatsapp_number: item.get("number")?,
            channel_ref: item.get("ref")?,
            token: item.get("token")?,
            status: item.get("status")?,
            provider_status: item.get("provider_status")?,
            stopped: item.get("stopped")?,
            gone: item.get::<Option<bool>>("gone")?.unwrap_or_default(),
            auth_status: item.get("auth")?,
            connection: item.get("connection")?,
            health: item.get("health")?,
            auto_renew: item.get("auto_renew")?,
            active_till: item.get("active_till")?,
            paid_till: item.get("paid_till")?,
            mode_live: item.get("mode_live")?,
            webhooks_set: item.get("webhooks_set")?,
            provision: item.get("provision")?,
            creations: item.get::<Option<u32>>("creations")?.unwrap_or_default(),
            turn: item.get("turn")?,
            code_given_at: item.get("code_given_at")?,
            deletion: item.get("deletion")?,
            retry_at: item.get("retry_at")?,
            attempts: item.get::<Option<u32>>("attempts")?.unwrap_or_default(),
            renewal_skipped_for: item.get("renewal_skipped_for")?,
            refusals: item.get::<Option<u32>>("refusals")?.unwrap_or_default(),
            rests_until: item.get("rests_until")?,
            created_at: item.get("created_at")?,
            updated_at: item.get("updated_at")?,
            version: item.get("version")?,
        })
    }

    fn due(&self) -> Option<(DueKind, Timestamp)> {
        self.next_need().map(|(_, at)| (DueKind::Channel, at))
    }
}

fn write_identity(channel: &Channel, row: &mut Row) {
    row.put("id", &channel.id);
    row.put("user_id", &channel.user_id);
    row.put("kind", &channel.kind);
    row.put("name", &channel.name);
    row.put("phone", &channel.phone);
    row.put("number", &channel.whatsapp_number);
    row.put("ref", &channel.channel_ref);
    row.put("token", &channel.token);
    row.put("created_at", &channel.created_at);
    row.put("updated_at", &channel.updated_at);
    row.put("version", &channel.version);
}

fn write_state(channel: &Channel, row: &mut Row) {
    row.put("status", &channel.status);
    row.put("provider_status", &channel.provider_status);
    row.put("stopped", &channel.stopped);
    row.put("gone", &Some(true).filter(|_| channel.gone));
    row.put("auth", &channel.auth_status);
    row.put("connection", &channel.connection);
    row.put("health", &channel.health);
    row.put("active_till", &channel.active_till);
    row.put("paid_till", &channel.paid_till);
    row.put("mode_live", &channel.mode_live);
    row.put("webhooks_set", &channel.webhooks_set);
}

fn write_work(channel: &Channel, row: &mut Row) {
    row.put("auto_renew", &channel.auto_renew);
    row.put("provision", &channel.provision);
    row.put("creations", &Some(channel.creations).filter(|creations| *creations > 0));
    row.put("turn", &channel.turn);
    row.put("code_given_at", &channel.code_given_at);
    row.put("deletion", &channel.deletion);
    row.put("retry_at", &channel.retry_at);
    row.put("attempts", &Some(channel.attempts).filter(|attempts| *attempts > 0));
    row.put("renewal_skipped_for", &channel.renewal_skipped_for);
    row.put("refusals", &Some(channel.refusals).filter(|refusals| *refusals > 0));
    row.put("rests_until", &channel.rests_until);
}

stored!(Extension {
    id, user_id, channel_id, days, state, origin, reason, due_at, attempts, created_at, updated_at, version; calls,
}, key(extension) Key::Extension(extension.user_id.clone(), extension.channel_id.clone(), extension.id.clone()),
   due extension.due_at.map(|at| (DueKind::Extension, at)));
