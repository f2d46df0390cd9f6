/* Release what is frozen of one lot, with a reason that the customer reads. What was released before is said so. */

import { api, isAbort, newKey } from "../api.js";
import { fullDay, t } from "../i18n/index.js";
import { busy, fresh, h, isBusy } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { check, field } from "../parts/field.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { nameOf } from "../parts/staff.js";
import { toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";

const LONGEST_REASON = 500;

export function openRelease(customer, lot) {
  const values = { n: lot.frozen, name: nameOf(customer) };
  const reason = field({ label: t("gr.reason"), help: t("gr.reason.help"), name: "reason", required: true, maxlength: LONGEST_REASON, autocomplete: "off" });
  const problem = h("div");
  const id = fresh("release");
  const form = h("form.pad.form", { id, novalidate: true },
    h("div.form.tight", h("p", t("re.what", { date: fullDay(lot.at) })), h("p.quiet", t("re.after"))), reason.el, problem);
  const submit = h("button.button.main-action", { type: "submit", form: id }, h("span", t("re.do", values)));
  const dialog = openDialog({ title: t("re.title", values), body: form, foot: [cancelButton(() => dialog), submit] });
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(submit) || !check([reason], {})) return;
    problem.replaceChildren();
    const done = busy(submit, t("re.doing"));
    try {
      await api.post(`/v1/admin/users/${customer.id}/release-days`, { entry_id: lot.entry_id, reason: reason.value }, { key });
      dialog.close();
      toast(t("re.done", values));
      await reloadPage();
    } catch (error) {
      if (!isAbort(error) && check([reason], fieldErrors(error))) problem.replaceChildren(mend(error));
    } finally { done(); }
  });
  return dialog;
}
