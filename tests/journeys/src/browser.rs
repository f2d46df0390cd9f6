//! A person at a browser: headless Chromium that finds things as people do, by what they are and what they
//! are called, and that remembers every complaint of the browser.
//!
//! Invariants: each browser has a profile, a driver and a port of its own and takes all of it down when
//! dropped, also by a failing test; a thing that does not appear in time fails the test with what was there
//! instead. Absent: sleeping. What takes time in the page is hurried by [`Browser::time_passes`].

mod eyes;
mod hands;
mod screens;
mod service;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, WindowHandle};

pub use screens::{DESKTOP, Look, NARROWEST, PHONE, Screen, ZOOMED};

use service::Service;

/// How long something may take to appear.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How often is looked for it.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Runs before the scripts of each page.
const BEFORE_EACH_PAGE: &str = include_str!("browser/before.js");

/// A tab of the browser.
#[derive(Debug)]
pub struct Tab(WindowHandle);

/// A browser with one window.
pub struct Browser {
    // Dropped in this order: the session closes Chromium, then the driver and the profile go.
    driver: WebDriver,
    _service: Service,
    base: String,
}

impl Browser {
    /// Starts a browser that stands before `base`, an address without a slash at the end.
    ///
    /// # Panics
    /// With the remedy, when chromedriver or Chromium are not there.
    pub async fn open(base: &str) -> Self {
        let service = Service::start();
        let client = sandbox::deliver::http_client().expect("a client");
        let config = thirtyfour::common::config::WebDriverConfig::default();
        let started = WebDriver::new_with_config_and_client(service.url(), capabilities(&service), config, client).await;
        let driver = started.unwrap_or_else(|cause| panic!("chromium did not start: {cause}\n{}", service::REMEDY));
        let browser = Self { driver, _service: service, base: base.to_owned() };
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": BEFORE_EACH_PAGE })).await;
        browser.at(DESKTOP, Look::Light).await;
        browser
    }

    /// Goes to a page of ours, or to any address.
    pub async fn go(&self, path: &str) {
        let address = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        self.driver.goto(&address).await.unwrap_or_else(|cause| panic!("{address}: {cause}"));
    }

    /// Goes to a page of ours, unless it stands on one.
    pub async fn come_home(&self) {
        if !self.address().await.starts_with(&self.base) {
            self.go("/signin").await;
        }
    }

    /// Nobody is signed in any more, here or anywhere, and nothing is remembered.
    pub async fn forget_everything(&self) {
        self.devtools("Network.clearBrowserCookies", json!({})).await;
        self.run("sessionStorage.clear(); localStorage.clear();", vec![]).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.driver.refresh().await.expect("the page loads again");
    }

    /// One step back, as by the browser's own button.
    pub async fn back(&self) {
        self.driver.back().await.expect("a page before this one");
    }

    /// Another tab at this path, which is looked at from now on; answers how to turn to the one before.
    pub async fn other_tab(&self, path: &str) -> Tab {
        let before = self.driver.window().await.expect("a tab");
        let other = self.driver.new_tab().await.expect("another tab");
        self.turn_to(&Tab(other)).await;
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": BEFORE_EACH_PAGE })).await;
        self.go(path).await;
        Tab(before)
    }

    /// Looks at that tab from now on; answers how to turn back.
    pub async fn turn_to(&self, tab: &Tab) -> Tab {
        let before = self.driver.window().await.expect("a tab");
        self.driver.switch_to_window(tab.0.clone()).await.expect("the tab is open");
        Tab(before)
    }

    /// Our server seems to answer this path so, on every page until [`Browser::answers_truly`].
    pub async fn answers(&self, method: &str, path: &str, status: u16, body: Value) {
        self.instead(json!({ "method": method, "path": path, "status": status, "body": body, "headers": { "retry-after": "7" } })).await;
    }

    /// Our server seems to think about this path for ever.
    pub async fn never_answers(&self, method: &str, path: &str) {
        self.instead(json!({ "method": method, "path": path, "never": true })).await;
    }

    async fn instead(&self, answer: Value) {
        let add = "localStorage.setItem('test.answers', JSON.stringify([...JSON.parse(localStorage.getItem('test.answers') ?? '[]'), arguments[0]]))";
        self.run(add, vec![answer]).await;
    }

    /// Our server answers itself again.
    pub async fn answers_truly(&self) {
        self.run("localStorage.removeItem('test.answers')", vec![]).await;
    }

    /// The idempotency keys of the requests of that kind that this page has made, in their order.
    pub async fn keys_of(&self, method: &str, path: &str) -> Vec<String> {
        let keys = "return window.asked.filter((one) => one.method === arguments[0] && one.path === arguments[1]).map((one) => one.key)";
        let keys = self.run(keys, vec![json!(method), json!(path)]).await;
        keys.as_array().into_iter().flatten().map(|key| key.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Where the browser is: the path and the query.
    pub async fn path(&self) -> String {
        let address = self.address().await;
        address.strip_prefix(&self.base).unwrap_or(&address).to_owned()
    }

    /// Where the browser is, in full.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.expect("an address").to_string()
    }

    /// Lets that much time pass for what counts down in the page, at once.
    pub async fn time_passes(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.run("window.timePasses(arguments[0])", vec![json!(ms)]).await;
    }

    /// Pages that are loaded from now on speak this language; the account is not told.
    pub async fn speak(&self, language: &str) {
        self.run("localStorage.setItem('daypass.locale', arguments[0])", vec![json!(language)]).await;
    }

    /// The network is gone, or back.
    pub async fn cut_off(&self, offline: bool) {
        self.devtools("Network.enable", json!({})).await;
        let nothing = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", nothing).await;
    }

    /// Runs a script in the page; answers what it returns.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = self.driver.execute(script, arguments).await;
        answer.map_or(Value::Null, |answer| answer.json().clone())
    }

    /// Runs a script that ends by calling its last argument; answers what it called it with.
    pub async fn run_to_end(&self, script: &str) -> Value {
        let answer = self.driver.execute_async(script, Vec::<Value>::new()).await;
        answer.unwrap_or_else(|cause| panic!("a script: {cause}")).json().clone()
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let tools = ChromeDevTools::new(self.driver.handle.clone());
        let answer = tools.execute_cdp_with_params(command, parameters).await;
        answer.unwrap_or_else(|cause| panic!("{command}: {cause}"))
    }

    /// Looks again and again until `found` answers something; fails with `what` and what stands there instead.
    async fn until<T>(&self, what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
        let began = Instant::now();
        while began.elapsed() < LONGEST_WAIT {
            if let Some(found) = found().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let (address, text) = (self.address().await, self.text().await);
        self.keep("failed").await;
        panic!("{what} did not appear at {address}, where it says:\n{text}\nComplaints: {:#?}", self.log().await);
    }
}

fn capabilities(service: &Service) -> thirtyfour::Capabilities {
    let mut wanted = DesiredCapabilities::chrome();
    let profile = format!("--user-data-dir={}", service.profile().display());
    let size = format!("--window-size={},{}", DESKTOP.width, DESKTOP.height);
    let plain = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB", "--disable-gpu"];
    for argument in plain.into_iter().chain([profile.as_str(), size.as_str()]) {
        wanted.add_arg(argument).expect("an argument");
    }
    wanted.set_binary(&service::chromium()).expect("a binary");
    let mut wanted = thirtyfour::Capabilities::from(wanted);
    wanted.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
    wanted
}
