//! What a person does with channels, and whether WHAPI agrees.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Answer, Person, seconds};

/// How often a channel is looked at until it is as it should be.
const MOST_LOOKS: usize = 20;

/// A channel as WHAPI has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// WHAPI's id.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// Its mode there.
    pub mode: String,
    /// Days that extensions ever added.
    pub days_added: i64,
}

impl Person {
    /// Asks for a channel; answers what came.
    pub async fn ask_for_channel(&self, name: &str) -> Answer {
        self.post("/v1/channels", json!({ "name": name })).await
    }

    /// When a channel ends.
    pub async fn end_of_channel(&self, id: &str) -> Timestamp {
        self.channel(id).await["active_till"].as_str().and_then(|till| till.parse().ok()).expect("an end")
    }

    /// Adds a channel and waits until nothing more happens by itself; answers its id.
    pub async fn add_channel(&self, name: &str) -> String {
        let added = self.ask_for_channel(name).await.with(201);
        self.world().settle().await;
        added["channel"]["id"].as_str().expect("an id").to_owned()
    }

    /// Adds a channel and waits until it has its days, WHAPI's gate knows it and tells us of it; answers its id.
    pub async fn add_working_channel(&self, name: &str) -> String {
        let id = self.add_channel(name).await;
        for _ in 0..MOST_LOOKS {
            let channel = self.channel(&id).await;
            let settled = self.extensions(&id).await.iter().all(|one| matches!(one["state"].as_str(), Some("posted" | "void")));
            let lines = self.lines().await;
            let live = lines.iter().any(|line| line.name.ends_with(&id) && line.mode == "live");
            self.world().sweep_for(1, seconds(5)).await;
            if channel["status"] == "active" && settled && live {
                return id;
            }
        }
        panic!("the channel does not get ready: {} {:#?}", self.channel(&id).await, self.extensions(&id).await);
    }

    /// A channel as it is shown.
    pub async fn channel(&self, id: &str) -> Value {
        self.get(&format!("/v1/channels/{id}")).await.ok()
    }

    /// Asks for days on a channel.
    pub async fn extend(&self, id: &str, days: i64) -> Answer {
        self.post(&format!("/v1/channels/{id}/extend"), json!({ "days": days })).await
    }

    /// The extensions of a channel, newest first.
    pub async fn extensions(&self, id: &str) -> Vec<Value> {
        self.all(&format!("/v1/channels/{id}/extensions")).await
    }

    /// Deletes a channel and waits until it is gone.
    pub async fn delete_channel(&self, id: &str) {
        let gone = self.delete(&format!("/v1/channels/{id}")).await.with(202);
        assert_eq!(gone["channel"]["status"], "deleting");
        self.world().settle().await;
        self.get(&format!("/v1/channels/{id}")).await.refused(404, "not_found");
    }

    /// How far a channel's linking is.
    pub async fn link_state(&self, id: &str) -> String {
        let link = self.get(&format!("/v1/channels/{id}/link")).await.ok();
        link["state"].as_str().expect("a state").to_owned()
    }

    /// Links a phone by a QR code and waits for what follows.
    pub async fn link(&self, id: &str) {
        let code = self.get(&format!("/v1/channels/{id}/qr")).await.ok();
        assert!(code["qr"].as_str().is_some_and(|qr| qr.starts_with("data:image/png;base64,")), "{code}");
        self.world().control("whapi/scan", json!({ "channel_id": id })).await;
        self.world().settle().await;
        assert_eq!(self.link_state(id).await, "linked");
    }

    /// All channels that WHAPI has.
    pub async fn lines(&self) -> Vec<Line> {
        let account = self.world().whapi().await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let rows = account["channels"].as_array().expect("channels").iter();
        rows.map(|row| Line {
            id: text(row, "id"),
            name: text(row, "name"),
            mode: text(row, "mode"),
            days_added: row["days_added"].as_f64().map_or(-1, |days| days.round() as i64),
        })
        .collect()
    }

    /// The channel of ours at WHAPI.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn line(&self, id: &str) -> Line {
        let mut lines = self.lines().await;
        lines.retain(|line| line.name.ends_with(&format!(" · {id}")));
        assert_eq!(lines.len(), 1, "channels of {id} at WHAPI: {lines:?}");
        lines.remove(0)
    }

    /// Days that were posted to a channel, by its extensions.
    pub async fn posted(&self, id: &str) -> i64 {
        let extensions = self.extensions(id).await;
        extensions.iter().filter(|one| one["state"] == "posted").filter_map(|one| one["days"].as_i64()).sum()
    }

    /// Proves that WHAPI has put as many days on a channel as the ledger has taken for it, and that nothing
    /// is open; answers them.
    pub async fn prove_channel(&self, id: &str) -> i64 {
        let extensions = self.extensions(id).await;
        assert!(extensions.iter().all(|one| matches!(one["state"].as_str(), Some("posted" | "void"))), "unsettled: {extensions:#?}");
        let posted = self.posted(id).await;
        assert_eq!(self.line(id).await.days_added, posted, "days at WHAPI and days posted: {extensions:#?}");
        let entries = self.ledger().await;
        let moves = |entry: &&Value| matches!(entry["kind"].as_str(), Some("debit" | "return"));
        let of_channel = entries.iter().filter(|entry| entry["channel_id"] == id).filter(moves);
        let net: i64 = of_channel.filter_map(|entry| entry["days"].as_i64()).sum();
        assert_eq!(-net, posted, "days taken from the balance and days posted: {entries:#?}");
        posted
    }
}
