//! What the providers say to those who check: who added which days, which sale stands how.

use sandbox::ControlError;
use sandbox::paypal::SaleStanding;
use sandbox::whapi::{ChannelTruth, Hand};
use serde_json::json;

use super::session::{Session, play, text};

async fn extend(session: &Session, id: &str, days: u32, comment: &str) {
    let answer = session.manager("POST", &format!("/channels/{id}/extend"), json!({"days": days, "comment": comment})).await;
    assert_eq!(answer["success"], true, "{answer}");
}

fn named<'a>(channels: &'a [ChannelTruth], name: &str) -> &'a ChannelTruth {
    channels.iter().find(|channel| channel.name == name).expect(name)
}

#[test]
fn whose_hand_added_which_days_is_known_of_every_channel_that_is_or_was() {
    play(1, |session| async move {
        let whapi = &session.sandbox.whapi;
        let (ours, lost) = (session.create("Shop · chn_1").await, session.create("Old · chn_2").await);
        extend(&session, &text(&ours, "id"), 30, "ext_1").await;
        whapi.stranger_extends("chn_1", 3).unwrap();
        extend(&session, &text(&lost, "id"), 10, "ext_2").await;
        whapi.stranger_deletes("chn_2").unwrap();
        whapi.stranger_creates("somebody's").unwrap();
        assert_eq!(whapi.stranger_deletes("chn_2"), Err(ControlError::Unknown));

        let channels = whapi.channels();
        assert_eq!(channels.len(), 3);
        let first = named(&channels, "Shop · chn_1");
        assert_eq!((first.days_added_by(Hand::Partner), first.days_added_by(Hand::Stranger)), (30, 3));
        assert_eq!((first.additions[0].comment.as_str(), first.made_by, first.departed), ("ext_1", Hand::Partner, None));
        let second = named(&channels, "Old · chn_2");
        assert_eq!(second.departed.map(|departed| departed.by), Some(Hand::Stranger));
        assert_eq!((second.days_added_by(Hand::Partner), second.returned_ms), (10, 10 * 86_400_000));
        assert_eq!(named(&channels, "somebody's").made_by, Hand::Stranger);
        assert_eq!(whapi.days_balance(), 10_000 - 30 - 3);
    });
}

#[test]
fn a_stranger_goes_by_the_vendors_rules() {
    play(1, |session| async move {
        let whapi = &session.sandbox.whapi;
        session.create("Shop · chn_1").await;
        whapi.set_balance(5).unwrap();
        let refused = whapi.stranger_extends("chn_1", 6);
        assert_eq!(refused, Err(ControlError::impossible("Not enough days on balance")));
        for number in 1..20 {
            whapi.stranger_creates(&format!("number {number}")).unwrap();
        }
        assert_eq!(whapi.stranger_creates("one more"), Err(ControlError::impossible("Too Many Requests")));
    });
}

#[test]
fn every_sale_is_known_as_it_stands() {
    play(1, |session| async move {
        let paypal = &session.sandbox.paypal;
        session.subscribe("sub_1").await;
        assert_eq!(paypal.decline("sub_1").unwrap()["status"], "APPROVAL_PENDING");
        paypal.hold_next_sale("sub_1").unwrap();
        paypal.approve("sub_1").unwrap();
        assert_eq!(paypal.decline("sub_1").err().map(|error| error.status()), Some(409));
        let standings = || paypal.sales().iter().map(|sale| sale.standing).collect::<Vec<_>>();
        assert_eq!(standings(), [SaleStanding::Held]);
        paypal.release("sub_1").unwrap();
        paypal.renew("sub_1").unwrap();
        paypal.refund("sub_1", Some("4.00")).unwrap();
        paypal.fail_payment("sub_1").unwrap();
        assert_eq!(standings(), [SaleStanding::Completed, SaleStanding::PartiallyRefunded, SaleStanding::Denied]);
        let first = paypal.sales().remove(0);
        assert_eq!((first.amount_minor, first.currency.as_str(), first.custom_id.as_deref()), (1_000, "USD", Some("sub_1")));
        paypal.reverse(&first.id, None).unwrap();
        let first = paypal.sales().remove(0);
        assert_eq!((first.standing, first.refunded_minor, first.reversed), (SaleStanding::Refunded, 1_000, true));
        paypal.cancel("sub_1").unwrap();
        let subscription = paypal.all_subscriptions().remove(0);
        assert_eq!((subscription.status.as_str(), subscription.next_billing), ("CANCELLED", None));
    });
}
