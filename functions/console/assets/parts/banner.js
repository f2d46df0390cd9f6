/* One banner at a time, above the title: the gravest of what the account says. It holds the link that ends it. */

import { session } from "../session.js";
import { currentLanguage, knows, t } from "../i18n/index.js";
import { h, icon, link } from "./dom.js";

const TONES = {
  no_days: "stop", balance_zero: "stop", account_suspended: "stop", whapi_partner_token_invalid: "stop", payment_failed: "stop",
  cover_low: "warn", low_balance: "warn", plan_ending: "warn", plan_expired: "warn", channel_disconnected: "warn", subscription_suspended: "warn",
  payment_pending: "wait", plan_active: "ok",
};
const LINKS = {
  no_days: ["/plans", "buy-days"], balance_zero: ["/plans", "buy-days"], cover_low: ["/plans", "buy-days"], low_balance: ["/plans", "buy-days"],
  plan_ending: ["/plans", "see-plans"], plan_expired: ["/plans", "see-plans"], payment_failed: ["/payments", "see-payments"],
  payment_pending: ["/payments", "see-payments"], plan_active: ["/channels?add", "add-channel"],
};
const IMAGES = { stop: "s-err", warn: "s-soon", wait: "s-busy", ok: "s-ok" };
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
    icon(IMAGES[tone]), h("p", h("strong", wordsOf(one))), href && link(href, t(words)));
}

/* The gravest banner of the account, or of these. */
export function topBanner(list = session.me?.banners ?? []) {
  const [first] = [...list].sort((a, b) => ORDER.indexOf(toneOf(a.code)) - ORDER.indexOf(toneOf(b.code)));
  return first ? banner(first) : null;
}
