//! What a person sees, and what the browser complains of.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};

use super::Browser;

/// The visible text below a selector, in one line.
const TEXT: &str = r"return [...document.querySelectorAll(arguments[0])].filter((el) => el.checkVisibility())
  .map((el) => el.innerText).join(' ').replace(/\s+/g, ' ').trim();";
/// What reaches out of the window, or makes a part that should not scroll sideways do so.
const WIDER: &str = r"
const named = (el) => [el.tagName.toLowerCase(), ...el.classList].join('.') + (el.id ? '#' + el.id : '');
const inside = (el, room) => [...el.querySelectorAll('*')].filter((one) => {
  if (!one.checkVisibility() || one.closest('.unseen, .skip')) return false;
  const box = one.getBoundingClientRect();
  return box.width > 0 && (box.right > room.right + 1 || box.left < room.left - 1);
}).map((one) => `${named(one)} in ${named(el)}`);
const out = [];
for (const el of document.querySelectorAll('html, dialog[open], dialog[open] .dialog-body, .main')) {
  if (el.scrollWidth <= el.clientWidth + 1) continue;
  const left = el.getBoundingClientRect().left + el.clientLeft;
  out.push(`${named(el)} scrolls: ${el.scrollWidth} in ${el.clientWidth}`, ...inside(el, { left, right: left + el.clientWidth }).slice(0, 8));
}
return out;";

#[derive(Debug)]
struct ReadLog;

impl ExtensionCommand for ReadLog {
    fn parameters_json(&self) -> Option<Value> {
        Some(json!({ "type": "browser" }))
    }

    fn method(&self) -> Method {
        Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        "/se/log".into()
    }
}

impl Browser {
    /// Waits until the page says this, anywhere.
    pub async fn sees(&self, text: &str) {
        self.sees_in("body", text).await;
    }

    /// Waits until the part under a selector says this.
    pub async fn sees_in(&self, selector: &str, text: &str) {
        let says = async || self.text_of(selector).await.contains(text).then_some(());
        self.until(&format!("“{text}” in {selector}"), says).await;
    }

    /// Waits until the page no longer says this.
    pub async fn no_longer_sees(&self, text: &str) {
        let silent = async || (!self.text().await.contains(text)).then_some(());
        self.until(&format!("the end of “{text}”"), silent).await;
    }

    /// Everything that can be read, in one line.
    pub async fn text(&self) -> String {
        self.text_of("body").await
    }

    /// What can be read under a selector, in one line.
    pub async fn text_of(&self, selector: &str) -> String {
        self.run(TEXT, vec![json!(selector)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script gives a true value; answers it.
    pub async fn comes_true(&self, what: &str, script: &str) -> Value {
        let truth = async || {
            let value = self.run(script, vec![]).await;
            (!value.is_null() && value != json!(false) && value != json!(0) && value != json!("")).then_some(value)
        };
        self.until(what, truth).await
    }

    /// What is wider than its room.
    pub async fn too_wide(&self) -> Vec<String> {
        let names = self.run(WIDER, vec![]).await;
        names.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What the console has logged since the last look, and what the content policy refused on this page;
    /// without the answers that are refusals by design, told by parts of their lines.
    pub async fn complaints(&self, expected: &[&str]) -> Vec<String> {
        let mut lines = self.log().await;
        let refused = self.run("return window.refusedByPolicy ?? []", vec![]).await;
        lines.extend(refused.as_array().into_iter().flatten().map(|line| format!("policy: {line}")));
        lines.retain(|line| !expected.iter().any(|part| line.contains(part)));
        lines
    }

    pub(super) async fn log(&self) -> Vec<String> {
        let answer = self.driver.cmd(Command::ExtensionCommand(Box::new(ReadLog))).await.expect("the log");
        let entries: Vec<Value> = answer.value().expect("a list");
        let line = |entry: &Value| {
            format!(
                "{} {} {}",
                entry["level"].as_str().unwrap_or(""),
                entry["source"].as_str().unwrap_or(""),
                entry["message"].as_str().unwrap_or("")
            )
        };
        entries.iter().map(line).collect()
    }
}
