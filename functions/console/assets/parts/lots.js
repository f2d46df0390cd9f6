/* Lots: each credit or gift of days, and what is left of it: a sentence, the days as ticks, the number. Frozen and
   lapsing days are said plainly. What is used up is folded away where there is much of it. */

import { DAY_MS, now } from "../clock.js";
import { fullDay, num, t } from "../i18n/index.js";
import { bdi, h, icon, strip } from "./dom.js";

/* More ticks than these say nothing: then one stands for thirty days. */
const MOST_TICKS = 400;
const TICK_DAYS = 30;
/* As many are shown whatever is left of them. */
const FEW = 6;
/* Within so many days a date of lapse is a warning. */
const SOON_DAYS = 30;

function drawn({ days, used, left, frozen, lapsed }) {
  const ticks = (n) => (days > MOST_TICKS ? Math.ceil(n / TICK_DAYS) : n);
  return strip({ spent: ticks(used + lapsed), held: ticks(left), frozen: ticks(frozen), pitch: 5, height: 18 });
}

const said = (tone, image, words) => h("p.state", { class: tone }, icon(image, "small"), h("span", words));

function lapse({ left, lapsed, lapses_at: at }) {
  if (!at || left === 0) return lapsed > 0 && said("off", "s-off", t("lot.lapsed", { n: lapsed, date: at ? fullDay(at) : "" }));
  const soon = Date.parse(at) - now() < SOON_DAYS * DAY_MS;
  return said(soon ? "warn" : "off", soon ? "s-soon" : "clock", t("lot.lapses", { date: fullDay(at) }));
}

function one(lot, { notes, act }) {
  const values = { n: lot.days, date: fullDay(lot.at), used: num(lot.used), left: num(lot.left) };
  const note = notes?.get(lot.entry_id);
  return h("li", { data: { lot: lot.entry_id } },
    h("div", h("h3", t(String(lot.cause).startsWith("grant:") ? "lot.given" : "lot.bought", values)),
      note && h("small", bdi(note)),
      lot.frozen > 0 && said("stop", "s-err", t("lot.frozen", { n: lot.frozen })),
      lapse(lot), lot.frozen > 0 && act && h("div.row-of", act(lot))),
    drawn(lot),
    h("p.left", { "aria-hidden": "true" }, h("strong", num(lot.left)), h("small", t("lot.left", { n: lot.days }))));
}

const isAlive = (lot) => lot.left > 0 || lot.frozen > 0;

/* The list; `notes` has the reasons that people gave by entry, `act` what can be done about a frozen one. */
export function lotList(lots, more = {}) {
  const rows = (list) => h("ol.lots", list.map((lot) => one(lot, more)));
  const gone = lots.length > FEW ? lots.filter((lot) => !isAlive(lot)) : [];
  const shown = lots.filter((lot) => !gone.includes(lot));
  return [shown.length > 0 && rows(shown),
    gone.length > 0 && h("details.more-of", h("summary", t("lots.gone", { n: gone.length })), rows(gone))];
}

export const lotsNote = (lots) => t(lots.some((lot) => lot.lapses_at && lot.left > 0) ? "lots.note.lapse" : "lots.note");
