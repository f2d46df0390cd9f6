/* Billing & Balances: the days that we have at WHAPI beside those that we owe, now and day by day, and the way to a
   customer. A reading that failed is unknown, not zero. */

import { api } from "../api.js";
import { moment, nDays, num, t } from "../i18n/index.js";
import { button, h, icon, link } from "../parts/dom.js";
import { check, field } from "../parts/field.js";
import { bones, head, panel } from "../parts/page.js";
import { pageOf, staffBanner, staffOnly } from "../parts/staff.js";
import { go, reloadPage } from "../router.js";
import { solvencyOverTime } from "./admin-chart.js";

const CELL_DAYS = 30;
const MOST_CELLS = 60;
const ACCOUNT = /^usr_[0-9a-z]{26}$/;

const is = (value) => value !== null && value !== undefined;

/* One mark is thirty days, or more where there are many: filled is owed and there, open is free to sell, red is owed
   but not there. */
function cells({ partner_days: held, owed_days: owed }) {
  const most = Math.max(held, owed);
  const each = Math.max(CELL_DAYS, Math.ceil(most / MOST_CELLS / CELL_DAYS) * CELL_DAYS);
  const [all, there, due] = [most, held, owed].map((days) => Math.ceil(Math.max(0, days) / each));
  const kind = (index) => (index >= there ? "lack" : index >= due ? "free" : "");
  return h("div.solvency",
    h("div.cells.large", { "aria-hidden": "true" }, Array.from({ length: all }, (_, index) => h("i", { class: kind(index) }))),
    h("p.quiet", t(owed > held ? "ad.cells.lack" : "ad.cells", { n: each })));
}

const figure = (name, value, small) => h("div", h("dt", t(name)), h("dd", value, small && h("small", small)));

function figures(balance, { partner_days: held, owed_days: owed, margin }) {
  const live = balance?.live_days ?? held;
  return h("dl.figures",
    figure("ad.live", is(live) ? nDays(live) : t("ad.unknown"), t(is(live) ? "ad.live.what" : "ad.unknown.what")),
    figure("ad.owed", nDays(owed ?? 0), t("ad.owed.what")),
    is(margin) && (margin < 0 ? figure("ad.missing", nDays(-margin), t("ad.short")) : figure("ad.free", nDays(margin), t("ad.free.what"))),
    is(balance?.days_limit) && figure("ad.limit", nDays(balance.days_limit), t("ad.limit.what")));
}

function sales({ margin }) {
  const [tone, image, key] = !is(margin) ? ["wait", "s-busy", "ad.sales.unknown"] : margin < 0 ? ["stop", "s-err", "ad.sales.paused"] : ["ok", "s-ok", "ad.sales.open"];
  return h("li", icon(image, tone), h("span", t(key), h("small", t(`${key}.what`))));
}

function waits(findings) {
  const n = findings.length;
  return h("li", icon(n ? "s-soon" : "s-ok", n ? "warn" : "ok"),
    h("span", n ? link("/admin/findings", t("ad.waiting", { n })) : t("ad.none"), n > 0 && h("small", t("ad.findings.note"))));
}

function partner({ balance, status: { solvency }, findings }) {
  const title = is(balance?.current_days)
    ? t("ad.partner", { days: num(balance.current_days), at: balance.received_at ? moment(balance.received_at) : "\u2013" })
    : t("ad.partner.unknown");
  return panel({ title, id: "partner-balance" }, h("div.pad.form",
    is(solvency.partner_days) && cells(solvency), figures(balance, solvency),
    h("ul.findings.across", sales(solvency), waits(findings))));
}

/* The way to a customer whose number one has: from a finding, or from the customer. */
function finder() {
  const act = h("button.button", { type: "submit" }, h("span", t("ad.open")));
  const id = field({ label: t("st.id"), help: t("ad.find.help", { usr: "usr_" }), name: "id", required: true, autocomplete: "off", spellcheck: "false", dir: "ltr", beside: act });
  const form = h("form.pad", { novalidate: true }, h("div.finder", id.el));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = id.value && !ACCOUNT.test(id.value) ? { id: t("ad.find.wrong", { usr: "usr_" }) } : {};
    if (check([id], wrong)) go(pageOf(id.value));
  });
  return panel({ title: t("ad.find") }, form);
}

export default {
  title: "nav-billing",
  nav: "/admin",
  frame: "admin",
  load: staffOnly(async ({ signal }) => {
    const [balance, days] = await Promise.all([
      api.get("/v1/admin/partner-balance", { signal }), api.get("/v1/admin/solvency/days", { signal }),
    ]);
    return { balance, days: days.items };
  }),
  bones: () => bones(t("nav-billing"), 4, 5),
  view: (data) => [
    staffBanner(data),
    head(t("nav-billing"), t("ad.sub"), button(t("ad.again"), () => reloadPage(), { image: "refresh", data: { key: "again" } })),
    h("div.stack", partner(data), solvencyOverTime(data.days, data.status.solvency), finder()),
  ],
};
