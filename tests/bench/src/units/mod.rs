//! What each operation asks of the table, counted from the table's own answers: round trips, read and write
//! units, and what they come to in dollars. Each is done once, on a world that is otherwise at rest, with
//! all that it sets in motion.

mod bill;
mod story;

use serde_json::{Value, json};

use crate::Result;
use crate::prices::AS_OF;
use crate::table::{Section, Table, aimed, plain};
use crate::trace::in_words;
use crate::world::World;
use story::{Story, Sum, tell_all};

/// The most round trips of an operation, by its name in the table.
const AIMS: [(&str, f64); 4] = [(story::QR, 1.0), (story::WHAPI_WEBHOOK, 1.0), (story::PAYPAL_WEBHOOK, 1.0), (story::EXTEND, 2.0)];

/// Counts.
///
/// # Errors
/// What was answered instead.
pub async fn run() -> Result<Section> {
    let world = World::exact().await?;
    let stories = tell_all(&world).await?;
    let mut section = Section::new("units", "Units and round trips of each operation");
    section.table(&operations(&stories));
    section.say(&format!(
        "Counted from the table's own answers (reads and writes in request units; a transaction counts double). “All in all” has everything that \
         the operation sets in motion: the change stream's relay, the queue, the worker. Dollars are list prices of us-east-1 as of {AS_OF}, with \
         the time that the functions took here and no provider's time; free tiers, logs, alarms and traffic are left out."
    ));
    section.say(
        "Aims: round trips of a QR code 1, a webhook 1, an extension 2, and 2 of a credit itself: one read, one transaction. The rest of its job \
         reads the event that asked for it and whose subscription it is, and writes down that it is done.",
    );
    let bill = bill::monthly(&stories);
    section.table(&bill.table);
    section.say(&bill.text);
    section.json = json!({ "operations": stories.iter().map(told).collect::<Vec<_>>(), "bill": bill.json });
    Ok(section)
}

fn operations(stories: &[Story]) -> Table {
    let mut table = Table::new(&[
        "operation",
        "calls of AWS",
        "round trips",
        "reads",
        "writes",
        "all in all: invocations",
        "round trips",
        "reads",
        "writes",
        "$ a million",
    ]);
    for story in stories {
        let (own, all) = (story.own(), story.all());
        let aim = AIMS.iter().find(|(name, _)| *name == story.name).map_or(f64::MAX, |(_, aim)| *aim);
        table.row(vec![
            story.name.to_owned(),
            in_words(story.own_calls()),
            aimed(own.requests, aim, 0),
            plain(own.reads, 1),
            plain(own.writes, 1),
            plain(all.invocations, 0),
            plain(all.requests, 0),
            plain(all.reads, 1),
            plain(all.writes, 1),
            plain(story.dollars_per_million(), 2),
        ]);
    }
    table
}

fn told(story: &Story) -> Value {
    let sum = |sum: Sum| json!({ "invocations": sum.invocations, "requests": sum.requests, "reads": sum.reads, "writes": sum.writes });
    let calls = story.calls.iter().map(|call| {
        json!({
            "function": call.function, "what": call.what, "requests": call.usage.requests,
            "reads": call.usage.read_units, "writes": call.usage.write_units, "aws": call.aws,
        })
    });
    json!({
        "operation": story.name,
        "own": sum(story.own()),
        "all": sum(story.all()),
        "dollars_per_million": story.dollars_per_million(),
        "calls": calls.collect::<Vec<_>>(),
    })
}
