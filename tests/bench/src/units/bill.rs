//! What AWS asks for a thousand channels in a month, messages that are sent aside: 300 webhooks a channel,
//! one payment and one extension each, and what runs whether or not anybody comes.

use serde_json::{Value, json};

use super::story::{EXTEND, MESSAGE, PAYMENT, SWEEP, Story};
use crate::prices::{SECRET_MONTH, TEN_THOUSAND_SECRETS};
use crate::table::{Table, plain};

/// Channels.
const CHANNELS: f64 = 1_000.0;
/// Webhooks of a channel in a month.
const WEBHOOKS: f64 = 300.0;
/// Sweeps of a month: one a minute.
const SWEEPS: f64 = 43_200.0;
/// Secrets of ours.
const SECRETS: f64 = 2.0;
/// Reads of secrets in a month: environments that are busy all day read theirs again every 50 seconds.
const SECRET_READS: f64 = 3.0 * 51_840.0;
/// What prices of operations are told for.
const MILLION: f64 = 1_000_000.0;

/// A month.
pub(super) struct Bill {
    /// What for, how often, and dollars.
    pub(super) table: Table,
    /// What it comes to.
    pub(super) text: String,
    /// The same for programs.
    pub(super) json: Value,
}

/// A month's bill from the operations' costs.
pub(super) fn monthly(stories: &[Story]) -> Bill {
    let cost = |name: &str| stories.iter().find(|story| story.name == name).map_or(0.0, Story::dollars_per_million);
    let times = |name: &str, times: f64| (times, times * cost(name) / MILLION);
    let lines = [
        ("webhooks of WHAPI, with what follows", times(MESSAGE, CHANNELS * WEBHOOKS)),
        ("payments, with what follows", times(PAYMENT, CHANNELS)),
        ("extensions, with what follows", times(EXTEND, CHANNELS)),
        ("sweeps", times(SWEEP, SWEEPS)),
        ("reads of secrets, three environments busy all day", (SECRET_READS, SECRET_READS / 10_000.0 * TEN_THOUSAND_SECRETS)),
        ("secrets kept", (SECRETS, SECRETS * SECRET_MONTH)),
    ];
    let mut table = Table::new(&["a month of 1 000 channels", "times", "$"]);
    lines.iter().for_each(|(what, (times, dollars))| table.row(vec![(*what).to_owned(), plain(*times, 0), plain(*dollars, 3)]));
    let growing: f64 = lines.iter().take(3).map(|(_, (_, dollars))| dollars).sum();
    let total: f64 = lines.iter().map(|(_, (_, dollars))| dollars).sum();
    table.row(vec!["**in all**".to_owned(), String::new(), format!("**{total:.3}**")]);
    let text = format!(
        "Aim: at most 1 dollar for what grows with the channels; that is {growing:.3} here. The rest is there from the first channel on."
    );
    let json = json!({
        "lines": lines.iter().map(|(what, (times, dollars))| json!({ "what": what, "times": times, "dollars": dollars })).collect::<Vec<_>>(),
        "growing_dollars": growing,
        "dollars": total,
    });
    Bill { table, text, json }
}
