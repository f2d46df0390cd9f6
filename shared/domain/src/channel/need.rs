//! What a channel needs next, and from when on: the one thing that the due index knows of it.

use jiff::Timestamp;

use super::{Channel, LINK_POLL, Provision, RENEW_BEFORE, Status};

/// The next thing to be done for a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Create it at WHAPI, or find it there.
    Provision,
    /// Read it back after its creation.
    Confirm,
    /// Ask WHAPI for its webhooks.
    SetWebhooks,
    /// Set mode `live`.
    SetMode,
    /// See whether the code was scanned.
    WatchLink,
    /// Extend it before it ends.
    Renew,
    /// Mark it as run out.
    Expire,
    /// Go on with its deletion.
    Delete,
}

impl Channel {
    /// What is to be done next, and from when on.
    pub fn next_need(&self) -> Option<(Need, Timestamp)> {
        let (need, at) = self.raw_need()?;
        Some((need, self.retry_at.map_or(at, |retry| retry.max(at))))
    }

    fn raw_need(&self) -> Option<(Need, Timestamp)> {
        let at_once = self.updated_at;
        match (self.status, &self.provision) {
            (Status::Deleted, _) => None,
            (Status::Deleting, _) => Some((Need::Delete, at_once)),
            (_, Provision::Refused { .. }) => None,
            (_, Provision::Waiting { expected_at, .. }) => Some((Need::Provision, expected_at.unwrap_or(at_once))),
            (_, Provision::Calling { .. }) => Some((Need::Provision, at_once)),
            (Status::Pending | Status::Expired, _) if self.gone => None,
            _ if self.gone => self.active_till.map(|till| (Need::Expire, till)),
            (_, Provision::Created) => Some((Need::Confirm, at_once)),
            (Status::Pending, _) if !self.webhooks_set => Some((Need::SetWebhooks, at_once)),
            (Status::Pending, _) => None,
            (_, _) if !self.mode_live && self.paid_till.is_some() && self.status != Status::Expired => Some((Need::SetMode, at_once)),
            (_, _) if !self.webhooks_set => Some((Need::SetWebhooks, at_once)),
            (Status::Expired, _) => None,
            (status, _) => self.timed_need(status),
        }
    }

    fn timed_need(&self, status: Status) -> Option<(Need, Timestamp)> {
        let till = self.active_till?;
        let renewing = self.auto_renew && self.renewal_skipped_for != Some(till);
        let renew_at = till.saturating_sub(RENEW_BEFORE).unwrap_or(till);
        let renew = renewing.then(|| (Need::Renew, self.rests_until.map_or(renew_at, |until| until.max(renew_at))));
        let watch = self.code_given_at.filter(|_| status == Status::QrGenerated);
        let watch = watch.map(|_| (Need::WatchLink, self.updated_at.saturating_add(LINK_POLL).unwrap_or(Timestamp::MAX)));
        [renew, watch, Some((Need::Expire, till))].into_iter().flatten().min_by_key(|(_, at)| *at)
    }
}
