/* The balance as a picture: one bar a day, from the newest movements back to the oldest read, and ahead as
   renewals will take it. Drawn only while the newest page is shown. */

import "../day-chart.js";
import { DAY_MS, now } from "../clock.js";
import { currentZone, signed, t } from "../i18n/index.js";
import { h } from "../parts/dom.js";
import { panel } from "../parts/page.js";

const AHEAD_DAYS = 40;
const LONGEST_DAYS = 120;
/* Fewer days show nothing that the number does not. */
const SHORTEST_DAYS = 3;

const dayOf = (instant) => {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: currentZone(), year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(instant));
  return Date.parse(`${parts}T00:00:00Z`) / DAY_MS;
};

export function overTime(entries, plan, days) {
  if (entries.number > 1 || entries.items.length < 2) return null;
  const today = dayOf(now());
  const oldest = [...entries.items].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = Math.max(dayOf(oldest[0].at), today - LONGEST_DAYS);
  if (today - first < SHORTEST_DAYS) return null;
  const values = [];
  for (let at = first; at <= today; at++) {
    const known = oldest.filter((entry) => dayOf(entry.at) <= at).at(-1);
    values.push(at === today ? days : Math.max(0, known?.balance_after ?? 0));
  }
  let left = days;
  for (let at = today + 1; at <= today + AHEAD_DAYS; at++) {
    for (const renewal of plan.renewals) if (dayOf(renewal.at) === at) left -= renewal.days;
    values.push(Math.max(0, left));
  }
  const marks = oldest.filter((entry) => entry.days > 0 && ["credit", "grant"].includes(entry.kind) && dayOf(entry.at) >= first && dayOf(entry.at) < today)
    .map((entry) => [dayOf(entry.at) - first, signed(entry.days)]);
  const chart = document.createElement("day-chart");
  chart.setAttribute("height", "220");
  const names = { today: t("today"), zero: t("all-given"), table: t("as-table"), day: t("col-day"), value: t("col-days") };
  queueMicrotask(() => { chart.data = { start: new Date(first * DAY_MS).toISOString().slice(0, 10), today: today - first, values, marks, names }; });
  return panel({ title: t("over-time"), note: t("over-time.note") },
    h("div.pad", h("figure.burn", chart, h("figcaption.quiet", t("over-time.says")))));
}
