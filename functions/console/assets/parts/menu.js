/* Menus that open beside their button: popovers, so that Escape and a press elsewhere close them. */

import { h, icon, link } from "./dom.js";

const GAP_PX = 4;

/* items: { words, image, run | href, danger, lang } or "line". Opened for one button, gone when closed. */
export function openMenu(opener, items) {
  document.querySelector(".menu.open-now")?.hidePopover();
  const menu = h("div.menu.open-now", { popover: "auto" }, items.filter(Boolean).map((item) => entry(item, () => menu)));
  document.body.append(menu);
  menu.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") setTimeout(() => menu.remove());
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...menu.querySelectorAll("a, button")].filter((one) => one.offsetParent);
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  });
  menu.showPopover();
  place(menu, opener);
  [...menu.querySelectorAll("a, button")].find((one) => one.offsetParent)?.focus({ preventScroll: true });
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
  const el = h("button.button.plain.square", { type: "button", "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false", data: { key } }, icon("more"));
  el.addEventListener("click", () => openMenu(el, items()));
  return el;
}
