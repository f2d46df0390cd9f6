//! What a person does: presses, fills in, types keys.
//!
//! Things are found by role and name among what can be reached: inside the dialog when one is open. The
//! browser's own reading of the name must agree with ours, so that what a screen reader says is proved too.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::{TypingData, WebElement};

use super::Browser;

/// Finds a thing by role and name; a field by its label.
const FIND: &str = r"
const [role, name] = arguments;
const KINDS = {
  button: 'button:not([role]), [role=button], summary', link: 'a[href]', heading: 'h1, h2, h3, h4', tab: '[role=tab]', img: 'img',
  radio: 'input[type=radio]', checkbox: 'input[type=checkbox]', dialog: 'dialog[open]', timer: '[role=timer]',
  field: 'input:not([type=radio]):not([type=checkbox]), textarea, select',
};
const plain = (text) => (text ?? '').replace(/\s+/g, '');
const byId = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent).join(' ');
const called = (el) => plain(el.getAttribute('aria-label') ?? (el.hasAttribute('aria-labelledby') ? byId(el.getAttribute('aria-labelledby'))
  : el.labels?.length ? [...el.labels].map((label) => label.textContent).join(' ') : el.alt ?? el.textContent));
const seen = (el) => el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0;
const scope = [...document.querySelectorAll('dialog[open]')].at(-1);
const all = role === 'dialog' ? [scope].filter(Boolean) : [...(scope ?? document).querySelectorAll(KINDS[role])];
return all.find((el) => seen(el) && called(el) === plain(name)) ?? null;";

#[derive(Debug)]
struct Computed {
    element: String,
    what: &'static str,
}

impl ExtensionCommand for Computed {
    fn parameters_json(&self) -> Option<Value> {
        None
    }

    fn method(&self) -> Method {
        Method::GET
    }

    fn endpoint(&self) -> Arc<str> {
        format!("/element/{}/{}", self.element, self.what).into()
    }
}

impl Browser {
    /// Finds the thing of that role and name, as soon as it is there.
    pub async fn find(&self, role: &str, name: &str) -> WebElement {
        self.until(&format!("the {role} “{name}”"), async || self.look_for(role, name).await).await
    }

    /// Whether a thing of that role and name is there now.
    pub async fn has(&self, role: &str, name: &str) -> bool {
        self.look_for(role, name).await.is_some()
    }

    /// Waits until a thing of that role and name is gone.
    pub async fn lost(&self, role: &str, name: &str) {
        let gone = async || self.look_for(role, name).await.is_none().then_some(());
        self.until(&format!("the end of the {role} “{name}”"), gone).await;
    }

    async fn look_for(&self, role: &str, name: &str) -> Option<WebElement> {
        let found = self.driver.execute(FIND, vec![json!(role), json!(name)]).await.ok()?;
        found.element().ok()
    }

    /// Presses the thing of that role and name. A page that is drawn anew meanwhile is looked at again.
    pub async fn press(&self, role: &str, name: &str) {
        let pressed = async || {
            let element = self.look_for(role, name).await?;
            // A button that was just drawn over has no name any more.
            let said = self.computed(&element, "computedlabel").await.filter(|said| !said.is_empty())?;
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&said), squeezed(name), "what a screen reader says of the {role}");
            element.click().await.ok()
        };
        self.until(&format!("the {role} “{name}” that can be pressed"), pressed).await;
    }

    /// Presses the first thing under a selector that can be seen, whatever language it speaks.
    pub async fn press_at(&self, selector: &str) {
        const SEEN: &str = "return [...document.querySelectorAll(arguments[0])].find((el) => el.checkVisibility()) ?? null";
        let pressed = async || {
            let found = self.driver.execute(SEEN, vec![json!(selector)]).await.ok()?;
            found.element().ok()?.click().await.ok()
        };
        self.until(&format!("{selector} that can be pressed"), pressed).await;
    }

    /// What the browser tells a screen reader about an element: `computedlabel` or `computedrole`.
    async fn computed(&self, element: &WebElement, what: &'static str) -> Option<String> {
        let ask = Computed { element: element.element_id().to_string(), what };
        let answer = self.driver.cmd(Command::ExtensionCommand(Box::new(ask))).await.ok()?;
        answer.value::<String>().ok()
    }

    /// Writes into the field of that label, in place of what stands there.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.find("field", label).await;
        field.clear().await.expect("a field that can be emptied");
        field.send_keys(text).await.expect("a field that can be written in");
    }

    /// What stands in the field of that label.
    pub async fn value(&self, label: &str) -> String {
        self.find("field", label).await.value().await.ok().flatten().unwrap_or_default()
    }

    /// Types keys to whatever has the focus.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("the keyboard types");
    }

    /// What has the focus, as a screen reader says it: the role, then the name.
    pub async fn focus(&self) -> String {
        let focused = self.driver.active_element().await.expect("something has the focus");
        let role = self.computed(&focused, "computedrole").await.unwrap_or_default();
        let name = self.computed(&focused, "computedlabel").await.unwrap_or_default();
        format!("{role} {name}").trim().to_owned()
    }

    /// Waits until the focus is there.
    pub async fn focus_is_on(&self, wanted: &str) {
        let focused = async || (self.focus().await == wanted).then_some(());
        let what = format!("the focus on “{wanted}”, not on “{}”,", self.focus().await);
        self.until(&what, focused).await;
    }
}
