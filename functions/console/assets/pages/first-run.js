/* Before the first channel: three steps, and where one stands. */

import { inDays, money, t } from "../i18n/index.js";
import { button, h, link } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { head } from "../parts/page.js";
import { pass } from "../parts/pass.js";
import { openAdd } from "../dialogs/add.js";
import { openLead } from "../dialogs/lead.js";
import { daysLeft, session } from "../session.js";
import { actionOf } from "./plans.js";

function step(number, now, title, text, act) {
  return h("li", { class: now ? "now" : "", "aria-current": now ? "step" : undefined },
    h("div", h("h2", title), h("p", text)), now ? act : number > 1 && h("span.later", t("after-step", { n: number - 1 })));
}

function foot(plans) {
  const first = plans.filter((plan) => plan.request_type === "paid").sort((a, b) => a.days - b.days)[0];
  return first ? t("first.foot", { name: first.name, days: inDays(first.days), price: money(first.price) }) : t("first.foot.plain");
}

export function firstRun(plans) {
  const days = daysLeft();
  const at = session.me.plan && days > 0 ? 2 : 1;
  const demo = plans.find((plan) => plan.request_type === "book_demo");
  return [
    topBanner(),
    head(t("nav-channels"), t("first.sub")),
    h("div.stack",
      pass({
        days, empty: days === 0, says: days > 0 ? t("cover-none", { n: days }) : t("first.says"),
        foot: days > 0 ? t("first.foot.days") : foot(plans), links: days > 0 ? [link("/balance", t("movements"))] : [],
      }),
      h("section.panel", { "aria-label": t("steps") }, h("ol.path",
        at > 1
          ? h("li", h("div", h("h2", t("first.1")), h("p", t("first.1.done", { name: session.me.plan.name }))), h("span.later", t("done")))
          : step(1, true, t("first.1"), t("first.1.text"), link("/plans", t("see-plans"), { class: "button main-action" })),
        step(2, at === 2, t("first.2"), t("first.2.text"), button(t("add-channel"), openAdd, { main: true, image: "plus" })),
        step(3, false, t("first.3"), t("first.3.text")))),
      demo && h("div.other-plans", h("section.panel",
        h("div", h("h2", t("first.demo")), h("p", t("first.demo.text"))), button(actionOf(demo), () => openLead(demo, actionOf(demo)))))),
  ];
}
