/* What we owed and what we had at WHAPI, day by day: bars and a line, and a sentence that says the same. */

import "../day-chart.js";
import { DAY_MS } from "../clock.js";
import { fullDay, inDays, t } from "../i18n/index.js";
import { h } from "../parts/dom.js";
import { panel } from "../parts/page.js";

/* Readings are kept by days of UTC. */
const dayOf = (reading) => Math.floor(Date.parse(reading.at) / DAY_MS);

/* One reading for each day from the first to today; a day without one is as the day before it. */
function daily(readings, current) {
  const known = new Map([...readings].reverse().map((one) => [dayOf(one), one]));
  known.set(dayOf(current), current);
  const all = [];
  for (let day = Math.min(...known.keys()); day <= dayOf(current); day++) all.push(known.get(day) ?? all.at(-1));
  return all;
}

const spare = (one) => one.partner_days - one.owed_days;

function sentence(all) {
  const known = all.filter((one) => one.partner_days !== null);
  if (!known.length) return t("ad.over.unknown");
  const least = known.reduce((low, one) => (spare(one) < spare(low) ? one : low));
  const short = known.filter((one) => spare(one) < 0).length;
  return short
    ? t("ad.over.short", { n: short, most: inDays(-spare(least)) })
    : t("ad.over.covered", { least: inDays(spare(least)), date: fullDay(least.at) });
}

export function solvencyOverTime(readings, current) {
  const all = daily(readings, current);
  const title = { title: t("ad.over"), id: "over-time", note: t("ad.over.note") };
  if (all.length < 2) return panel(title, h("div.pad", h("p.quiet", t("ad.over.first"))));
  const chart = document.createElement("day-chart");
  chart.setAttribute("height", "220");
  const names = { today: t("ad.over.owed"), line: t("ad.over.held"), table: t("as-table"), day: t("col-day"), value: t("ad.owed") };
  const data = {
    start: new Date((dayOf(current) - all.length + 1) * DAY_MS).toISOString().slice(0, 10), today: all.length - 1,
    values: all.map((one) => one.owed_days), line: all.map((one) => one.partner_days), marks: [], names,
  };
  queueMicrotask(() => { chart.data = data; });
  return panel(title, h("div.pad", h("figure.burn", chart, h("figcaption.quiet", sentence(all)))));
}
