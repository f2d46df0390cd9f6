/* A new name for a channel. */

import { api, newKey } from "../api.js";
import { t } from "../i18n/index.js";
import { busy, h, isBusy } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { check, field } from "../parts/field.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";

const call = (channel, name, key) => api.patch(`/v1/channels/${channel.id}`, { name }, { key });

export function openRename(channel) {
  const name = field({ label: t("a.name"), help: t("a.name.help"), name: "name", required: true, maxlength: 60, value: channel.name });
  const problem = h("div");
  const form = h("form.pad.form", { id: "rename-form", novalidate: true }, name.el, problem);
  const submit = h("button.button.main-action", { type: "submit", form: "rename-form" }, h("span", t("save")));
  const dialog = openDialog({ title: t("rename-title", { name: channel.name }), body: form, foot: [cancelButton(() => dialog), submit] });
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(submit) || !check([name], {})) return;
    const done = busy(submit, t("saving"));
    try {
      await call(channel, name.value, key);
      dialog.close();
      toast(t("renamed", { name: name.value }), { words: t("undo"), run: () => call(channel, channel.name).then(reloadPage, () => openRename(channel)) });
      reloadPage();
    } catch (error) {
      const wrong = fieldErrors(error);
      if (wrong.name) name.wrong(wrong.name);
      else problem.replaceChildren(mend(error));
    } finally { done(); }
  });
  return dialog;
}
