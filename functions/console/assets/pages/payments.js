/* Payments: the plan that runs, what waits, the list with receipts. A receipt prints alone. */

import { api, newKey, withQuery } from "../api.js";
import { fullDay, money, moment, nDays, rich, t, whole } from "../i18n/index.js";
import { bdi, busy, button, code, h, icon, isBusy, link } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { Pages, bones, head, nothing, panel } from "../parts/page.js";
import { ticket } from "../parts/pass.js";
import { mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { go, reloadPage } from "../router.js";
import { refreshMe, session } from "../session.js";

const PAGE = 20;

const planName = (one) => one.plan?.name ?? one.plan_name ?? (typeof one.plan === "string" ? one.plan : "");
const paidAt = (one) => one.paid_at ?? one.date ?? one.at ?? one.created_at;
const sum = (one) => (one.amount?.currency ? one.amount : { amount: one.amount, currency: one.currency });
const method = (one) => t(`by.${one.payment_method ?? one.method ?? "paypal"}`);

function row(payment) {
  const open = h("button.as-link", { type: "button", data: { key: `receipt-${payment.id}` }, on: { click: () => go(`/payments/${encodeURIComponent(payment.id)}`) } },
    payment.number ? t("receipt-n", { number: payment.number }) : t("receipt"));
  return h("tr",
    h("th.lead", { scope: "row" }, planName(payment) || t("a-plan"), h("small", bdi(method(payment)), payment.days ? [" · ", bdi(nDays(payment.days))] : "")),
    h("td.rest.full", whole(paidAt(payment))), h("td.num.key", h("strong", money(sum(payment)))), h("td.rest.full.to-end", open));
}

/* A receipt: number, date, plan, amount, days. */
async function openReceipt(id, context) {
  const problem = h("div.pad", h("p.bones", "\u00a0"));
  const dialog = openDialog({ title: t("receipt"), body: problem, onClose: () => { if (location.pathname.startsWith("/payments/")) history.replaceState(null, "", "/payments"); } });
  try {
    const answer = await api.get(`/v1/payments/${encodeURIComponent(id)}/receipt`, { signal: dialog.signal });
    const one = answer.receipt ?? answer;
    const to = one.customer?.name ?? one.customer ?? session.me.name ?? session.me.email;
    dialog.name(t("receipt-n", { number: one.number ?? one.id ?? id }), rich("receipt-to", { date: fullDay(paidAt(one)), name: bdi(to) }));
    const reference = one.reference ?? one.sale_id ?? one.provider_ref;
    dialog.body(h("div.pad.stack", ticket({
      days: one.days ?? 0,
      rows: [
        [t("col-plan"), planName(one)], [t("paid-by"), method(one)], reference && [t("reference"), code(reference)],
        [t("paid-on"), moment(paidAt(one))], one.price && one.price.currency !== sum(one).currency && [t("price"), money(one.price)],
      ],
      total: [t("amount"), money(sum(one))],
    })));
    dialog.foot(button(t("close"), () => dialog.close()), button(t("print"), () => print(), { main: true }));
  } catch (error) {
    if (!context.signal.aborted && !dialog.signal.aborted) dialog.body(h("div.pad", mend(error)));
  }
}

function openCancel(subscription) {
  const problem = h("div");
  const key = newKey();
  const act = button(t("stop-renewals"), async () => {
    if (isBusy(act)) return;
    const done = busy(act);
    try {
      await api.post(`/v1/subscriptions/${subscription.id}/cancel`, {}, { key });
      await refreshMe().catch(() => {});
      dialog.close();
      toast(t("renewals-stopped"));
      reloadPage();
    } catch (error) { problem.replaceChildren(mend(error)); } finally { done(); }
  }, { danger: true });
  const dialog = openDialog({
    title: t("stop-title"),
    body: h("div.pad.form", h("p", subscription.end_at ? t("stop-what", { date: fullDay(subscription.end_at) }) : t("stop-what-plain")), problem),
    foot: [cancelButton(() => dialog, t("keep-plan")), act],
  });
}

function current({ subscription, next_payment_at: next }) {
  if (!subscription) return null;
  /* While another plan waits for PayPal, the one that was bought before still holds, and can be stopped. */
  const held = subscription.status === "pending" ? session.me.plan : null;
  const now = held ? { id: held.subscription_id, status: held.status === "active" ? "active" : "expired", end_at: held.end_at } : subscription;
  const name = held?.name || planName(subscription) || session.me.plan?.name || t("a-plan");
  const looks = { active: ["ok", "s-ok"], pending: ["wait", "s-busy"], canceled: ["off", "s-off"], expired: ["off", "s-off"], suspended: ["stop", "s-err"] };
  const [tone, image] = looks[now.status] ?? looks.pending;
  const rows = [
    ["col-state", h("span.state", { class: tone }, icon(image), h("span", t(`sub.${now.status}`)))],
    ["paid-by", method(subscription)],
    now.end_at && ["runs-until", fullDay(now.end_at)],
    next && ["next-payment", fullDay(next)],
  ].filter(Boolean);
  const stops = held ? held.renews && now.status === "active" : subscription.renews ?? (subscription.status === "active" && subscription.payment_method === "paypal");
  return panel({ title: t("plan-of", { name }), note: h("span.row-of", link("/plans", t("change-plan"))) },
    h("div.pad.form", h("dl.facts", rows.flatMap(([key, value]) => [h("dt", t(key)), h("dd", value)])),
      subscription.note && h("p", subscription.note),
      subscription.status === "pending" && h("div.mend.wait", h("p", h("strong", held && [bdi(planName(subscription)), ": "], t("r.waiting")), " ", t("sub.pending.do")),
        subscription.approval_url && h("div.row-of", h("a.button", { href: subscription.approval_url }, t("to-paypal")))),
      stops && h("div.row-of", button(t("stop-renewals"), () => openCancel(now), { danger: true }))));
}

export default {
  title: "nav-payments",
  nav: "/payments",
  load: async ({ signal }) => {
    const read = (cursor) => api.get(withQuery("/v1/payments", { limit: PAGE, cursor }), { signal });
    const [running, payments] = await Promise.all([api.get("/v1/subscription", { signal }), new Pages(read).load(), refreshMe(signal)]);
    return { running, payments };
  },
  bones: () => bones(t("nav-payments"), 3, 6),
  shown: (context) => { if (context.params.receipt) openReceipt(context.params.receipt, context); },
  view: ({ running, payments }, context) => {
    const heads = [["col-plan"], ["col-when"], ["amount", "num"], ["receipt", "to-end"]];
    return [
      topBanner(),
      head(t("nav-payments"), t("payments.sub")),
      h("div.stack", current(running),
        panel({ title: t("payments.list") },
          payments.items.length
            ? h("table.table", h("thead", h("tr", heads.map(([key, kind]) => h("th", { scope: "col", class: kind ?? "" }, t(key))))), h("tbody", payments.items.map(row)))
            : nothing({ title: t("payments.none"), text: t("payments.none.text"), action: link("/plans", t("see-plans"), { class: "button" }) }),
          payments.controls(t("nav-payments"), context.redraw))),
    ];
  },
};
