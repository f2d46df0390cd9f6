//! Communities at the gate, for a channel's token:
//!
//! - `GET · POST /communities`, `GET · POST · DELETE /communities/{CommunityID}`, `POST …/createGroup`
//! - `GET …/subgroups`, `DELETE …/link`, `PATCH …/settings`
//! - `PUT · DELETE …/{GroupID}`, `POST …/{GroupID}/join`
//! - `POST · DELETE …/participants`, `PATCH · DELETE …/admins`
//! - `POST /communities/event`
//!
//! A community is a group that is a parent of others; the first of them, where announcements are made, comes
//! and goes with it and has the same members.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, patch, post, put};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::contacts::is_on_whatsapp;
use super::group::{Group, Move, Right};
use super::groups::{PARTICIPANTS, PEOPLE, POLICY, people, processed};
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{ANY_NUMBER, Field, Kind, may, needs};
use super::state::World;
use super::store::text;

const NEW: &[Field] = &[needs("subject", Kind::Text), needs("description", Kind::Text)];
const NEW_GROUP: &[Field] = &[needs("subject", Kind::Text), needs("participants", PEOPLE), may("isHidden", Kind::Flag)];
const SETTING: &[Field] = &[needs("setting", Kind::OneOf(&["modify_groups", "member_add_mode"])), POLICY];
const EVENT: &[Field] = &[
    needs("to", Kind::Like(ids::is_recipient)),
    needs("title", Kind::Text),
    needs("startTime", ANY_NUMBER),
    may("description", Kind::Text),
    may("endTime", ANY_NUMBER),
    may("degreesLatitude", ANY_NUMBER),
    may("degreesLongitude", ANY_NUMBER),
    may("locationName", Kind::Text),
    may("locationAddress", Kind::Text),
    may("view_once", Kind::Flag),
];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/communities", get(list).post(create))
        .route("/communities/event", post(event))
        .route("/communities/{community}", get(read).post(create_group).delete(end))
        .route("/communities/{community}/createGroup", post(create_group))
        .route("/communities/{community}/subgroups", get(subgroups))
        .route("/communities/{community}/link", axum::routing::delete(revoke))
        .route("/communities/{community}/settings", patch(set))
        .route("/communities/{community}/participants", post(add).delete(remove))
        .route("/communities/{community}/admins", patch(promote).delete(demote))
        .route("/communities/{community}/{group}", put(link).delete(unlink))
        .route("/communities/{community}/{group}/join", post(join))
}

fn no_community() -> Refusal {
    Refusal::new(http::StatusCode::NOT_FOUND, "Community not found")
}

fn not_permitted() -> Refusal {
    Refusal::forbidden("Not permission")
}

impl World {
    /// A community of this channel's number, and the number.
    fn community(&self, own: &str, id: &str, now_ms: i64) -> Result<(Group, String), Refusal> {
        let channel = self.linked(own, now_ms)?;
        let community = channel.known_group(id).ok().filter(|group| group.is("is_parent")).cloned();
        Ok((community.ok_or_else(no_community)?, channel.own_number()))
    }

    // Changes a community and what follows it: the group where announcements are made.
    fn keep_community(&mut self, before: &Group, after: &Group, moved: Move) {
        let followers = self.groups_of(after.text("id")).into_iter().filter(|group| group.is("isCommunityAnnounce"));
        for follower in followers {
            let mut same = follower.clone();
            for name in ["participants", "participants_count"] {
                same.set(name, after.get(name).cloned().unwrap_or_default());
            }
            self.keep_group(Some(&follower), &same, moved.clone());
        }
        self.keep_group(Some(before), after, moved);
    }
}

impl GateCall {
    fn in_community<T>(&self, id: &str, rules: bool, change: impl FnOnce(&mut Group) -> Result<(T, Move), Refusal>) -> Result<T, Refusal> {
        self.among(|world, own, now_ms| {
            let (before, me) = world.community(own, id, now_ms)?;
            if rules && !before.allows(&me, Right::Rule) {
                return Err(not_permitted());
            }
            let mut after = before.clone();
            let (answer, moved) = change(&mut after)?;
            world.keep_community(&before, &after, moved);
            Ok(answer)
        })
    }
}

async fn list(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        Ok(page.listed("groups", channel.store.groups.values().filter(|group| group.is("is_parent")).map(Group::json).collect()))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let body = call.said.body(NEW)?;
    let community = call.make_group(text(&body, "subject"), &[], |group| {
        group.set("is_parent", true);
        group.set("description", text(&body, "description"));
    })?;
    call.make_group(text(&body, "subject"), &[], |group| {
        for flag in ["isCommunityAnnounce", "is_default_subgroup", "announcements"] {
            group.set(flag, true);
        }
        group.set("linkedParent", community.text("id"));
    })?;
    ok(community.json())
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.among(|world, own, now_ms| Ok(world.community(own, &id, now_ms)?.0.json()))?)
}

async fn create_group(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(NEW_GROUP)?;
    call.among(|world, own, now_ms| world.community(own, &id, now_ms).map(drop))?;
    let made = call.make_group(text(&body, "subject"), &people(&body), |group| {
        group.set("linkedParent", id.as_str());
        group.inside.hidden = body.get("isHidden").and_then(Value::as_bool) == Some(true);
    })?;
    ok(made.json())
}

async fn end(Path(id): Path<String>, call: GateCall) -> Answer {
    call.among(|world, own, now_ms| {
        let (community, me) = world.community(own, &id, now_ms)?;
        if !community.allows(&me, Right::Rule) {
            return Err(not_permitted());
        }
        for group in world.groups_of(&id) {
            let mut after = group.clone();
            after.unset("linkedParent");
            if group.is("isCommunityAnnounce") {
                after.take_out(&group.members());
            }
            world.keep_group(Some(&group), &after, None);
        }
        let mut ended = community.clone();
        let gone = ended.take_out(&community.members());
        world.keep_group(Some(&community), &ended, Some(("remove", gone)));
        Ok(())
    })?;
    success()
}

async fn subgroups(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.among(|world, own, now_ms| {
        let (_, me) = world.community(own, &id, now_ms)?;
        let groups = world.groups_of(&id).into_iter().filter(|group| !group.inside.hidden || group.rank(&me).is_some());
        let (announce, others): (Vec<Group>, Vec<Group>) = groups.partition(|group| group.is("isCommunityAnnounce"));
        let others: Vec<Value> = others.iter().map(subgroup).collect();
        Ok(json!({"announceGroupInfo": announce.first().map_or_else(|| json!({}), subgroup), "otherGroups": others}))
    })?)
}

fn subgroup(group: &Group) -> Value {
    let made_at = group.get("created_at").map(Value::to_string);
    json!({"id": group.text("id"), "creationTime": made_at.unwrap_or_default(), "inviteCode": group.text("invite_code")})
}

async fn revoke(Path(id): Path<String>, call: GateCall) -> Answer {
    let fresh = call.act(|channel, _, _| Ok(channel.ids.invite_code()))?;
    call.in_community(&id, false, |community| {
        community.set("invite_code", fresh);
        Ok(((), None))
    })?;
    success()
}

async fn set(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(SETTING)?;
    let only_admins = text(&body, "policy") == "admins";
    call.in_community(&id, true, |community| {
        match text(&body, "setting") {
            "member_add_mode" => community.set("adminAddMemberMode", only_admins),
            _ => community.inside.closed = only_admins,
        }
        Ok(((), None))
    })?;
    success()
}

async fn link(Path((id, group)): Path<(String, String)>, call: GateCall) -> Answer {
    choose(&call, &id, &group, |group, id| {
        if !group.text("linkedParent").is_empty() && group.text("linkedParent") != id {
            return Err(not_permitted());
        }
        group.set("linkedParent", id);
        Ok(())
    })
}

async fn unlink(Path((id, group)): Path<(String, String)>, call: GateCall) -> Answer {
    choose(&call, &id, &group, |group, id| {
        if group.text("linkedParent") != id {
            return Err(Refusal::absent("group"));
        }
        if group.is("isCommunityAnnounce") {
            return Err(not_permitted());
        }
        group.unset("linkedParent");
        Ok(())
    })
}

fn choose(call: &GateCall, id: &str, group: &str, change: impl FnOnce(&mut Group, &str) -> Result<(), Refusal>) -> Answer {
    call.among(|world, own, now_ms| {
        let (community, me) = world.community(own, id, now_ms)?;
        let before = world.linked(own, now_ms)?.known_group(group)?.clone();
        let may_choose = !community.inside.closed || community.allows(&me, Right::Rule);
        if before.is("is_parent") || !may_choose || !before.allows(&me, Right::Rule) {
            return Err(not_permitted());
        }
        let mut after = before.clone();
        change(&mut after, id)?;
        world.keep_group(Some(&before), &after, None);
        Ok(())
    })?;
    success()
}

async fn join(Path((id, group)): Path<(String, String)>, call: GateCall) -> Answer {
    call.among(|world, own, now_ms| {
        let (_, me) = world.community(own, &id, now_ms)?;
        let found = world.groups_of(&id).into_iter().find(|one| one.text("id") == group);
        let before = found.ok_or_else(|| Refusal::absent("group"))?;
        let mut after = before.clone();
        let fresh = after.let_in(&[me]);
        world.keep_group(Some(&before), &after, Some(("add", fresh)).filter(|(_, fresh)| !fresh.is_empty()));
        Ok(())
    })?;
    success()
}

async fn add(Path(id): Path<String>, call: GateCall) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    ok(call.in_community(&id, true, |community| {
        let (real, failed): (Vec<String>, Vec<String>) = people.into_iter().partition(|person| is_on_whatsapp(person));
        let fresh = community.let_in(&real);
        Ok((processed(&real, &failed), Some(("add", fresh))))
    })?)
}

async fn remove(Path(id): Path<String>, call: GateCall) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    ok(call.in_community(&id, true, |community| {
        let gone = community.take_out(&people);
        let failed: Vec<String> = people.into_iter().filter(|person| !gone.contains(person)).collect();
        Ok((processed(&gone, &failed), Some(("remove", gone))))
    })?)
}

async fn promote(Path(id): Path<String>, call: GateCall) -> Answer {
    rank(&call, &id, "promote", "admin")
}

async fn demote(Path(id): Path<String>, call: GateCall) -> Answer {
    rank(&call, &id, "demote", "member")
}

fn rank(call: &GateCall, id: &str, action: &'static str, rank: &str) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    ok(call.in_community(id, true, |community| {
        let movable = |person: &String| community.rank(person).is_some_and(|rank| rank != "creator");
        let (done, failed): (Vec<String>, Vec<String>) = people.into_iter().partition(movable);
        let _ = community.rerank(&done, rank);
        Ok((processed(&done, &failed), Some((action, done))))
    })?)
}

async fn event(call: GateCall) -> Answer {
    let body = call.said.body(EVENT)?;
    let start = body.get("startTime").and_then(Value::as_f64).unwrap_or_default();
    let content = json!({"name": text(&body, "title"), "start": start as i64, "is_canceled": false, "responses": []});
    call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        // The description knows no other refusal here for somebody who cannot be written to.
        channel.may_write_to(&ids::chat_of(text(&body, "to"))).map_err(|_| Refusal::wrong("to is wrong"))?;
        channel.say("event", &body, content, now_ms, switches)
    })?;
    success()
}
