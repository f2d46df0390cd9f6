//! Names, what comes back, and where days go.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn channel(number: u128) -> Channel {
    let now = at("2026-11-21T09:00:00Z");
    let mut channel = Channel::new(ChannelId::new(now, number), UserId::new(now, 1), "Shop".to_owned(), None, now);
    channel.provision = Provision::Confirmed;
    channel.webhooks_set = true;
    channel
}

#[test]
fn our_id_is_found_at_the_end_of_the_name_and_cannot_be_typed() {
    let channel = channel(1);
    assert_eq!(id_in_name(&channel.provider_name()), Some(channel.id.clone()));
    assert_eq!(name(&channel.provider_name()), Err(NameError::Forbidden));
    assert_eq!(name("  Manama Flowers "), Ok("Manama Flowers".to_owned()));
}

#[test]
fn only_paid_days_come_back_from_a_deleted_channel() {
    let now = at("2026-11-21T09:00:00Z");
    let mut channel = channel(1);
    assert_eq!(channel.worth_back(Some(at("2026-11-27T09:00:00Z")), now), Days::ZERO, "a trial is not the customer's");
    channel.take_days(Days::new(10), at("2026-12-07T09:00:00Z"), now);
    assert_eq!(channel.worth_back(channel.active_till, now), Days::new(10));
    assert_eq!(channel.worth_back(channel.active_till, at("2026-11-25T10:00:00Z")), Days::new(5));
    assert_eq!(channel.worth_back(Some(at("2026-11-23T09:00:00Z")), now), Days::new(2), "never more than WHAPI still has");
}

#[test]
fn arriving_days_go_to_pending_channels_oldest_first_in_steps() {
    let now = at("2026-11-21T09:00:00Z");
    let (old, young) = (channel(1), channel(2));
    let mut expired = channel(3);
    expired.status = Status::Expired;
    expired.active_till = Some(at("2026-11-10T09:00:00Z"));
    let mut abandoned = expired.clone();
    abandoned.id = ChannelId::new(now, 4);
    abandoned.active_till = Some(at("2026-10-01T09:00:00Z"));
    let all = [abandoned, young.clone(), expired.clone(), old.clone()];
    let shares = share_out(&all, Days::new(70), now);
    assert_eq!(shares, [(old.id, STEP), (young.id, STEP), (expired.id, Days::new(10))]);
    assert!(share_out(&all, Days::ZERO, now).is_empty());
}

#[test]
fn arriving_days_leave_alone_who_does_not_renew_by_itself() {
    let now = at("2026-11-21T09:00:00Z");
    let mut off = channel(1);
    (off.status, off.auto_renew, off.active_till) = (Status::Expired, false, Some(at("2026-11-20T09:00:00Z")));
    let mut fed = channel(2);
    (fed.status, fed.active_till) = (Status::Active, Some(at("2026-12-20T09:00:00Z")));
    let mut pending = channel(3);
    pending.auto_renew = false;
    assert_eq!(share_out(&[off, fed, pending.clone()], Days::new(70), now), [(pending.id, STEP)], "a pending one has never had any");
}

#[test]
fn a_channel_renews_a_day_before_its_end_and_once_for_each_end() {
    let now = at("2026-11-21T09:00:00Z");
    let mut channel = channel(1);
    channel.take_days(Days::new(10), at("2026-12-01T09:00:00Z"), now);
    channel.mode_live = true;
    assert_eq!(channel.next_need(), Some((Need::Renew, at("2026-11-30T09:00:00Z"))));
    channel.renewal_skipped_for = channel.active_till;
    assert_eq!(channel.next_need(), Some((Need::Expire, at("2026-12-01T09:00:00Z"))), "it was tried for this end");
    channel.active_till = Some(at("2026-12-02T09:00:00Z"));
    assert_eq!(channel.next_need(), Some((Need::Renew, at("2026-12-01T09:00:00Z"))), "and not yet for another");
    channel.auto_renew = false;
    assert_eq!(channel.next_need(), Some((Need::Expire, at("2026-12-02T09:00:00Z"))));
}

#[test]
fn a_channel_whose_days_were_refused_rests_longer_each_time() {
    let now = at("2026-11-21T09:00:00Z");
    let mut channel = channel(1);
    let waits = [10, 30, 60, 120, 120].map(|minutes| now + SignedDuration::from_mins(minutes));
    for until in waits {
        channel.rest(now);
        assert_eq!(channel.rests_until, Some(until));
        assert!(share_out(&[channel.clone()], STEP, now).is_empty());
        assert_eq!(share_out(&[channel.clone()], STEP, until), [(channel.id.clone(), STEP)]);
    }
    channel.take_days(STEP, STEP.after(now), now);
    assert_eq!((channel.refusals, channel.rests_until), (0, None));
    let renews = now + SignedDuration::from_hours(29 * 24);
    channel.mode_live = true;
    channel.rest(renews);
    assert_eq!(channel.next_need(), Some((Need::Renew, renews + SignedDuration::from_mins(10))));
}

#[test]
fn a_channel_that_is_gone_gets_nothing_and_runs_out() {
    let now = at("2026-11-21T09:00:00Z");
    let mut channel = channel(1);
    channel.gone = true;
    assert_eq!(channel.next_need(), None, "nothing is set up that is not there");
    channel.take_days(STEP, STEP.after(now), now);
    assert_eq!(channel.next_need(), Some((Need::Expire, STEP.after(now))));
    assert!(share_out(&[channel], STEP, now).is_empty());
}
