//! Newsletters at the gate, for a channel's token; who follows and runs them stands in `followers`:
//!
//! - `GET · POST /newsletters`, `GET · PATCH · DELETE /newsletters/{NewsletterID}`
//! - `GET /newsletters/find`, `GET /newsletters/recommended`
//! - `GET /newsletters/{NewsletterID}/messages`
//!
//! Posts are numbered from 1 in the order they were written; a page of what was found is continued by the
//! cursor that it ends with.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::newsletter::{Newsletter, Role};
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::store::text;

const NEW: &[Field] = &[needs("name", Kind::Text), may("newsletter_pic", Kind::Text)];
const EDIT: &[Field] =
    &[may("name", Kind::Text), may("newsletter_pic", Kind::Text), may("reactions", Kind::OneOf(&["all", "basic", "blocklist", "none"]))];
const SEARCH: &[Field] = &[
    may("country_code", Kind::Text),
    may("search", Kind::Text),
    may("newsletter_field", Kind::OneOf(&["creation_time", "subscribers"])),
    may("cursor", Kind::Text),
    may("sort", Kind::OneOf(&["asc", "desc"])),
];
/// As the description spells it.
const SEEN_AS: &[Field] = &[may("user role", Kind::OneOf(&["subscriber", "admin", "guest", "owner"]))];
const SPAN: &[Field] = &[may("before", Kind::Number(0.0, f64::MAX)), may("after", Kind::Number(0.0, f64::MAX))];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/newsletters", get(list).post(create))
        .route("/newsletters/find", get(find))
        .route("/newsletters/recommended", get(recommended))
        .route("/newsletters/{newsletter}", get(read).patch(edit).delete(delete))
        .route("/newsletters/{newsletter}/messages", get(messages))
}

async fn list(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.among(|world, own, now_ms| {
        let me = world.reader(own, now_ms)?.own_number();
        let mine = world.newsletters.values().filter(|newsletter| newsletter.role(&me) > Role::Guest);
        Ok(page.listed("newsletters", mine.map(|newsletter| newsletter.json(&me)).collect()))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let body = call.said.body(NEW)?;
    ok(call.among(|world, own, now_ms| {
        let channel = world.linked(own, now_ms)?;
        let (me, now_s) = (channel.own_number(), now_ms.div_euclid(1_000));
        let newsletter = Newsletter {
            id: channel.ids.newsletter_id(),
            name: text(&body, "name").to_owned(),
            invite_code: channel.ids.newsletter_code(),
            pictured: body.get("newsletter_pic").is_some(),
            created_s: now_s,
            named_s: now_s,
            roles: [(me.clone(), Role::Owner)].into(),
            invited: std::collections::BTreeSet::new(),
        };
        let shown = newsletter.json(&me);
        world.newsletters.insert(newsletter.id.clone(), newsletter);
        Ok(shown)
    })?)
}

async fn find(call: GateCall) -> Answer {
    found(&call, |_| true)
}

async fn recommended(call: GateCall) -> Answer {
    found(&call, |role| role == Role::Guest)
}

fn found(call: &GateCall, which: impl Fn(Role) -> bool) -> Answer {
    let (asked, page) = (call.said.query(SEARCH)?, call.said.page()?);
    let begin = cursor(&asked)?;
    ok(call.among(|world, own, now_ms| {
        let me = world.reader(own, now_ms)?.own_number();
        let fits = |newsletter: &&Newsletter| which(newsletter.role(&me)) && newsletter.is_asked_for(&asked);
        let mut rows: Vec<&Newsletter> = world.newsletters.values().filter(fits).collect();
        rows.sort_by_key(|newsletter| newsletter.place(&asked));
        if text(&asked, "sort") == "desc" {
            rows.reverse();
        }
        let total = rows.len();
        let shown: Vec<Value> = page.from(begin).of(rows).into_iter().map(|newsletter| newsletter.json(&me)).collect();
        let end = begin.saturating_add(shown.len());
        let info = json!({
            "start_cursor": begin.to_string(),
            "end_cursor": end.to_string(),
            "next_page": end < total,
            "previous_page": begin > 0,
        });
        Ok(json!({"newsletters": shown, "page_info": info}))
    })?)
}

// A cursor is the place where a page begins.
fn cursor(asked: &Value) -> Result<usize, Refusal> {
    let said = asked.get("cursor").and_then(Value::as_str);
    said.map_or(Ok(0), |said| said.parse().map_err(|_| Refusal::wrong("cursor is wrong")))
}

impl Newsletter {
    fn is_asked_for(&self, asked: &Value) -> bool {
        let word = text(asked, "search").to_lowercase();
        let country = asked.get("country_code").and_then(Value::as_str);
        self.name.to_lowercase().contains(&word) && country.is_none_or(|country| self.country() == Some(&country.to_uppercase()))
    }

    fn place(&self, asked: &Value) -> i64 {
        if text(asked, "newsletter_field") == "subscribers" { self.followers() as i64 } else { self.created_s }
    }
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.query(SEEN_AS)?;
    ok(call.among(|world, own, now_ms| {
        let me = world.reader(own, now_ms)?.own_number();
        Ok(world.newsletter(&id)?.json(&me))
    })?)
}

async fn edit(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(EDIT)?;
    ok(call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        let newsletter = world.newsletter(&id)?;
        newsletter.need(&me, Role::Admin, "Need admin permissions for edit newsletter")?;
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            (newsletter.name, newsletter.named_s) = (name.to_owned(), now_ms.div_euclid(1_000));
        }
        newsletter.pictured |= body.get("newsletter_pic").is_some();
        Ok(newsletter.json(&me))
    })?)
}

async fn delete(Path(id): Path<String>, call: GateCall) -> Answer {
    call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        world.newsletter(&id)?.need(&me, Role::Owner, "Need to be owner of newsletter")?;
        world.newsletters.remove(&id);
        Ok(())
    })?;
    success()
}

async fn messages(Path(id): Path<String>, call: GateCall) -> Answer {
    let (span, page) = (call.said.query(SPAN)?, call.said.page()?);
    let bound = |name: &str| span.get(name).and_then(Value::as_f64);
    ok(call.among(|world, own, now_ms| {
        world.reader(own, now_ms)?;
        world.newsletter(&id)?;
        let numbered = (1_u32..).zip(world.posts(&id, own));
        let within = |number: u32| bound("before").is_none_or(|end| f64::from(number) < end) && bound("after").is_none_or(|start| f64::from(number) > start);
        let rows: Vec<(u32, Value)> = numbered.filter(|(number, _)| within(*number)).collect();
        let total = rows.len();
        let shown = page.of(rows.into_iter().rev());
        let (last, first) = (shown.first().map(|(number, _)| *number), shown.last().map(|(number, _)| *number));
        let posts: Vec<Value> = shown.into_iter().map(|(_, post)| post).collect();
        Ok(json!({"count": posts.len(), "messages": posts, "total": total, "offset": page.offset, "first": first.unwrap_or(0), "last": last.unwrap_or(0)}))
    })?)
}
