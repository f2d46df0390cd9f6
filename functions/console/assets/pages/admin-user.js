/* One customer on one page: days and where they came from, the plan, the latest movements. Days can be given, and
   frozen ones released; nobody can take days away. */

import { api } from "../api.js";
import { openGrant } from "../dialogs/grant.js";
import { openRelease } from "../dialogs/release.js";
import { fullDay, num, signed, t, when } from "../i18n/index.js";
import { bdi, button, code, h, icon, ltr, strip } from "../parts/dom.js";
import { lotList, lotsNote } from "../parts/lots.js";
import { back, bones, nothing, panel } from "../parts/page.js";
import { nameOf, staffBanner, staffOnly } from "../parts/staff.js";

/* A tick each says nothing any more past this. */
const MOST_TICKS = 400;

function top({ customer, status }) {
  const [tone, image, words] = customer.suspended ? ["stop", "s-err", "u.suspended"] : ["ok", "s-ok", "u.active"];
  return h("div.page-head",
    h("div", h("h1", bdi(nameOf(customer))),
      h("p.titled", h("span.state", { class: tone }, icon(image), h("span", t(words))),
        customer.name && customer.email && ltr(customer.email), h("span", t("u.since", { date: fullDay(customer.created_at) })))),
    button(t("gr.title.short"), () => openGrant(customer, status.solvency), { main: true, data: { key: "grant" } }));
}

function days({ balance, lots: all }) {
  const figure = (name, value, small) => h("div", h("dt", t(name)), h("dd", num(value), small && h("small", small)));
  const left = balance.days_remaining;
  return panel({ title: t("u.days"), id: "days" }, h("div.pad.form",
    h("dl.figures",
      figure("u.left", left, balance.days_frozen > 0 && t("frozen", { n: balance.days_frozen })),
      figure("u.ever", balance.days_total),
      figure("u.given", all.reduce((sum, lot) => sum + lot.used, 0), balance.days_reserved > 0 && t("u.reserved", { n: balance.days_reserved }))),
    left > 0 && strip({ held: left > MOST_TICKS ? Math.ceil(left / 30) : left, pitch: 6, height: 26 })));
}

function plan({ id, plan: held, limits }) {
  const { used, limit } = limits.channels;
  const rows = [
    [t("col-plan"), held ? [bdi(held.name), held.end_at && h("small", t(held.status === "active" ? "u.until" : "u.ended", { date: fullDay(held.end_at) }))] : t("u.no-plan")],
    [t("nav-channels"), limit === null ? num(used) : t("u.of", { used: num(used), limit: num(limit) })],
    [t("st.id"), code(id)],
  ];
  return panel({ title: t("col-plan"), id: "plan" }, h("div.pad", h("dl.facts", rows.flatMap(([name, value]) => [h("dt", name), h("dd", value)]))));
}

function lots(customer) {
  const notes = new Map(customer.movements.map((one) => [one.id, one.note]));
  const act = (lot) => button(t("re.do", { n: lot.frozen }), () => openRelease(customer, lot), { data: { key: `release-${lot.entry_id}` } });
  return panel({ title: t("u.lots"), id: "lots", note: lotsNote(customer.lots) },
    customer.lots.length ? lotList(customer.lots, { notes, act }) : nothing({ title: t("lots.none"), text: t("u.lots.none") }));
}

/* The cause of a movement is "kind:id"; the words follow its first part. */
function what({ kind, cause }) {
  const from = String(cause ?? "").split(":")[0];
  return t({ credit: { paypal: "m.paypal", offline: "m.offline" }, debit: { extend: "u.debit" }, return: { void: "u.void", delete: "u.return" } }[kind]?.[from] ?? `m.${kind}`);
}

function movements({ movements: list }) {
  const row = (one) => h("tr", h("th.lead", { scope: "row" }, what(one), one.note && h("small", bdi(one.note))),
    h("td.rest", when(one.at)), h("td.num.key", h("span", { class: one.days < 0 ? "minus" : "plus" }, signed(one.days))));
  return panel({ title: t("m.title"), id: "movements", note: t("u.movements") }, list.length
    ? h("table.table", h("thead", h("tr", ["col-what", "col-when", "col-days"].map((key, index) => h("th", { scope: "col", class: index === 2 ? "num" : "" }, t(key))))), h("tbody", list.map(row)))
    : nothing({ title: t("m.none"), text: t("m.none.text") }));
}

export default {
  title: (data) => (data ? nameOf(data.customer) : t("customer")),
  nav: "/admin",
  frame: "admin",
  load: staffOnly(async ({ params, signal }) => ({ customer: await api.get(`/v1/admin/users/${encodeURIComponent(params.id)}`, { signal }) })),
  bones: () => bones(t("customer"), 4, 5),
  view: (data) => {
    const { customer } = data;
    return [
      staffBanner(data), back("/admin", t("nav-billing")), top(data),
      h("div.stack", h("div.cols", days(customer), plan(customer)), lots(customer), movements(customer)),
    ];
  },
};
