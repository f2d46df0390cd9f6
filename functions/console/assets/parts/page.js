/* What pages share: head, panels, bones, pager. */

import { t } from "../i18n/index.js";
import { button, fresh, h, icon, link } from "./dom.js";
import { mend } from "./problem.js";

export function head(title, sub, ...actions) {
  return h("div.page-head", h("div", h("h1", title), sub && h("p", sub)), actions);
}

export function panel({ title, note, id, key }, ...children) {
  const titled = id ?? fresh("panel");
  return h("section.panel", { "aria-labelledby": titled, data: { key } },
    h("header", h(`h2#${titled}`, title), note && (note instanceof Node ? note : h("p", note))), children);
}

export const back = (href, words) => link(href, [icon("left", "turns"), words], { class: "back" });

/* Waiting in the shape of what comes: a title, and panels of so many lines, or the pass. */
export function bones(title, ...panels) {
  const line = () => h("p.bones", "\u00a0");
  return [
    h("div.page-head", h("div", h("h1", title), h("p", h("span.bones.short", "\u00a0")))),
    h("div.stack", { role: "status" }, h("span.unseen", t("loading")),
      panels.map((lines) => (lines === "pass" ? h("div.bones.of-pass") : h("div.panel", h("div.pad.form", Array.from({ length: lines }, line)))))),
  ];
}

/* `level` is that of its heading: two where no other heading stands above it on the page. */
export function nothing({ title, text, action, level = 3 }) {
  return h("div.nothing", h(`h${level}`, title), h("p", text), action);
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

  /* The pager's two buttons; `shown` runs after a step. A step that fails is said beside them and not taken. */
  controls(label, shown) {
    const step = (cursors) => async ({ target }) => {
      const before = this.#cursors;
      this.#cursors = cursors();
      try {
        await this.load();
        shown();
      } catch (error) {
        this.#cursors = before;
        target.closest("nav").after(h("div.pad", mend(error, null, { reading: true })));
      }
    };
    return pager({
      label, page: this.number,
      newer: this.number > 1 ? step(() => this.#cursors.slice(0, -1)) : null,
      older: this.next ? step(() => [...this.#cursors, this.next]) : null,
    });
  }
}
