//! Hands that are not ours: staff in WHAPI's own panel with the partner token, and whoever changes a
//! record of the table beside our code.

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, Line, World};

impl World {
    /// Staff does something in WHAPI's manager by hand.
    pub async fn by_hand(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let endpoints = self.endpoints().await;
        let text = |name: &str| endpoints[name].as_str().expect("an endpoint").to_owned();
        let request = self.outside(method, &format!("{}{path}", text("whapi_manager"))).bearer_auth(text("whapi_partner_token"));
        self.send(body.into_iter().fold(request, |request, body| request.json(&body))).await
    }

    /// Staff puts days on a channel in WHAPI's panel.
    pub async fn extend_by_hand(&self, line: &Line, days: i64) {
        let body = json!({ "days": days, "comment": "by hand" });
        self.by_hand(Method::POST, &format!("/channels/{}/extend", line.id), Some(body)).await.ok();
    }

    /// Staff deletes a channel in WHAPI's panel.
    pub async fn delete_by_hand(&self, line: &Line) {
        self.by_hand(Method::DELETE, &format!("/channels/{}", line.id), None).await.ok();
    }

    /// Somebody writes into a customer's account, past the ledger.
    pub async fn spoil_balance(&self, user: &str, days: i64) {
        self.write_into_account(user, "ADD days_total :new, days_remaining :new", AttributeValue::N(days.to_string())).await;
    }

    /// Somebody writes into a customer's account what nobody can read.
    pub async fn damage_account(&self, user: &str) {
        self.write_into_account(user, "SET days_total = :new", AttributeValue::S("many".to_owned())).await;
    }

    async fn write_into_account(&self, user: &str, change: &str, value: AttributeValue) {
        let endpoints = self.endpoints().await;
        let table = endpoints["table"].as_str().expect("a table").to_owned();
        let tables = self.tables().await;
        let change = tables
            .update_item()
            .table_name(table)
            .key("pk", AttributeValue::S(format!("USR#{user}")))
            .key("sk", AttributeValue::S("ACCOUNT".to_owned()))
            .condition_expression("attribute_exists(pk)")
            .update_expression(change)
            .expression_attribute_values(":new", value);
        change.send().await.expect("the account is changed");
    }
}
