/* What the whole console knows: its settings, who is signed in, and what that person may do.
   Filled at the start and after each change; pages read it, they do not keep copies. */

import { api } from "./api.js";
import { setZone } from "./i18n/index.js";

export const session = {
  config: null,
  me: null,
  /* Notifications that nobody has read yet. */
  unread: 0,
  /* Findings that wait for staff. */
  waiting: 0,
  /* Why nobody is signed in any more, until the door has said it. */
  ended: null,
};

const listeners = new Set();
export const onSession = (run) => { listeners.add(run); return () => listeners.delete(run); };

export async function loadConfig() {
  const answer = await fetch("/config.json", { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error("config");
  session.config = await answer.json();
}

/* The first page of a visit takes what the start has just read; after that the account is read each time. */
const JUST_READ_MS = 2000;
let readAt = -Infinity;

/* Reads the account again: plan, limits, days, banners. */
export async function refreshMe(signal) {
  const fresh = performance.now() - readAt < JUST_READ_MS;
  readAt = -Infinity;
  if (fresh && session.me) return session.me;
  session.me = await api.get("/v1/me", { signal });
  setZone(session.me.time_zone);
  for (const run of listeners) run(session);
  return session.me;
}

/* The account as it is at the start, and how many notifications are new. */
export async function firstLook() {
  await refreshMe();
  readAt = performance.now();
  lookForNews();
}

const NEWS_LOOKED_AT = 30;

/* Counts what is new among the newest; not worth a word when it does not work. */
export async function lookForNews() {
  const news = await api.peek(`/v1/notifications?limit=${NEWS_LOOKED_AT}`).catch(() => null);
  if (news) setUnread(news.items.filter((one) => !one.read_at).length);
}

export function setUnread(count) {
  session.unread = count;
  for (const run of listeners) run(session);
}

export function setWaiting(count) {
  session.waiting = count;
  for (const run of listeners) run(session);
}

export const daysLeft = () => session.me?.days?.remaining ?? 0;
export const isAdmin = () => session.me?.role === "admin";
export const channelLimit = () => session.me?.limits?.channels ?? { used: 0, limit: null };

/* A choice kept on this device. */
export const kept = {
  read: (name) => { try { return localStorage.getItem(`daypass.${name}`); } catch { return null; } },
  write: (name, value) => {
    try {
      if (value === null) localStorage.removeItem(`daypass.${name}`);
      else localStorage.setItem(`daypass.${name}`, value);
    } catch { /* a private window may refuse; the choice then lasts as long as the page */ }
  },
};

/* Why no channel can be added now: a code of the API, or nothing. */
export function whyNoChannel() {
  const { me } = session;
  if (!me) return null;
  if (me.suspended) return "account_suspended";
  if (!me.plan || me.plan.status !== "active") return "no_plan";
  const { used, limit } = channelLimit();
  if (limit !== null && limit !== undefined && used >= limit) return "channel_limit_reached";
  return daysLeft() > 0 ? null : "no_days";
}
