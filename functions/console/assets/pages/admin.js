/* Admin: what must be seen first. Partner days against days owed, and findings that wait for a person. */

import { api, every } from "../api.js";
import { moment, nDays, num, t, when } from "../i18n/index.js";
import { button, code, h, icon } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { bones, head, nothing, panel } from "../parts/page.js";
import { reloadPage } from "../router.js";
import { isAdmin } from "../session.js";

const CELL_DAYS = 30;
const MOST_CELLS = 60;

/* One mark is thirty days, or more where there are many: filled is owed, open is free to sell. */
function cells({ partner_days: held, owed_days: owed }) {
  const each = Math.max(CELL_DAYS, Math.ceil(held / MOST_CELLS / CELL_DAYS) * CELL_DAYS);
  const all = Math.ceil(held / each);
  const full = Math.min(all, Math.ceil(owed / each));
  return [
    h("div.cells.large", { "aria-hidden": "true" }, Array.from({ length: all }, (_, index) => h("i", { class: index < full ? "" : "free" }))),
    h("p.quiet", t("ad.cells", { n: each })),
  ];
}

const is = (value) => value !== null && value !== undefined;

function partner(balance, { solvency }) {
  /* A reading that failed is unknown, not zero. */
  const title = is(balance?.current_days)
    ? t("ad.partner", { days: num(balance.current_days), at: balance.received_at ? moment(balance.received_at) : "\u2013" })
    : t("ad.partner.unknown");
  const known = solvency && is(solvency.partner_days);
  const figure = (name, value, small) => h("div", h("dt", t(name)), h("dd", value, small && h("small", small)));
  return panel({ title, id: "partner-balance" }, h("div.pad.form",
    known && h("div.solvency", cells(solvency)),
    h("dl.figures",
      is(balance?.live_days) && figure("ad.live", nDays(balance.live_days), t("ad.live.what")),
      is(balance?.days_limit) && figure("ad.limit", nDays(balance.days_limit), t("ad.limit.what")),
      known && figure("ad.owed", nDays(solvency.owed_days ?? 0), t("ad.owed.what")),
      known && figure("ad.free", nDays(solvency.margin ?? 0), solvency.margin < 0 ? t("ad.short") : t("ad.free.what")))));
}

function finding(one) {
  return h("tr", h("th.lead", { scope: "row" }, h("span.state.warn", icon("s-soon"), h("span", one.text)), one.remedy && h("small", one.remedy)),
    h("td.rest.full", code(one.kind)),
    h("td.num.key.rest", when(one.found_at)));
}

export default {
  title: "nav-billing",
  nav: "/admin",
  frame: "admin",
  load: async ({ signal }) => {
    if (!isAdmin()) throw Object.assign(new Error("forbidden"), { code: "forbidden" });
    const [status, balance, findings] = await Promise.all([
      api.get("/v1/admin/status", { signal }), api.get("/v1/admin/partner-balance", { signal }).catch((error) => { if (error.code === "not_found") return null; throw error; }),
      every("/v1/admin/findings", { signal }),
    ]);
    return { status, balance, findings };
  },
  bones: () => bones(t("nav-billing"), 4, 5),
  view: ({ status, balance, findings }) => {
    const open = findings.filter((one) => !one.resolved_at);
    return [
      topBanner(status.banners ?? []),
      head(t("nav-billing"), t("ad.sub"), button(t("ad.again"), () => reloadPage(), { image: "refresh" })),
      h("div.stack", partner(balance, status),
        panel({ title: t("ad.findings"), note: t("ad.findings.note") }, open.length
          ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("ad.what")), h("th", { scope: "col" }, t("c.kind")), h("th.num", { scope: "col" }, t("col-when")))), h("tbody", open.map(finding)))
          : nothing({ title: t("ad.none"), text: t("ad.none.text") }))),
    ];
  },
};
