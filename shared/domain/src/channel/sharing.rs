//! Where arriving days go by themselves.

use jiff::Timestamp;

use super::{ABANDONED_AFTER, Channel, RENEW_BEFORE, STEP, Status};
use crate::days::Days;
use crate::id::ChannelId;

/// Shares arriving days out: pending channels first, oldest first, then those about to renew, then expired
/// ones that renew by themselves and ended not long ago. One step each, or what is left.
pub fn share_out(channels: &[Channel], remaining: Days, now: Timestamp) -> Vec<(ChannelId, Days)> {
    let recently = |till: Timestamp| now.duration_since(till) < ABANDONED_AFTER;
    let rank = |channel: &Channel| match (channel.status, channel.active_till) {
        _ if channel.check_extendable().is_err() || channel.turn.is_some() => None,
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
