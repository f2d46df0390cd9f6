/* What pages share: head, panels, bones, pager. */

import { t } from "../i18n/index.js";
import { button, fresh, h, icon, link } from "./dom.js";

export function head(title, sub, ...actions) {
  return h("div.page-head", h("div", h("h1", title), sub && h("p", sub)), actions);
}

export function panel({ title, note, id, key }, ...children) {
  const titled = id ?? fresh("panel");
  return h("section.panel", { "aria-labelledby": titled, data: { key } },
    h("header", h(`h2#${titled}`, title), note && (note instanceof Node ? note : h("p", note))), children);
}

export const back = (href, words) => link(href, [icon("left", "turns"), words], { class: "back" });

/* Waiting in the shape of what comes: a title, and panels of so many lines. */
export function bones(title, ...panels) {
  return [
    h("div.page-head", h("div", h("h1", title))),
    h("div.stack", { role: "status" }, h("span.unseen", t("loading")),
      panels.map((lines) => h("div.panel", h("div.pad.form", Array.from({ length: lines }, () => h("p.bones", "\u00a0")))))),
  ];
}

export function nothing({ title, text, action }) {
  return h("div.nothing", h("h3", title), h("p", text), action);
}

/* Newer and older, by cursors; the way back is remembered. */
export function pager({ label, page, newer, older }) {
  if (!newer && !older) return null;
  const off = (run, words, key) => button(words, run ?? undefined, { disabled: !run, data: { key } });
  return h("nav.pager", { "aria-label": label }, h("span", t("page-n", { n: page })),
    off(newer, t("newer"), "newer"), off(older, t("older"), "older"));
}

/* A list with cursors: keeps where one has been. `read(cursor)` gives { items, next_cursor }. */
export class Pages {
  #cursors = [null];

  constructor(read) { this.read = read; }

  get number() { return this.#cursors.length; }

  async load() {
    const answer = await this.read(this.#cursors.at(-1));
    this.items = answer.items;
    this.next = answer.next_cursor;
    return this;
  }

  /* The pager's two buttons; `shown` runs after a step. */
  controls(label, shown) {
    const step = (move) => async () => { move(); await this.load(); shown(); };
    return pager({
      label, page: this.number,
      newer: this.number > 1 ? step(() => this.#cursors.pop()) : null,
      older: this.next ? step(() => this.#cursors.push(this.next)) : null,
    });
  }
}
