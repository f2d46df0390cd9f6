//! Codes, tokens and keys: what the console and the product's own checks rely on.

use jiff::SignedDuration;
use sandbox::{Clock, ControlError, SandboxConfig};
use serde_json::json;

use crate::browser::{PASSWORD, VERIFIER, World, encode};

const HUDA: &str = "huda@example.test";

#[tokio::test]
async fn the_tokens_say_what_cognitos_say() {
    let world = World::new().await;
    let tokens = world.tokens_for(HUDA).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3_600);
    let subject = world.sandbox.oidc.subject_of(HUDA).unwrap();

    let access = world.claims(&tokens["access_token"]).await;
    assert_eq!(access["sub"], json!(subject));
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["client_id"], "daypass-console");
    assert_eq!(access["scope"], "openid email profile");
    assert_eq!(access["username"], json!(subject));
    assert!(access.get("aud").is_none(), "Cognito's access tokens have no audience");
    assert!(access.get("email").is_none());
    assert!(access.get("cognito:groups").is_none());
    let life = access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap();
    assert_eq!(life, 3_600);

    let id = world.claims(&tokens["id_token"]).await;
    assert_eq!(id["aud"], "daypass-console");
    assert_eq!(id["token_use"], "id");
    assert_eq!(id["nonce"], "nonce-1");
    assert_eq!(id["email"], HUDA);
    assert_eq!(id["email_verified"], true);
}

#[tokio::test]
async fn scopes_bound_what_is_told() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[("scope", "openid"), ("nonce", "")])).await;
    let back = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    let (_, tokens) = world.redeem(&back.parameter("code").unwrap(), VERIFIER).await;
    let id = world.claims(&tokens["id_token"]).await;
    assert!(id.get("email").is_none() && id.get("nonce").is_none());
    let (_, known) = world.user_info(tokens["access_token"].as_str().unwrap()).await;
    assert!(known.get("email").is_none() && known.get("sub").is_some());
}

#[tokio::test]
async fn a_wrong_verifier_is_refused_and_spends_the_code() {
    let world = World::new().await;
    let code = world.code_for(HUDA).await;
    let (status, refused) = world.redeem(&code, "another-verifier-that-is-long-enough-0123456789").await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    let (status, _) = world.redeem(&code, VERIFIER).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_code_is_bound_to_the_address_it_was_sent_to() {
    let world = World::new().await;
    let code = world.code_for(HUDA).await;
    let (status, refused) = world
        .post_token(&[
            ("grant_type", "authorization_code"),
            ("client_id", "daypass-console"),
            ("redirect_uri", "http://localhost:5123/elsewhere"),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ])
        .await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_ends_what_came_from_it() {
    let world = World::new().await;
    let code = world.code_for(HUDA).await;
    let (_, tokens) = world.redeem(&code, VERIFIER).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.user_info(access).await.0, 200);

    let (status, refused) = world.redeem(&code, VERIFIER).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    assert_eq!(world.user_info(access).await.0, 401);
    let (status, _) = world.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn of_many_who_redeem_a_code_at_once_one_wins() {
    let world = World::new().await;
    let code = world.code_for(HUDA).await;
    let tries = (0..8).map(|_| world.redeem(&code, VERIFIER));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
}

#[tokio::test]
async fn a_code_ends_after_five_minutes() {
    let world = World::new().await;
    let code = world.code_for(HUDA).await;
    world.sandbox.clock.advance(SignedDuration::from_mins(5));
    let (status, refused) = world.redeem(&code, VERIFIER).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_new_tokens_and_a_new_one() {
    let world = World::new().await;
    let first = world.tokens_for(HUDA).await;
    world.sandbox.clock.advance(SignedDuration::from_hours(2));
    let (status, second) = world.refresh(first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (old, new) = (world.claims(&first["access_token"]).await, world.claims(&second["access_token"]).await);
    assert_eq!(new["origin_jti"], old["origin_jti"]);
    assert!(new["exp"].as_i64() >= old["exp"].as_i64().map(|exp| exp + 7_200));
    assert_eq!(world.claims(&second["id_token"]).await["sub"], old["sub"]);
    let (status, _) = world.refresh(second["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again_but_a_stolen_token_ends_the_family() {
    let world = World::new().await;
    let first = world.tokens_for(HUDA).await;
    let old = first["refresh_token"].as_str().unwrap();
    let (_, second) = world.refresh(old).await;
    let (status, _) = world.refresh(old).await;
    assert_eq!(status, 200, "within the grace");

    world.sandbox.clock.advance(SignedDuration::from_secs(31));
    let (status, refused) = world.refresh(old).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    let (status, _) = world.refresh(second["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "what came from it has ended too");
    assert_eq!(world.user_info(second["access_token"].as_str().unwrap()).await.0, 401);
}

#[tokio::test]
async fn tokens_end_by_the_clock() {
    let world = World::new().await;
    let tokens = world.tokens_for(HUDA).await;
    let access = tokens["access_token"].as_str().unwrap();
    world.sandbox.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(world.user_info(access).await.0, 200);
    world.sandbox.clock.advance(SignedDuration::from_mins(1));
    let (status, refused) = world.user_info(access).await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_token")));
    world.sandbox.clock.advance(SignedDuration::from_hours(30 * 24));
    let (status, _) = world.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_for(HUDA).await;
    let access = tokens["access_token"].as_str().unwrap();
    let mut claims = world.claims(&tokens["access_token"]).await;
    claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 86_400);
    let parts: Vec<&str> = access.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], encode(claims.to_string()), parts[2]);
    assert_eq!(world.user_info(&forged).await.0, 401);
    let id = tokens["id_token"].as_str().unwrap();
    assert_eq!(world.user_info(id).await.0, 401, "an id token opens nothing");
    assert_eq!(world.user_info("nonsense").await.0, 401);
}

#[tokio::test]
async fn a_new_key_signs_from_now_on_and_the_old_one_is_published_for_a_day() {
    let world = World::new().await;
    let old = world.tokens_for(HUDA).await;
    let kid = world.sandbox.oidc.rotate_keys().unwrap()["kid"].clone();
    let new = world.tokens_for(HUDA).await;
    let kid_of = |token: &str| json!(jsonwebtoken::decode_header(token).unwrap().kid);
    assert_eq!(kid_of(new["access_token"].as_str().unwrap()), kid);
    assert_ne!(kid_of(old["access_token"].as_str().unwrap()), kid);
    assert_eq!(world.claims(&old["access_token"]).await["sub"], world.claims(&new["access_token"]).await["sub"]);

    world.sandbox.clock.advance(SignedDuration::from_hours(25));
    let keys = world.get_json("/.well-known/jwks.json").await;
    let kids: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, [kid]);
}

#[tokio::test]
async fn a_refresh_token_can_be_revoked_with_all_that_came_from_it() {
    let world = World::new().await;
    let tokens = world.tokens_for(HUDA).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let fields = [("client_id", "daypass-console"), ("token", refresh)];
    let revoked = world.http.post(world.at("/oauth2/revoke")).form(&fields).send().await.unwrap();
    assert_eq!(revoked.status(), 200);
    assert_eq!(world.refresh(refresh).await.0, 400);
    assert_eq!(world.user_info(tokens["access_token"].as_str().unwrap()).await.0, 401);
}

#[tokio::test]
async fn token_errors_are_oauths() {
    let world = World::new().await;
    let error = |answer: (u16, serde_json::Value)| (answer.0, answer.1["error"].as_str().unwrap().to_owned());
    let unknown = world.post_token(&[("grant_type", "password"), ("client_id", "daypass-console")]).await;
    assert_eq!(error(unknown), (400, "unsupported_grant_type".to_owned()));
    let missing = world.post_token(&[("grant_type", "authorization_code"), ("client_id", "daypass-console")]).await;
    assert_eq!(error(missing), (400, "invalid_request".to_owned()));
    let client = world.post_token(&[("grant_type", "refresh_token"), ("client_id", "other")]).await;
    assert_eq!(error(client), (400, "invalid_client".to_owned()));
    let twice = world.post_token(&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")]).await;
    assert_eq!(error(twice), (400, "invalid_request".to_owned()));
    let json = world.http.post(world.at("/oauth2/token")).json(&json!({})).send().await.unwrap();
    assert_eq!(json.status(), 400);
    assert_eq!(json.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn scripts_make_users_and_tokens_without_a_browser() {
    let world = World::new().await;
    let oidc = &world.sandbox.oidc;
    let subject = oidc.create_user("Staff@Example.test", "secret", true).unwrap();
    let taken = oidc.create_user("staff@example.test", "secret", false);
    assert!(taken.is_err_and(|error| error.status() == 409));
    assert_eq!(oidc.token("nobody@example.test", "secret"), Err(ControlError::Unknown));
    assert!(oidc.token("staff@example.test", "wrong").is_err_and(|error| error.status() == 409));

    let token = oidc.token("staff@example.test", "secret").unwrap();
    let claims = world.claims(&json!(token)).await;
    assert_eq!(claims["sub"], json!(subject));
    assert_eq!(claims["cognito:groups"], json!(["admin"]));
    assert_eq!(world.user_info(&token).await.0, 200);
}

#[tokio::test]
async fn a_restart_on_the_same_data_keeps_users_keys_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let config = || SandboxConfig { data_dir: Some(folder.path().to_owned()), ..SandboxConfig::default() };
    let (tokens, keys, subject) = {
        let world = World::with(config()).await;
        let tokens = world.tokens_for(HUDA).await;
        let keys = world.get_json("/.well-known/jwks.json").await;
        (tokens, keys, world.sandbox.oidc.subject_of(HUDA))
    };
    let world = World::with(config()).await;
    assert_eq!(world.get_json("/.well-known/jwks.json").await, keys);
    assert_eq!(world.sandbox.oidc.subject_of(HUDA), subject);
    assert_eq!(world.user_info(tokens["access_token"].as_str().unwrap()).await.0, 200);
    assert_eq!(world.refresh(tokens["refresh_token"].as_str().unwrap()).await.0, 200);

    world.sandbox.reset();
    assert_eq!(world.sandbox.oidc.subject_of(HUDA), None);
    assert_eq!(world.user_info(tokens["access_token"].as_str().unwrap()).await.0, 401);
    assert_eq!(world.get_json("/.well-known/jwks.json").await, keys, "keys stay, caches stay true");
}

#[tokio::test]
async fn time_is_the_clocks_from_the_first_token_on() {
    let clock = Clock::new();
    clock.advance(SignedDuration::from_hours(24 * 365));
    let world = World::with(SandboxConfig { clock: clock.clone(), ..SandboxConfig::default() }).await;
    let tokens = world.tokens_for(HUDA).await;
    let issued_at = world.claims(&tokens["id_token"]).await["iat"].as_i64().unwrap();
    assert!((clock.now().as_second() - issued_at).abs() < 60);
}
