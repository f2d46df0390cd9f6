//! Who may tell us things: PayPal by its signature, WHAPI by our secrets, nobody else.

use journeys::{Caught, Tap, World, minutes};
use reqwest::Method;
use serde_json::json;

/// The same webhook with one thing about it wrong, and what that is.
fn forgeries(genuine: &Caught, elsewhere: &str) -> Vec<(&'static str, Caught)> {
    let mut changed = genuine.clone();
    let mut bytes = changed.body.to_vec();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    changed.body = bytes.into();
    let mut longer = genuine.clone();
    longer.body = [&genuine.body[..], b" "].concat().into();
    let signature = genuine.headers["paypal-transmission-sig"].to_str().unwrap();
    let turned = format!("{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    let mut unsigned = genuine.clone();
    unsigned.headers.remove("paypal-transmission-sig");
    vec![
        ("one byte of the body", changed),
        ("a space after the body", longer),
        ("the signature", genuine.clone().with("paypal-transmission-sig", &turned)),
        ("no signature", unsigned),
        ("an empty signature", genuine.clone().with("paypal-transmission-sig", "")),
        ("the transmission's id", genuine.clone().with("paypal-transmission-id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55")),
        ("the time", genuine.clone().with("paypal-transmission-time", "2026-01-01T00:00:00Z")),
        ("the algorithm", genuine.clone().with("paypal-auth-algo", "none")),
        ("a certificate of somebody else", genuine.clone().with("paypal-cert-url", &format!("{elsewhere}v1/notifications/certs/CERT-1"))),
        (
            "a certificate at a lookalike",
            genuine.clone().with("paypal-cert-url", "https://api.paypal.com.example.com/v1/notifications/certs/CERT-1"),
        ),
    ]
}

/// PAY-4, WHK-3: what PayPal did not sign for us is refused and changes nothing; the real thing afterwards
/// credits, and again it is only a repeat.
#[tokio::test]
async fn forged_webhooks_are_refused_and_change_nothing() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let (tap, stranger) = (Tap::on(&world).await, Tap::listen().await);
    let _ = world.merchant().await.listen(stranger.url()).await;
    person.buy("Starter").await;
    let is_sale = |caught: &Caught| caught.kind() == "PAYMENT.SALE.COMPLETED";
    let genuine = tap.all().into_iter().find(is_sale).expect("a sale");
    let for_another = stranger.all().into_iter().find(is_sale).expect("a sale");
    let mut forged = forgeries(&genuine, stranger.url());
    forged.push(("another webhook's id", for_another));
    let heard = stranger.all().len();
    for (what, forgery) in forged {
        let answer = forgery.deliver(&world).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text);
        answer.refused(401, "signature_invalid");
    }
    assert_eq!((stranger.all().len(), stranger.visits()), (heard, heard), "nobody fetched the stranger's certificate");
    world.sweep_for(2, minutes(2)).await;
    assert_eq!(person.prove().await, 0);
    assert_eq!(person.subscription().await["status"], "pending");
    assert!(admin.all("/v1/admin/findings").await.is_empty());

    for _ in 0..3 {
        genuine.deliver(&world).await.with(200);
        world.settle().await;
        assert_eq!(person.prove().await, 30);
    }
}

/// How often one webhook arrives at the same moment.
const AT_ONCE: usize = 200;

/// PAY-4: the same webhook two hundred times at once is taken each time and credits once.
#[tokio::test]
async fn the_same_webhook_many_times_at_once_credits_once() {
    let world = World::start().await;
    let (person, tap) = (world.customer().await, Tap::on(&world).await);
    person.buy("Starter").await;
    let sale = tap.all().into_iter().find(|caught| caught.kind() == "PAYMENT.SALE.COMPLETED").expect("a sale");
    let answers = futures::future::join_all((0..AT_ONCE).map(|_| sale.deliver(&world))).await;
    for answer in answers {
        answer.with(200);
    }
    world.settle().await;
    assert_eq!(person.prove().await, 30);
    assert_eq!(person.moved("credit").await, (1, 30));
}

/// PAY-4: where it is so configured, PayPal itself is asked whether it signed. Its word decides, and when it
/// cannot be asked the event is not taken, so that it comes again.
#[tokio::test]
async fn paypals_own_word_on_a_signature_is_taken_where_it_is_asked() {
    let world = World::with_parameters(&[("PaypalVerify", "postback".to_owned())]).await;
    let (person, tap) = (world.customer().await, Tap::on(&world).await);
    person.buy("Starter").await;
    let genuine = tap.all().into_iter().find(|caught| caught.kind() == "PAYMENT.SALE.COMPLETED").expect("a sale");
    for forged in ["paypal-transmission-sig", "paypal-transmission-id"] {
        let turned = genuine.headers[forged].to_str().unwrap().chars().rev().collect::<String>();
        genuine.clone().with(forged, &turned).deliver(&world).await.refused(401, "signature_invalid");
    }
    world
        .faults(
            json!([{ "provider": "paypal", "route": "POST /v1/notifications/verify-webhook-signature", "kind": "status", "status": 503 }]),
        )
        .await;
    let untaken = genuine.deliver(&world).await;
    assert!(untaken.status >= 500, "PayPal has to send it again: {} {}", untaken.status, untaken.text);
    world.calm().await;
    assert_eq!(person.prove().await, 0);
    for _ in 0..2 {
        genuine.deliver(&world).await.with(200);
        world.settle().await;
        assert_eq!(person.prove().await, 30);
    }
}

/// How many letters of a forged body are free to be turned to match a checksum of 32 bits.
const FREE_LETTERS: usize = 64;

/// Another body with the checksum of a genuine one, which is all of it that PayPal signs: letters of a
/// padding are turned to capitals until it fits.
fn same_checksum(genuine: &[u8], forged: &serde_json::Value) -> Vec<u8> {
    let mut body = forged.clone();
    body["padding"] = json!("a".repeat(FREE_LETTERS));
    let mut bytes = body.to_string().into_bytes();
    let start = bytes.windows(FREE_LETTERS).position(|window| window.iter().all(|byte| *byte == b'a')).unwrap();
    let plain = crc32fast::hash(&bytes);
    let mut basis = [None::<(u32, u64)>; 32];
    let reduce = |basis: &[Option<(u32, u64)>; 32], mut sum: u32, mut letters: u64| {
        for (vector, mask) in (0..32).rev().filter_map(|bit| basis[bit]) {
            if sum & (1 << vector.ilog2()) != 0 {
                (sum, letters) = (sum ^ vector, letters ^ mask);
            }
        }
        (sum, letters)
    };
    for letter in 0..FREE_LETTERS {
        bytes[start + letter] = b'A';
        let (rest, letters) = reduce(&basis, crc32fast::hash(&bytes) ^ plain, 1 << letter);
        bytes[start + letter] = b'a';
        if rest != 0 {
            basis[rest.ilog2() as usize] = Some((rest, letters));
        }
    }
    let (rest, letters) = reduce(&basis, crc32fast::hash(genuine) ^ plain, 0);
    assert_eq!(rest, 0, "so many letters reach every checksum");
    (0..FREE_LETTERS).filter(|letter| letters & (1 << letter) != 0).for_each(|letter| bytes[start + letter] = b'A');
    bytes
}

/// PAY-4, WHK-3: a body can be forged under a genuine signature, for PayPal signs a checksum alone. After
/// the real thing it is refused; before it, it makes us look at PayPal, whose word alone credits.
#[tokio::test]
async fn a_body_forged_under_a_genuine_signature_credits_nothing() {
    let world = World::start().await;
    let (thief, victim) = (world.customer().await, world.customer().await);
    victim.buy("Growth").await;
    let tap = Tap::on(&world).await;
    thief.buy("Starter").await;
    let is_sale = |caught: &Caught| caught.kind() == "PAYMENT.SALE.COMPLETED";
    let genuine = tap.all().into_iter().find(is_sale).expect("a sale");
    let mut wish = genuine.event();
    wish["id"] = json!("WH-FORGED");
    wish["resource"]["id"] = json!("0AA00000AA000000A");
    wish["resource"]["amount"]["total"] = json!("119.90");
    let forged = Caught { body: same_checksum(&genuine.body, &wish).into(), ..genuine.clone() };
    assert_eq!(crc32fast::hash(&forged.body), crc32fast::hash(&genuine.body));
    genuine.deliver(&world).await.with(200);
    forged.deliver(&world).await.refused(401, "signature_invalid");
    world.settle().await;
    assert_eq!((thief.prove().await, victim.prove().await), (30, 90));

    thief.buy("Growth").await;
    let unheard = tap.all().into_iter().rfind(is_sale).expect("another sale");
    let forged = Caught { body: same_checksum(&unheard.body, &wish).into(), ..unheard };
    forged.deliver(&world).await;
    world.sweep_for(2, minutes(3)).await;
    assert_eq!((thief.prove().await, victim.prove().await), (30, 90), "there is no such sale at PayPal");
    world.job("reconcile-paypal").await;
    assert_eq!((thief.prove().await, victim.prove().await), (120, 90), "what was really paid comes all the same");
}

/// WHK-3: what is too large or no event is refused as a problem.
#[tokio::test]
async fn our_doors_for_providers_take_no_nonsense() {
    let world = World::start().await;
    let post = |path: &str, body: Vec<u8>| world.request(Method::POST, path).header("content-type", "application/json").body(body);
    world.send(post("/v1/webhooks/paypal", b"{}".to_vec())).await.refused(401, "signature_invalid");
    world.send(post("/v1/webhooks/paypal", Vec::new())).await.refused(401, "signature_invalid");
    let channel = "/v1/webhooks/whapi/channels/chn_01kah6w1m0e8c9q2v7r4t5y6z8";
    world.send(post(channel, b"{}".to_vec())).await.refused(401, "signature_invalid");
    for secret in ["", ".", "1.", "a.b", "0000"] {
        world.send(post(channel, b"{}".to_vec()).header("x-daypass-webhook", secret)).await.refused(401, "signature_invalid");
    }
    world.send(post("/v1/webhooks/whapi/channels/nothing", b"{}".to_vec())).await.refused(404, "not_found");
    world.send(post("/v1/webhooks/whapi/partner", b"{}".to_vec())).await.refused(401, "signature_invalid");
    for wrong in ["?secret=", "?secret=wrong", "?secret=whapi-partner-webhook0", "?secret=whapi-partner-webhoo"] {
        world.send(post(&format!("/v1/webhooks/whapi/partner{wrong}"), b"{}".to_vec())).await.refused(401, "signature_invalid");
    }
    let with_header = |secret: &str| post("/v1/webhooks/whapi/partner", b"[1, 2".to_vec()).header("x-webhook-secret", secret.to_owned());
    world.send(with_header("wrong")).await.refused(401, "signature_invalid");
    world.send(with_header("whapi-partner-webhook")).await.refused(422, "validation_failed");
    let known = "/v1/webhooks/whapi/partner?secret=whapi-partner-webhook";
    world.send(post(known, b"[1, 2".to_vec())).await.refused(422, "validation_failed");
    world.send(post(known, vec![b' '; 2 * 1024 * 1024])).await.refused(413, "body_too_large");
}

/// WHK-1: WHAPI says that our days run low; staff see how many, and when that was.
#[tokio::test]
async fn a_low_balance_notice_is_shown_to_staff() {
    let world = World::start().await;
    let admin = world.admin().await;
    let before = admin.get("/v1/admin/partner-balance").await.ok();
    assert_eq!((&before["current_days"], &before["live_days"]), (&json!(null), &json!(10_000)));
    world.control("whapi/low-balance", json!({ "days": 5 })).await;
    world.settle().await;
    let after = admin.get("/v1/admin/partner-balance").await.ok();
    assert_eq!((&after["current_days"], &after["live_days"]), (&json!(5), &json!(5)), "{after}");
    let text = after["text"].as_str().unwrap();
    assert!(text.starts_with("Partner balance: 5 days remaining (updated "), "{text}");
    assert!(after["received_at"].is_string());
}
