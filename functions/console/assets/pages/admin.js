/* Admin: what must be seen first. Partner days against days owed, and findings that wait for a person. */

import { api, every, newKey } from "../api.js";
import { moment, num, t, when } from "../i18n/index.js";
import { busy, button, code, h, icon, isBusy, unseen } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { field } from "../parts/field.js";
import { bones, head, nothing, panel } from "../parts/page.js";
import { mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
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

function partner(balance, { solvency }) {
  /* A reading that failed is unknown, not zero. */
  const title = balance?.current_days !== null && balance?.current_days !== undefined
    ? t("ad.partner", { days: num(balance.current_days), at: balance.received_at ? moment(balance.received_at) : "\u2013" })
    : t("ad.partner.unknown");
  const known = solvency && solvency.partner_days !== null && solvency.partner_days !== undefined;
  const figure = (name, value, small) => h("div", h("dt", t(name)), h("dd", value, small && h("small", small)));
  return panel({ title, id: "partner-balance" }, h("div.pad.form",
    known && h("div.solvency", cells(solvency)),
    solvency && h("dl.figures",
      figure("ad.owed", t("n-days", { n: solvency.owed_days ?? 0 }), t("ad.owed.what")),
      known && figure("ad.free", t("n-days", { n: solvency.margin ?? 0 }), solvency.margin < 0 ? t("ad.short") : t("ad.free.what")),
      balance?.live_days !== null && balance?.live_days !== undefined && figure("ad.live", t("n-days", { n: balance.live_days }), t("ad.live.what")))));
}

function resolve(finding) {
  const note = field({ label: t("ad.note"), help: t("ad.note.help"), name: "note", rows: 3, required: true });
  const problem = h("div");
  const act = button(t("ad.resolve"), async () => {
    if (isBusy(act)) return;
    const done = busy(act);
    try {
      await api.post(`/v1/admin/findings/${finding.id}/resolve`, { note: note.value }, { key: newKey() });
      dialog.close();
      toast(t("ad.resolved"));
      reloadPage();
    } catch (error) { problem.replaceChildren(mend(error)); } finally { done(); }
  }, { main: true });
  const dialog = openDialog({ title: t("ad.resolve.title"), sub: finding.text ?? finding.detail ?? finding.kind, body: h("div.pad.form", note.el, problem), foot: [cancelButton(() => dialog), act] });
}

function finding(one) {
  const words = one.text ?? one.detail ?? one.kind ?? one.code;
  return h("tr", h("th.lead", { scope: "row" }, h("span.state.warn", icon("s-soon"), h("span", words)),
    h("small", code(one.kind && one.kind !== words ? `${one.kind} · ${one.id}` : one.id))),
  h("td.rest", when(one.at ?? one.created_at ?? one.found_at)),
  h("td.num.key", button([t("ad.resolve"), unseen(` ${words}`)], () => resolve(one), { class: "row-action" })));
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
          ? h("table.table", h("thead", h("tr", h("th", { scope: "col" }, t("col-what")), h("th", { scope: "col" }, t("col-when")), h("th", { scope: "col" }, unseen(t("action"))))), h("tbody", open.map(finding)))
          : nothing({ title: t("ad.none"), text: t("ad.none.text") }))),
    ];
  },
};
