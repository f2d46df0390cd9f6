//! What a group is, for everybody in it: its members and their ranks, its rules, its icon, who asks to come in.
//!
//! Each channel keeps the groups of its own number. A group is changed through [`GateCall::in_group`] or
//! [`GateCall::keep_group`], which put the same copy into every channel whose number belongs to it, take it out
//! of every other one, and tell them what changed. A community is a group too, one that is a parent of others.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::GateCall;
use super::refusal::Refusal;
use super::state::{Channel, World};
use super::store::text;

/// Who may do something in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// Who belongs to it.
    Belong,
    /// Who may change what it is called and looks like.
    Describe,
    /// Who may let others in.
    Let,
    /// Its administrators.
    Rule,
}

/// Who did what to whom in a group.
pub(crate) type Move = Option<(&'static str, Vec<String>)>;

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// As the gate shows it.
    #[serde(flatten)]
    shown: Map<String, Value>,
    /// What it does not show there.
    #[serde(default)]
    pub(crate) inside: Inside,
}

/// What a group has that is not in its description.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Inside {
    /// The picture, in base64.
    pub(crate) icon: Option<String>,
    /// Whether who comes by the link must be let in.
    pub(crate) approves: bool,
    /// Who asks to be let in, with the second of it.
    pub(crate) applications: Vec<(String, i64)>,
    /// A group of a community that only its members see.
    pub(crate) hidden: bool,
    /// A community whose groups only administrators may choose.
    pub(crate) closed: bool,
}

impl Group {
    /// A group that `me` makes of these people.
    pub(crate) fn new(id: String, name: &str, invite_code: String, me: &str, people: &[String], now_s: i64) -> Self {
        let shown = json!({
            "id": id,
            "name": name,
            "type": "group",
            "timestamp": now_s,
            "participants": [{"id": me, "rank": "creator"}],
            "participants_count": 1,
            "name_at": now_s,
            "created_at": now_s,
            "created_by": me,
            "invite_code": invite_code,
        });
        let mut group = Self { shown: shown.as_object().cloned().unwrap_or_default(), inside: Inside::default() };
        group.let_in(people);
        group
    }

    /// As the gate shows it.
    pub(crate) fn json(&self) -> Value {
        Value::Object(self.shown.clone())
    }

    /// A text of it.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.shown.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A member of its description.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.shown.get(name)
    }

    /// Whether something holds of it.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.shown.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// Sets a member of its description.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.shown.insert(name.to_owned(), value.into());
    }

    /// Takes a member of its description away.
    pub(crate) fn unset(&mut self, name: &str) {
        self.shown.remove(name);
    }

    fn rows(&self) -> impl Iterator<Item = &Value> {
        self.shown.get("participants").and_then(Value::as_array).into_iter().flatten()
    }

    /// The numbers of its members.
    pub(crate) fn members(&self) -> Vec<String> {
        self.rows().map(|row| text(row, "id").to_owned()).collect()
    }

    /// What a number is in it, if it belongs to it.
    pub(crate) fn rank(&self, number: &str) -> Option<&str> {
        self.rows().find(|row| text(row, "id") == number).map(|row| text(row, "rank"))
    }

    /// Whether a number may do this.
    pub(crate) fn allows(&self, number: &str, right: Right) -> bool {
        let Some(rank) = self.rank(number) else {
            return false;
        };
        let free = match right {
            Right::Belong => true,
            Right::Describe => !self.is("restricted"),
            Right::Let => !self.is("adminAddMemberMode"),
            Right::Rule => false,
        };
        free || rank != "member"
    }

    fn seat(&mut self, rows: Vec<Value>) {
        self.set("participants_count", rows.len());
        self.set("participants", rows);
    }

    /// Lets people in; answers those who were not in it.
    pub(crate) fn let_in(&mut self, people: &[String]) -> Vec<String> {
        let mut rows: Vec<Value> = self.rows().cloned().collect();
        let mut fresh = Vec::new();
        for person in people {
            if !rows.iter().any(|row| text(row, "id") == person) {
                rows.push(json!({"id": person, "rank": "member"}));
                fresh.push(person.clone());
            }
        }
        self.seat(rows);
        fresh
    }

    /// Takes people out; answers those who were in it.
    pub(crate) fn take_out(&mut self, people: &[String]) -> Vec<String> {
        let (gone, rows): (Vec<Value>, Vec<Value>) = self.rows().cloned().partition(|row| people.iter().any(|one| one == text(row, "id")));
        self.seat(rows);
        gone.iter().map(|row| text(row, "id").to_owned()).collect()
    }

    /// Gives members another rank; none when one of them does not belong to it.
    pub(crate) fn rerank(&mut self, people: &[String], rank: &str) -> Option<()> {
        people.iter().try_for_each(|person| self.rank(person).map(drop))?;
        let rows = self.rows().map(|row| {
            if people.iter().any(|one| one == text(row, "id")) { json!({"id": row.get("id"), "rank": rank}) } else { row.clone() }
        });
        let rows = rows.collect();
        self.seat(rows);
        Some(())
    }

    // What of its description differs, but its members, of whom is told in another way.
    fn changes(&self, before: &Self) -> Vec<String> {
        let names = self.shown.keys().chain(before.shown.keys().filter(|name| !self.shown.contains_key(*name)));
        let differs = |name: &&String| !name.starts_with("participants") && self.shown.get(*name) != before.shown.get(*name);
        names.filter(differs).cloned().collect()
    }
}

impl World {
    /// A group that any channel here belongs to.
    pub(crate) fn any_group(&self, is_it: impl Fn(&Group) -> bool) -> Option<Group> {
        self.channels.values().flat_map(|channel| channel.store.groups.values()).find(|group| is_it(group)).cloned()
    }

    /// The groups of a community, each once.
    pub(crate) fn groups_of(&self, community: &str) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for group in self.channels.values().flat_map(|channel| channel.store.groups.values()) {
            if group.text("linkedParent") == community && !groups.iter().any(|known| known.text("id") == group.text("id")) {
                groups.push(group.clone());
            }
        }
        groups
    }

    /// Puts a group as it is now into every channel that belongs to it, and takes it out of every other one.
    pub(crate) fn spread(&mut self, group: &Group) {
        for channel in self.channels.values_mut() {
            if group.rank(&channel.own_number()).is_some() {
                channel.store.groups.insert(group.text("id").to_owned(), group.clone());
            } else {
                channel.store.groups.remove(group.text("id"));
            }
        }
    }

    /// The same, and tells everybody who is or was in it.
    pub(crate) fn keep_group(&mut self, before: Option<&Group>, after: &Group, moved: Move) {
        self.spread(after);
        let concerned =
            |channel: &Channel| [Some(after), before].into_iter().flatten().any(|one| one.rank(&channel.own_number()).is_some());
        for channel in self.channels.values_mut().filter(|channel| concerned(channel)) {
            match before {
                None => channel.emit("groups", "post", "groups", json!([after.json()])),
                Some(before) => channel.tell_update(before, after),
            }
            if let Some((action, people)) = &moved {
                let moved = json!({"group_id": after.text("id"), "participants": people, "action": action});
                channel.emit("groups", "put", "groups_participants", json!([moved]));
            }
        }
    }
}

impl Channel {
    /// The number that is linked, or was the last to be.
    pub(crate) fn own_number(&self) -> String {
        self.session.user.as_ref().map_or_else(|| self.phone.clone(), |user| user.id.clone())
    }

    /// A group of this channel's number.
    pub(crate) fn known_group(&self, id: &str) -> Result<&Group, Refusal> {
        self.store.groups.get(id).ok_or_else(|| Refusal::absent("group"))
    }

    fn tell_update(&mut self, before: &Group, after: &Group) {
        let changes = after.changes(before);
        if !changes.is_empty() {
            let update = json!({"before_update": before.json(), "after_update": after.json(), "changes": changes});
            self.emit("groups", "patch", "groups_updates", json!([update]));
        }
    }
}

impl GateCall {
    /// Makes a group, for everybody in it. Answers it.
    pub(crate) fn make_group(&self, name: &str, people: &[String], finish: impl FnOnce(&mut Group)) -> Result<Group, Refusal> {
        self.among(|world, own, now_ms| {
            let channel = world.linked(own, now_ms)?;
            let (me, ids) = (channel.own_number(), &channel.ids);
            let mut group = Group::new(ids.group_id(), name, ids.invite_code(), &me, people, now_ms.div_euclid(1_000));
            finish(&mut group);
            world.keep_group(None, &group, None);
            Ok(group)
        })
    }

    /// Changes a group of this channel's number, for everybody in it.
    pub(crate) fn in_group<T>(
        &self,
        id: &str,
        right: Right,
        change: impl FnOnce(&mut Group, &str, i64) -> Result<(T, Move), Refusal>,
    ) -> Result<T, Refusal> {
        self.among(|world, own, now_ms| {
            let channel = world.linked(own, now_ms)?;
            let (me, before) = (channel.own_number(), channel.known_group(id)?.clone());
            if !before.allows(&me, right) {
                return Err(Refusal::forbidden("You do not have permissions for this action"));
            }
            let mut after = before.clone();
            let (answer, moved) = change(&mut after, &me, now_ms.div_euclid(1_000))?;
            world.keep_group(Some(&before), &after, moved);
            Ok(answer)
        })
    }
}
