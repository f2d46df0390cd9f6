//! Where arriving days go by themselves.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{ABANDONED_AFTER, Channel, Provision, RENEW_BEFORE, STEP, Status};
use crate::account::Account;
use crate::days::Days;
use crate::id::ChannelId;

/// Shares arriving days out: pending channels first, oldest first, then those about to renew, then expired
/// ones that renew by themselves and ended not long ago. One step each, or what is left.
pub fn share_out(channels: &[Channel], remaining: Days, now: Timestamp) -> Vec<(ChannelId, Days)> {
    let recently = |till: Timestamp| now.duration_since(till) < ABANDONED_AFTER;
    let rank = |channel: &Channel| match (channel.status, channel.active_till) {
        _ if channel.check_extendable().is_err() || channel.turn.is_some() || channel.is_resting(now) => None,
        (Status::Pending, _) => Some(0),
        (Status::Active | Status::QrGenerated, Some(till)) if channel.auto_renew && till.duration_since(now) <= RENEW_BEFORE => Some(1),
        (Status::Expired, Some(till)) if channel.auto_renew && recently(till) => Some(2),
        _ => None,
    };
    let mut wanting: Vec<_> = channels.iter().filter_map(|channel| Some((rank(channel)?, &channel.id))).collect();
    wanting.sort();
    let mut left = remaining;
    let mut shares = Vec::new();
    for (_, id) in wanting {
        let days = STEP.min(left);
        if days.is_zero() {
            break;
        }
        left = left.saturating_sub(days);
        shares.push((id.clone(), days));
    }
    shares
}

/// The channels beyond the limit of the plan that holds, the youngest: none of them is cut off, but they get
/// no days by themselves (PLAN-6). Without a plan there is no limit to be beyond: the days are the customer's.
pub fn beyond_limit(account: &Account, channels: &[Channel], now: Timestamp) -> HashSet<ChannelId> {
    let limit = account.current_plan(now).ok().and_then(|plan| plan.limits.channels);
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return HashSet::new() };
    let counted = |channel: &&Channel| {
        !matches!(channel.status, Status::Deleting | Status::Deleted) && !matches!(channel.provision, Provision::Refused { .. })
    };
    let mut ids: Vec<_> = channels.iter().filter(counted).map(|channel| channel.id.clone()).collect();
    ids.sort();
    ids.into_iter().skip(limit).collect()
}
