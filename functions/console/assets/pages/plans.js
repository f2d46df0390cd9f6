/* Plans: days compared as columns on one line, limits, and the plans that are talked about first. */

import { api } from "../api.js";
import { currentLanguage, knows, money, nDays, num, perDay, t } from "../i18n/index.js";
import { button, h, icon, link, strip, unseen } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { bones, head, nothing } from "../parts/page.js";
import { openLead } from "../dialogs/lead.js";
import { session } from "../session.js";

/* The text of a plan's button: word for word as the API has it, or the same in the reader's language. */
export const actionOf = (plan) => (currentLanguage() === "en" || !knows(`act.${plan.request_type}`) ? plan.action_label : t(`act.${plan.request_type}`));

export const per = (plan) => t(`per.${plan.billing_period}`);

const limits = (plan) => [
  h("strong", plan.channels_limit === null ? t("lim.channels.free") : t("lim.channels", { n: plan.channels_limit })),
  plan.daily_messages_limit === null ? t("lim.messages.free") : t("lim.messages", { n: plan.daily_messages_limit }),
  plan.bulk_messages_limit === null ? t("lim.bulk.free") : t("lim.bulk", { n: plan.bulk_messages_limit }),
  ...(Array.isArray(plan.features) ? plan.features.filter((one) => typeof one === "string") : []),
];

/* What PayPal charges stands beside our price where the two differ. */
export function prices(plan) {
  const daily = t("a-day", { price: perDay(plan.price, plan.days) });
  const other = plan.charged && plan.charged.currency !== plan.price.currency;
  return other ? t("a-day-paypal", { price: perDay(plan.price, plan.days), charged: money(plan.charged) }) : daily;
}

function column(plan) {
  const mine = session.me?.plan?.id === plan.id && session.me.plan.status === "active";
  const to = mine
    ? link("/payments", [t("manage"), unseen(` ${plan.name}`)], { class: "button" })
    : link(`/plans/${plan.id}/checkout`, [actionOf(plan), unseen(` ${plan.name}`)], { class: "button", data: { plan: plan.name } });
  return h("section.plan", { class: mine ? "current" : "", "aria-labelledby": `plan-${plan.id}` },
    strip({ class: "sheet", held: plan.days, pitch: 7, height: 9 }),
    h("h2", { id: `plan-${plan.id}` }, plan.name, mine && h("small", t("your-plan"))),
    h("p", h("strong", nDays(plan.days)), h("span.quiet", ` · ${per(plan)}`)),
    h("p.price", h("strong", money(plan.price)), h("small", prices(plan))),
    h("ul.limits", limits(plan).map((one) => h("li", one))), to);
}

function asked(plan) {
  const text = typeof plan.description === "string" ? plan.description : t(`ask.${plan.request_type}`);
  return h("section.panel", h("div", h("h2", plan.name), h("p", text)), button(actionOf(plan), () => openLead(plan, actionOf(plan))));
}

export default {
  title: "nav-plans",
  nav: "/plans",
  load: async ({ signal }) => (await api.get("/v1/plans?limit=100", { signal })).items.filter((plan) => plan.is_active !== false),
  bones: () => bones(t("nav-plans"), 9),
  view: (plans, { query }) => {
    const sold = plans.filter((plan) => plan.request_type === "paid").sort((a, b) => a.days - b.days || Number(a.price.amount) - Number(b.price.amount));
    const others = plans.filter((plan) => plan.request_type !== "paid");
    return [
      query.has("canceled")
        ? h("div.banner.wait", { role: "status" }, icon("info"), h("p", h("strong", t("r.left")), h("small", t("r.left.text"))))
        : topBanner(),
      head(t("nav-plans"), t("plans.sub", { days: num(90) })),
      plans.length
        ? h("div.stack", sold.length > 0 && h("div.plans", { class: `of-${Math.min(sold.length, 4)}` }, sold.map(column)), others.length > 0 && h("div.other-plans", others.map(asked)))
        : h("section.panel", nothing({ level: 2, title: t("plans.none"), text: t("plans.none.text") })),
    ];
  },
};
