/* Add a channel: a name and its number, or why it cannot be done now. After that the dialog to link it opens. */

import { api, newKey } from "../api.js";
import { t } from "../i18n/index.js";
import { busy, button, h, isBusy } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { asPhone, check, field } from "../parts/field.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { reloadPage } from "../router.js";
import { daysLeft, refreshMe, whyNoChannel } from "../session.js";
import { openLink } from "./link.js";

/* What WHAPI takes, less the place for our own id at the end. */
const LONGEST_NAME = 60;
/* What a new channel takes from the balance by itself, or what is left. */
const FIRST_DAYS = 30;

export function openAdd() {
  const why = whyNoChannel();
  if (why) return refuse(why);
  const name = field({ label: t("a.name"), help: t("a.name.help"), name: "name", required: true, maxlength: LONGEST_NAME, autocomplete: "off" });
  const phone = field({ label: t("a.phone"), help: t("a.phone.help"), name: "phone", type: "tel", inputmode: "tel", autocomplete: "tel", required: true });
  const problem = h("div");
  const form = h("form.pad.form", { id: "add-form", novalidate: true }, name.el, phone.el, problem);
  const submit = h("button.button.main-action", { type: "submit", form: "add-form" }, h("span", t("add-channel")));
  const dialog = openDialog({ title: t("add-channel"), sub: t("a.sub", { n: Math.min(FIRST_DAYS, daysLeft()) }), body: form, foot: [cancelButton(() => dialog), submit] });
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(submit)) return;
    problem.replaceChildren();
    const number = asPhone(phone.value);
    if (!check([name, phone], { phone: phone.value && !number ? t("f.phone") : undefined })) return;
    const done = busy(submit, t("adding"));
    try {
      const { channel } = await api.post("/v1/channels", { name: name.value, phone: number }, { key });
      await refreshMe().catch(() => {});
      dialog.close();
      reloadPage();
      openLink(channel);
    } catch (error) {
      show(error);
    } finally { done(); }
  });
  function show(error) {
    const wrong = fieldErrors(error);
    const ours = Object.keys(wrong).some((one) => one === "name" || one === "phone");
    if (ours) return check([name, phone], wrong);
    problem.replaceChildren(mend(error));
  }
  return dialog;
}

function refuse(code) {
  const dialog = openDialog({
    title: t("add-channel"),
    body: h("div.pad", mend({ code }, null, { tone: "warn" })),
    foot: [button(t("close"), () => dialog.close())],
  });
  return dialog;
}
