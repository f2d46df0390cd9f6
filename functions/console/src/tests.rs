//! The console as a browser meets it.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::{ConsoleSettings, assets, router, routes};

const ISSUER: &str = "https://id.example.test/pool";
/// All files, packed, may weigh this much.
const BUDGET_BYTES: usize = 120_000;
/// A module longer than this should be two.
const MODULE_LINES: usize = 320;

fn site() -> Router {
    let public_url = Some("https://console.example.test/".to_owned());
    routes(ConsoleSettings::new(ISSUER, "console-client", public_url).unwrap())
}

async fn get_with(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = site().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

async fn get(path: &str) -> (StatusCode, HeaderMap, String) {
    let (status, headers, body) = get_with(path, &[]).await;
    (status, headers, String::from_utf8(body).unwrap())
}

fn text(name: &str) -> String {
    String::from_utf8(assets::plain(name).unwrap().to_vec()).unwrap()
}

fn modules() -> Vec<String> {
    assets::names().into_iter().filter(|name| name.ends_with(".js")).collect()
}

#[tokio::test]
async fn every_page_address_opens_the_console() {
    for path in ["/", "/channels", "/channels/chn_01", "/subscription/return", "/signin/callback?code=a"] {
        let (status, headers, body) = get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(body.contains("/assets/app.js"), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_page_is_not_found_and_says_so_as_a_problem() {
    for path in ["/assets/nothing.js", "/v1/nothing", "/robots.txt"] {
        let (status, headers, body) = get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(body.contains("\"not_found\""));
    }
}

#[tokio::test]
async fn pages_may_run_nothing_but_our_own_files() {
    let (_, headers, _) = get("/").await;
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self' https://id.example.test;",
        "form-action 'self' https://id.example.test",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    assert!(!policy.contains("unsafe"));
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
}

#[tokio::test]
async fn a_cognito_pool_may_be_asked_for_tokens_at_its_own_domain() {
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc";
    let site = routes(ConsoleSettings::new(issuer, "client", None).unwrap());
    let answer = site.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("https://*.auth.eu-west-1.amazoncognito.com"), "{policy}");
}

#[tokio::test]
async fn it_starts_from_its_two_variables_and_names_the_one_that_is_missing() {
    let start = |variables: &[(&str, &str)]| {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        router(&boot::Boot::new(boot::Env::from_map(owned), app::Clock::system()))
    };
    let site = start(&[("DAYPASS_OIDC_ISSUER", ISSUER), ("DAYPASS_OIDC_CLIENT_ID", "a-client")]).unwrap();
    let answer = site.oneshot(Request::get("/config.json").body(Body::empty()).unwrap()).await.unwrap();
    let config: serde_json::Value = serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(config["client_id"], "a-client");
    assert_eq!(config["redirect_uri"], serde_json::Value::Null);

    let missing = start(&[("DAYPASS_OIDC_ISSUER", ISSUER)]).unwrap_err().to_string();
    assert!(missing.contains("DAYPASS_OIDC_CLIENT_ID"), "{missing}");
    let wrong = start(&[("DAYPASS_OIDC_ISSUER", "nowhere"), ("DAYPASS_OIDC_CLIENT_ID", "a")]).unwrap_err().to_string();
    assert!(wrong.contains("nowhere"), "{wrong}");
}

#[test]
fn an_issuer_that_is_no_address_is_refused() {
    for issuer in ["", "id.example.test", "ftp://id.example.test", "javascript:alert(1)"] {
        assert!(ConsoleSettings::new(issuer, "client", None).is_err(), "{issuer}");
    }
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_sent_again() {
    let (_, headers, _) = get("/assets/app.js").await;
    assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
    let tag = headers[header::ETAG].to_str().unwrap();
    let (status, _, body) = get_with("/assets/app.js", &[("if-none-match", tag)]).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
    assert!(body.is_empty());
}

#[tokio::test]
async fn a_file_travels_packed_to_whom_unpacks_it() {
    let (_, headers, tight) = get_with("/assets/console.css", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "br");
    let (_, headers, packed) = get_with("/assets/console.css", &[("accept-encoding", "br;q=0, gzip;q=0.8")]).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut tight.as_slice(), &mut unpacked).unwrap();
    assert!(tight.len() < packed.len() && unpacked == unpack(&packed).as_bytes());
    let (_, headers, plain) = get_with("/assets/console.css", &[("accept-encoding", "gzip;q=0")]).await;
    assert!(!headers.contains_key(header::CONTENT_ENCODING));
    assert!(packed.len() < plain.len() / 3);
}

#[tokio::test]
async fn what_travels_packed_is_the_file_without_its_comments() {
    for name in assets::names().iter().filter(|name| name.ends_with(".js") || name.ends_with(".css")) {
        let (_, headers, packed) = get_with(&format!("/assets/{name}"), &[("accept-encoding", "gzip")]).await;
        let unpacked = if headers.contains_key(header::CONTENT_ENCODING) { unpack(&packed) } else { String::from_utf8(packed).unwrap() };
        let written = text(name);
        let mut rest = written.lines();
        for line in unpacked.lines() {
            assert!(rest.any(|one| one == line), "{name} changed: {line}");
        }
        let left_out = written.lines().count() - unpacked.lines().count();
        assert!(left_out < written.lines().count() / 2, "{name} lost {left_out} lines");
        let begun = written.lines().filter(|line| line.trim_start().starts_with("/*")).all(|line| !line.contains("*/ "));
        assert!(begun, "{name} has words behind a comment that begins its line");
    }
}

fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text).unwrap();
    text
}

#[tokio::test]
async fn the_browser_learns_where_to_sign_in() {
    let (_, _, body) = get("/config.json").await;
    let config: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(config["issuer"], ISSUER);
    assert_eq!(config["client_id"], "console-client");
    assert_eq!(config["redirect_uri"], "https://console.example.test/signin/callback");
    assert_eq!(config["socket_url"], serde_json::Value::Null);
    assert_eq!(config["locales"], serde_json::json!(["en", "ar", "sw"]));
}

#[tokio::test]
async fn the_document_of_the_api_can_be_read_by_machines_and_people() {
    let (_, headers, body) = get("/openapi.json").await;
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok());
    let (status, _, page) = get("/docs").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("/assets/docs.js"));
}

#[test]
fn no_file_holds_what_the_policy_forbids() {
    for name in assets::names().iter().filter(|name| name.ends_with(".html")) {
        let page = text(name);
        assert!(!page.contains("<style") && !page.contains(" style="), "{name}");
        assert!(!page.contains("http://") && !page.contains("https://"), "{name}");
        let inline = page.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap().contains("src="));
        assert!(!inline, "{name}");
    }
    for name in modules() {
        let module = text(&name);
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!module.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

#[test]
fn every_module_that_is_asked_for_is_there() {
    let known: BTreeSet<String> = assets::names().into_iter().collect();
    for name in modules() {
        for wanted in imports(&text(&name)) {
            assert!(known.contains(&resolved(&name, &wanted)), "{name} asks for {wanted}");
        }
    }
}

fn imports(module: &str) -> Vec<String> {
    let quoted = |line: &str, mark: &str| {
        let from = line.split(mark).nth(1)?;
        from.split('"').next().filter(|path| path.starts_with('.')).map(str::to_owned)
    };
    module
        .lines()
        .filter_map(|line| quoted(line, "from \"").or_else(|| quoted(line, "import(\"")).or_else(|| quoted(line, "import \"")))
        .collect()
}

fn resolved(from: &str, wanted: &str) -> String {
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for step in wanted.split('/') {
        match step {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

#[test]
fn all_files_together_stay_small_and_each_module_short() {
    let total: usize = assets::names().iter().map(|name| assets::weight(name).unwrap()).sum();
    assert!(total <= BUDGET_BYTES, "{total} bytes packed");
    for name in modules() {
        let lines = text(&name).lines().count();
        assert!(lines <= MODULE_LINES, "{name} has {lines} lines");
    }
}

#[test]
fn arabic_and_swahili_say_all_that_english_says() {
    for part in ["work", "money", "shell", "admin"] {
        let english = keys(&format!("i18n/en/{part}.js"));
        assert!(english.len() > 20, "{part}");
        for language in ["ar", "sw"] {
            let other = keys(&format!("i18n/{language}/{part}.js"));
            let missing: Vec<_> = english.symmetric_difference(&other).collect();
            assert!(missing.is_empty(), "{language}/{part}: {missing:?}");
        }
    }
}

/// The keys of a catalogue: each stands quoted at the start of its line.
fn keys(name: &str) -> BTreeSet<String> {
    text(name).lines().filter_map(|line| line.strip_prefix("  \"")?.split_once("\":").map(|(key, _)| key.to_owned())).collect()
}
