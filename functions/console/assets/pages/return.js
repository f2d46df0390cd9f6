/* Back from PayPal. What the address says proves nothing; the subscription is asked for until PayPal has spoken.
   Waiting looks like waiting, and one may leave. */

import { api, isAbort } from "../api.js";
import { fullDay, nDays, t } from "../i18n/index.js";
import { h, icon, link, pause, strip } from "../parts/dom.js";
import { head } from "../parts/page.js";
import { announce } from "../parts/toast.js";
import { daysLeft, refreshMe, session } from "../session.js";

const FIRST_MS = 2000;
const SLOWER_MS = 5000;
const SLOW_AFTER = 30;
/* About half an hour; after that the page says so and stops asking. */
const MOST_LOOKS = 330;

async function look({ signal, query }) {
  const wanted = query.get("subscription") ?? query.get("subscription_id");
  const { subscription } = await api.get("/v1/subscription", { signal });
  if (!subscription) return { state: "none" };
  const ours = !wanted || [subscription.id, subscription.paypal_subscription_id].includes(wanted);
  if (subscription.status === "active" && (ours || wanted?.startsWith("I-"))) return { state: "active", subscription };
  return { state: "waiting", subscription };
}

async function follow(context) {
  try {
    for (let turn = 0; turn < MOST_LOOKS && context.data.state === "waiting"; turn++) {
      await pause(turn < SLOW_AFTER ? FIRST_MS : SLOWER_MS, context.signal);
      const found = await look(context).catch((error) => { if (isAbort(error)) throw error; return null; });
      if (!found || found.state === "waiting") continue;
      await refreshMe(context.signal);
      context.data = found;
      context.redraw();
      if (found.state === "active") { announce(t("b.plan_active")); document.getElementById("main").focus(); }
    }
  } catch (error) { if (!isAbort(error)) throw error; }
}

const waiting = ({ subscription }) => [
  head(t("r.title")),
  h("div.banner.wait", { role: "status" }, icon("s-busy"), h("p", h("strong", t("r.waiting")), h("small", t("r.waiting.do")))),
  h("section.panel", h("div.nothing", h("h2", t("r.meanwhile")), h("p", t("r.meanwhile.text")), h("div.row-of", link("/channels", t("to-channels"), { class: "button" }),
    subscription?.approval_url && h("a", { href: subscription.approval_url }, t("r.not-approved"))))),
];

function active({ subscription }) {
  const days = daysLeft();
  const first = !session.me.limits?.channels?.used;
  return [
    head(t("r.title")),
    h("section.panel", h("div.pad.form",
      h("div.done-head", icon("s-ok"), h("div", h("h2", t("r.active", { name: session.me.plan?.name ?? "" })),
        h("p.quiet", subscription.end_at ? t("r.active.until", { n: days, date: fullDay(subscription.end_at) }) : nDays(days)))),
      days > 0 && strip({ held: Math.min(days, 400), pitch: 6, height: 22 }),
      first && h("p", t("b.plan_active")),
      h("div.row-of", link(first ? "/channels?add" : "/channels", t(first ? "add-channel" : "to-channels"), { class: "button main-action" }), link("/payments", t("see-payments"), { class: "button" })))),
  ];
}

const none = () => [
  head(t("r.title")),
  h("section.panel", h("div.nothing", h("h2", t("r.none")), h("p", t("r.none.text")), link("/plans", t("see-plans"), { class: "button" }))),
];

export default {
  title: "r.title",
  nav: "/plans",
  load: async (context) => {
    const found = await look(context);
    await refreshMe(context.signal);
    return found;
  },
  shown: follow,
  view: (data) => ({ waiting, active, none })[data.state](data),
};
