/* What the balance will do: channels renew by thirty days, the one that ends first goes first, while days last.
   The same rule as the server's, played ahead; only for showing, nothing is decided by it. */

import { DAY_MS, now } from "../clock.js";

const RENEWAL_DAYS = 30;
/* Longer than any balance that one looks at as single days. */
const MOST_RENEWALS = 400;

const runs = (channel) => ["active", "qr_generated"].includes(channel.status) && channel.kind !== "official" && channel.active_till;

/* { count, until, first, renewals: [{ id, name, at, days }], extra: Map(id → days) } for these channels and this balance. */
export function lookAhead(channels, balance) {
  const live = channels.filter(runs).map((channel) => ({
    id: channel.id, name: channel.name, renews: channel.auto_renew !== false, till: Date.parse(channel.active_till),
  }));
  const renewals = [];
  const extra = new Map();
  let left = balance;
  for (let turn = 0; turn < MOST_RENEWALS && left > 0; turn++) {
    const next = live.filter((channel) => channel.renews).sort((a, b) => a.till - b.till)[0];
    if (!next) break;
    const days = Math.min(RENEWAL_DAYS, left);
    renewals.push({ id: next.id, name: next.name, at: new Date(Math.max(now(), next.till - DAY_MS)), days });
    extra.set(next.id, (extra.get(next.id) ?? 0) + days);
    next.till += days * DAY_MS;
    left -= days;
  }
  const first = [...live].sort((a, b) => a.till - b.till)[0];
  return { count: live.length, until: first ? new Date(first.till) : null, first, renewals, extra };
}

export const nextRenewal = (plan, id) => plan?.renewals.find((renewal) => renewal.id === id);

/* The last day that d more days reach. */
export function reach(channel, days) {
  const till = channel.active_till ? Math.max(now(), Date.parse(channel.active_till)) : now();
  return new Date(till + days * DAY_MS);
}

/* Days for the extend choices: what the balance can give, three at most. */
export function steps(balance) {
  const round = [10, 30, 60].filter((days) => days <= balance);
  if (round.length < 3 && balance > 0 && !round.includes(balance)) round.push(balance);
  return round.slice(0, 3);
}
