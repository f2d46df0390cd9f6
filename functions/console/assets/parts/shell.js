/* The frame round every page: sidebar, or top bar and dock on the phone; the account's menu; the door without
   an account has none of it. Drawn once, then only marked. */

import { signOut } from "../auth.js";
import { go, redrawAll } from "../router.js";
import { channelLimit, isAdmin, kept, onSession, session } from "../session.js";
import { api } from "../api.js";
import { LANGUAGES, currentLanguage, setLanguage, t } from "../i18n/index.js";
import { h, icon, link, strip } from "./dom.js";
import { openMenu } from "./menu.js";
import { keepLine } from "./reach.js";

const GROUPS = [
  ["g-work", [["/channels", "channels", "nav-channels"]]],
  ["g-money", [["/balance", "balance", "nav-balance"], ["/plans", "plans", "nav-plans"], ["/payments", "payments", "nav-payments"]]],
  ["g-build", [["/api-keys", "key", "nav-key"], ["/settings", "settings", "nav-settings"]]],
];
const ADMIN = [["g-daily", [["/admin", "balance", "nav-billing"], ["/admin/findings", "info", "nav-findings"]]]];
const ADMIN_DOCK = [["/admin", "balance", "nav-balances"], ADMIN[0][1][1], ["/channels", "channels", "nav-channels"]];
const DOCK = ["/channels", "/balance", "/plans"];

/* How much there is of it; told apart from the word for who listens. */
const COUNTS = { "/channels": () => channelLimit().used, "/notifications": () => session.unread, "/admin/findings": () => session.waiting };

const item = ([href, image, words]) =>
  link(href, [icon(image), h("span", t(words)), COUNTS[href] && h("span.count", { data: { count: href } })], { data: { nav: href } });

function showCounts() {
  for (const el of document.querySelectorAll("[data-count]")) {
    const count = COUNTS[el.dataset.count]();
    el.textContent = count ? ` ${count}` : "";
  }
  for (const el of document.querySelectorAll("[data-bell]")) {
    el.setAttribute("aria-label", session.unread ? t("notifications-new", { n: session.unread }) : t("notifications"));
    el.toggleAttribute("data-new", session.unread > 0);
  }
}

function side(admin) {
  const groups = admin ? ADMIN : GROUPS;
  const me = session.me ?? {};
  const user = h("button.side-user", { type: "button", "aria-expanded": "false" }, icon("users"),
    h("span", h("bdi", me.name || me.email || t("account")), me.name && me.email && me.name !== me.email && h("small.ltr", me.email)));
  user.addEventListener("click", () => accountMenu(user, admin));
  const over = admin
    ? item(["/channels", "channels", "to-console"])
    : item(["/notifications", "bell", "notifications"]);
  return h("nav.side", { data: { area: admin ? "admin" : "customer" }, "aria-label": t("main") },
    link(admin ? "/admin" : "/channels", [icon("mark"), "Daypass", admin && h("span.area", t("to-admin"))], { class: "mark" }),
    groups.map(([title, links]) => h("div", h("p.side-title", t(title)),
      h("ul.plain-list", links.map((one) => h("li", item(one)))))),
    h("div.side-foot", over, user));
}

function top(admin) {
  const bell = link("/notifications", icon("bell"), { class: "button plain square bell", data: { bell: "" } });
  return h("header.top", link(admin ? "/admin" : "/channels", [icon("mark"), "Daypass", admin && h("span.area", t("to-admin"))], { class: "mark" }), bell);
}

function dock(admin) {
  const all = GROUPS.flatMap(([, links]) => links);
  const shown = admin ? ADMIN_DOCK : DOCK.map((href) => all.find((one) => one[0] === href));
  const more = h("button", { type: "button", "aria-expanded": "false" }, icon("menu"), h("span", t("more")));
  more.addEventListener("click", () => accountMenu(more, admin));
  return h("nav.dock", { "aria-label": t("sections") }, shown.map(item), more);
}

function accountMenu(opener, admin) {
  const hidden = GROUPS.flatMap(([, links]) => links).filter(([href]) => !DOCK.includes(href));
  const dark = isDark();
  openMenu(opener, [
    ...hidden.map(([href, image, words]) => ({ href, image, words: t(words), narrow: true })),
    isAdmin() && !admin && { href: "/admin", image: "lock", words: t("to-admin") },
    { run: () => setTheme(dark ? "light" : "dark"), image: "moon", words: t(dark ? "light" : "dark") },
    ...Object.entries(LANGUAGES).filter(([code]) => code !== currentLanguage())
      .map(([code, words]) => ({ run: () => speak(code), image: "globe", words, lang: code })),
    { href: "/docs", image: "log", words: t("api-docs") },
    "line",
    { run: signOut, image: "out", words: t("out"), turns: true },
  ]);
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

export function setTheme(theme) {
  kept.write("theme", theme);
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/* Another language: at once here, and for the account's e-mails too. */
export async function speak(language) {
  await setLanguage(language);
  kept.write("locale", language);
  forgetFrame();
  await redrawAll();
  if (session.me) {
    session.me.locale = language;
    api.patch("/v1/me", { locale: language }).catch(() => { /* kept on this device all the same */ });
  }
}

onSession(showCounts);

let drawn = null;
/* The next page draws its frame anew. */
export const forgetFrame = () => { drawn = null; };

/* The door: the page, and the year as days. */
function door(main) {
  return h("div.door", main, h("aside.year", { "aria-label": t("about") },
    strip({ class: "sheet", spent: 139, held: 226, pitch: 10, height: 20 }),
    h("p", h("strong", t("about-1")), " ", t("about-2"))));
}

/* Where things are said stays, whatever is drawn. */
function says() {
  if (document.querySelector(".toasts")) return;
  document.body.append(h("div.toasts", { role: "status", "aria-live": "polite" }),
    h("p.unseen", { role: "status", data: { says: "" } }));
}

const shelled = (main, admin) => [
  h("a.skip", { href: "#main" }, t("skip")),
  h("div.shell", side(admin), top(admin), main, dock(admin)),
];

/* <main> of the frame that this page wants: "door", "admin", or the customer's. */
export function frame({ page }) {
  const kind = page.frame ?? "customer";
  const mark = `${kind} ${session.me?.id ?? ""} ${session.me?.name ?? ""}`;
  if (drawn !== mark || !document.getElementById("main")) {
    drawn = mark;
    document.querySelectorAll("body > :is(.boot, .shell, .door, .skip, .offline)").forEach((el) => el.remove());
    const main = h("main#main", { tabindex: "-1", class: kind === "door" ? "" : "main" });
    says();
    document.querySelector(".toasts").before(...(kind === "door" ? [door(main)] : shelled(main, kind === "admin")));
    document.querySelector(".skip")?.addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
    keepLine();
    showCounts();
  }
  for (const el of document.querySelectorAll("[data-nav]")) {
    if (el.dataset.nav === page.nav) el.setAttribute("aria-current", "page");
    else el.removeAttribute("aria-current");
  }
  return document.getElementById("main");
}

/* Single keys, for who likes them: they can be turned off in the settings. */
export function watchKeys(open) {
  let armed = false;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || kept.read("keys") === "off" || !session.me) return;
    if (armed) {
      armed = false;
      const to = { c: "/channels", b: "/balance" }[event.key];
      if (to) { event.preventDefault(); go(to); }
      return;
    }
    if (event.key === "g") { armed = true; setTimeout(() => { armed = false; }, 1500); }
    if (event.key === "?") open.help();
    if (event.key === "n") { event.preventDefault(); open.add(); }
    if (event.key === "/") {
      const search = document.querySelector('#main [type="search"]');
      if (search) { event.preventDefault(); search.focus(); }
    }
  });
}
