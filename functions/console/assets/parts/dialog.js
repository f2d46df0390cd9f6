/* Native dialogs: the focus trap and Escape come with them. Focus goes to the title, and back to what opened it,
   or to what stands in its place by then. One at a time stands directly in the body, so that a receipt can print
   alone; each has a place of its own to say things, because what is outside is not heard. */

import { t } from "../i18n/index.js";
import { button, fresh, h, icon } from "./dom.js";

/* Opens a dialog. `build(dialog)` may fill `.body` later; `ending` is a signal that fires when it closes. */
export function openDialog({ title, sub, large = false, body = [], foot = [], onClose }) {
  const id = fresh("dialog");
  const opener = remembered(document.activeElement);
  const ending = new AbortController();
  const heading = h(`h2#${id}`, { tabindex: "-1", autofocus: true }, title);
  const under = h("p", { hidden: !sub }, sub ?? "");
  const close = h("button.button.plain.square", { type: "button", "aria-label": t("close") }, icon("close"));
  const content = h("div.dialog-body", body);
  const bottom = h("div.foot", { hidden: foot.length === 0 }, foot);
  const el = h("dialog.dialog", { "aria-labelledby": id, class: large ? "large" : "" },
    h("div.head", h("div", heading, under), close), content, bottom, h("p.unseen", { role: "status", data: { says: "" } }));
  const dialog = {
    el, signal: ending.signal, content,
    close: () => el.open && el.close(),
    body: (...children) => content.replaceChildren(...children.flat(Infinity).filter(Boolean)),
    foot: (...children) => {
      const shown = children.flat(Infinity).filter(Boolean);
      bottom.replaceChildren(...shown);
      bottom.hidden = shown.length === 0;
    },
    name: (words, below) => {
      heading.replaceChildren(...[words].flat());
      under.replaceChildren(...[below ?? ""].flat());
      under.hidden = !below;
    },
    focusTitle: () => heading.focus(),
  };
  close.addEventListener("click", dialog.close);
  el.addEventListener("click", (event) => { if (event.target === el && outside(el, event)) dialog.close(); });
  el.addEventListener("close", () => {
    ending.abort(new DOMException("The dialog was closed.", "AbortError"));
    el.remove();
    opener()?.focus({ preventScroll: true });
    onClose?.();
  });
  document.body.append(el);
  el.showModal();
  return dialog;
}

/* The page may be drawn anew meanwhile: then it is what has the same key. */
function remembered(el) {
  const key = el?.dataset?.key;
  return () => (el?.isConnected && el !== document.body ? el : key && document.querySelector(`[data-key="${CSS.escape(key)}"]`)) || document.getElementById("main");
}

/* A press on the veil; presses that begin inside and end outside do not count. */
function outside(el, event) {
  const box = el.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

export function closeAll() {
  document.querySelector(".menu.open-now")?.hidePopover();
  for (const el of document.querySelectorAll("dialog[open]")) el.close();
}

export const cancelButton = (dialog, words = t("cancel")) => button(words, () => dialog().close());

/* Tabs inside a dialog: arrows move in the reading direction. tabs: [{ id, words, image, panel }]. */
export function tabs(label, list, chosen) {
  const buttons = list.map((one) => h("button", {
    type: "button", role: "tab", id: `tab-${one.id}`, "aria-controls": `panel-${one.id}`,
  }, icon(one.image), one.words));
  const select = (index) => {
    for (const [at, one] of list.entries()) {
      buttons[at].setAttribute("aria-selected", String(at === index));
      buttons[at].tabIndex = at === index ? 0 : -1;
      one.panel.hidden = at !== index;
    }
    buttons[index].scrollIntoView({ block: "nearest", inline: "nearest" });
    chosen(list[index].id);
  };
  for (const [index, one] of list.entries()) {
    one.panel.id = `panel-${one.id}`;
    one.panel.setAttribute("role", "tabpanel");
    one.panel.setAttribute("aria-labelledby", `tab-${one.id}`);
    buttons[index].addEventListener("click", () => select(index));
  }
  const bar = h("div.tabs", { role: "tablist", "aria-label": label }, buttons);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const forward = document.documentElement.dir === "rtl" ? -step : step;
    const next = (buttons.indexOf(document.activeElement) + forward + buttons.length) % buttons.length;
    select(next);
    buttons[next].focus();
  });
  select(0);
  return bar;
}
