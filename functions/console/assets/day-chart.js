/* <day-chart>: days that are there, one bar a day, drawn for the width there is, so that text is never scaled.
   Where there is little room the oldest days are left out; today and what comes stay.
   Time runs with the reading direction: x is mirrored, text never. chart.data = {
     start   "2026-09-01"
     values  [v, v, …], one a day; nothing is a red dash
     today   index of today; later days are drawn as planned
     line    [v, v, …], a second figure, drawn as a step line; bars above it turn red; null is unknown
     marks   [[index, "+180"], …]
     names   { today, zero, line, table, day, value } }
   The details under it hold the same as a table. Colours come from the style sheet. */

import { svg as shape } from "./parts/dom.js";

const DAY_MS = 86400000;
const FOOT = 24;
const ROOF = 26;
const LOCALES = { en: "en-GB", ar: "ar-BH-u-nu-latn-ca-gregory", sw: "sw-KE" };

/* Two to four lines at round figures: 1, 2 or 5 and noughts. */
function stepFor(top) {
  const rough = Math.max(1, top / 3.1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
}

function element(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

class DayChart extends HTMLElement {
  #data;
  #room = new ResizeObserver(() => this.draw());

  set data(data) { this.#data = data; this.draw(); this.#asTable(); }

  connectedCallback() { this.#room.observe(this); }

  disconnectedCallback() { this.#room.disconnect(); }

  get #locale() { return LOCALES[document.documentElement.lang] ?? LOCALES.en; }

  #dates(options) {
    const format = new Intl.DateTimeFormat(this.#locale, { timeZone: "UTC", ...options });
    return (index) => format.format(Date.parse(this.#data.start) + index * DAY_MS);
  }

  /* Where everything stands for this width: which days have room, how high a value is, which side is first. */
  #plan(width, height) {
    const { values, today, line = [] } = this.#data;
    const number = new Intl.NumberFormat(this.#locale);
    const high = Math.max(1, ...values, ...line);
    const axis = 13 + 7 * number.format(Math.ceil(high / stepFor(high)) * stepFor(high)).length;
    const room = Math.min(values.length, Math.floor((width - axis) / 4.5));
    const ahead = Math.min(values.length - today - 1, Math.floor(room * 0.65));
    const from = Math.max(0, today + 1 + ahead - room);
    const shown = Math.min(room, values.length - from);
    const pitch = (width - axis) / shown;
    const base = height - FOOT;
    const most = Math.max(1, ...values.slice(from, from + shown), ...line.slice(from, from + shown));
    const step = stepFor(most);
    const above = Math.ceil(most / step) * step;
    const top = above < most * 1.12 ? above : most;
    const rtl = getComputedStyle(this).direction === "rtl";
    return {
      axis, base, from, number, pitch, shown, step, top, width, rtl,
      bar: Math.min(this.#data.line ? 56 : 22, Math.max(2, Math.round(pitch * 0.6))),
      at: (index) => axis + (index - from) * pitch,
      y: (value) => base - (value / top) * (base - ROOF),
      mirror: (x, w = 0) => (rtl ? width - x - w : x).toFixed(1),
      within: (index) => index >= from && index < from + shown,
    };
  }

  draw() {
    const width = Math.floor(this.getBoundingClientRect().width);
    if (!this.#data || width < 60) return;
    const height = Number(this.getAttribute("height") ?? 220);
    const plan = this.#plan(width, height);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    const write = (x, y, text, more = {}) =>
      svg.append(shape("text", { x: plan.mirror(x), y: y.toFixed(1), direction: plan.rtl ? "rtl" : "ltr", ...more }, String(text)));
    this.#grid(svg, write, plan);
    this.#bars(svg, plan);
    this.#line(svg, write, plan);
    this.#words(svg, write, plan);
    this.#days(write, plan);
    this.replaceChildren(svg);
  }

  #grid(svg, write, { axis, base, mirror, number, step, top, width, y }) {
    for (let value = step; value <= top; value += step) {
      svg.append(shape("path", { class: "grid", d: `M${mirror(axis)} ${y(value).toFixed(1)}H${mirror(width)}` }));
      write(axis - 8, y(value) + 4, number.format(value), { "text-anchor": "end" });
    }
    write(axis - 8, base + 4, "0", { "text-anchor": "end" });
  }

  #bars(svg, { at, axis, bar, base, from, mirror, shown, width, y }) {
    const { values, today, line } = this.#data;
    const above = (index) => line && line[index] !== null && values[index] > line[index];
    const paths = { zero: "", next: "", past: "" };
    for (let index = from; index < from + shown; index++) {
      const value = values[index];
      const tall = value === 0 ? 3 : Math.max(2, base - y(value));
      const name = above(index) || (value === 0 && !line) ? "zero" : index > today ? "next" : "past";
      paths[name] += `M${mirror(at(index), bar)} ${(base - tall).toFixed(1)}h${bar}v${tall.toFixed(1)}h-${bar}z`;
    }
    for (const [name, d] of Object.entries(paths)) if (d) svg.append(shape("path", { class: name, d }));
    svg.append(shape("path", { class: "base", d: `M${mirror(axis)} ${base + 0.5}H${mirror(width)}` }));
  }

  /* Where the second figure is not known the line is broken. */
  #line(svg, write, { at, axis, from, mirror, pitch, shown, y }) {
    const { line, names } = this.#data;
    if (!line) return;
    let [d, open] = ["", false];
    for (let index = from; index < from + shown; index++) {
      const known = line[index] !== null;
      if (known) d += `${open ? "L" : "M"}${mirror(at(index))} ${y(line[index]).toFixed(1)}L${mirror(at(index) + pitch)} ${y(line[index]).toFixed(1)}`;
      open = known;
    }
    svg.append(shape("path", { class: "line", d }));
    const first = line.findIndex((value, index) => index >= from && value !== null);
    if (first >= 0) write(Math.max(axis, at(first)) + 4, y(line[first]) - 8, names.line, { class: "strong" });
  }

  #words(svg, write, { at, axis, bar, base, mirror, number, pitch, width, within, y }) {
    const { values, today, marks, names } = this.#data;
    const x = at(today) + bar / 2;
    const end = x > axis + (width - axis) * 0.72;
    svg.append(shape("path", { class: "today", d: `M${mirror(x)} ${base}V10` }));
    write(end ? x - 6 : x + 6, 18, `${names.today} ${number.format(values[today])}`, { class: "strong", "text-anchor": end ? "end" : "start" });
    for (const [index, text] of marks) {
      if (within(index)) write(at(index), y(values[index]) - 6, `\u200e${text}`, { class: "strong" }); /* the sign stays in front */
    }
    if (names.zero && values.at(-1) === 0 && within(values.length - 1)) {
      const under = values.slice(-Math.ceil((names.zero.length * 6.5) / pitch));
      write(width, y(Math.max(...under)) - 12, names.zero, { "text-anchor": "end" });
    }
  }

  /* Under it: the first of each month, or every seventh day from today. */
  #days(write, { at, axis, base, from, shown, width }) {
    const months = shown > 45;
    const label = this.#dates({ day: "numeric", month: "short" });
    let free = axis;
    for (let index = from; index < from + shown; index++) {
      const first = new Date(Date.parse(this.#data.start) + index * DAY_MS).getUTCDate() === 1;
      if (months ? !first : (this.#data.today - index) % 7 !== 0) continue;
      const text = label(index);
      const wide = text.length * 7;
      const last = at(index) + wide > width;
      const begin = last ? width - wide : at(index);
      if (begin < free) continue;
      write(last ? width : at(index), base + 18, text, { "text-anchor": last ? "end" : "start" });
      free = begin + wide + 12;
    }
  }

  /* The same as a table: only the days on which something changed. */
  #asTable() {
    const { values, today, line, names } = this.#data;
    const date = this.#dates({ day: "numeric", month: "short", year: "numeric" });
    const same = (index) => values[index] === values[index - 1] && line?.[index] === line?.[index - 1];
    const second = (index) => (line ? [element("td", { class: "num rest full", "data-label": names.line }, String(line[index] ?? "–"))] : []);
    const rows = values.slice(0, today + 1).flatMap((value, index) => (same(index) ? [] : [
      element("tr", {}, element("th", { scope: "row", class: "lead" }, date(index)), element("td", { class: "num key" }, String(value)), ...second(index)),
    ]));
    const column = (words) => element("th", { scope: "col", class: "num" }, words);
    const head = element("tr", {}, element("th", { scope: "col" }, names.day), column(names.value), ...(line ? [column(names.line)] : []));
    if (this.nextElementSibling?.matches("details.as-table")) this.nextElementSibling.remove();
    this.after(element("details", { class: "as-table" }, element("summary", {}, names.table),
      element("table", { class: "table" }, element("thead", {}, head), element("tbody", {}, ...rows))));
  }
}

customElements.define("day-chart", DayChart);
