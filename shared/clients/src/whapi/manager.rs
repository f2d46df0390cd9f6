//! The partner's API: channels are made, extended and deleted here, each with one call and no second.
//!
//! Routes: `PUT /channels`, `GET /channels/list`, `GET|PATCH|DELETE /channels/{id}`,
//! `POST /channels/{id}/{extend|start|stop}`, `PATCH /channels/{id}/mode`, and those of the partner.

use std::time::Duration;

use domain::{Days, Secret};
use http::Method;
use net::Http;
use serde_json::{Value, json};
use url::Url;

use super::channel::{ChannelInfo, ChannelPage};
use super::error::{MANAGER_REFUSALS, own_words};
use super::partner::{Partner, PartnerSettings};
use crate::call::{Answer, Api};
use crate::json::Node;
use crate::outcome::CallError;

/// The most rows that WHAPI gives in one page of a list.
pub const MOST_ROWS: u32 = 500;
/// WHAPI's word for the project that every account has.
const DEFAULT_PROJECT: &str = "default";

/// The partner's API at one address. Cheap to clone.
#[derive(Clone)]
pub struct Manager {
    api: Api,
}

impl Manager {
    /// The API below that address, such as `https://manager.whapi.cloud`.
    pub fn new(base: Url, http: Http) -> Self {
        Self { api: Api { provider: "whapi", base, http, timeout: None, refusals: MANAGER_REFUSALS, own_words } }
    }

    /// The same with another limit for the time of one call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.api.timeout = Some(timeout);
        self
    }

    /// Makes a channel of that name, with the number's digits where they are known, in a project (or the
    /// account's own). Not repeatable: a lost answer is looked for in the list.
    ///
    /// # Errors
    /// [`CallError`]; without a channel's id in the answer it is unknown.
    pub async fn create_channel(
        &self,
        token: &Secret,
        name: &str,
        phone: Option<&str>,
        project_id: Option<&str>,
    ) -> Result<ChannelInfo, CallError> {
        let body = wish(name, phone, project_id);
        let answer = self.api.call(token, Method::PUT, &["channels"], &[], Some(body)).await?;
        channel(&answer)
    }

    /// Reads a channel.
    ///
    /// # Errors
    /// [`CallError`]; 404 means gone only if another read with the same token succeeds.
    pub async fn get_channel(&self, token: &Secret, id: &str) -> Result<ChannelInfo, CallError> {
        let answer = self.api.call(token, Method::GET, &["channels", id], &[], None).await?;
        channel(&answer)
    }

    /// Reads at most `count` channels from `offset` on.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn list_channels(&self, token: &Secret, offset: u32, count: u32) -> Result<ChannelPage, CallError> {
        let count = count.clamp(1, MOST_ROWS);
        let query = [("offset", offset.to_string()), ("count", count.to_string())];
        let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = self.api.call(token, Method::GET, &["channels", "list"], &query, None).await?;
        let body = answer.json()?;
        ChannelPage::read(Node(&body), offset, count).ok_or_else(|| answer.unreadable("no list of channels in the answer"))
    }

    /// Moves days from the partner's balance to the channel. Not repeatable.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn extend(&self, token: &Secret, id: &str, days: Days, comment: &str) -> Result<(), CallError> {
        let body = json!({"days": days.count(), "comment": comment});
        self.act(token, Method::POST, &["channels", id, "extend"], Some(body)).await
    }

    /// Says what the channel may do: `trial`, `dev` or `live`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn set_mode(&self, token: &Secret, id: &str, mode: &str) -> Result<(), CallError> {
        let body = json!({"mode": mode});
        self.act(token, Method::PATCH, &["channels", id, "mode"], Some(body)).await
    }

    /// Changes the name; WHAPI wants the project along with it.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn rename_channel(&self, token: &Secret, id: &str, name: &str, project_id: Option<&str>) -> Result<(), CallError> {
        self.act(token, Method::PATCH, &["channels", id], Some(wish(name, None, project_id))).await
    }

    /// Deletes a channel; its unused days go back to the partner's balance.
    ///
    /// # Errors
    /// [`CallError`]; 404 when it is gone already.
    pub async fn delete_channel(&self, token: &Secret, id: &str) -> Result<(), CallError> {
        self.act(token, Method::DELETE, &["channels", id], None).await
    }

    /// Starts a stopped channel.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn start_channel(&self, token: &Secret, id: &str) -> Result<(), CallError> {
        self.act(token, Method::POST, &["channels", id, "start"], None).await
    }

    /// Stops a channel; with `save_days` its days go back to the partner's balance.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn stop_channel(&self, token: &Secret, id: &str, save_days: bool) -> Result<(), CallError> {
        let body = json!({"saveDays": save_days});
        self.act(token, Method::POST, &["channels", id, "stop"], Some(body)).await
    }

    /// Reads the partner's account and balance.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn partner(&self, token: &Secret) -> Result<Partner, CallError> {
        let answer = self.api.call(token, Method::GET, &["partners"], &[], None).await?;
        Partner::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no partner in the answer"))
    }

    /// Reads the days left to give to channels; `None` is unknown, which is not zero.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn partner_balance(&self, token: &Secret) -> Result<Option<i64>, CallError> {
        self.partner(token).await.map(|partner| partner.balance_days)
    }

    /// Reads the partner's settings.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn partner_settings(&self, token: &Secret, partner: &str) -> Result<PartnerSettings, CallError> {
        let answer = self.api.call(token, Method::GET, &["partners", partner, "settings"], &[], None).await?;
        PartnerSettings::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no settings in the answer"))
    }

    /// Has WHAPI call `url` when the balance falls to `days_limit` days.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn set_low_balance_webhook(&self, token: &Secret, partner: &str, url: &Url, days_limit: u32) -> Result<(), CallError> {
        let webhook = json!({"url": url.as_str(), "events": [{"type": "days", "method": "post"}], "mode": "body"});
        let body = json!({"webhooks": [webhook], "days_limit": days_limit});
        self.act(token, Method::PATCH, &["partners", partner, "settings"], Some(body)).await
    }

    /// A call that answers `{"success": true}`, or nearly: only an outright `false` is not a yes.
    async fn act(&self, token: &Secret, method: Method, segments: &[&str], body: Option<Value>) -> Result<(), CallError> {
        let answer = self.api.call(token, method, segments, &[], body).await?;
        match answer.json()?.get("success") {
            Some(Value::Bool(false)) => Err(answer.unreadable("a success that says it is none")),
            _ => Ok(()),
        }
    }
}

fn wish(name: &str, phone: Option<&str>, project_id: Option<&str>) -> Value {
    let project_id = project_id.filter(|id| !id.is_empty()).unwrap_or(DEFAULT_PROJECT);
    match phone {
        Some(phone) => json!({"name": name, "phone": phone, "projectId": project_id}),
        None => json!({"name": name, "projectId": project_id}),
    }
}

fn channel(answer: &Answer) -> Result<ChannelInfo, CallError> {
    ChannelInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no channel in the answer"))
}
