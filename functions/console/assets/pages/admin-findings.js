/* Findings: what the product will not guess at. What was seen, since when, what to do about it, and the button that
   takes it off the list. */

import { openResolve } from "../dialogs/resolve.js";
import { t, when } from "../i18n/index.js";
import { button, h, icon, link, unseen } from "../parts/dom.js";
import { remedyOf, seen, titleOf } from "../parts/finding.js";
import { bones, head, nothing, panel } from "../parts/page.js";
import { pageOf, staffBanner, staffOnly } from "../parts/staff.js";

function row(one) {
  const title = titleOf(one);
  const act = button(t("f.resolve"), () => openResolve(one), { label: `${t("f.resolve")}: ${title}`, data: { key: `resolve-${one.id}` } });
  act.classList.add("row-action");
  return h("tr", { data: { kind: one.kind } },
    h("th.lead", { scope: "row" }, h("span.state.warn", icon("s-soon"), h("span", title)), h("small", seen(one)),
      h("small", h("strong", t("f.do")), " ", remedyOf(one)), one.user_id && h("p", link(pageOf(one.user_id), t("f.customer"), { data: { key: `customer-${one.id}` } }))),
    h("td.num.key.rest", when(one.found_at)),
    h("td.num.act", act));
}

function table(findings) {
  const heads = [["ad.what"], ["f.since", "num"]];
  return h("table.table.findings-list",
    h("thead", h("tr", heads.map(([key, kind]) => h("th", { scope: "col", class: kind ?? "" }, t(key))), h("th", { scope: "col" }, unseen(t("action"))))),
    h("tbody", findings.map(row)));
}

export default {
  title: "nav-findings",
  nav: "/admin/findings",
  frame: "admin",
  load: staffOnly(),
  bones: () => bones(t("nav-findings"), 6),
  view: (data) => [
    staffBanner(data),
    head(t("nav-findings"), t("ad.findings.sub")),
    panel({ title: t("f.open"), note: t("newest-first") },
      data.findings.length ? table(data.findings) : nothing({ title: t("ad.none"), text: t("ad.none.text") })),
  ],
};
