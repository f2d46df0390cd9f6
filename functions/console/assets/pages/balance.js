/* Balance: the pass, the days over time, every movement. */

import { api, every, withQuery } from "../api.js";
import { knows, moment, num, rich, signed, t, when } from "../i18n/index.js";
import { bdi, h, link } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { lookAhead } from "../parts/days.js";
import { Pages, bones, head, nothing, panel } from "../parts/page.js";
import { coverSentence, pass } from "../parts/pass.js";
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
      : nothing({ title: t("m.none"), text: t("m.none.text"), action: link("/plans", t("see-plans"), { class: "button" }) }),
    entries.controls(t("m.pages"), context.redraw));
}

export default {
  title: "nav-balance",
  nav: "/balance",
  load: async (context) => {
    const { signal } = context;
    const read = (cursor) => api.get(withQuery("/v1/balance/entries", { limit: PAGE, cursor }), { signal });
    const [balance, entries, channels] = await Promise.all([
      api.get("/v1/balance", { signal }), new Pages(read).load(), every("/v1/channels", { signal }), refreshMe(signal),
    ]);
    return { balance, entries, channels };
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
          foot: [t("bought", { total: num(balance.days_total), n: balance.days_consumed }), frozen > 0 && ` · ${t("frozen", { n: frozen })}`],
          links: entries.items.length > 0 ? [h("a", { href: "#movements" }, t("movements"))] : [],
        }),
        overTime(entries, plan, days), movements(data, context)),
    ];
  },
};
