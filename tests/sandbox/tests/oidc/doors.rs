//! Who may send people here, where they may be sent, and which pages may read the answers.

use sandbox::FaultPlan;
use serde_json::json;

use crate::browser::{PASSWORD, World};

const HUDA: &str = "huda@example.test";

#[tokio::test]
async fn discovery_names_every_endpoint_under_the_issuer() {
    let world = World::new().await;
    let found = world.get_json("/.well-known/openid-configuration").await;
    assert_eq!(found["issuer"], json!(world.at("")));
    for (name, path) in [
        ("authorization_endpoint", "/oauth2/authorize"),
        ("token_endpoint", "/oauth2/token"),
        ("userinfo_endpoint", "/oauth2/userInfo"),
        ("end_session_endpoint", "/logout"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(found[name], json!(world.at(path)));
    }
    assert_eq!(found["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_does_no_harm() {
    let world = World::new().await;
    for path in ["/.well-known/openid-configuration/", "/.well-known/jwks.json/", "/logout/", "/sign-in.css/"] {
        assert_eq!(world.http.get(world.at(path)).send().await.unwrap().status(), 200, "{path}");
    }
    let answer = world.http.post(world.at("/oauth2/token/")).form(&[("grant_type", "refresh_token")]).send().await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["error"], "invalid_client");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let world = World::new().await;
    let mut browser = world.browser();
    for address in ["https://evil.test/", "http://localhost.evil.test/", "javascript:alert(1)", "http://me@localhost/", ""] {
        let page = browser.open(&world.authorize_url(&[("redirect_uri", address)])).await;
        assert_eq!(page.status, 400, "{address}");
        assert!(page.shows("The address to go back to is not registered."));
    }
    let page = browser.open(&world.authorize_url(&[("client_id", "other")])).await;
    assert_eq!(page.status, 400);

    world.sandbox.set_public_url("https://daypass.example.test");
    world.sandbox.oidc.allow_redirect("https://other.example.test/back");
    for address in
        ["http://127.0.0.1:9/", "http://localhost:3000/a?b=c", "https://daypass.example.test/", "https://other.example.test/back"]
    {
        let page = browser.open(&world.authorize_url(&[("redirect_uri", address)])).await;
        assert!(page.shows("<h1>Sign in</h1>"), "{address}");
    }
}

#[tokio::test]
async fn every_other_mistake_goes_back_to_the_console_with_its_state() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("scope", "openid offline_access"), "invalid_scope"),
    ] {
        let back = browser.open(&world.authorize_url(&[change])).await;
        assert_eq!(back.url.port(), Some(5123), "{change:?}");
        assert_eq!(back.parameter("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(back.parameter("state").as_deref(), Some("state-1"));
    }
}

#[tokio::test]
async fn pages_allow_no_scripts_and_escape_what_comes_from_outside() {
    let world = World::new().await;
    let mut browser = world.browser();
    let hint = "\"><script>alert(1)</script>";
    let page = browser.open(&world.authorize_url(&[("login_hint", hint), ("state", hint)])).await;
    assert!(!page.shows("<script"));
    assert!(page.shows("value=\"&quot;&gt;&lt;script&gt;"));
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http://localhost:5123; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    assert!(!page.shows(" style="), "the policy forbids inline styles");
    assert_eq!(page.header("cache-control"), "no-store");
    let sheet = browser.open(&world.at("/sign-in.css")).await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");

    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let back = browser.submit(&page, &[("email", HUDA), ("password", PASSWORD)]).await;
    assert_eq!(back.parameter("state").as_deref(), Some(hint), "the state comes back as it was");
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let world = World::new().await;
    world.sandbox.oidc.create_user(HUDA, PASSWORD, false).unwrap();
    let form = world.authorize_url(&[]).replace("/oauth2/authorize", "/login");
    let request = world.http.post(form).form(&[("email", HUDA), ("password", PASSWORD)]);
    let response = request.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.headers().get("location").is_none());
}

#[tokio::test]
async fn the_consoles_pages_may_read_the_answers_and_other_sites_may_not() {
    let world = World::new().await;
    world.sandbox.set_public_url("https://daypass.example.test/");
    let preflight = |path: &'static str, origin: &'static str| {
        let request = world.http.request(reqwest::Method::OPTIONS, world.at(path));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type");
        async move {
            let response = request.send().await.unwrap();
            let allowed = response.headers().get("access-control-allow-origin");
            allowed.map(|value| value.to_str().unwrap().to_owned())
        }
    };
    for path in ["/oauth2/token", "/oauth2/userInfo", "/.well-known/jwks.json", "/.well-known/openid-configuration"] {
        for origin in ["http://localhost:3000", "http://127.0.0.1:41234", "https://daypass.example.test"] {
            assert_eq!(preflight(path, origin).await.as_deref(), Some(origin), "{path}");
        }
        assert_eq!(preflight(path, "https://evil.test").await, None, "{path}");
    }
}

#[tokio::test]
async fn a_fault_of_the_issuer_can_be_read_by_the_console() {
    let world = World::new().await;
    let plan: FaultPlan = serde_json::from_value(json!({"rules": [
        {"provider": "oidc", "route": "POST /oauth2/token", "kind": "status", "status": 503},
    ]}))
    .unwrap();
    world.sandbox.faults.set(plan);
    let request = world.http.post(world.at("/oauth2/token")).header("origin", "http://localhost:3000");
    let response = request.form(&[("grant_type", "refresh_token")]).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:3000");
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["error"], "temporarily_unavailable");
}
