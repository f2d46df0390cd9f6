//! Notifications, findings, WHAPI's notices and the history of channels.

use domain::notice::{Finding, HistoryEvent, Notification, PartnerBalanceNotice};

use super::stored;
use crate::key::Key;

stored!(Notification { id, user_id, kind, text, at, read_at },
    key(notification) Key::Notification(notification.user_id.clone(), notification.id.clone()));

stored!(HistoryEvent { id, user_id, channel_id, at, kind, text, cause },
    key(event) Key::History(event.user_id.clone(), event.channel_id.clone(), event.id.clone()));

stored!(PartnerBalanceNotice { id, current_days, days_limit, received_at, raw },
    key(notice) Key::Notice(notice.id.clone()));

stored!(Finding { id, key, kind, text, remedy, user_id, found_at, resolved_at },
key(finding) if finding.resolved_at.is_none() {
    Key::OpenFinding(finding.id.clone())
} else {
    Key::SettledFinding(finding.id.clone())
});
