/* Delete a channel: what it means, then the wait until it is really gone. Nothing is said to be done before. */

import { api, isAbort, newKey } from "../api.js";
import { rich, t } from "../i18n/index.js";
import { bdi, busy, button, h, isBusy, pause } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { go, here, reloadPage } from "../router.js";
import { refreshMe } from "../session.js";

const CHECK_DELAY_MS = 1500;
const CHECKS = 80;

export function openRemove(channel, next) {
  const key = newKey();
  const problem = h("div");
  const act = button(t("d.do"), send, { danger: true });
  const dialog = openDialog({
    title: t("d.title", { name: channel.name }),
    body: h("div.pad.form",
      h("p", rich("d.what", { name: bdi(channel.name) })), h("p.quiet", t("d.days")), problem),
    foot: [cancelButton(() => dialog), act],
  });
  async function send() {
    if (isBusy(act)) return;
    problem.replaceChildren();
    const done = busy(act, t("d.doing"));
    try {
      await api.delete(`/v1/channels/${channel.id}`, { key });
      dialog.close();
      watchGone(channel);
      if (here().startsWith(`/channels/${channel.id}`)) await go("/channels");
      else await reloadPage();
      next?.();
    } catch (error) {
      if (!isAbort(error)) problem.replaceChildren(mend(error));
    } finally { done(); }
  }
  return dialog;
}

const watched = new Set();

/* Until it is gone; then it is said, wherever one is by now. */
export async function watchGone(channel) {
  if (watched.has(channel.id)) return;
  watched.add(channel.id);
  for (let turn = 0; turn < CHECKS; turn++) {
    await pause(CHECK_DELAY_MS);
    const gone = await api.peek(`/v1/channels/${channel.id}`).then(({ channel: now, ...plain }) => (now ?? plain).status === "deleted", (error) => error.code === "not_found");
    if (!gone) continue;
    toast(t("d.done"));
    await refreshMe().catch(() => {});
    if (here().startsWith("/channels") || here().startsWith("/balance")) reloadPage();
    break;
  }
  watched.delete(channel.id);
}
