//! Journeys of people through the hosted pages.

use jiff::SignedDuration;

use crate::browser::{CALLBACK, PASSWORD, VERIFIER, World};

const HUDA: &str = "huda@example.test";

#[tokio::test]
async fn somebody_signs_up_confirms_and_comes_back_to_the_console_with_a_code() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    assert!(page.shows("<h1>Sign in</h1>"));
    let page = browser.follow(&page, "Create an account").await;
    let fields = [("name", "Huda A."), ("email", " Huda@Example.test "), ("password", PASSWORD)];
    let page = browser.submit(&page, &fields).await;
    assert!(page.shows("<h1>Confirm your e-mail</h1>"));
    assert!(page.shows(HUDA), "the page says where the code went");

    let page = browser.submit(&page, &[("code", "wrong")]).await;
    assert_eq!(page.status, 422);
    assert!(page.shows("This code is wrong or has ended."));
    let back = browser.submit(&page, &[("code", &world.mailed_code(HUDA))]).await;
    assert!(back.url.as_str().starts_with(CALLBACK), "{}", back.url);
    assert_eq!(back.parameter("state").as_deref(), Some("state-1"));

    let (status, tokens) = world.redeem(&back.parameter("code").unwrap(), VERIFIER).await;
    assert_eq!(status, 200);
    let (_, known) = world.user_info(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(known["email"], HUDA);
    assert_eq!(known["email_verified"], "true", "a text, as at Cognito");
    assert_eq!(known["name"], "Huda A.");
    assert_eq!(known["sub"].as_str(), world.sandbox.oidc.subject_of(HUDA).as_deref());
}

#[tokio::test]
async fn the_console_can_send_somebody_straight_to_sign_up() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[("prompt", "create")])).await;
    assert!(page.shows("<h1>Create an account</h1>"));
    let page = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    assert!(page.shows("<h1>Confirm your e-mail</h1>"));
}

#[tokio::test]
async fn who_never_confirmed_is_asked_for_a_code_at_sign_in_and_can_have_another_sent() {
    let world = World::new().await;
    let mut browser = world.browser();
    let sign_in = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&sign_in, "Create an account").await;
    browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    let first = world.mailed_code(HUDA);

    let page = browser.submit(&sign_in, &[("email", HUDA), ("password", PASSWORD)]).await;
    assert!(page.shows("<h1>Confirm your e-mail</h1>"));
    let page = browser.submit_nth(&page, 1, &[]).await;
    assert!(page.shows("A new code is on its way."));
    let newest = world.mailed_code(HUDA);
    assert_eq!(world.sandbox.mail.list().len(), 3);
    if first != newest {
        let page = browser.submit(&page, &[("code", &first)]).await;
        assert!(page.shows("This code is wrong or has ended."), "only the newest code counts");
    }
    let back = browser.submit(&page, &[("code", &newest)]).await;
    assert!(back.parameter("code").is_some());
}

#[tokio::test]
async fn a_mailed_code_ends_after_an_hour() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Create an account").await;
    let page = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    world.sandbox.clock.advance(SignedDuration::from_mins(61));
    let page = browser.submit(&page, &[("code", &world.mailed_code(HUDA))]).await;
    assert!(page.shows("This code is wrong or has ended."));
}

#[tokio::test]
async fn sign_up_says_what_is_wrong_and_keeps_what_was_typed() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Create an account").await;

    let page = browser.submit(&page, &[("name", "<Ali>"), ("email", "ali@example.test"), ("password", "short")]).await;
    assert_eq!(page.status, 422);
    assert!(page.shows("Choose a password of at least 12 characters."));
    assert!(page.shows("value=\"&lt;Ali&gt;\"") && page.shows("value=\"ali@example.test\""));
    let page = browser.submit(&page, &[("email", "nobody"), ("password", PASSWORD)]).await;
    assert!(page.shows("This is not an e-mail address."));
    let page = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    assert!(page.shows("An account with this e-mail exists. Sign in instead."));
    assert!(world.sandbox.mail.list().is_empty());
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_a_mailed_code_and_the_old_one_ends_with_its_tokens() {
    let world = World::new().await;
    let tokens = world.tokens_for(HUDA).await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let sign_in = browser.follow(&page, "Forgot it?").await;
    let page = browser.submit(&sign_in, &[("email", HUDA)]).await;
    assert!(page.shows("<h1>Choose a new password</h1>"));
    let code = world.mailed_code(HUDA);
    let refused = browser.submit(&page, &[("code", "000"), ("password", "another passphrase")]).await;
    assert!(refused.shows("This code is wrong or has ended."));
    let page = browser.submit(&page, &[("code", &code), ("password", "another passphrase")]).await;
    assert!(page.shows("Your password is changed."));

    let (status, _) = world.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "who was signed in with the old password no longer is");
    let refused = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    assert!(refused.shows("Wrong e-mail or password."));
    let back = browser.submit(&page, &[("email", HUDA), ("password", "another passphrase")]).await;
    assert!(back.parameter("code").is_some());
}

#[tokio::test]
async fn nobody_learns_by_a_reset_who_has_an_account() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Forgot it?").await;
    let page = browser.submit(&page, &[("email", "stranger@example.test")]).await;
    assert!(page.shows("<h1>Choose a new password</h1>"));
    assert!(world.sandbox.mail.list().is_empty());
}

#[tokio::test]
async fn after_ten_wrong_passwords_the_door_is_shut_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    world.sandbox.oidc.create_user("ali@example.test", PASSWORD, false).unwrap();
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    for _ in 0..10 {
        let wrong = browser.submit(&page, &[("email", HUDA), ("password", "a wrong passphrase")]).await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.shows("Wrong e-mail or password."));
    }
    let right = [("email", HUDA), ("password", PASSWORD)];
    let shut = browser.submit(&page, &right).await;
    assert_eq!(shut.status, 429);
    assert!(shut.shows("Too many tries. Wait 15 minutes, then try again."));
    assert_eq!(shut.header("retry-after"), "900");
    let other = world.browser().submit(&page, &[("email", "ali@example.test"), ("password", PASSWORD)]).await;
    assert!(other.parameter("code").is_some(), "others go in");

    world.sandbox.clock.advance(SignedDuration::from_mins(16));
    assert!(browser.submit(&page, &right).await.parameter("code").is_some());
}

#[tokio::test]
async fn codes_cannot_be_guessed_without_end() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Create an account").await;
    let page = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    for _ in 0..10 {
        assert_eq!(browser.submit(&page, &[("code", "guess")]).await.status, 422);
    }
    let shut = browser.submit(&page, &[("code", &world.mailed_code(HUDA))]).await;
    assert_eq!(shut.status, 429);
}

#[tokio::test]
async fn a_mailbox_is_not_flooded_with_codes() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Forgot it?").await;
    for _ in 0..10 {
        browser.submit(&page, &[("email", HUDA)]).await;
    }
    assert_eq!(browser.submit(&page, &[("email", HUDA)]).await.status, 429);
    assert_eq!(world.sandbox.mail.list().len(), 10);
}

#[tokio::test]
async fn a_mailed_code_is_good_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.open(&world.authorize_url(&[])).await;
    let page = browser.follow(&page, "Create an account").await;
    let page = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    let code = world.mailed_code(HUDA);
    let back = browser.submit(&page, &[("code", &code)]).await;
    assert!(back.parameter("code").is_some());
    let again = browser.submit(&page, &[("code", &code)]).await;
    assert!(again.shows("This code is wrong or has ended."));
}

#[tokio::test]
async fn a_session_lets_the_next_sign_in_pass_until_it_ends_or_is_ended() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let mut browser = world.browser();
    let none = browser.open(&world.authorize_url(&[("prompt", "none")])).await;
    assert_eq!(none.parameter("error").as_deref(), Some("login_required"));
    let page = browser.open(&world.authorize_url(&[])).await;
    browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;

    let again = browser.open(&world.authorize_url(&[("prompt", "none")])).await;
    assert!(again.parameter("code").is_some());
    let asked = browser.open(&world.authorize_url(&[("prompt", "login")])).await;
    assert!(asked.shows("<h1>Sign in</h1>"));

    let mut copied = browser.clone();
    let logout = world.at(&format!("/logout?client_id=daypass-console&logout_uri={CALLBACK}"));
    let out = browser.open(&logout).await;
    assert_eq!(out.url.as_str(), CALLBACK);
    let page = copied.open(&world.authorize_url(&[])).await;
    assert!(page.shows("<h1>Sign in</h1>"), "a copied cookie is dead");
    let page = browser.open(&world.authorize_url(&[])).await;
    assert!(page.shows("<h1>Sign in</h1>"));

    browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    world.sandbox.clock.advance(SignedDuration::from_hours(2));
    let page = browser.open(&world.authorize_url(&[])).await;
    assert!(page.shows("<h1>Sign in</h1>"), "a session ends after an hour");
}

#[tokio::test]
async fn sign_out_as_openid_connect_says_it_works_too_and_leads_to_no_stranger() {
    let world = World::new().await;
    let mut browser = world.browser();
    let out = world.at(&format!("/logout?post_logout_redirect_uri={CALLBACK}&state=bye"));
    let out = browser.open(&out).await;
    assert_eq!(out.url.as_str(), format!("{CALLBACK}?state=bye"));
    let stranger = browser.open(&world.at("/logout?post_logout_redirect_uri=https://evil.test/")).await;
    assert_eq!(stranger.status, 400);
    let plain = browser.open(&world.at("/logout")).await;
    assert!(plain.shows("You are signed out"));
}
