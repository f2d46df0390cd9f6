/* Settle a finding: what was seen, what to do, and what the button does. About an extension that only a person can
   settle it is asked what came of it at WHAPI, with what each answer does. */

import { api, isAbort, newKey } from "../api.js";
import { t } from "../i18n/index.js";
import { busy, fresh, h, icon, isBusy } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { remedyOf, seen, titleOf } from "../parts/finding.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";

const DRIFT = "extension.drift";
const VERDICTS = ["posted", "void"];

/* The question, and where its error stands. */
function verdict() {
  const group = fresh("verdict");
  const error = h("p.error", { id: group, hidden: true }, icon("s-err", "small"), h("span", t("f.verdict.needed")));
  const choice = (input) => h("label.choice", input,
    h("span", h("strong", t(`f.verdict.${input.value}`)), h("small", t(`f.verdict.${input.value}.what`))));
  const inputs = VERDICTS.map((value) => h("input", { type: "radio", name: group, value, "aria-describedby": group }));
  const el = h("fieldset", h("legend.legend", t("f.verdict")), h("div.form.tight", inputs.map(choice), h("div.field", error)));
  el.addEventListener("change", () => { error.hidden = true; });
  return {
    el,
    get value() { return inputs.find((input) => input.checked)?.value; },
    ask() { error.hidden = false; inputs[0].focus(); },
  };
}

export function openResolve(finding) {
  const question = finding.kind === DRIFT ? verdict() : null;
  const problem = h("div");
  const id = fresh("resolve");
  const form = h("form.pad.form", { id, novalidate: true },
    h("div.form.tight", h("p.quiet", seen(finding)), h("p", h("strong", t("f.do")), " ", remedyOf(finding))),
    question?.el ?? h("p.quiet", t("f.resolve.what")), problem);
  const submit = h("button.button.main-action", { type: "submit", form: id }, h("span", t(question ? "f.settle" : "f.resolve.do")));
  const dialog = openDialog({ title: titleOf(finding), body: form, foot: [cancelButton(() => dialog), submit] });
  let key = newKey();
  form.addEventListener("change", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(submit)) return;
    if (question && !question.value) return question.ask();
    problem.replaceChildren();
    const done = busy(submit, t("f.doing"));
    try {
      await api.post(`/v1/admin/findings/${finding.id}/resolve`, question ? { extension: question.value } : {}, { key });
      dialog.close();
      toast(t("f.done"));
      await reloadPage();
    } catch (error) {
      const { extension } = fieldErrors(error);
      if (!isAbort(error)) problem.replaceChildren(mend(extension ? { ...error, code: "validation_failed", detail: extension } : error));
    } finally { done(); }
  });
  return dialog;
}
