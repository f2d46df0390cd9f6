/* <day-chart>: one bar a day, drawn for the width there is, so that text is never scaled.
   Where there is little room the oldest days are left out; today and what comes stay.
   Time runs with the reading direction: x is mirrored, text never.

   chart.data = { … } from a module:
     kind    "level" (days that are there: red dashes at nothing) or "count" (a number per day)
     start   "2026-09-01"
     runs    [[value, days], …]   or   values [v, v, …]
     today   index of today; later days are drawn as planned
     line    runs of a second figure, drawn as a step line; bars above it turn red
     marks   [[index, "+180"], …]; names {today, zero, line, table, day, value}
   The details under it hold the same as a table. Colours come from the style sheet. */

const SVG = "http://www.w3.org/2000/svg";
const DAY = 86400000;
const FOOT = 24;
const locales = { en: "en-GB", ar: "ar-BH-u-nu-latn-ca-gregory", sw: "sw-KE" };
const unfold = (runs) => runs.flatMap(([value, days]) => Array(days).fill(value));
const last = (list) => list[list.length - 1];

function shape(name, attributes, text) {
  const el = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value);
  if (text !== undefined) el.textContent = text;
  return el;
}

/* Two to four lines at round figures: 1, 2 or 5 and noughts. */
function stepFor(top) {
  const rough = Math.max(1, top / 3.1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
}

class DayChart extends HTMLElement {
  #data;
  #room = new ResizeObserver(() => this.draw());

  set data(data) { this.#data = data; this.draw(); this.#asTable(); }

  connectedCallback() {
    this.#room.observe(this);
    if (this.#data) { this.draw(); this.#asTable(); }
  }

  disconnectedCallback() { this.#room.disconnect(); }

  get #language() { return document.documentElement.lang || "en"; }

  #dates(options) {
    const format = new Intl.DateTimeFormat(locales[this.#language] ?? this.#language, { timeZone: "UTC", ...options });
    return (index) => format.format(Date.parse(this.#data.start) + index * DAY);
  }

  #read() {
    const { runs, values, line } = this.#data;
    return { values: values ?? unfold(runs), line: line && unfold(line) };
  }

  draw() {
    const width = Math.floor(this.getBoundingClientRect().width);
    if (!this.#data || width < 60) return;
    const { kind = "level", today, marks = [], names = {} } = this.#data;
    const { values, line } = this.#read();
    const height = Number(this.getAttribute("height") ?? 220);
    const rtl = getComputedStyle(this).direction === "rtl";
    const number = new Intl.NumberFormat(locales[this.#language] ?? this.#language);
    const axis = 13 + 7 * number.format(Math.max(...values, ...(line ?? []))).length;
    const plot = width - axis;
    const base = height - FOOT;
    const roof = 26;

    /* How many days have room, and which. */
    const room = Math.min(values.length, Math.floor(plot / (kind === "count" ? 9 : 4.5)));
    const ahead = Math.min(values.length - today - 1, Math.floor(room * 0.65));
    const from = Math.max(0, today + 1 + ahead - room);
    const shown = Math.min(room, values.length - from);
    const pitch = plot / shown;
    const bar = Math.min(22, Math.max(2, Math.round(pitch * 0.6)));

    const most = Math.max(1, ...values.slice(from, from + shown), ...(line ?? []).slice(from, from + shown));
    const step = stepFor(most);
    const above = Math.ceil(most / step) * step;
    const top = above < most * 1.12 ? above : most;
    const y = (value) => base - (value / top) * (base - roof);
    const at = (index) => axis + (index - from) * pitch;
    const mirror = (x, w = 0) => (rtl ? width - x - w : x).toFixed(1);
    const within = (index) => index >= from && index < from + shown;
    const direction = rtl ? "rtl" : "ltr";
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    const write = (x, yy, text, attributes = {}) =>
      svg.append(shape("text", { x: mirror(x), y: yy.toFixed(1), direction, ...attributes }, text));

    for (let value = step; value <= top; value += step) {
      svg.append(shape("path", { class: "grid", d: `M${mirror(axis)} ${y(value).toFixed(1)}H${mirror(width)}` }));
      write(axis - 8, y(value) + 4, number.format(value), { "text-anchor": "end" });
    }
    write(axis - 8, base + 4, "0", { "text-anchor": "end" });

    const paths = {};
    for (let index = from; index < from + shown; index++) {
      const value = values[index];
      const nothing = value === 0;
      const name = nothing ? (kind === "level" ? "zero" : "none")
        : line && value > line[index] ? "short"
        : index > today ? "next"
        : index === today && kind === "count" ? "now" : "past";
      const tall = nothing ? 3 : Math.max(2, base - y(value));
      const x = mirror(at(index) + (kind === "count" ? (pitch - bar) / 2 : 0), bar);
      paths[name] = `${paths[name] ?? ""}M${x} ${(base - tall).toFixed(1)}h${bar}v${tall.toFixed(1)}h-${bar}z`;
    }
    for (const [name, d] of Object.entries(paths)) svg.append(shape("path", { class: name, d }));
    svg.append(shape("path", { class: "base", d: `M${mirror(axis)} ${base + 0.5}H${mirror(width)}` }));

    if (line) {
      let d = "";
      for (let index = from; index < from + shown; index++) {
        d += `${d ? "L" : "M"}${mirror(at(index))} ${y(line[index]).toFixed(1)}L${mirror(at(index) + pitch)} ${y(line[index]).toFixed(1)}`;
      }
      svg.append(shape("path", { class: "line", d }));
      if (names.line) write(axis + 4, y(line[from]) - 8, names.line, { class: "strong" });
    }

    if (kind === "level" && within(today)) {
      const x = at(today) + bar / 2;
      const end = x > axis + plot * 0.72;
      svg.append(shape("path", { class: "today", d: `M${mirror(x)} ${base}V10` }));
      if (names.today) write(end ? x - 6 : x + 6, 18, `${names.today} ${number.format(values[today])}`, { class: "strong", "text-anchor": end ? "end" : "start" });
    }
    for (const [index, text] of marks) {
      if (within(index)) write(at(index), y(values[index]) - 6, `\u200e${text}`, { class: "strong" }); /* the sign stays in front */
    }
    if (last(values) === 0 && kind === "level" && names.zero && within(values.length - 1)) {
      const under = values.slice(-Math.ceil((names.zero.length * 6.5) / pitch));
      write(width, y(Math.max(...under)) - 8, names.zero, { "text-anchor": "end" });
    }

    /* Under it: the first of each month, or every seventh day from today. */
    const months = shown > 45;
    const label = this.#dates({ day: "numeric", month: "short" });
    let free = 0;
    for (let index = from; index < from + shown; index++) {
      const first = new Date(Date.parse(this.#data.start) + index * DAY).getUTCDate() === 1;
      if (months ? !first : (today - index) % 7 !== 0) continue;
      const now = index === today && kind === "count";
      const text = now && names.today ? names.today : label(index);
      const x = at(index) + (kind === "count" ? pitch / 2 : 0);
      const wide = text.length * 7;
      const anchor = kind === "count" ? (x + wide / 2 > width ? "end" : "middle") : x + wide > width ? "end" : "start";
      const begin = anchor === "middle" ? x - wide / 2 : anchor === "end" ? width - wide : x;
      if (begin < free) continue;
      write(anchor === "end" ? width : x, base + 18, text, { "text-anchor": anchor, ...(now && { class: "strong" }) });
      free = begin + wide + 12;
    }
    this.replaceChildren(...[...this.children].filter((el) => el.localName !== "svg"), svg);
  }

  /* The same as a table: of levels only the days on which they changed. */
  #asTable() {
    const names = { table: "Show as a table", day: "Day", value: "Days", ...this.#data.names };
    const { values, line } = this.#read();
    const date = this.#dates({ day: "numeric", month: "short", year: "numeric" });
    const rows = values.flatMap((value, index) => {
      const same = this.#data.kind !== "count" && value === values[index - 1] && line?.[index] === line?.[index - 1];
      return same || index > this.#data.today ? [] : [[date(index), value, line?.[index]]];
    });
    const details = document.createElement("details");
    details.className = "as-table";
    const summary = document.createElement("summary");
    summary.textContent = names.table;
    const table = document.createElement("table");
    table.className = "table";
    const cell = (row, name, text, attributes = {}) => {
      const el = document.createElement(name);
      el.textContent = text;
      for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value);
      row.append(el);
    };
    const heads = [names.day, names.value, ...(line ? [names.line] : [])];
    const head = table.createTHead().insertRow();
    heads.forEach((text, i) => cell(head, "th", text, { scope: "col", ...(i && { class: "num" }) }));
    const body = table.createTBody();
    for (const [day, value, second] of rows) {
      const row = body.insertRow();
      cell(row, "th", day, { scope: "row", class: "lead" });
      cell(row, "td", value, { class: "num key" });
      if (line) cell(row, "td", second, { class: "num rest full", "data-label": names.line });
    }
    details.append(summary, table);
    this.nextElementSibling?.matches("details.as-table") && this.nextElementSibling.remove();
    this.after(details);
  }
}

customElements.define("day-chart", DayChart);
