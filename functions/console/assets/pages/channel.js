/* One channel: state and what to do; its line of days; extensions; history. */

import { DAY_MS, now } from "../clock.js";
import { api, every, withQuery } from "../api.js";
import { day, knows, moment, nDays, num, phone, rich, t, when } from "../i18n/index.js";
import { bdi, button, code, h, icon, ltr } from "../parts/dom.js";
import { actsOf, run } from "../parts/channel-acts.js";
import { mainAct, moving, reason, state, stateName } from "../parts/channel-state.js";
import { openLinkAgain } from "../dialogs/link.js";
import { lookAhead, nextRenewal } from "../parts/days.js";
import { moreButton } from "../parts/menu.js";
import { Pages, back, bones, nothing, panel } from "../parts/page.js";
import { mend } from "../parts/problem.js";
import { told } from "../parts/told.js";
import { daysLeft, refreshMe } from "../session.js";
import { lineOf } from "./channels.js";

const LOOK_MS = 4000;
const SPAN_DAYS = 90;
const NARROW_DAYS = 45;
const OPEN = new Set(["queued", "calling", "unknown"]);

const PAGE = 10;

const plain = (answer) => answer.channel ?? answer;

/* What hangs on the channel; that it could not be read is said in its place, never that there is none. */
function hanging(what, { params, signal }) {
  const pages = new Pages((cursor) => api.get(withQuery(`/v1/channels/${params.id}/${what}`, { limit: PAGE, cursor }), { signal }));
  return pages.load().catch((failed) => Object.assign(pages, { items: [], next: null, failed }));
}

function daysPanel(channel, plan, extensions) {
  const reserved = extensions.items.filter((one) => OPEN.has(one.state)).reduce((sum, one) => sum + one.days, 0);
  const renewal = nextRenewal(plan, channel.id);
  const left = channel.days_left ?? 0;
  const alive = channel.active_till && channel.status !== "expired" && channel.status !== "pending";
  const said = alive ? t("c.days", { n: left, date: day(channel.active_till) })
    : channel.status === "expired" && channel.active_till ? t("c.ended", { date: day(channel.active_till) }) : t("no-days-yet");
  const note = renewal ? t("c.renews", { date: day(renewal.at), n: renewal.days, balance: num(daysLeft()) })
    : channel.auto_renew === false ? t("s.ends.off") : t(daysLeft() > 0 ? "c.others" : "c.alone");
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
    ["c.number", ltr(phone(channel.whatsapp_number ?? channel.phone))],
    ["c.kind", t(`kind.${channel.kind ?? "unofficial"}`)],
    ["c.renewal", t(channel.auto_renew === false ? "c.renewal.off" : "c.renewal.on")],
    ["c.health", health.text && code(health.text)],
    ["c.seen", health.read_at && when(health.read_at)],
    ["c.created", moment(channel.created_at)],
    ["c.id", code(channel.id)],
  ];
  return panel({ title: t("c.facts") }, h("div.pad", h("dl.facts", rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", t(name)), h("dd", value)]))));
}

const notRead = ({ failed }, context) => h("div.pad", mend(failed, () => context.reload().catch(() => {}), { reading: true }));

const EXTENSION = { queued: ["wait", "s-busy"], calling: ["wait", "s-busy"], unknown: ["wait", "s-pending"], posted: ["ok", "s-ok"], void: ["off", "s-off"] };

function extensionsPanel(extensions, context) {
  const row = (one) => {
    const [tone, image] = EXTENSION[one.state] ?? EXTENSION.queued;
    return h("tr", h("th.lead", { scope: "row" }, h("span.state", { class: tone }, icon(image), h("span", t(`x.state.${one.state}`))), one.state === "unknown" ? h("small", t("x.unknown", { n: one.days })) : one.reason && h("small", one.reason)),
      h("td.rest.full", t(`x.by.${one.origin ?? "customer"}`)),
      h("td.num.rest", when(one.created_at)), h("td.num.key", h("strong", nDays(one.days))));
  };
  const title = { title: t("c.extensions"), key: "extensions" };
  if (extensions.failed) return panel(title, notRead(extensions, context));
  return panel(title,
    extensions.items.length
      ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("col-state")), h("th", { scope: "col" }, t("col-by")), h("th.num", { scope: "col" }, t("col-when")), h("th.num", { scope: "col" }, t("col-days")))), h("tbody", extensions.items.map(row)))
      : nothing({ title: t("c.extensions.none"), text: t("c.extensions.none.text") }),
    extensions.controls(t("c.extensions"), context.redraw));
}

const by = (event) => (knows(`x.by.${event.cause}`) ? t(`x.by.${event.cause}`) : event.cause);

function historyPanel(history, context) {
  const row = (event) => h("tr", h("th.lead", { scope: "row" }, told(event)), h("td.rest.full", by(event)), h("td.num.key.rest", when(event.at)));
  const title = { title: t("history"), note: t("c.history.note"), id: "history" };
  if (history.failed) return panel(title, notRead(history, context));
  return panel(title,
    history.items.length
      ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("col-what")), h("th", { scope: "col" }, t("col-by")), h("th.num", { scope: "col" }, t("col-when")))), h("tbody", history.items.map(row)))
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
      every("/v1/channels", { signal: context.signal }), hanging("extensions", context), hanging("history", context), refreshMe(context.signal),
    ]);
    return { channel: plain(answer), channels, extensions, history };
  },
  bones: () => bones(t("nav-channels"), 4, 6),
  shown: (context) => {
    follow(context);
    openLinkAgain(context, [context.data.channel]);
    if (location.hash === "#history") document.getElementById("history")?.scrollIntoView();
  },
  view: ({ channel, channels, extensions, history }, context) => {
    const plan = lookAhead(channels, daysLeft());
    const act = mainAct(channel);
    const lost = ["cut", "out"].includes(stateName(channel));
    return [
      back("/channels", t("nav-channels")),
      h("div.page-head",
        h("div", h("h1", bdi(channel.name)),
          h("p.titled", state(channel), channel.whatsapp_number && ltr(phone(channel.whatsapp_number)), !lost && h("span", reason(channel, plan)))),
        act && button(t(act), () => run(act, channel, context), { main: true, data: { key: "act" } }),
        moreButton(t("more-for", { name: channel.name }), () => actsOf(channel, context, { onPage: true }), "more")),
      h("div.stack",
        lost && h("div.mend", { role: "status" }, h("p", rich(`c.${stateName(channel)}`, { name: bdi(channel.name) }))),
        daysPanel(channel, plan, extensions),
        h("div.cols.loose", h("div.stack", extensionsPanel(extensions, context), historyPanel(history, context)), facts(channel))),
    ];
  },
};
