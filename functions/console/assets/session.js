/* What the whole console knows: its settings, who is signed in, and what that person may do.
   Filled at the start and after each change; pages read it, they do not keep copies. */

import { api } from "./api.js";
import { currentLanguage, setZone } from "./i18n/index.js";

export const session = {
  config: null,
  me: null,
  /* Told apart by the router: a page may show a banner once. */
  channels: null,
};

const listeners = new Set();
export const onSession = (run) => { listeners.add(run); return () => listeners.delete(run); };

export async function loadConfig() {
  const answer = await fetch("/config.json", { headers: { accept: "application/json" } });
  session.config = await answer.json();
}

/* Reads the account again: plan, limits, days, banners. */
export async function refreshMe(signal) {
  session.me = await api.get("/v1/me", { signal });
  setZone(session.me.time_zone);
  for (const run of listeners) run(session.me);
  return session.me;
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

export const spoken = () => currentLanguage();
