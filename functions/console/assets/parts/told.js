/* What the API tells in English sentences, in the reader's words. A sentence that is known is taken apart into its
   values and said by the catalogue; one that is not known stands as it was written, marked as English.
   The API's own kind of event is the second best: it says less, but in the right language. */

import { currentLanguage, fullDay, knows, nDays, rich, t } from "../i18n/index.js";
import { bdi, h } from "./dom.js";

const DAYS = "(?<n>\\d+) days?";
const DATE = "(?<date>\\d{1,2} \\w{3} \\d{4})";
const SENTENCES = [
  ["n.linked", "(?<name>.+): Channel connected successfully and now active\\."],
  ["n.unlinked", "(?<name>.+): The number was unlinked\\. Link it again\\."],
  ["n.credited", `${DAYS} arrived for your (?<plan>.+) plan\\.`],
  ["n.refunded", `A payment went back at PayPal\\. ${DAYS} of it were not used and cannot be spent\\.`],
  ["n.beyond", "Your (?<plan>.+) plan has fewer channels than you use\\. These go on but will not renew by themselves: (?<names>.+)\\."],
  ["n.deleted", "Channel deleted successfully\\. Unused days have been credited back to your balance\\."],
  ["n.low", `${DAYS} of cover left\\. (?<name>.+) stops on ${DATE} unless you buy days\\.`],
  ["n.refused", "WHAPI refused the channel “(?<name>.+)”: (?<reason>.+)"],
  ["n.over", `“(?<name>.+)” is beyond the channels of your plan and was not renewed\\. It stops on ${DATE} unless you extend it\\.`],
  ["n.skipped", `“(?<name>.+)” stops on ${DATE} unless you buy days\\.`],
  ["n.expired", "“(?<name>.+)” has run out of days\\. Extend it to go on\\."],
  ["n.plan-active", "Your (?<plan>.+) plan is active\\."],
  ["n.plan-canceled", "Your (?<plan>.+) plan was cancelled\\. It holds until its end; your days stay\\."],
  ["n.plan-ended", "Your (?<plan>.+) plan has ended\\."],
  ["n.payment-failed", "(?<plan>.+): a payment failed\\."],
  ["n.given", `You were given ${DAYS}: (?<reason>.+)`],
  ["n.released", `${DAYS} that were frozen can be spent again: (?<reason>.+)`],
  ["n.lapsed", `${DAYS} of ${DATE} have lapsed\\.`],
  ["n.put", `${DAYS} put on the channel, until ${DATE}\\.`],
].map(([key, pattern]) => [key, new RegExp(`^${pattern}$`, "u")]);

/* Dates come as "13 Jan 2027"; noon keeps them on their day in nearly every zone. */
const dated = (text) => fullDay(new Date(`${text} 12:00 UTC`));

function valuesOf({ n, date, name, names, plan, reason }) {
  const given = { n: n && Number(n), days: n && nDays(Number(n)), date: date && dated(date), reason };
  for (const [key, text] of Object.entries({ name, names, plan })) if (text) given[key] = bdi(text);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/* The sentence as nodes. `linked` makes a link of what it is about: the name, the days or the plan. */
export function told({ kind, text }, linked) {
  for (const [key, pattern] of SENTENCES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = valuesOf(found.groups ?? {});
    const about = ["name", "days", "plan"].find((one) => values[one]);
    if (linked && about) values[about] = linked(values[about]);
    return rich(key, values);
  }
  if (currentLanguage() !== "en" && knows(`h.${kind}`)) return [t(`h.${kind}`)];
  const said = h("span", { lang: "en", dir: "auto" }, text);
  return [linked ? linked(said) : said];
}
