/* The pass: a stub with the number, a tear line, the days themselves. At most one to a view. */

import { fullDay, day, inDays, num, rich, t } from "../i18n/index.js";
import { bdi, h, strip } from "./dom.js";

/* Past this many days a tick each says nothing any more: one stands for thirty. */
const MOST_TICKS = 400;
const TICK_DAYS = 30;

const ticks = (days) => (days > MOST_TICKS ? Math.ceil(days / TICK_DAYS) : days);

/* What the days are good for, said as a date. */
export function coverSentence(days, plan) {
  if (!plan || !plan.count) return days > 0 ? t("cover-none", { n: days }) : t("cover-empty");
  if (days === 0) return t("cover-zero", { n: plan.count, date: fullDay(plan.until) });
  return t("cover", { n: plan.count, date: fullDay(plan.until) });
}

export function nextSentence(plan) {
  const next = plan?.renewals[0];
  return next ? rich("next", { days: inDays(next.days), name: bdi(next.name), date: day(next.at) }) : "";
}

export function pass({ days, says, foot, links = [], empty = false }) {
  const drawn = empty ? strip({ spent: 90, pitch: 6, height: 20 }) : strip({ held: ticks(days), pitch: 6, height: 30 });
  return h("section.pass", { "aria-labelledby": "pass-title" },
    h("div",
      h("p", h("strong.count", num(days))),
      h("h2.unit#pass-title", t("in-balance", { n: days }))),
    h("div.body",
      h("p.says", says),
      (days > 0 || empty) && drawn,
      h("div.foot", h("span", foot), links.length > 0 && h("span.links", links))));
}

/* The same pass standing up: what is bought, and receipts. */
export function ticket({ days, rows, total, label, pitch = 4, height = 12 }) {
  return h("div.ticket", { "aria-label": label, role: label ? "group" : undefined, class: days > 180 ? "tall" : "" },
    h("div",
      h("p.count", num(days), " ", h("span", t("days-unit", { n: days }))),
      strip({ held: ticks(days), pitch: days > 180 ? 3 : pitch, height: days > 180 ? 10 : height })),
    h("dl.sum",
      rows.filter(Boolean).map(([name, value]) => h("div", h("dt", name), h("dd", value))),
      total && h("div.total", h("dt", total[0]), h("dd", total[1]))));
}
