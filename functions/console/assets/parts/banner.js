/* One banner at a time, above the title: the gravest of what the account says. It holds the link that ends it. */

import { session } from "../session.js";
import { DAY_MS, now } from "../clock.js";
import { currentLanguage, day, fullDay, knows, rich, t } from "../i18n/index.js";
import { bdi, h, icon, link } from "./dom.js";

const TONES = {
  no_days: "stop", account_suspended: "stop", whapi_partner_token_invalid: "stop", sales_paused: "stop",
  plan_ending: "warn", plan_expired: "warn", payment_pending: "wait", plan_active: "ok",
};
const LINKS = {
  no_days: ["/plans", "buy-days"], plan_ending: ["/plans", "see-plans"], plan_expired: ["/plans", "see-plans"],
  payment_pending: ["/payments", "see-payments"], plan_active: ["/channels?add", "add-channel"],
  sales_paused: ["/admin", "nav-billing"], solvency_low: ["/admin", "nav-billing"],
};
const IMAGES = { stop: "s-err", warn: "s-soon", wait: "s-busy", ok: "s-ok" };
const LOW_DAYS = 7;
const ORDER = ["stop", "warn", "wait", "ok"];

const toneOf = (code) => TONES[code] ?? "warn";

/* English stands as the API wrote it, word for word; other languages have their own where we know the code. */
function wordsOf({ code, text }) {
  return currentLanguage() !== "en" && knows(`b.${code}`) ? t(`b.${code}`) : text;
}

export function banner(one) {
  const tone = toneOf(one.code);
  const [href, words] = LINKS[one.code] ?? [];
  return h("div.banner", { class: tone, role: tone === "stop" ? "alert" : "status", data: { code: one.code } },
    icon(IMAGES[tone]), h("p", h("strong", wordsOf(one))), href && href !== location.pathname && link(href, t(words)));
}

const daysUntil = (at) => Math.max(0, Math.floor((at - now()) / DAY_MS));

/* What the figures say themselves, where the API has no banner for it: what stands still, what soon will. */
function derived(ahead) {
  const { me } = session;
  const used = me?.limits?.channels?.used ?? 0;
  const soon = ahead?.first && daysUntil(ahead.until.getTime()) <= LOW_DAYS;
  if (used && soon) {
    return warning("warn", t("b.cover", { n: daysUntil(ahead.until.getTime()) }), rich("b.cover.more", { name: bdi(ahead.first.name), date: day(ahead.until) }), "buy-days");
  }
  if (used && me.days.remaining === 0) return warning(ahead && ahead.count < used ? "stop" : "warn", t("e.no_days"), t("b.no-days.more"), "buy-days");
  return ofPlan(me?.plan);
}

function ofPlan(plan) {
  if (!plan) return null;
  if (plan.status !== "active") return warning("warn", t("b.plan_expired"), null, "see-plans");
  const ends = !plan.renews && plan.end_at && daysUntil(Date.parse(plan.end_at)) <= LOW_DAYS;
  return ends ? warning("warn", t("b.plan_ending"), fullDay(plan.end_at), "see-plans") : null;
}

function warning(tone, title, more, cure) {
  return h("div.banner", { class: tone, role: "status" }, icon(IMAGES[tone]),
    h("p", h("strong", title), more && h("small", more)), link("/plans", t(cure)));
}

/* The gravest of these, or nothing: what stands above the pages of staff. */
export function gravest(list) {
  const [first] = [...list].sort((a, b) => ORDER.indexOf(toneOf(a.code)) - ORDER.indexOf(toneOf(b.code)));
  return first ? banner(first) : null;
}

/* The gravest banner of the account, or of these; else what the days ahead warn of. */
export const topBanner = (list = session.me?.banners ?? [], ahead = null) => gravest(list) ?? derived(ahead);
