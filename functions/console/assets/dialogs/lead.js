/* Plans that are talked about first: who asks, and what for. Never buys anything. */

import { api, newKey } from "../api.js";
import { t } from "../i18n/index.js";
import { busy, h, isBusy } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { asPhone, check, field } from "../parts/field.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { session } from "../session.js";

export function openLead(plan, label) {
  const demo = plan.request_type === "book_demo";
  const me = session.me ?? {};
  const fields = [
    field({ label: t("l.name"), name: "name", required: true, value: me.name ?? "", autocomplete: "name" }),
    field({ label: t("l.email"), name: "email", type: "email", required: true, value: me.email ?? "", autocomplete: "email" }),
    field({ label: t("l.phone"), name: "phone", type: "tel", autocomplete: "tel" }),
    demo && field({ label: t("l.when"), help: t("l.when.help"), name: "preferred_time" }),
    field({ label: t("l.message"), name: "message", rows: 4 }),
  ].filter(Boolean);
  const problem = h("div");
  const form = h("form.pad.form", { id: "lead-form", novalidate: true }, fields.map((one) => one.el), problem);
  const submit = h("button.button.main-action", { type: "submit", form: "lead-form" }, h("span", label));
  const dialog = openDialog({ title: t("l.title", { name: plan.name }), sub: t("l.sub"), body: form, foot: [cancelButton(() => dialog), submit] });
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(submit)) return;
    const values = Object.fromEntries(fields.map((one) => [one.name, one.value]).filter(([, value]) => value));
    const number = values.phone && asPhone(values.phone);
    if (!check(fields, { phone: values.phone && !number ? t("f.phone") : undefined })) return;
    const done = busy(submit, t("sending"));
    try {
      await api.post("/v1/leads", { plan_id: plan.id, ...values, ...(number ? { phone: number } : {}) }, { key });
      dialog.close();
      toast(t("l.done"));
    } catch (error) {
      const wrong = fieldErrors(error);
      if (Object.keys(wrong).length) check(fields, wrong);
      else problem.replaceChildren(mend(error.status === 404 ? { code: "not_offered" } : error));
    } finally { done(); }
  });
  return dialog;
}
