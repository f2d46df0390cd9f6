//! The payer's pages as text: plain HTML, no script, nothing fetched from elsewhere.

use super::money::Money;
use super::subscription::Subscription;
use super::times::Unit;
use super::world::World;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f5f7fa;color:#1c2733;margin:0}\
main{max-width:26rem;margin:4rem auto;padding:2rem;background:#fff;border:1px solid #d9e0e8;border-radius:12px}\
h1{font-size:1.35rem;margin:0 0 1rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1rem;margin:0 0 1.5rem}\
dt{color:#5b6b7b}dd{margin:0;text-align:right}form{display:grid;gap:.75rem}\
button{font:inherit;padding:.75rem;border-radius:999px;border:1px solid #0b5cad;cursor:pointer}\
.yes{background:#0b5cad;color:#fff}.no{background:#fff;color:#0b5cad}small{color:#5b6b7b}";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    )
}

/// A text that cannot end the element it stands in.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The question: who asks, for what, how much, how often; and two buttons.
pub(super) fn ask(world: &World, subscription: &Subscription, ba_token: &str) -> String {
    let brand = subscription.context.as_ref().and_then(|context| context.brand_name.as_deref()).unwrap_or("Test Store");
    let plan = world.terms(subscription);
    let name = plan.map_or("", |plan| plan.name.as_str());
    let body = format!(
        "<dl><dt>Merchant</dt><dd>{}</dd><dt>Plan</dt><dd>{}</dd><dt>Price</dt><dd>{}</dd></dl>\
         <form method=\"post\" action=\"/webapps/billing/subscriptions\">\
         <input type=\"hidden\" name=\"ba_token\" value=\"{}\">\
         <button class=\"yes\" type=\"submit\" name=\"action\" value=\"approve\">Approve</button>\
         <button class=\"no\" type=\"submit\" name=\"action\" value=\"cancel\">Cancel</button></form>\
         <p><small>A sandbox: no money moves.</small></p>",
        escape(brand),
        escape(name),
        escape(&price(world, subscription)),
        escape(ba_token),
    );
    page("Approve your subscription", &body)
}

fn price(world: &World, subscription: &Subscription) -> String {
    let cycle = world.terms(subscription).and_then(|terms| subscription.cycle(terms));
    let Some(cycle) = cycle else {
        return "Nothing".to_owned();
    };
    let sum = cycle.newest().and_then(|scheme| scheme.pricing.price(subscription.quantity_millionths()));
    let sum = sum.filter(|sum: &Money| sum.minor > 0).map_or_else(|| "Free".to_owned(), |sum| format!("{} {}", sum.plain(), sum.currency));
    let unit = match cycle.frequency.interval_unit {
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    };
    match cycle.frequency.interval_count {
        1 => format!("{sum} every {unit}"),
        count => format!("{sum} every {count} {unit}s"),
    }
}

/// There is nothing left to ask.
pub(super) fn done(back: Option<String>) -> String {
    let link = back.map(|url| format!("<p><a href=\"{}\">Back to the merchant</a></p>", escape(&url))).unwrap_or_default();
    page("All done", &format!("<p>This subscription has been approved. You can go back to the merchant.</p>{link}"))
}

/// The link leads nowhere.
pub(super) fn unknown() -> String {
    page("This link has expired", "<p>There is no subscription waiting behind this link. Go back to the merchant and start again.</p>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_element() {
        assert_eq!(escape("<b>\"A&B\"</b>"), "&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
    }
}
