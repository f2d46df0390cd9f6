/* All channels on one calendar, so that who ends first can be seen; before there are any, the way to the first. */

import { DAY_MS, now } from "../clock.js";
import { api, every } from "../api.js";
import { day, nDays, num, t, phone } from "../i18n/index.js";
import { bdi, button, h, link, ltr, strip, svg, unseen } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { actsOf, run } from "../parts/channel-acts.js";
import { mainAct, moving, reason, state, stateName, tone } from "../parts/channel-state.js";
import { lookAhead } from "../parts/days.js";
import { moreButton } from "../parts/menu.js";
import { bones, head, panel } from "../parts/page.js";
import { coverSentence, nextSentence, pass } from "../parts/pass.js";
import { openAdd } from "../dialogs/add.js";
import { openLinkAgain } from "../dialogs/link.js";
import { watchGone } from "../dialogs/remove.js";
import { channelLimit, daysLeft, lookForNews, refreshMe, session, whyNoChannel } from "../session.js";
import { firstRun } from "./first-run.js";

const CALENDAR_DAYS = 45;
const SOON_MS = 4000;
const LATER_MS = 30000;

function used() {
  const { used: count, limit } = channelLimit();
  const { plan } = session.me;
  if (!plan) return t("used-no-plan", { n: count });
  const full = limit !== null && count >= limit;
  const said = limit === null ? t("used-free", { n: count, plan: plan.name }) : t("used", { n: count, limit, plan: plan.name });
  return full ? `${said}. ${t("e.channel_limit_reached")}` : said;
}

function calendar() {
  const dates = Array.from({ length: 5 }, (_, index) => h("span", index ? day(new Date(now() + index * 10 * DAY_MS)) : t("today")));
  return h("li.calendar", { "aria-hidden": "true" },
    h("span", t("col-channel")), h("span", t("col-state")), h("span.dates", dates));
}

/* The channel's own days, then what the balance will add. */
export function lineOf(channel, plan, { span = CALENDAR_DAYS, reserved = 0, pitch = 7, height = 24 } = {}) {
  const held = channel.status === "expired" ? 0 : Math.max(0, channel.days_left ?? 0);
  const planned = plan.extra.get(channel.id) ?? 0;
  return strip({ line: true, class: tone(held), held: Math.min(held, span), reserved, planned: Math.min(planned, Math.max(0, span - held)), span, pitch, height });
}

function daysCell(channel) {
  const left = channel.days_left ?? 0;
  if (channel.status === "pending" || !channel.active_till) return h("p.left", h("strong", "\u2013"), h("small", t("no-days-yet")));
  const gone = channel.status === "expired";
  return h("p.left", { class: left <= 7 && !gone ? "warn" : "" },
    h("strong", nDays(gone ? 0 : left)), h("small", t(gone ? "ended-on" : "until", { date: day(channel.active_till) })));
}

function row(channel, plan, context) {
  const act = mainAct(channel);
  return h("li", { data: { id: channel.id } },
    h("div.who", h("h3", link(`/channels/${channel.id}`, bdi(channel.name), { data: { key: `name-${channel.id}` } })),
      h("p", numberOf(channel) ? ltr(phone(numberOf(channel))) : t(`kind.${channel.kind ?? "unofficial"}`))),
    h("div.how", state(channel), h("p", reason(channel, plan))),
    h("div.strip", lineOf(channel, plan)),
    daysCell(channel),
    h("div.do",
      act && button([t(act), unseen(` ${channel.name}`)], () => run(act, channel, context), { data: { key: `act-${channel.id}` } }),
      moreButton(t("more-for", { name: channel.name }), () => actsOf(channel, context), `more-${channel.id}`)));
}

/* The number that is linked, or the one that it is meant for. */
export const numberOf = (channel) => channel.whatsapp_number ?? channel.phone;

const key = (kind, words) => h("span", svg("svg", { viewBox: "0 0 13 14", "aria-hidden": "true" },
  svg("path", { class: kind, d: kind === "held" ? "M0 0h3v14H0zM5 0h3v14H5zM10 0h3v14h-3z" : "M0 7h3v7H0zM5 7h3v7H5zM10 7h3v7h-3z" })), h("span", words));

function ahead(channels, plan, context) {
  return panel({ title: t("ahead"), note: t("ahead-note") },
    h("ul.channels", calendar(), channels.map((channel) => row(channel, plan, context))),
    h("p.legend-row", key("held", t("key-held")), key("planned", t("key-planned"))));
}

/* Looks again: soon while something moves, else now and then; draws only what changed. */
async function follow(context) {
  const { signal } = context;
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(look, context.data.channels.some(moving) ? SOON_MS : LATER_MS);
  };
  const look = async () => {
    if (signal.aborted) return;
    if (!document.hidden) {
      const before = JSON.stringify(context.data.channels);
      const fresh = await readAll(context).catch(() => null);
      if (signal.aborted) return;
      if (fresh && JSON.stringify(fresh.channels) !== before) {
        await refreshMe(signal).catch(() => {});
        lookForNews();
        if (signal.aborted) return;
        context.data = fresh;
        context.redraw();
      }
    }
    again();
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  again();
}

const readAll = async ({ signal }) => ({ channels: await every("/v1/channels", { signal }) });

export default {
  title: "nav-channels",
  nav: "/channels",
  load: async (context) => {
    const [data] = await Promise.all([readAll(context), refreshMe(context.signal)]);
    if (!data.channels.length && !session.me.plan) data.plans = (await api.get("/v1/plans", { signal: context.signal }).catch(() => ({ items: [] }))).items;
    for (const channel of data.channels) if (stateName(channel) === "deleting") watchGone(channel);
    return data;
  },
  bones: () => bones(t("nav-channels"), "pass", 6),
  shown: (context) => {
    follow(context);
    openLinkAgain(context, context.data.channels);
    if (context.query.has("add")) { history.replaceState(null, "", "/channels"); openAdd(); }
  },
  view: ({ channels, plans }, context) => {
    if (!channels.length) return firstRun(plans ?? []);
    const plan = lookAhead(channels, daysLeft());
    const add = button(t("add-channel"), openAdd, { main: true, image: "plus", data: { key: "add" }, "aria-describedby": whyNoChannel() ? "used" : undefined });
    const top = head(t("nav-channels"), used(), add);
    top.querySelector("p").id = "used";
    return [
      topBanner(undefined, plan), top,
      h("div.stack",
        pass({
          days: daysLeft(), empty: daysLeft() === 0, says: coverSentence(daysLeft(), plan),
          foot: nextSentence(plan) || t("bought", { total: num(session.me.days.total), n: session.me.days.consumed }),
          links: [link("/balance", t("movements")), link("/plans", t("buy-days"))],
        }),
        ahead(channels, plan, context)),
    ];
  },
};
