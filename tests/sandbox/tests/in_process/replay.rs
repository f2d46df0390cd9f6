//! The same session twice.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::session::{BEGIN, Session, play, text};

/// Most rounds of asking for a code.
const CODE_ROUNDS: u32 = 20;
/// How long to wait between two.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_secs(2);

/// A channel is made, extended and linked.
async fn link_a_channel(session: &Session) {
    let whapi = &session.sandbox.whapi;
    let made = session.create("Shop · chn_1").await;
    let (id, token) = (text(&made, "id"), text(&made, "token"));
    assert_eq!(made["apiUrl"], "https://gate.whapi.test/");
    session.manager("POST", &format!("/channels/{id}/extend"), json!({"days": 30, "comment": "ext_1"})).await;
    session.gate(&token, "/users/login").await;
    for _ in 0..CODE_ROUNDS {
        session.passes(BETWEEN_LOOKS).await;
        if session.gate(&token, "/users/login").await["status"] == "OK" {
            break;
        }
    }
    let scanned = whapi.scan(&id, None).expect("a code is shown");
    session.note(&scanned.to_string());
    session.gate(&token, "/health").await;
}

/// Somebody buys a plan, pays twice and gets the second payment back; everything is told again, out of order.
async fn buy_and_give_back(session: &Session) {
    let paypal = &session.sandbox.paypal;
    let made = session.subscribe("sub_1").await;
    assert!(made["links"][0]["href"].as_str().unwrap().starts_with("https://api.paypal.test/webapps/"), "{made}");
    session.note(&paypal.approve(&text(&made, "id")).unwrap().to_string());
    session.hours_pass(24 * 31).await;
    session.note(&paypal.refund("sub_1", None).unwrap().to_string());
    session.note(&paypal.resend("sub_1", 2, true).unwrap().to_string());
    let token = session.sign_in().await;
    session.paypal(&token, "/v1/billing/subscriptions/I-NOBODY", Value::Null).await;
    session.paypal(&token, &format!("/v1/billing/subscriptions/{}", text(&made, "id")), Value::Null).await;
    session.hours_pass(1).await;
}

async fn whole(session: Session) {
    link_a_channel(&session).await;
    buy_and_give_back(&session).await;
    // A year and more, so that the certificate is renewed under way.
    session.hours_pass(24 * 400).await;
    let deliveries: Vec<_> = session.sandbox.deliverer.log().into_iter().map(|attempt| format!("{attempt:?}")).collect();
    session.note(&deliveries.join("\n"));
    session.note(&session.sandbox.whapi.account().unwrap().to_string());
    session.note(&session.sandbox.paypal.subscriptions().unwrap().to_string());
}

#[test]
fn a_seed_replays_to_the_byte() {
    let first = play(7, whole);
    let webhooks = first.iter().filter(|note| note.starts_with("webhook ")).count();
    assert!(webhooks > 20, "{webhooks} webhooks came through the carrier");
    assert!(
        first.iter().any(|note| note.contains("paypal-cert-url") && note.contains("https://api.paypal.test/v1/notifications/certs/CERT-"))
    );
    let second = play(7, whole);
    let differing = first.iter().zip(&second).find(|(one, other)| one != other);
    assert_eq!(differing, None);
    assert_eq!(first.len(), second.len());
}

#[test]
fn another_seed_plays_otherwise() {
    let webhooks = |seed| play(seed, whole).into_iter().filter(|note| note.starts_with("webhook ")).collect::<Vec<_>>();
    let (one, other) = (webhooks(7), webhooks(8));
    assert_eq!(one.len(), other.len(), "as many things happen");
    assert!(one.iter().zip(&other).all(|(one, other)| one != other), "under other names");
}

#[test]
fn worlds_on_many_threads_do_not_disturb_each_other() {
    let alone = play(7, whole);
    let crowd: Vec<_> = [7, 8, 7, 9].map(|seed| std::thread::spawn(move || play(seed, whole))).into_iter().collect();
    let crowd: Vec<_> = crowd.into_iter().map(|played| played.join().unwrap()).collect();
    assert_eq!((&alone, &alone), (&crowd[0], &crowd[2]));
}

#[test]
fn time_goes_from_event_to_event_and_not_by_itself() {
    let notes = play(1, |session| async move {
        session.note("begun");
        link_a_channel(&session).await;
        session.note("linked");
    });
    assert!(notes[0].starts_with(BEGIN), "{}", notes[0]);
    assert_eq!(play(1, |session| async move { link_a_channel(&session).await }).len(), notes.len() - 2);
}
