//! Low balance: a customer is told at 7, 3 and 1 days of cover (BAL-5). Cover is how long all channels that
//! renew by themselves can go on, with the days on them and those in the balance.

use domain::channel::{Channel, Status};
use domain::id::{NotificationId, UserId};
use domain::{Days, Timestamp};
use ring::digest;
use store::Commit;

use crate::audit::for_everybody;
use crate::error::AppError;
use crate::parts::App;
use crate::support::{date, days_text, is_repeat, notification};

/// The days of cover at which people are told.
const MARKS: [u32; 3] = [1, 3, 7];

/// Looks at everybody once.
pub(crate) async fn run(app: &App) -> Result<(), AppError> {
    for_everybody(app, |user| async move { remind(app, &user).await }).await.map(drop)
}

async fn remind(app: &App, user: &UserId) -> Result<(), AppError> {
    let tenant = app.store.custody(user);
    let account = tenant.account().await?;
    let channels = tenant.all_channels().await?;
    let Some((cover, first)) = cover(&channels, account.balance.remaining(), app.now()) else { return Ok(()) };
    let Some(mark) = MARKS.into_iter().find(|mark| cover.count() <= *mark) else { return Ok(()) };
    let stops = cover.after(app.now());
    let text = format!("{} of cover left. {} stops on {} unless you buy days.", days_text(cover), first.name, date(stops));
    let mut note = notification(app, user, "balance.low", text);
    note.id = once(user, mark, first);
    match app.store.commit(Commit::new().notification(note)).await {
        Err(error) if is_repeat(&error) => Ok(()),
        other => Ok(other?),
    }
}

/// How long everything goes on, and what stops first; `None` when nothing runs.
fn cover(channels: &[Channel], balance: Days, now: Timestamp) -> Option<(Days, &Channel)> {
    let running = |channel: &&Channel| channel.auto_renew && matches!(channel.status, Status::Active | Status::QrGenerated);
    let mut ends: Vec<_> = channels.iter().filter(running).map(|channel| (channel.days_left(now).count(), channel)).collect();
    ends.sort_by_key(|(left, channel)| (*left, channel.id.clone()));
    let (mut level, first) = *ends.first()?;
    let mut budget = balance.count();
    for (index, _) in ends.iter().enumerate() {
        let width = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let gap = ends.get(index + 1).map_or(u32::MAX, |(next, _)| next - level);
        let rise = (budget / width).min(gap);
        level = level.saturating_add(rise);
        budget -= rise * width;
        if rise < gap {
            break;
        }
    }
    Some((Days::new(level), first))
}

/// One id for one reminder: the same customer, mark and end of the channel that stops first are told once. Its time is
/// that mark's, so that it stands where it belongs among the others.
fn once(user: &UserId, mark: u32, first: &Channel) -> NotificationId {
    let end = first.active_till.unwrap_or_default();
    let text = format!("{user} {mark} {} {}", first.id, end.as_second());
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let random = hash.as_ref().iter().take(10).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let told_from = end.saturating_sub(Days::new(mark + 1).duration()).unwrap_or(end);
    NotificationId::new(told_from, random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ChannelId;

    fn channel(number: u128, days: u32, now: Timestamp) -> Channel {
        let mut channel = Channel::new(ChannelId::new(now, number), UserId::new(now, 1), format!("Shop {number}"), None, now);
        channel.take_days(Days::new(days), Days::new(days).after(now), now);
        channel
    }

    #[test]
    fn cover_is_what_all_channels_can_go_on_for() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let both = [channel(1, 4, now), channel(2, 10, now)];
        let days = |balance: u32| cover(&both, Days::new(balance), now).map(|(cover, first)| (cover.count(), first.name.clone()));
        assert_eq!(days(0), Some((4, "Shop 1".to_owned())));
        assert_eq!(days(6), Some((10, "Shop 1".to_owned())));
        assert_eq!(days(10), Some((12, "Shop 1".to_owned())));
        assert!(cover(&[], Days::new(5), now).is_none());
    }
}
