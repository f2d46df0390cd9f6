/* Words and figures in the reader's language. Whole sentences with places for values, plural forms by
   Intl.PluralRules; Latin digits and the Gregorian calendar everywhere; days in the account's time zone. */

import { now } from "../clock.js";

const LOCALES = { en: "en-GB", ar: "ar-BH-u-nu-latn-ca-gregory", sw: "sw-KE" };
export const LANGUAGES = { en: "English", ar: "العربية", sw: "Kiswahili" };
const DAY_MS = 86400000;

let language = "en";
let words = {};
let english = {};
let plural = new Intl.PluralRules("en");
let zone;

/* What everybody needs. The words of staff are added when one of their pages is opened. */
const parts = new Set(["shell", "work", "money"]);

async function catalogue(of) {
  const found = await Promise.all([...parts].map((part) => import(`./${of}/${part}.js`)));
  return Object.assign({}, ...found.map((part) => part.default));
}

/* More words, here and in each language from now on. */
export async function addWords(part) {
  if (parts.has(part)) return;
  await Promise.all([...new Set(["en", language])].map((of) => import(`./${of}/${part}.js`)));
  parts.add(part);
  await setLanguage(language);
}

/* Switches all words; the page is drawn again by whoever asked. */
export async function setLanguage(next) {
  const wanted = LOCALES[next] ? next : "en";
  [english, words] = await Promise.all([catalogue("en"), catalogue(wanted)]);
  language = wanted;
  plural = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
  document.documentElement.dir = wanted === "ar" ? "rtl" : "ltr";
}

export const currentLanguage = () => language;
export const setZone = (name) => { zone = name || undefined; };
export const currentZone = () => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
export const knows = (key) => key in english;

function choose(key, values) {
  const found = words[key] ?? english[key];
  if (found === undefined) return key;
  if (typeof found === "string") return found;
  return found[plural.select(Number(values.n ?? 0))] ?? found.other;
}

/* What comes from outside is kept apart inside Arabic, or its full stop and its hyphen jump to the other side.
   A value that was put together here runs from right to left; any other as its first letter says. */
function isolated(value) {
  const text = typeof value === "number" ? num(value) : String(value);
  if (language !== "ar" || typeof value === "number") return text;
  return `${text.includes("\u2069") ? "\u2067" : "\u2068"}${text}\u2069`;
}

/* The sentence of that key, filled in. */
export function t(key, values = {}) {
  return choose(key, values).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? isolated(values[name]) : whole));
}

/* The same as nodes, where a value is an element: rich("x", { name: bdi(name) }). */
export function rich(key, values = {}) {
  return choose(key, values).split(/(\{\w+\})/).filter(Boolean).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (!name || !(name in values)) return piece;
    return values[name] instanceof Node ? values[name] : isolated(values[name]);
  });
}

const formats = new Map();
function format(kind, options) {
  const key = JSON.stringify([language, kind, options]);
  if (!formats.has(key)) formats.set(key, new Intl[kind](LOCALES[language], options));
  return formats.get(key);
}

export const num = (value) => format("NumberFormat", {}).format(value);
export const signed = (value) => format("NumberFormat", { signDisplay: "exceptZero" }).format(value).replace("-", "\u2212");
export const nDays = (n) => t("n-days", { n });
/* The same in the middle of a sentence, where a capital would stand out. */
export const inDays = (n) => nDays(n).toLocaleLowerCase(language);

/* Money from the amount as written; no float touches it. */
export function money(sum) {
  if (!sum) return "";
  const style = { style: "currency", currency: sum.currency, currencyDisplay: "code" };
  return format("NumberFormat", style).format(sum.amount).replace(/\s/g, "\u00a0");
}

/* An amount shared by a number of days, in its own currency's smallest step. */
export function perDay(sum, days) {
  const digits = format("NumberFormat", { style: "currency", currency: sum.currency }).resolvedOptions().maximumFractionDigits;
  return format("NumberFormat", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(sum.amount) / days);
}

function written(instant, options) {
  return format("DateTimeFormat", { ...options, timeZone: currentZone() }).format(instant).replace(/(\d) (?=\p{L})|(?<=\p{L}) (?=\d{4})/gu, "$1\u00a0");
}

const asInstant = (value) => (value instanceof Date ? value : new Date(value));

const NEAR_DAYS = 180;

/* "10 Dec", with the year when it is so far off that one could mistake it. */
export function day(value) {
  const at = asInstant(value);
  const near = Math.abs(at.getTime() - now()) < NEAR_DAYS * DAY_MS;
  return written(at, { day: "numeric", month: "short", ...(near ? {} : { year: "numeric" }) });
}

/* "10 Dec 2026". */
export const fullDay = (value) => written(asInstant(value), { day: "numeric", month: "short", year: "numeric" });

/* "09:14". */
export const hour = (value) => written(asInstant(value), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/* "21 Nov 2026, 09:14". */
export const moment = (value) => t("moment", { day: fullDay(value), time: hour(value) });

/* The time alone within a day; else the day. The whole date stands in the element. */
export function when(value) {
  const el = document.createElement("time");
  const at = asInstant(value);
  el.dateTime = at.toISOString();
  el.title = moment(at);
  el.textContent = Math.abs(now() - at.getTime()) < DAY_MS ? hour(at) : day(at);
  return el;
}

/* Full date and time, in an element. */
export function whole(value) {
  const el = document.createElement("time");
  el.dateTime = asInstant(value).toISOString();
  el.textContent = moment(value);
  return el;
}

/* Phone numbers as people read them: the country code, then groups. */
export function phone(number) {
  if (!number) return "";
  const digits = String(number).replace(/[^\d]/g, "");
  const code = /^(1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/.exec(digits)?.[0] ?? "";
  const rest = digits.slice(code.length);
  const groups = rest.length === 8 ? rest.match(/.{4}/g) : rest.match(/.{1,3}(?=(.{3})*$)/g);
  return `+${code} ${(groups ?? [rest]).join(" ")}`.trim();
}
