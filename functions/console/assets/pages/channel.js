/* One channel: state and what to do; its line of days; extensions; history. */

import { DAY_MS, now } from "../clock.js";
import { api, every } from "../api.js";
import { day, fullDay, moment, nDays, num, phone, rich, t, when } from "../i18n/index.js";
import { bdi, button, code, h, icon, ltr } from "../parts/dom.js";
import { actsOf, run } from "../parts/channel-acts.js";
import { mainAct, moving, reason, state, stateName } from "../parts/channel-state.js";
import { lookAhead, nextRenewal } from "../parts/days.js";
import { moreButton } from "../parts/menu.js";
import { Pages, back, bones, nothing, panel } from "../parts/page.js";
import { daysLeft, refreshMe } from "../session.js";
import { lineOf } from "./channels.js";

const LOOK_MS = 4000;
const SPAN_DAYS = 90;
const NARROW_DAYS = 45;
const OPEN = new Set(["queued", "calling", "unknown"]);

const plain = (answer) => answer.channel ?? answer;
const empty = () => ({ items: [], next_cursor: null });

function extensionsOf({ params, signal }) {
  return new Pages((cursor) => api.get(`/v1/channels/${params.id}/extensions?limit=10${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { signal })).load().catch(() => Object.assign(new Pages(empty), empty()));
}

function historyOf({ params, signal }) {
  return new Pages((cursor) => api.get(`/v1/channels/${params.id}/history?limit=10${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { signal })).load().catch(() => null);
}

function daysPanel(channel, plan, extensions) {
  const reserved = extensions.items.filter((one) => OPEN.has(one.state)).reduce((sum, one) => sum + one.days, 0);
  const renewal = nextRenewal(plan, channel.id);
  const left = channel.days_left ?? 0;
  const alive = channel.active_till && channel.status !== "expired" && channel.status !== "pending";
  const said = alive ? t("c.days", { n: left, date: day(channel.active_till) })
    : channel.status === "expired" && channel.active_till ? t("c.ended", { date: day(channel.active_till) }) : t("no-days-yet");
  const note = renewal ? t("c.renews", { date: day(renewal.at), n: renewal.days, balance: num(daysLeft()) })
    : channel.auto_renew === false ? t("s.ends.off") : t("c.alone");
  const axis = (span) => h("p.axis.from-today", { "aria-hidden": "true" }, h("span", t("today")), h("span", day(new Date(now() + span * DAY_MS))));
  const line = (span, where) => h("div.stack.tight-stack", { class: where }, lineOf(channel, plan, { span, reserved, height: 28 }), axis(span));
  return panel({ title: t("c.days-title"), note: t("one-tick") },
    h("div.pad.days-line",
      h("p.top-line", h("strong", { class: alive && left <= 7 ? "warn" : "" }, said), h("span.quiet", note)),
      line(SPAN_DAYS, "wide-only"), line(NARROW_DAYS, "narrow-only"),
      reserved > 0 && h("p.quiet", t("c.reserved", { n: reserved }))));
}

function facts(channel) {
  const health = channel.health ?? {};
  const rows = [
    ["c.number", channel.whatsapp_number && ltr(phone(channel.whatsapp_number))],
    ["c.kind", t(`kind.${channel.kind ?? "unofficial"}`)],
    ["c.renewal", t(channel.auto_renew === false ? "c.renewal.off" : "c.renewal.on")],
    ["c.health", health.score !== undefined && health.score !== null && t("c.score", { n: health.score })],
    ["c.seen", health.last_seen_at && when(health.last_seen_at)],
    ["c.today", health.messages_today !== undefined && health.messages_today !== null && num(health.messages_today)],
    ["c.created", moment(channel.created_at)],
    ["c.id", code(channel.id)],
  ];
  return panel({ title: t("c.facts") }, h("div.pad", h("dl.facts", rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", t(name)), h("dd", value)]))));
}

const EXTENSION = { queued: ["wait", "s-busy"], calling: ["wait", "s-busy"], unknown: ["wait", "s-pending"], posted: ["ok", "s-ok"], void: ["off", "s-off"] };

function extensionsPanel(extensions, context) {
  const row = (one) => {
    const [tone, image] = EXTENSION[one.state] ?? EXTENSION.queued;
    return h("tr", h("th.lead", { scope: "row" }, h("span.state", { class: tone }, icon(image), h("span", t(`x.state.${one.state}`))), one.state === "unknown" && h("small", t("x.unknown", { n: one.days }))),
      h("td.rest.full", one.active_till ? t("until", { date: fullDay(one.active_till) }) : t(`x.by.${one.cause ?? one.by ?? "you"}`).replace(/^x\.by\..*/, "")),
      h("td.num.rest", when(one.created_at ?? one.at ?? one.requested_at ?? now())), h("td.num.key", h("strong", nDays(one.days))));
  };
  return panel({ title: t("c.extensions"), key: "extensions" },
    extensions.items.length
      ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("col-state")), h("th", { scope: "col" }, ""), h("th.num", { scope: "col" }, t("col-when")), h("th.num", { scope: "col" }, t("col-days")))), h("tbody", extensions.items.map(row)))
      : nothing({ title: t("c.extensions.none"), text: t("c.extensions.none.text") }),
    extensions.controls(t("c.extensions"), context.redraw));
}

/* The history speaks of states; a cause is said in our words when we know it. */
function cause(entry) {
  const name = `h.${entry.cause ?? ""}`;
  const words = t(name);
  return words === name ? entry.text ?? entry.detail ?? entry.cause ?? "" : words;
}

function historyPanel(history, context) {
  if (!history) return null;
  const shown = (entry) => {
    const value = entry.connection ?? entry.state ?? entry.to ?? entry.status ?? "";
    const words = t(`hs.${value}`);
    return words.startsWith("hs.") ? value : words;
  };
  const row = (entry) => h("tr", h("th.lead", { scope: "row" }, shown(entry)), h("td.rest.full", cause(entry)), h("td.num.key.rest", when(entry.at)));
  return panel({ title: t("history"), note: t("c.history.note"), id: "history" },
    history.items.length
      ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("col-state")), h("th", { scope: "col" }, t("col-why")), h("th.num", { scope: "col" }, t("col-when")))), h("tbody", history.items.map(row)))
      : nothing({ title: t("c.history.none"), text: t("c.history.none.text") }),
    history.controls(t("history"), context.redraw));
}

function follow(context) {
  const timer = setInterval(() => {
    const { channel, extensions } = context.data;
    const open = extensions.items.some((one) => OPEN.has(one.state));
    if (!document.hidden && (moving(channel) || open) && !document.querySelector("dialog[open]")) context.reload().catch(() => {});
  }, LOOK_MS);
  context.signal.addEventListener("abort", () => clearInterval(timer));
}

export default {
  title: (data) => data?.channel.name ?? t("nav-channels"),
  nav: "/channels",
  load: async (context) => {
    const [answer, channels, extensions, history] = await Promise.all([
      api.get(`/v1/channels/${context.params.id}`, { signal: context.signal }),
      every("/v1/channels", { signal: context.signal }), extensionsOf(context), historyOf(context), refreshMe(context.signal),
    ]);
    return { channel: plain(answer), channels, extensions, history };
  },
  bones: () => bones(t("nav-channels"), 4, 6),
  shown: (context) => {
    follow(context);
    if (location.hash === "#history") document.getElementById("history")?.scrollIntoView();
  },
  view: ({ channel, channels, extensions, history }, context) => {
    const plan = lookAhead(channels, daysLeft());
    const act = mainAct(channel);
    return [
      back("/channels", t("nav-channels")),
      h("div.page-head",
        h("div", h("h1", bdi(channel.name)),
          h("p.titled", state(channel), channel.whatsapp_number && ltr(phone(channel.whatsapp_number)), h("span", reason(channel, plan)))),
        act && button(t(act), () => run(act, channel, context), { main: true, data: { key: "act" } }),
        moreButton(t("more-for", { name: channel.name }), () => actsOf(channel, context, { onPage: true }), "more")),
      h("div.stack",
        stateName(channel) === "cut" && h("div.mend", { role: "status" }, h("p", rich("c.cut", { name: bdi(channel.name) }))),
        daysPanel(channel, plan, extensions),
        h("div.cols.loose", h("div.stack", extensionsPanel(extensions, context), historyPanel(history, context)), facts(channel))),
    ];
  },
};
