//! Channels: ours and WHAPI's are the same ones, the days on them are those that were posted, and a deletion
//! gives back what was paid for and not used.

use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};
use sandbox::whapi::{ChannelTruth, Hand};

use super::{Found, Scene};
use crate::table::Item;

const DAY_SECONDS: i64 = 86_400;

fn provision(channel: &Item) -> String {
    channel.inner("provision").and_then(|inner| inner.text("state").map(str::to_owned)).unwrap_or_default()
}

fn is_gone(channel: &Item) -> bool {
    channel.text("status") == Some("deleted")
}

fn id(channel: &Item) -> &str {
    channel.text("id").unwrap_or_default()
}

/// The channels that count are those that are there.
pub(super) fn counted(scene: &Scene, user: &UserId, found: &mut Found) {
    let channels = scene.channels(user);
    let many = channels.iter().filter(|channel| !is_gone(channel) && provision(channel) != "refused").count();
    let used = scene.account(user).number("channels_used").unwrap_or_default();
    found.must("channels in use are those that are there", i64::try_from(many) == Ok(used), || {
        format!("{user}: {many} channels, the account counts {used}")
    });
}

/// The extensions of a channel that are posted: when, and how many days; in their order.
fn posted(scene: &Scene, user: &UserId, channel: &str) -> Vec<(Timestamp, i64)> {
    let extensions = scene.extensions(user, channel).into_iter().filter(|extension| extension.text("state") == Some("posted"));
    let mut posted: Vec<_> = extensions.filter_map(|extension| Some((extension.time("updated_at")?, extension.number("days")?))).collect();
    posted.sort_unstable();
    posted
}

fn days_after(from: Timestamp, days: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_secs(days * DAY_SECONDS)).unwrap_or(Timestamp::MAX)
}

fn paid_by(posted: &[(Timestamp, i64)]) -> Option<Timestamp> {
    posted.iter().fold(None, |paid: Option<Timestamp>, (at, days)| Some(days_after(paid.map_or(*at, |paid| paid.max(*at)), *days)))
}

/// A channel is paid until when its extensions say.
pub(super) fn paid_till(scene: &Scene, user: &UserId, found: &mut Found) {
    for channel in scene.channels(user) {
        let (ours, worked_out) = (channel.time("paid_till"), paid_by(&posted(scene, user, id(channel))));
        let near = match (ours, worked_out) {
            (Some(ours), Some(worked_out)) => ours.duration_since(worked_out).abs() < SignedDuration::from_secs(1),
            (ours, worked_out) => ours == worked_out,
        };
        found.must("paid_till is what was posted", near, || {
            format!("{}: it says {ours:?}, its extensions make {worked_out:?}", id(channel))
        });
    }
}

/// The days that WHAPI added for us are those that we posted.
pub(super) fn days_there(scene: &Scene, user: &UserId, found: &mut Found) {
    for channel in scene.channels(user) {
        let days: i64 = posted(scene, user, id(channel)).iter().map(|(_, days)| days).sum();
        let there = channel.text("ref").and_then(|channel_ref| scene.there(channel_ref));
        let added = there.map_or(0, |there| there.days_added_by(Hand::Partner));
        let waits = scene.extensions(user, id(channel)).iter().any(|extension| !matches!(extension.text("state"), Some("posted" | "void")));
        found.must("WHAPI added what was posted", added == days || waits, || {
            format!("{} ({:?}): WHAPI added {added} days for us, {days} are posted", id(channel), channel.text("ref"))
        });
    }
}

/// Every channel there is ours and known, and the reverse.
pub(super) fn both_ways(scene: &Scene, found: &mut Found) {
    let ours: Vec<&Item> = scene.users.iter().flat_map(|user| scene.channels(user)).collect();
    for there in scene.channels_there.iter().filter(|there| there.departed.is_none() && there.made_by == Hand::Partner) {
        let known: Vec<_> = ours.iter().filter(|channel| channel.text("ref") == Some(there.id.as_str())).collect();
        let alive = known.iter().any(|channel| !is_gone(channel));
        found.must("every channel at WHAPI is ours", alive && known.len() == 1, || {
            format!("{} (“{}”) is at WHAPI, and {} of ours point to it", there.id, there.name, known.len())
        });
        let named = known.iter().all(|channel| there.reference.as_deref() == Some(id(channel)));
        found.must("a channel's name ends with our id", named, || format!("{} is called “{}” at WHAPI", there.id, there.name));
        let pointer = scene.whole.get(&format!("PTR#whapi_channel#{}", there.id), "POINTER");
        found.must("WHAPI's id leads to ours", pointer.is_some(), || format!("nothing points from {}", there.id));
    }
    for channel in ours.iter().filter(|channel| !is_gone(channel) && matches!(provision(channel).as_str(), "created" | "confirmed")) {
        let there = channel.text("ref").and_then(|channel_ref| scene.there(channel_ref));
        let stands = there.is_some_and(|there| there.departed.is_none_or(|departed| departed.by == Hand::Stranger));
        found.must("every channel of ours is at WHAPI", stands, || {
            format!("{} is {:?} at WHAPI", id(channel), there.map(|there| there.departed))
        });
        let live = there.is_none_or(|there| there.departed.is_some() || there.mode == "live");
        let needs_it = channel.text("status") == Some("active");
        found.must("a channel with days is live", live || !needs_it, || {
            format!("{} is {:?} at WHAPI", id(channel), there.map(|there| &there.mode))
        });
    }
}

/// What a deletion gave back is what was paid for and not used when it was worked out.
pub(super) fn returned(scene: &Scene, user: &UserId, found: &mut Found) {
    let entries = scene.entries(user);
    for channel in scene.channels(user).into_iter().filter(|channel| is_gone(channel)) {
        let cause = format!("delete:{}", id(channel));
        let back: Vec<i64> =
            entries.iter().filter(|entry| entry.text("cause") == Some(&cause)).filter_map(|entry| entry.number("days")).collect();
        let deletion = channel.inner("deletion");
        let worth = deletion.as_ref().and_then(|deletion| deletion.number("return_days")).unwrap_or_default();
        let expected = if worth > 0 { vec![worth] } else { Vec::new() };
        found.must("a deletion gives back what it said", back == expected, || {
            format!("{}: worth {worth} days, gave back {back:?}", id(channel))
        });
        let asked = deletion.and_then(|deletion| deletion.time("asked_at"));
        let there = channel.text("ref").and_then(|channel_ref| scene.there(channel_ref));
        if let (Some(asked), Some(there)) = (asked, there.filter(|there| !scene.was_touched(&there.id))) {
            let bounds = bounds(scene, user, channel, asked, there);
            found.must("a deletion gives back what was paid for", bounds.contains(&worth), || {
                format!("{}: gave back {worth} days, and {bounds:?} would have been right", id(channel))
            });
        }
    }
}

/// What may come back: what was left when it was gone at WHAPI at least, when it was asked for at most.
fn bounds(scene: &Scene, user: &UserId, channel: &Item, asked: Timestamp, there: &ChannelTruth) -> std::ops::RangeInclusive<i64> {
    let Some(paid) = paid_by(&posted(scene, user, id(channel))) else { return 0..=0 };
    let gone = there.departed.map_or(scene.now, |departed| departed.at);
    let ended = gone.saturating_add(SignedDuration::from_millis(there.returned_ms)).unwrap_or(Timestamp::MAX);
    let whole = |from: Timestamp| paid.min(ended).duration_since(from).as_secs().max(0) / DAY_SECONDS;
    whole(gone)..=whole(asked)
}

/// Days that can be spent lie nowhere while a channel waits for its first.
pub(super) fn fed(scene: &Scene, user: &UserId, found: &mut Found) {
    let account = scene.account(user);
    let remaining = account.number("days_remaining").unwrap_or_default();
    let limit = account.number("channels_limit");
    let used = account.number("channels_used").unwrap_or_default();
    if remaining == 0 || account.flag("suspended") || limit.is_some_and(|limit| used > limit) {
        return;
    }
    for channel in scene.channels(user).into_iter().filter(|channel| channel.text("status") == Some("pending")) {
        let touched = channel.text("ref").is_some_and(|channel_ref| scene.was_touched(channel_ref));
        let ready = provision(channel) == "confirmed" && !touched;
        found.must("arriving days go to channels that wait", !ready, || format!("{} waits for days, {user} has {remaining}", id(channel)));
    }
}
