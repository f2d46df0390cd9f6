/* Checkout: what is bought stands as a ticket; paying happens at PayPal, and we say only what we know. */

import { api, every, newKey } from "../api.js";
import { fullDay, money, nDays, t } from "../i18n/index.js";
import { busy, h, isBusy } from "../parts/dom.js";
import { lookAhead } from "../parts/days.js";
import { back, bones, head } from "../parts/page.js";
import { ticket } from "../parts/pass.js";
import { mend } from "../parts/problem.js";
import { daysLeft, refreshMe, session } from "../session.js";
import { per } from "./plans.js";

function pay(plan) {
  const problem = h("div");
  const act = h("button.button.main-action", { type: "submit" }, h("span", t("to-paypal")));
  const form = h("form.panel", { "aria-labelledby": "way-to-pay" },
    h("div.pad.form", h("div", h("h2#way-to-pay", t("pay-paypal")), h("p.quiet", t("pay-paypal.what", { price: money(plan.charged ?? plan.price), per: per(plan) }))),
      problem, act));
  const key = newKey();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(act)) return;
    problem.replaceChildren();
    const done = busy(act, t("asking-paypal"));
    try {
      const answer = await api.post("/v1/subscriptions", { plan_id: plan.id, payment_method: "paypal" }, { key });
      location.assign(answer.approval_url);
    } catch (error) {
      done();
      problem.replaceChildren(mend(error));
    }
  });
  return form;
}

function bought(plan, channels) {
  const after = daysLeft() + plan.days;
  const ahead = lookAhead(channels, after);
  return ticket({
    days: plan.days, label: t("what-you-buy"),
    rows: [
      [t("plan-for", { name: plan.name, per: per(plan) }), money(plan.price)],
      [t("balance-after"), nDays(after)],
      ahead.count > 0 && [t("keeps-on", { n: ahead.count }), fullDay(ahead.until)],
    ],
    total: [t("paypal-charges"), money(plan.charged ?? plan.price)],
  });
}

export default {
  title: "checkout",
  nav: "/plans",
  load: async ({ params, signal }) => {
    const [plan, channels] = await Promise.all([
      api.get(`/v1/plans/${params.id}`, { signal }), every("/v1/channels", { signal }), refreshMe(signal),
    ]);
    return { plan: plan.plan ?? plan, channels };
  },
  bones: () => bones(t("checkout"), 4),
  view: ({ plan, channels }) => {
    const had = session.me.plan;
    const sub = had ? t("checkout.change", { n: daysLeft() }) : t("checkout.sub");
    return [
      back("/plans", t("nav-plans")),
      head(t("pay-for", { name: plan.name }), sub),
      h("div.cols.loose", pay(plan), bought(plan, channels)),
    ];
  },
};
