/* What can be done with a channel, wherever it is shown: the row's button and its menu. */

import { api } from "../api.js";
import { t } from "../i18n/index.js";
import { go } from "../router.js";
import { stateName } from "./channel-state.js";
import { announce, toast } from "./toast.js";
import { openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { mend } from "./problem.js";
import { openExtend } from "../dialogs/extend.js";
import { openLink } from "../dialogs/link.js";
import { openRemove } from "../dialogs/remove.js";
import { openRename } from "../dialogs/rename.js";

/* A phone that fell away usually comes back by a restart; one that was logged out has to scan again. */
async function reconnect(channel, context) {
  if (channel.auth_status !== "authorized") return openLink(channel);
  try {
    announce(t("restarting", { name: channel.name }));
    await api.post(`/v1/channels/${channel.id}/restart`);
    toast(t("restarting", { name: channel.name }));
    await context.reload?.();
  } catch (error) {
    /* Not offered here, or not linked any more: the code mends both. */
    if (["not_found", "not_linked", "unexpected"].includes(error.code)) return openLink(channel);
    failed(channel, error, () => reconnect(channel, context));
  }
}

/* Reads the channel at WHAPI now. */
async function refresh(channel, context) {
  try {
    await api.post(`/v1/channels/${channel.id}/refresh`);
    toast(t("refreshed", { name: channel.name }));
    await context.reload?.();
  } catch (error) { failed(channel, error, () => refresh(channel, context)); }
}

async function renewal(channel, context) {
  try {
    const on = channel.auto_renew === false;
    await api.patch(`/v1/channels/${channel.id}`, { auto_renew: on });
    toast(t(on ? "renew-on" : "renew-off", { name: channel.name }));
    await context.reload?.();
  } catch (error) { failed(channel, error); }
}

function failed(channel, error, retry) {
  const dialog = openDialog({
    title: channel.name,
    body: h("div.pad", mend(error, retry && (() => { dialog.close(); retry(); }))),
    foot: [button(t("close"), () => dialog.close())],
  });
}

export function run(act, channel, context) {
  if (act === "extend") return openExtend(channel);
  if (act === "link") return openLink(channel);
  return reconnect(channel, context);
}

/* The menu of a channel. */
export function actsOf(channel, context, { onPage = false } = {}) {
  const name = stateName(channel);
  if (name === "deleting") return [{ href: `/channels/${channel.id}`, image: "log", words: t("history") }];
  return [
    { run: () => openExtend(channel), image: "plus", words: t("extend") },
    channel.auth_status !== "authorized" && name !== "pending" && name !== "stopped" && { run: () => openLink(channel), image: "qr", words: t("link") },
    { run: () => refresh(channel, context), image: "refresh", words: t("refresh-status") },
    { run: () => openRename(channel), image: "pen", words: t("rename") },
    { run: () => renewal(channel, context), image: "clock", words: t(channel.auto_renew === false ? "renew-turn-on" : "renew-turn-off") },
    !onPage && { run: () => go(`/channels/${channel.id}#history`), image: "log", words: t("history") },
    "line",
    { run: () => openRemove(channel), image: "close", words: t("delete"), danger: true },
  ];
}
