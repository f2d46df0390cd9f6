/* Balance: the pass, the days over time, where they came from, every movement. */

import { api, every, isAbort, withQuery } from "../api.js";
import { knows, moment, num, rich, signed, t, when } from "../i18n/index.js";
import { bdi, h, link } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { lookAhead } from "../parts/days.js";
import { lotList, lotsNote } from "../parts/lots.js";
import { Pages, bones, head, nothing, panel } from "../parts/page.js";
import { coverSentence, pass } from "../parts/pass.js";
import { mend } from "../parts/problem.js";
import { refreshMe, session } from "../session.js";
import { overTime } from "./balance-chart.js";

const PAGE = 20;

/* The cause of an entry is "kind:id"; the words follow its first part. */
function what(entry, names) {
  const from = String(entry.cause ?? "").split(":")[0];
  const name = names.get(entry.channel_id);
  const by = { credit: { paypal: "m.paypal", offline: "m.offline" }, return: { void: "m.void" } }[entry.kind]?.[from] ?? `m.${entry.kind}`;
  return !name && knows(`${by}.gone`) ? t(`${by}.gone`) : rich(by, { name: bdi(name) });
}

function movement(names) {
  return (entry) => h("tr", { data: { entry: entry.id } },
    h("th.lead", { scope: "row" }, what(entry, names), (entry.note ?? entry.reason) && h("small", entry.note ?? entry.reason)),
    h("td.rest", when(entry.at)),
    h("td.num.key", h("span", { class: entry.days < 0 ? "minus" : "plus" }, signed(entry.days))),
    h("td.num.rest", { data: { label: t("col-balance") } }, num(entry.balance_after)));
}

function movements({ entries, channels }, context) {
  const names = new Map(channels.map((channel) => [channel.id, channel.name]));
  return panel({ title: t("m.title"), id: "movements" },
    entries.items.length
      ? h("table.table",
        h("thead", h("tr", h("th", { scope: "col" }, t("col-what")), h("th", { scope: "col" }, t("col-when")), h("th.num", { scope: "col" }, t("col-days")), h("th.num", { scope: "col" }, t("col-balance")))),
        h("tbody", entries.items.map(movement(names))))
      : nothing({ title: t("m.none"), text: t("m.none.text") }),
    entries.controls(t("m.pages"), context.redraw));
}

/* A list that could not be read is not said to be empty. */
const readLots = (signal) => api.get("/v1/balance/lots", { signal }).catch((error) => { if (isAbort(error)) throw error; return { error }; });

/* Frozen and lapsed days are gone from the balance, but on no channel. */
const given = (balance, lots) => lots?.reduce((sum, lot) => sum + lot.used, 0) ?? balance.days_consumed - balance.days_frozen;

function origins({ lots: { items: lots, error }, entries }, context) {
  const notes = new Map(entries.items.map((entry) => [entry.id, entry.note]));
  const inside = error ? h("div.pad", mend(error, () => context.reload().catch(() => {}), { reading: true }))
    : lots.length ? lotList(lots, { notes })
      : nothing({ title: t("lots.none"), text: t("lots.none.text"), action: link("/plans", t("see-plans"), { class: "button" }) });
  return panel({ title: t("lots"), id: "lots", note: lots?.length > 0 && lotsNote(lots) }, inside);
}

export default {
  title: "nav-balance",
  nav: "/balance",
  load: async (context) => {
    const { signal } = context;
    const read = (cursor) => api.get(withQuery("/v1/balance/entries", { limit: PAGE, cursor }), { signal });
    const [balance, entries, channels, lots] = await Promise.all([
      api.get("/v1/balance", { signal }), new Pages(read).load(), every("/v1/channels", { signal }), readLots(signal), refreshMe(signal),
    ]);
    return { balance, entries, channels, lots };
  },
  bones: () => bones(t("nav-balance"), "pass", 6),
  view: (data, context) => {
    const { balance, channels, entries } = data;
    const days = balance.days_remaining;
    const plan = lookAhead(channels, days);
    const frozen = balance.days_frozen ?? session.me.days?.frozen ?? 0;
    return [
      topBanner(undefined, plan),
      head(t("nav-balance"), balance.last_update && t("updated", { at: moment(balance.last_update) }), link("/plans", t("buy-days"), { class: "button main-action" })),
      h("div.stack",
        pass({
          days, empty: days === 0, says: coverSentence(days, plan),
          foot: [t("bought", { total: num(balance.days_total), n: given(balance, data.lots.items) }), frozen > 0 && ` · ${t("frozen", { n: frozen })}`],
          links: entries.items.length > 0 ? [h("a", { href: "#lots" }, t("lots.link")), h("a", { href: "#movements" }, t("movements"))] : [],
        }),
        overTime(entries, plan, days), origins(data, context), movements(data, context)),
    ];
  },
};
