/* Menus that open beside their button: popovers, so that Escape and a press elsewhere close them; so do
   Tab and another size of the window. Arrows, Home and End go through; scrolling takes the menu along. */

import { h, icon, link } from "./dom.js";

const GAP_PX = 4;

/* items: { words, image, run | href, danger, lang } or "line". Opened for one button, gone when closed. */
export function openMenu(opener, items) {
  document.querySelector(".menu.open-now")?.hidePopover();
  const menu = h("div.menu.open-now", { popover: "auto" }, items.filter(Boolean).map((item) => entry(item, () => menu)));
  document.body.append(menu);
  const moved = new AbortController();
  addEventListener("resize", () => menu.hidePopover(), { signal: moved.signal });
  addEventListener("scroll", () => (opener.isConnected ? place(menu, opener) : menu.hidePopover()), { signal: moved.signal });
  menu.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "closed") return;
    moved.abort();
    setTimeout(() => menu.remove());
  });
  menu.addEventListener("keydown", (event) => walk(menu, event));
  menu.showPopover();
  place(menu, opener);
  entries(menu)[0]?.focus({ preventScroll: true });
}

const entries = (menu) => [...menu.querySelectorAll("a, button")].filter((one) => one.offsetParent);

function walk(menu, event) {
  if (event.key === "Tab") return menu.hidePopover();
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}

function entry(item, menu) {
  if (item === "line") return h("hr");
  const inside = [icon(item.image, item.turns ? "turns" : ""), h("span", item.words)];
  const kind = [item.danger && "danger", item.narrow && "narrow-only"].filter(Boolean).join(" ");
  if (item.href) return link(item.href, inside, { class: kind, lang: item.lang, on: { click: () => menu().hidePopover() } });
  return h("button", { type: "button", class: kind, lang: item.lang, on: { click: () => { menu().hidePopover(); item.run(); } } }, inside);
}

/* Under the button where there is room, else above it; never off the screen. */
function place(menu, opener) {
  const at = opener.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = at.bottom + size.height + GAP_PX < innerHeight;
  const start = document.documentElement.dir === "rtl" ? at.left : at.right - size.width;
  menu.style.positionArea = "none";
  menu.style.top = `${below ? at.bottom + GAP_PX : Math.max(8, at.top - size.height - GAP_PX)}px`;
  menu.style.left = `${Math.min(Math.max(8, start), innerWidth - size.width - 8)}px`;
}

/* The button of three dots; its name says whose menu it is. */
export function moreButton(label, items, key) {
  const el = h("button.button.plain.square", { type: "button", "aria-label": label, "aria-expanded": "false", data: { key } }, icon("more"));
  el.addEventListener("click", () => openMenu(el, items()));
  return el;
}
