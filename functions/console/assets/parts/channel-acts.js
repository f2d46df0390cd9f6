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

/* Looks first: a phone that fell away often comes back by itself. Else the code mends it. */
async function reconnect(channel, context) {
  if (channel.auth_status !== "authorized") return openLink(channel);
  try {
    announce(t("looking", { name: channel.name }));
    const answer = await api.post(`/v1/channels/${channel.id}/refresh`);
    const now = answer?.channel ?? answer ?? channel;
    if (["cut", "out", "error"].includes(stateName(now))) return openLink(now);
    toast(t("back-again", { name: channel.name }));
    await context.reload?.();
  } catch (error) {
    if (error.code === "not_linked") return openLink(channel);
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
    const undo = { words: t("undo"), run: () => renewal({ ...channel, auto_renew: on }, context) };
    toast(t(on ? "renew-on" : "renew-off", { name: channel.name }), undo);
    await context.reload?.();
  } catch (error) { failed(channel, error, () => renewal(channel, context)); }
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
    name !== "pending" && name !== "gone" && { run: () => openExtend(channel), image: "plus", words: t("extend") },
    channel.auth_status !== "authorized" && !["pending", "stopped", "gone"].includes(name) && { run: () => openLink(channel), image: "qr", words: t("link") },
    { run: () => refresh(channel, context), image: "refresh", words: t("refresh-status") },
    { run: () => openRename(channel), image: "pen", words: t("rename") },
    { run: () => renewal(channel, context), image: "clock", words: t(channel.auto_renew === false ? "renew-turn-on" : "renew-turn-off") },
    !onPage && { run: () => go(`/channels/${channel.id}#history`), image: "log", words: t("history") },
    "line",
    { run: () => openRemove(channel), image: "close", words: t("delete"), danger: true },
  ];
}
