//! WHAPI does what it was asked and the answer is lost, or does not, or answers nonsense: days at WHAPI and
//! days taken always end equal, what did not happen is asked for again, no channel is made twice, none is left behind. (CH-2, CH-5, CH-10, CH-13)

use journeys::{Person, World, days, minutes, seconds};
use serde_json::{Value, json};

/// What goes wrong, and with which status.
const FAULTS: [(&str, u16); 6] =
    [("lost_answer", 0), ("lost_request", 0), ("garbage", 0), ("status", 500), ("status", 502), ("status", 429)];
/// How long a request takes that nobody waits for to its end, in real milliseconds.
const TOO_SLOW_MS: u64 = 21_500;

/// One fault, once, on one route of the manager.
fn once(route: &str, kind: &str, status: u16) -> Value {
    let status = if status == 0 { 503 } else { status };
    json!([{ "provider": "whapi", "route": route, "kind": kind, "status": status, "rate": 1.0, "times": 1 }])
}

/// Lets it settle with the fault, then without, past the time in which a late request may arrive.
async fn recover(world: &World) {
    world.settle().await;
    let hits = world.calm().await;
    assert_eq!(hits.as_object().map(|hits| hits.values().filter_map(Value::as_u64).sum::<u64>()), Some(1), "the fault has hit: {hits}");
    world.sweep_for(4, minutes(3)).await;
}

async fn rich(world: &World) -> Person {
    let person = world.customer().await;
    person.buy("Scale").await;
    person
}

async fn nobody_has_to_look(world: &World) {
    for job in ["reconcile-whapi", "audit-ledger"] {
        world.job(job).await;
    }
    let mut findings = world.admin().await.all("/v1/admin/findings").await;
    // That a customer cancelled is news, and nothing to be done.
    findings.retain(|finding| finding["kind"] != "subscription.canceled");
    assert!(findings.is_empty(), "{findings:#?}");
}

/// CH-5: extending. Whatever was lost, it ends as if nothing had been: what did not happen is asked for again.
#[tokio::test]
async fn an_extension_whose_answer_was_lost_is_settled() {
    let world = World::start().await;
    let person = rich(&world).await;
    let shop = person.add_working_channel("Shop").await;
    for (kind, status) in FAULTS {
        let before = person.prove_channel(&shop).await;
        world.faults(once("POST /channels/{id}/extend", kind, status)).await;
        person.extend(&shop, 7).await.with(202);
        recover(&world).await;
        let after = person.prove_channel(&shop).await;
        assert_eq!(after, before + 7, "{kind} {status}");
        assert_eq!(person.extensions(&shop).await[0]["state"], "posted", "{kind} {status}");
        assert_eq!(person.prove().await, 365 - after);
    }
    assert_eq!(person.moved("return").await.0, 0, "no days came back in between");
    nobody_has_to_look(&world).await;
}

/// CH-5: every request for days is lost. WHAPI is asked three times, each time after it is known that nothing came of the
/// one before; then the days come back.
#[tokio::test]
async fn an_extension_that_never_happens_comes_back_in_the_end() {
    let world = World::start().await;
    let person = rich(&world).await;
    let shop = person.add_working_channel("Shop").await;
    let before = person.prove().await;
    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_request", "rate": 1.0 }])).await;
    person.extend(&shop, 7).await.with(202);
    world.settle().await;
    for _ in 0..3 {
        assert_eq!(person.extensions(&shop).await[0]["state"], "unknown");
        assert_eq!(person.prove().await, before - 7, "the days stay set aside");
        world.sweep_for(2, seconds(75)).await;
    }
    let extension = person.extensions(&shop).await[0].clone();
    assert_eq!((&extension["state"], &extension["reason"]), (&json!("void"), &json!("WHAPI did not do it.")));
    assert_eq!(world.calm().await["lost_request"], 3);
    world.sweep_for(2, minutes(10)).await;
    assert_eq!((person.prove().await, person.prove_channel(&shop).await), (before, 30));
    person.extend(&shop, 7).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&shop).await, 37);
    nobody_has_to_look(&world).await;
}

/// CH-2: every request for a channel is lost. WHAPI is asked five times; then the customer is told, and its place is free.
#[tokio::test]
async fn a_channel_that_is_never_made_is_given_up_in_the_end() {
    let world = World::start().await;
    let person = rich(&world).await;
    world.faults(json!([{ "provider": "whapi", "route": "PUT /channels", "kind": "lost_request", "rate": 1.0 }])).await;
    let added = person.ask_for_channel("Shop").await.with(201);
    let id = added["channel"]["id"].as_str().unwrap();
    world.settle().await;
    world.sweep_for(40, minutes(1)).await;
    assert_eq!(person.channel(id).await["provision"]["state"], "refused", "{}", person.channel(id).await);
    assert_eq!(world.calm().await["lost_request"], 5);
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 0);
    assert!(person.was_told("WHAPI refused the channel “Shop”").await, "{:?}", person.told().await);
    world.sweep_for(2, minutes(10)).await;
    assert!(person.lines().await.is_empty());
    assert_eq!(person.prove().await, 365);
    nobody_has_to_look(&world).await;
}

/// CH-5: days that WHAPI counts from the call, because the channel had ended or its trial does not count, are
/// read back as well.
#[tokio::test]
async fn a_lost_extension_that_counts_from_the_call_is_read_back() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Starter").await;
    person.post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({})).await.ok();
    world.sandbox(|sandbox| sandbox.whapi.switch(|switches| switches.trial_extends_from_now = true)).await;
    world.faults(once("POST /channels/{id}/extend", "lost_answer", 0)).await;
    let shop = person.add_channel("Shop").await;
    world.advance(seconds(10)).await;
    recover(&world).await;
    assert_eq!(person.prove_channel(&shop).await, 30, "a trial that does not count");
    world.sweep_for(2, days(16)).await;
    assert_eq!(person.channel(&shop).await["status"], "expired");
    world.faults(once("POST /channels/{id}/extend", "lost_answer", 0)).await;
    person.buy("Starter").await;
    recover(&world).await;
    assert_eq!(person.prove_channel(&shop).await, 60, "a channel that had ended");
    assert_eq!((person.channel(&shop).await["status"].clone(), person.prove().await), (json!("active"), 0));
    nobody_has_to_look(&world).await;
}

/// CH-5: reading back fails for a while too; other wishes for the same channel wait meanwhile.
#[tokio::test]
async fn an_unknown_extension_is_read_back_until_it_can_be() {
    let world = World::start().await;
    let person = rich(&world).await;
    let shop = person.add_working_channel("Shop").await;
    world
        .faults(json!([
            { "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_answer", "rate": 1.0, "times": 1 },
        ]))
        .await;
    person.extend(&shop, 30).await.with(202);
    world.settle().await;
    world.faults(json!([{ "provider": "whapi", "route": "GET /channels/{id}", "kind": "status", "status": 500, "rate": 1.0 }])).await;
    world.sweep_for(2, seconds(40)).await;
    assert_eq!(person.extensions(&shop).await[0]["state"], "unknown");
    person.extend(&shop, 3).await.with(202);
    world.sweep_for(3, minutes(3)).await;
    assert_eq!(person.line(&shop).await.days_added, 60, "nothing is called blindly");
    world.calm().await;
    world.sweep_for(4, minutes(10)).await;
    assert_eq!(person.prove_channel(&shop).await, 63);
    assert_eq!(person.prove().await, 302);
    nobody_has_to_look(&world).await;
}

/// CH-2, CH-13: creating. No orphan, no second one, and the channel gets its days.
#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_or_made_again() {
    let world = World::start().await;
    let person = rich(&world).await;
    for (number, (kind, status)) in FAULTS.into_iter().enumerate() {
        world.faults(once("PUT /channels", kind, status)).await;
        let added = person.ask_for_channel(&format!("Shop {number}")).await.with(201);
        let id = added["channel"]["id"].as_str().unwrap();
        recover(&world).await;
        world.sweep_for(2, minutes(6)).await;
        assert_eq!(person.prove_channel(id).await, 30, "{kind} {status}");
        assert_eq!(person.channel(id).await["status"], "active", "{kind} {status}");
        assert_eq!(person.lines().await.len(), number + 1, "{kind} {status}");
    }
    person.prove().await;
    nobody_has_to_look(&world).await;
}

/// CH-4, CH-5: setting the mode. It is set again until it holds, and costs nothing.
#[tokio::test]
async fn the_mode_is_set_until_it_holds() {
    let world = World::start().await;
    let person = rich(&world).await;
    for (number, (kind, status)) in FAULTS.into_iter().enumerate() {
        world.faults(once("PATCH /channels/{id}/mode", kind, status)).await;
        let id = person.add_channel(&format!("Shop {number}")).await;
        world.advance(seconds(10)).await;
        recover(&world).await;
        assert_eq!(person.line(&id).await.mode, "live", "{kind} {status}");
        assert_eq!(person.prove_channel(&id).await, 30);
    }
    world.sandbox(|sandbox| sandbox.whapi.switch(|switches| switches.modes_ignored = 1)).await;
    let id = person.add_channel("Ignored").await;
    world.sweep_for(3, minutes(3)).await;
    assert_eq!(person.line(&id).await.mode, "live", "said to be done and not done");
    person.prove().await;
    nobody_has_to_look(&world).await;
}

/// CH-10: deleting. The days come back once.
#[tokio::test]
async fn a_deletion_whose_answer_was_lost_gives_back_once() {
    let world = World::start().await;
    let person = rich(&world).await;
    for (kind, status) in FAULTS {
        let shop = person.add_working_channel("Shop").await;
        let before = person.prove().await;
        world.faults(once("DELETE /channels/{id}", kind, status)).await;
        person.delete(&format!("/v1/channels/{shop}")).await.with(202);
        recover(&world).await;
        person.get(&format!("/v1/channels/{shop}")).await.refused(404, "not_found");
        assert_eq!(person.prove().await, before + 29, "{kind} {status}");
        assert!(person.lines().await.is_empty(), "{kind} {status}");
    }
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 0);
    nobody_has_to_look(&world).await;
}

/// CH-5, CH-10: a deletion is asked for while an extension is unknown: it waits for it, and what comes back
/// is right.
#[tokio::test]
async fn a_deletion_waits_for_an_unknown_extension() {
    let world = World::start().await;
    let person = rich(&world).await;
    for kind in ["lost_answer", "lost_request"] {
        let shop = person.add_working_channel("Shop").await;
        let before = person.prove().await;
        world.faults(once("POST /channels/{id}/extend", kind, 0)).await;
        person.extend(&shop, 30).await.with(202);
        world.settle().await;
        world.faults(json!([{ "provider": "whapi", "route": "GET /channels/{id}", "kind": "status", "status": 503, "rate": 1.0 }])).await;
        let going = person.delete(&format!("/v1/channels/{shop}")).await.with(202);
        assert_eq!(going["channel"]["status"], "deleting");
        world.sweep_for(2, minutes(3)).await;
        assert_eq!(person.channel(&shop).await["status"], "deleting");
        assert_eq!(person.lines().await.len(), 1);
        person.extend(&shop, 1).await.refused(409, "state_forbids");
        world.calm().await;
        world.sweep_for(4, minutes(10)).await;
        person.get(&format!("/v1/channels/{shop}")).await.refused(404, "not_found");
        assert!(person.lines().await.is_empty());
        assert_eq!(person.prove().await, before + 29, "{kind}");
    }
    nobody_has_to_look(&world).await;
}

/// CH-5, CH-10: the request for days was lost, and may still arrive. Though WHAPI can be read, the channel is
/// not deleted before that is over; then the days come back once.
#[tokio::test]
async fn a_deletion_waits_while_a_late_request_may_arrive() {
    let world = World::start().await;
    let person = rich(&world).await;
    let shop = person.add_working_channel("Shop").await;
    let before = person.prove().await;
    world.faults(once("POST /channels/{id}/extend", "lost_request", 0)).await;
    person.extend(&shop, 30).await.with(202);
    world.settle().await;
    world.calm().await;
    person.delete(&format!("/v1/channels/{shop}")).await.with(202);
    world.sweep_for(2, seconds(30)).await;
    assert_eq!((person.channel(&shop).await["status"].clone(), person.lines().await.len()), (json!("deleting"), 1));
    assert_eq!(person.extensions(&shop).await[0]["state"], "unknown");
    world.sweep_for(4, minutes(1)).await;
    person.get(&format!("/v1/channels/{shop}")).await.refused(404, "not_found");
    assert!(person.lines().await.is_empty());
    assert_eq!(person.prove().await, before + 29);
    nobody_has_to_look(&world).await;
}

/// CH-5: WHAPI takes longer than anybody waits: creating, extending and deleting at the same time.
#[tokio::test]
async fn answers_that_come_too_late_are_settled() {
    let world = World::start().await;
    let person = rich(&world).await;
    let (extended, deleted) = (person.add_working_channel("Extended").await, person.add_working_channel("Deleted").await);
    let slow =
        |route: &str| json!({ "provider": "whapi", "route": route, "kind": "slow", "delay_ms": TOO_SLOW_MS, "rate": 1.0, "times": 1 });
    world.faults(json!([slow("PUT /channels"), slow("POST /channels/{id}/extend"), slow("DELETE /channels/{id}")])).await;
    let added = person.ask_for_channel("Added").await.with(201)["channel"]["id"].as_str().unwrap().to_owned();
    person.extend(&extended, 11).await.with(202);
    person.delete(&format!("/v1/channels/{deleted}")).await.with(202);
    world.settle().await;
    let hits = world.calm().await;
    assert_eq!(hits["slow"], 3, "{hits}");
    world.sweep_for(4, minutes(3)).await;
    assert_eq!(person.prove_channel(&extended).await, 41);
    assert_eq!(person.prove_channel(&added).await, 30);
    person.get(&format!("/v1/channels/{deleted}")).await.refused(404, "not_found");
    assert_eq!(person.lines().await.len(), 2);
    assert_eq!(person.prove().await, 365 - 41 - 30 - 1);
    nobody_has_to_look(&world).await;
}
