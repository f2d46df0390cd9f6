//! A browser without scripts: keeps the issuer's cookie, follows its redirects, fills in forms,
//! and stops where it would leave for the client.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use sandbox::{Sandbox, SandboxConfig};
use serde_json::Value;
use url::Url;

pub(crate) const CALLBACK: &str = "http://localhost:5123/callback";
pub(crate) const VERIFIER: &str = "a-verifier-of-enough-length-for-anybody-0123456789";
pub(crate) const PASSWORD: &str = "a long passphrase";
/// How many redirects are followed before something must be wrong.
const REDIRECTS_LIMIT: usize = 10;

/// A sandbox and the console's side of a sign-in.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

/// Where a browser ended.
pub(crate) struct Place {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    issuer: String,
    cookie: Option<String>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    pub(crate) async fn with(config: SandboxConfig) -> Self {
        Self { sandbox: Sandbox::start(config).await.unwrap(), http: sandbox::deliver::http_client().unwrap() }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { http: self.http.clone(), issuer: self.at(""), cookie: None }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.oidc.url())
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let response = self.http.get(self.at(path)).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// Where the console sends people, with some parameters set otherwise; an empty one is left out.
    pub(crate) fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = challenge_of(VERIFIER);
        let mut asked = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", "daypass-console"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email profile"),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        asked.extend(changes.iter().copied());
        asked.retain(|_, value| !value.is_empty());
        let url = Url::parse_with_params(&self.at("/oauth2/authorize"), asked);
        url.unwrap().into()
    }

    /// Makes a user and signs them in with a fresh browser; answers the code.
    pub(crate) async fn code_for(&self, email: &str) -> String {
        if self.sandbox.oidc.subject_of(email).is_none() {
            self.sandbox.oidc.create_user(email, PASSWORD, false).unwrap();
        }
        let mut browser = self.browser();
        let page = browser.open(&self.authorize_url(&[])).await;
        let back = browser.submit(&page, &[("email", email), ("password", PASSWORD)]).await;
        back.parameter("code").unwrap()
    }

    pub(crate) async fn post_token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        let request = self.http.post(self.at("/oauth2/token")).form(fields);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn redeem(&self, code: &str, verifier: &str) -> (u16, Value) {
        self.post_token(&[
            ("grant_type", "authorization_code"),
            ("client_id", "daypass-console"),
            ("redirect_uri", CALLBACK),
            ("code", code),
            ("code_verifier", verifier),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> (u16, Value) {
        self.post_token(&[("grant_type", "refresh_token"), ("client_id", "daypass-console"), ("refresh_token", token)]).await
    }

    /// A user's tokens after a whole sign-in.
    pub(crate) async fn tokens_for(&self, email: &str) -> Value {
        let code = self.code_for(email).await;
        let (status, tokens) = self.redeem(&code, VERIFIER).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    pub(crate) async fn user_info(&self, access_token: &str) -> (u16, Value) {
        let request = self.http.get(self.at("/oauth2/userInfo")).bearer_auth(access_token);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The six digits in the newest mail to this address.
    pub(crate) fn mailed_code(&self, email: &str) -> String {
        let mail = self.sandbox.mail.newest_to(email).expect("a mail was sent");
        let mut words = mail.text.split(|c: char| !c.is_ascii_digit());
        words.find(|word| word.len() == 6).expect("six digits").to_owned()
    }

    /// The claims of a token, after its signature was checked with the published keys by another
    /// library than the issuer's.
    pub(crate) async fn claims(&self, token: &Value) -> Value {
        use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
        let token = token.as_str().expect("a token");
        let kid = decode_header(token).unwrap().kid.unwrap();
        let keys = self.get_json("/.well-known/jwks.json").await;
        let keys: JwkSet = serde_json::from_value(keys).unwrap();
        let key = DecodingKey::from_jwk(keys.find(&kid).expect("a published key")).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        // The clock is the sandbox's; ends are compared in the tests.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_issuer(&[self.at("")]);
        decode::<Value>(token, &key, &rules).unwrap().claims
    }
}

impl Browser {
    pub(crate) async fn open(&mut self, url: &str) -> Place {
        let request = self.http.get(url);
        self.go(request).await
    }

    /// Fills in the page's first form.
    pub(crate) async fn submit(&mut self, page: &Place, fields: &[(&str, &str)]) -> Place {
        self.submit_nth(page, 0, fields).await
    }

    pub(crate) async fn submit_nth(&mut self, page: &Place, nth: usize, fields: &[(&str, &str)]) -> Place {
        let (action, mut sent) = page.form(nth);
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = self.http.post(page.url.join(&action).unwrap()).form(&sent);
        self.go(request).await
    }

    /// Follows the page's link with this text.
    pub(crate) async fn follow(&mut self, page: &Place, text: &str) -> Place {
        let link = page.html.split("<a href=\"").skip(1);
        let mut links = link.filter_map(|rest| rest.split_once("\">"));
        let (target, _) =
            links.find(|(_, rest)| rest.starts_with(&format!("{text}</a>"))).unwrap_or_else(|| panic!("no link {text:?} in {}", page.html));
        let url = page.url.join(&unescape(target)).unwrap();
        self.open(url.as_str()).await
    }

    async fn go(&mut self, request: reqwest::RequestBuilder) -> Place {
        let mut place = self.exchange(request).await;
        for _ in 0..REDIRECTS_LIMIT {
            let Some(target) = place.headers.get(LOCATION) else {
                return place;
            };
            let target = place.url.join(target.to_str().unwrap()).unwrap();
            if !target.as_str().starts_with(&self.issuer) {
                place.url = target;
                return place;
            }
            let request = self.http.get(target);
            place = self.exchange(request).await;
        }
        panic!("redirects without end");
    }

    async fn exchange(&mut self, request: reqwest::RequestBuilder) -> Place {
        let request = match &self.cookie {
            Some(cookie) => request.header(COOKIE, format!("theme=dark; {cookie}")),
            None => request,
        };
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
            let kept = set.split(';').next().unwrap().to_owned();
            self.cookie = (!set.contains("Max-Age=0")).then_some(kept);
        }
        Place {
            url: response.url().clone(),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        }
    }
}

impl Place {
    /// A parameter of the URL the browser is at.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn form(&self, nth: usize) -> (String, Vec<(String, String)>) {
        let form = self.html.split("<form").nth(nth + 1).unwrap_or_else(|| panic!("no form in {}", self.html));
        let form = form.split("</form>").next().unwrap();
        let action = unescape(attribute(form, "action").unwrap());
        let hidden = form.split("<input type=\"hidden\"").skip(1).map(|input| {
            let name = attribute(input, "name").unwrap().to_owned();
            (name, unescape(attribute(input, "value").unwrap()))
        });
        (action, hidden.collect())
    }
}

pub(crate) fn challenge_of(verifier: &str) -> String {
    encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
