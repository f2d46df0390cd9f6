//! What staff do in the console: see what we have and owe, give days, release frozen ones, settle what waits.

use journeys::World;
use journeys::browser::{Browser, DESKTOP, Look, NARROWEST, PHONE};
use serde_json::json;
use thirtyfour::Key;

use crate::people::{customer, quick_world, sign_in, sign_in_staff};
use crate::troubles::{FROZEN, IN_DOUBT, REFUNDED, Troubles, troubles};

const DRIFT: &str = "An extension that only a person can settle";
const WENT_BACK: &str = "A payment went back; what was left of it is frozen";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_see_what_is_owed_and_do_what_waits_for_a_person() {
    let world = quick_world().await;
    let (browser, troubles) = tokio::join!(Browser::open(world.url()), troubles(&world));
    sign_in_staff(&browser).await;
    sees_both_sides(&browser).await;
    finds_the_customer(&browser, &troubles).await;
    grants_once(&browser, &troubles).await;
    releases(&browser, &troubles).await;
    settles_a_finding(&browser, &troubles).await;
    settles_the_extension(&browser, &troubles).await;
    let refusals = ["Failed to load resource: the server responded with a status of"];
    let complaints = browser.complaints(&refusals).await;
    assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_staff_are_not_for_customers() {
    let world = World::start().await;
    let (browser, person) = tokio::join!(Browser::open(world.url()), customer(&world, "curious@staff.test"));
    browser.go("/signin").await;
    sign_in(&browser, person.email()).await;
    for page in ["/admin".to_owned(), "/admin/findings".to_owned(), format!("/admin/users/{}", person.id)] {
        browser.go(&page).await;
        browser.find("heading", "Your role does not allow this.").await;
        assert_eq!(browser.run("return window.asked.filter((one) => one.path.startsWith('/v1/admin')).length", vec![]).await, 0, "{page}");
    }
}

/// The sentence of the requirement, both sides, the history, and what waits.
async fn sees_both_sides(browser: &Browser) {
    browser.go("/admin").await;
    browser.find("heading", "Billing & Balances").await;
    browser.sees_in("section:has(#partner-balance)", "Partner balance: 1,240 days remaining (updated ").await;
    browser.sees_in("section:has(#partner-balance)", "Owed to customers 72 days").await;
    browser.sees_in("section:has(#partner-balance)", "Free to sell 1,168 days").await;
    browser.sees_in("section:has(#partner-balance)", "Sales are open").await;
    browser.sees_in("section:has(#over-time)", "On 1 day more was owed than we had, by up to 22 days.").await;
    browser.comes_true("a bar that is not covered", "return document.querySelector('day-chart .zero')").await;
    browser.press("link", "3 findings wait").await;
    browser.find("heading", "Findings").await;
    browser.sees_in("main", "WHAPI has hardly more days for us than we owe").await;
    fits(browser, "findings").await;
}

/// By the number that a finding names or the customer tells.
async fn finds_the_customer(browser: &Browser, troubles: &Troubles) {
    browser.press("link", "Billing & Balances").await;
    browser.fill("Account number", "gulf").await;
    browser.press("button", "Open").await;
    browser.sees("Give the whole number: usr_ and 26 letters and digits.").await;
    browser.focus_is_on("textbox Account number").await;
    browser.fill("Account number", "usr_01kah6w1m0e8c9q2v7r4t5y6z8").await;
    browser.press("button", "Open").await;
    browser.find("heading", "This is not here.").await;
    browser.press("link", "Billing & Balances").await;
    browser.fill("Account number", &troubles.refunded.id).await;
    browser.press("button", "Open").await;
    browser.find("heading", REFUNDED).await;
    browser.focus_is_on("main").await;
    browser.sees_in("section:has(#lots)", "30 used, 0 left").await;
    browser.sees_in("section:has(#lots)", "60 of them are frozen, because the payment went back.").await;
    browser.sees_in("section:has(#lots)", "0 used, 12 left Outage of 20 Nov").await;
    fits(browser, "customer").await;
}

/// Without a reason nothing is sent; a failure keeps the wish; pressed twice it happens once, and is there at once.
async fn grants_once(browser: &Browser, troubles: &Troubles) {
    let (id, before) = (&troubles.refunded.id, troubles.refunded.remaining().await);
    let path = format!("/v1/admin/users/{id}/grant-days");
    browser.press("button", "Grant days").await;
    browser.focus_is_on(&format!("heading Grant days to {REFUNDED}")).await;
    browser.press("button", "Grant 10 days").await;
    browser.sees_in("dialog", "This is needed.").await;
    browser.focus_is_on("textbox Reason").await;
    browser.keys("Sorry for the wait").await;
    browser.answers("POST", &path, 503, json!({ "code": "unavailable", "instance": "example-code" })).await;
    browser.keys(Key::Enter).await;
    browser.sees_in("dialog", "We are down for a moment. Nothing was changed.").await;
    browser.answers_truly().await;
    let twice = "const act = document.querySelector('dialog .main-action'); act.click(); act.click(); act.form.requestSubmit();";
    browser.run(twice, vec![]).await;
    browser.sees_in(".toasts", &format!("{REFUNDED} has 10 more days.")).await;
    browser.sees_in("section:has(#days)", &format!("In the balance {}", before + 10)).await;
    browser.sees_in("section:has(#movements)", "Granted by Daypass Sorry for the wait").await;
    browser.focus_is_on("button Grant days").await;
    let keys = browser.keys_of("POST", &path).await;
    assert!(keys.len() == 2 && keys[0] == keys[1] && keys[0].len() > 20, "one wish, asked twice: {keys:?}");
    assert_eq!(troubles.refunded.prove().await, before + 10, "given once");
}

/// What was frozen can be spent again, said to the customer with the reason.
async fn releases(browser: &Browser, troubles: &Troubles) {
    let before = troubles.refunded.remaining().await;
    browser.press("button", &format!("Release {FROZEN} days")).await;
    browser.focus_is_on(&format!("heading Release {FROZEN} frozen days of {REFUNDED}?")).await;
    browser.fill("Reason", "The bank made a mistake").await;
    fits(browser, "release").await;
    browser.press("button", &format!("Release {FROZEN} days")).await;
    browser.sees_in(".toasts", &format!("{FROZEN} days of {REFUNDED} can be spent again.")).await;
    browser.sees_in("section:has(#days)", &format!("In the balance {}", before + FROZEN)).await;
    browser.no_longer_sees("are frozen").await;
    assert_eq!(troubles.refunded.prove().await, before + FROZEN);
    assert!(troubles.refunded.was_told("The bank made a mistake").await);
}

/// From the finding to the customer and back; it leaves the list, and the focus goes to what came next.
async fn settles_a_finding(browser: &Browser, troubles: &Troubles) {
    browser.press("link", "Findings 3").await;
    browser.press_at("[data-kind='sale.went_back'] .lead a").await;
    browser.find("heading", REFUNDED).await;
    assert_eq!(browser.path().await, format!("/admin/users/{}", troubles.refunded.id));
    browser.back().await;
    browser.find("heading", "Findings").await;
    browser.press("button", &format!("Resolve: {WENT_BACK}")).await;
    browser.focus_is_on(&format!("heading {WENT_BACK}")).await;
    browser.sees_in("dialog", "It leaves the list. Nothing else is changed: do first what it asks for.").await;
    browser.press("button", "Mark as resolved").await;
    browser.sees_in(".toasts", "Resolved.").await;
    browser.find("link", "Findings 2").await;
    browser.lost("button", &format!("Resolve: {WENT_BACK}")).await;
    browser.focus_is_on(&format!("button Resolve: {DRIFT}")).await;
}

/// It is asked plainly what came of it, with what each answer does; the days go back where they came from.
async fn settles_the_extension(browser: &Browser, troubles: &Troubles) {
    let before = troubles.doubtful.remaining().await;
    browser.press("button", &format!("Resolve: {DRIFT}")).await;
    browser.press("button", "Settle the extension").await;
    browser.sees_in("dialog", "Choose what you saw at WHAPI.").await;
    browser.keys(Key::Down).await;
    browser.sees_in("dialog", "They go back to the customer's balance. The channel stays as it is.").await;
    fits(browser, "verdict").await;
    browser.press("button", "Settle the extension").await;
    browser.find("link", "Findings 1").await;
    browser.lost("button", &format!("Resolve: {DRIFT}")).await;
    assert_eq!(troubles.doubtful.prove().await, before + IN_DOUBT, "the days are back");
}

async fn fits(browser: &Browser, what: &str) {
    browser.fits_on(PHONE, what).await;
    browser.fits_on(NARROWEST, what).await;
    browser.at(DESKTOP, Look::Light).await;
}
