//! The business's token at WHAPI is wrong or missing: nothing breaks, staff see what to do, and once it is
//! right everything goes on.

use journeys::{Person, World, minutes};
use serde_json::json;

const BANNER: &str = "WHAPI Partner Token missing or invalid — please update integration settings.";

async fn banners(admin: &Person) -> Vec<(String, String)> {
    let status = admin.get("/v1/admin/status").await.ok();
    let text = |banner: &serde_json::Value, name: &str| banner[name].as_str().unwrap_or_default().to_owned();
    status["banners"].as_array().unwrap().iter().map(|banner| (text(banner, "code"), text(banner, "text"))).collect()
}

/// CH-14: channels that are added, extended, renamed and deleted meanwhile are done afterwards, days are right.
#[tokio::test]
async fn a_bad_partner_token_is_survived() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    person.buy("Scale").await;
    let (shop, gone) = (person.add_working_channel("Shop").await, person.add_working_channel("Gone").await);
    assert!(banners(&admin).await.is_empty());
    for replacement in ["not-the-token", ""] {
        let right = world.replace_partner_token(replacement).await;
        world.advance(minutes(1)).await;
        let added = person.add_channel("Added").await;
        person.extend(&shop, 5).await.with(202);
        person.patch(&format!("/v1/channels/{shop}"), json!({ "name": format!("Renamed{replacement}") })).await.ok();
        world.sweep_for(3, minutes(1)).await;
        assert_eq!(banners(&admin).await, [("whapi_partner_token_invalid".to_owned(), BANNER.to_owned())]);
        assert!(admin.get("/v1/me").await.ok()["banners"].to_string().contains(BANNER), "on every page of theirs");
        assert!(!person.get("/v1/me").await.ok()["banners"].to_string().contains("Partner"), "customers see nothing of it");
        assert_eq!(admin.get("/v1/admin/partner-balance").await.ok()["live_days"], json!(null));
        assert_eq!(person.channel(&added).await["status"], "pending");
        assert_eq!(person.extensions(&shop).await[0]["state"], "queued");
        person.prove().await;
        world.replace_partner_token(&right).await;
        world.sweep_for(4, minutes(10)).await;
        assert!(banners(&admin).await.is_empty(), "after “{replacement}”");
        assert_eq!(person.prove_channel(&added).await, 30);
        assert_eq!(person.channel(&added).await["status"], "active");
        person.prove_channel(&shop).await;
    }
    assert_eq!(person.prove_channel(&shop).await, 40);
    let right = world.replace_partner_token("wrong-again").await;
    world.advance(minutes(1)).await;
    let before = person.prove().await;
    person.delete(&format!("/v1/channels/{gone}")).await.with(202);
    world.sweep_for(2, minutes(1)).await;
    assert_eq!(person.channel(&gone).await["status"], "deleting", "a 401 is no proof that it is gone");
    assert_eq!(person.prove().await, before);
    world.replace_partner_token(&right).await;
    world.sweep_for(4, minutes(10)).await;
    person.get(&format!("/v1/channels/{gone}")).await.refused(404, "not_found");
    assert_eq!(person.prove().await, before + 29);
    person.prove_channel(&shop).await;
}
