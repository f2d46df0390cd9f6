/* What a channel is, as people say it: shape, tone, word, and one line of reason. And what to do about it. */

import { daysLeft } from "../session.js";
import { day, t } from "../i18n/index.js";
import { h, icon } from "./dom.js";
import { nextRenewal } from "./days.js";

export const LOW_DAYS = 7;
export const LAST_DAYS = 3;

const CONNECTING = new Set(["initializing", "authenticating", "connecting"]);

const linked = (channel) => channel.auth_status === "authorized";

/* It had a phone once, and that was logged out: whoever relies on it must hear of it. */
const loggedOut = (channel) => !linked(channel) && channel.whatsapp_number && channel.status !== "qr_generated" && channel.connection !== "qr_pending";

/* Nothing will renew it by itself. */
const endsAlone = (channel) => channel.auto_renew === false || daysLeft() === 0;

/* The name of the state, from the three words that the API gives. */
export function stateName(channel) {
  const { status, connection } = channel;
  if (status === "deleting") return "deleting";
  if (channel.gone) return "gone";
  if (status === "pending") return channel.provision?.state === "refused" ? "error" : "pending";
  if (status === "expired" || channel.stopped) return "stopped";
  if (connection === "error") return "error";
  if (loggedOut(channel)) return "out";
  if (connection === "disconnected") return "cut";
  if (!linked(channel)) {
    if (CONNECTING.has(connection) && status === "qr_generated") return "connecting";
    return status === "qr_generated" || connection === "qr_pending" ? "scan" : "ready";
  }
  if (CONNECTING.has(connection)) return "connecting";
  return channel.days_left <= LOW_DAYS && endsAlone(channel) ? "ends" : "connected";
}

const LOOK = {
  deleting: ["off", "s-busy"], pending: ["off", "s-pending"], stopped: ["off", "s-off"], error: ["stop", "s-err"], gone: ["stop", "s-err"],
  ready: ["wait", "s-link"], scan: ["wait", "s-link"], connecting: ["wait", "s-busy"], cut: ["stop", "s-cut"], out: ["stop", "s-cut"],
  connected: ["ok", "s-ok"], ends: ["warn", "s-soon"],
};

/* Shape, colour and word; the word alone is enough. */
export function state(channel) {
  const name = stateName(channel);
  const [tone, image] = LOOK[name];
  return h("span.state", { class: tone }, icon(image), h("span", t(`s.${name}`, { n: channel.days_left ?? 0 })));
}

/* One line of reason under the state. */
export function reason(channel, plan) {
  const name = stateName(channel);
  const { place, reason: why } = channel.provision ?? {};
  if (name === "pending" && place) return t("s.queue", { n: place });
  if (name === "error" && why) return why;
  if (name === "connected") {
    const renewal = nextRenewal(plan, channel.id);
    if (renewal && channel.days_left <= LOW_DAYS) return t("s.renews", { date: day(renewal.at) });
    return renewal ? t("s.renews", { date: day(renewal.at) }) : t("s.connected.why");
  }
  if (name === "ends") return channel.auto_renew === false ? t("s.ends.off") : t("s.ends.empty");
  return t(`s.${name}.why`);
}

/* Is something about to change by itself? Then the list looks again soon. */
export const moving = (channel) => ["deleting", "pending", "scan", "connecting"].includes(stateName(channel));

/* The one button of a row; a channel that is being set up needs none. */
export function mainAct(channel) {
  const name = stateName(channel);
  if (name === "deleting" || name === "gone") return null;
  if (channel.status === "pending") return null;
  if (["cut", "out", "error"].includes(name)) return "reconnect";
  if (name === "ready" || name === "scan" || (name === "connecting" && !linked(channel))) return "link";
  return "extend";
}

export const tone = (left) => (left <= LAST_DAYS ? "last" : left <= LOW_DAYS ? "low" : "");
