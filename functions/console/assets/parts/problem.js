/* Failures in words: first what happened and what was not changed, then what to do, then a code to quote.
   The words come from the catalogue by code; a code we do not know is said as the API says it. */

import { knows, t } from "../i18n/index.js";
import { button, code, h, icon, link } from "./dom.js";

/* What ends a problem, where that is another page. */
const CURES = {
  no_plan: ["/plans", "see-plans"],
  no_days: ["/plans", "buy-days"],
  channel_limit_reached: ["/plans", "see-plans"],
  already_subscribed: ["/payments", "see-payments"],
};

/* What is said of a change that may have happened is not said of a page that was only read. */
const UNSURE = new Set(["no_answer", "provider_slow", "internal", "unexpected"]);

/* { title, text, instance } of any failure. */
export function explain(error, { reading = false } = {}) {
  const { code: name, detail, retryAfter, instance } = error ?? {};
  const values = { n: retryAfter ?? 0, detail: detail ?? "" };
  const known = name && knows(`e.${name}`);
  const title = known ? t(`e.${name}`, values) : error?.title || t("e.unexpected");
  if (reading && (!known || UNSURE.has(name))) return { title, text: t("e.reading.do"), instance };
  if (name === "too_many_requests" && !retryAfter) return { title, text: t("e.provider_unavailable.do"), instance };
  return { title, text: known ? t(`e.${name}.do`, values) : detail || t("e.unexpected.do"), instance };
}

const quoted = (instance) => instance && h("small", t("quote-code"), " ", code(instance));

/* Beside what failed: a tint, the reason, and what mends it. */
export function mend(error, retry, { tone = "", words = t("try-again"), more, reading } = {}) {
  const { title, text, instance } = explain(error, { reading });
  const cure = CURES[error?.code];
  const actions = [
    retry && button(words, retry, { image: "refresh" }),
    cure && link(cure[0], t(cure[1]), { class: "button" }),
    more,
  ].filter(Boolean);
  const el = h("div.mend", { class: tone, role: "alert" },
    h("p", h("strong", title), " ", text, quoted(instance)),
    actions.length > 0 && h("div.row-of", actions));
  /* In a long dialog it may stand below the edge. */
  queueMicrotask(() => el.scrollIntoView({ block: "nearest" }));
  return el;
}

/* In place of a page that could not be loaded. */
export function failedPanel(error, retry) {
  const { title, text, instance } = explain(error, { reading: true });
  return h("section.panel", { role: "alert" },
    h("div.nothing", icon("s-err"), h("h1", title), h("p", text, quoted(instance)),
      error?.code === "not_found"
        ? link(...(location.pathname.startsWith("/admin/") ? ["/admin", t("nav-billing")] : ["/channels", t("to-channels")]), { class: "button" })
        : button(t("try-again"), retry, { image: "refresh" })));
}

/* The fields that the API did not like: { name: words }. */
export function fieldErrors(error) {
  const found = {};
  for (const one of error?.errors ?? []) {
    const name = String(one.field ?? one.name ?? one.pointer ?? one.path ?? "").split(/[/.#]/).filter(Boolean).pop();
    if (name) found[name] = one.detail ?? one.message ?? one.text ?? "";
  }
  return found;
}
