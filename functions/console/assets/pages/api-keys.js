/* API keys for programs: made, shown once, revoked. */

import { api, every, newKey } from "../api.js";
import { fullDay, rich, t, when } from "../i18n/index.js";
import { bdi, busy, button, code, h, isBusy, unseen } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { check, field } from "../parts/field.js";
import { bones, head, nothing, panel } from "../parts/page.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { copies, toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";

/* What a key may do; the names are the API's, the words ours. */
const SCOPES = ["read", "channels", "*"];

function openNew() {
  const name = field({ label: t("keys.name"), help: t("keys.name.help"), name: "name", required: true, maxlength: 60, autocomplete: "off" });
  const boxes = SCOPES.map((scope) => h("input", { type: "checkbox", name: "scope", value: scope }));
  boxes[0].checked = true;
  const problem = h("div");
  const form = h("form.pad.form", { id: "key-form", novalidate: true }, name.el,
    h("fieldset.form.tight", h("legend.legend", t("keys.scopes")),
      SCOPES.map((scope, index) => h("label.choice", boxes[index], h("span", h("strong", t(`scope.${scope}`)), h("small.code", scope))))),
    problem);
  const act = h("button.button.main-action", { type: "submit", form: "key-form" }, h("span", t("keys.make")));
  const dialog = openDialog({ title: t("keys.new"), sub: t("keys.new.sub"), body: form, foot: [cancelButton(() => dialog), act] });
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(act) || !check([name], {})) return;
    const scopes = boxes.filter((box) => box.checked).map((box) => box.value);
    if (!scopes.length) return problem.replaceChildren(h("div.mend", { role: "alert" }, h("p", t("keys.no-scope"))));
    const done = busy(act);
    try {
      showOnce(dialog, await api.post("/v1/api-keys", { name: name.value, scopes }, { key }));
    } catch (error) {
      const wrong = fieldErrors(error);
      if (wrong.name) name.wrong(wrong.name);
      else problem.replaceChildren(mend(error));
    } finally { done(); }
  });
}

/* The whole key, this one time. */
function showOnce(dialog, made) {
  const copy = copies(button(t("keys.copy"), null, { image: "copy" }), () => made.key);
  dialog.name(t("keys.made", { name: made.name }), t("keys.once"));
  dialog.body(h("div.pad.form", made.key
    ? [h("p.raw", { tabindex: "0", "aria-label": t("keys.the-key") }, made.key), h("div.row-of", copy)]
    : h("div.mend.warn", h("p", t("keys.gone")))));
  dialog.foot(button(t("keys.kept"), () => dialog.close(), { main: true }));
  dialog.focusTitle();
  dialog.signal.addEventListener("abort", reloadPage);
}

function openRevoke(one) {
  const problem = h("div");
  const act = button(t("keys.revoke"), async () => {
    if (isBusy(act)) return;
    const done = busy(act);
    try {
      await api.delete(`/v1/api-keys/${one.id}`);
      dialog.close();
      toast(t("keys.revoked", { name: one.name }));
      reloadPage();
    } catch (error) { problem.replaceChildren(mend(error)); } finally { done(); }
  }, { danger: true });
  const dialog = openDialog({
    title: t("keys.revoke.title", { name: one.name }),
    body: h("div.pad.form", h("p", rich("keys.revoke.what", { name: bdi(one.name) })), problem),
    foot: [cancelButton(() => dialog), act],
  });
}

function row(one) {
  const words = (scope) => { const text = t(`scope.${scope}`); return text.startsWith("scope.") ? scope : text; };
  return h("tr",
    h("th.lead", { scope: "row" }, bdi(one.name), h("small", code(`${one.prefix ?? ""}…`))),
    h("td.rest.full", (one.scopes ?? []).map(words).join(", ")),
    h("td.rest", one.last_used_at ? [t("keys.used"), " ", when(one.last_used_at)] : t("keys.unused")),
    h("td.rest", one.created_at && fullDay(one.created_at)),
    h("td.num.key", button([t("keys.revoke"), unseen(` ${one.name}`)], () => openRevoke(one), { class: "row-action", data: { key: `revoke-${one.id}` } })));
}

export default {
  title: "nav-key",
  nav: "/api-keys",
  load: ({ signal }) => every("/v1/api-keys", { signal }),
  bones: () => bones(t("nav-key"), 4),
  view: (keys) => {
    const list = keys.filter((one) => !one.revoked_at);
    const heads = ["keys.name", "keys.scopes", "keys.last", "keys.created"];
    return [
      head(t("nav-key"), t("keys.sub"), button(t("keys.new"), openNew, { main: true, image: "plus" })),
      panel({ title: t("keys.list") }, list.length
        ? h("table.table", h("thead", h("tr", heads.map((key) => h("th", { scope: "col" }, t(key))), h("th", { scope: "col" }, unseen(t("action"))))), h("tbody", list.map(row)))
        : nothing({ title: t("keys.none"), text: t("keys.none.text") })),
    ];
  },
};
