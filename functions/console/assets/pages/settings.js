/* Settings: profile, time zone, language, and how this device behaves. Saved by one button, said by a toast. */

import { api, newKey } from "../api.js";
import { LANGUAGES, currentLanguage, currentZone, t } from "../i18n/index.js";
import { busy, code, h, icon, isBusy, link } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { check, field } from "../parts/field.js";
import { bones, head, panel } from "../parts/page.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { setTheme, speak } from "../parts/shell.js";
import { toast } from "../parts/toast.js";
import { kept, refreshMe, session } from "../session.js";

function zones() {
  const all = Intl.supportedValuesOf?.("timeZone") ?? ["UTC", currentZone()];
  const list = all.includes("UTC") ? all : ["UTC", ...all];
  const now = session.me.time_zone;
  return (now && !list.includes(now) ? [now, ...list] : list).map((zone) => [zone, zone.replaceAll("_", " ")]);
}

function profile() {
  const { me } = session;
  const name = field({ label: t("st.name"), name: "name", value: me.name ?? "", autocomplete: "organization", maxlength: 120 });
  const zone = field({ label: t("st.zone"), help: t("st.zone.help"), name: "time_zone", options: zones(), value: me.time_zone ?? "UTC" });
  const language = field({ label: t("language"), help: t("st.language.help"), name: "locale", options: Object.entries(LANGUAGES), value: currentLanguage() });
  const problem = h("div");
  const act = h("button.button.main-action", { type: "submit" }, h("span", t("save")));
  const form = h("form.pad.form", { novalidate: true },
    h("div.field", h("span.legend", t("l.email")), h("p", h("bdi.ltr", me.email ?? "")), h("span.help", t("st.email.help"))),
    h("div.field", h("span.legend", t("st.id")), h("p", code(me.id)), h("span.help", t("st.id.help"))),
    name.el, zone.el, language.el, problem, h("div.row-of", act));
  let key = newKey();
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(act)) return;
    problem.replaceChildren();
    const done = busy(act, t("saving"));
    try {
      await api.patch("/v1/me", { name: name.value, time_zone: zone.value, locale: language.value }, { key });
      await refreshMe();
      if (language.value !== currentLanguage()) await speak(language.value);
      toast(t("saved"));
    } catch (error) {
      const wrong = fieldErrors(error);
      if (Object.keys(wrong).length) check([name, zone, language], wrong);
      else problem.replaceChildren(mend(error));
    } finally { done(); }
  });
  return panel({ title: t("st.profile") }, form);
}

function device() {
  const theme = field({ label: t("st.theme"), name: "theme", options: [["", t("st.theme.system")], ["light", t("light")], ["dark", t("dark")]], value: kept.read("theme") ?? "" });
  theme.control.addEventListener("change", () => setTheme(theme.control.value || null));
  const keys = h("input", { type: "checkbox" });
  keys.checked = kept.read("keys") !== "off";
  keys.addEventListener("change", () => kept.write("keys", keys.checked ? null : "off"));
  return panel({ title: t("st.device"), note: t("st.device.note") },
    h("div.pad.form", theme.el, h("label.choice", keys, h("span", h("strong", t("st.keys")), h("small", t("st.keys.help"))))));
}

const more = () => panel({ title: t("g-build") }, h("div.pad", h("ul.findings",
  h("li", icon("key"), h("span", link("/api-keys", t("nav-key")), h("small", t("keys.sub")))),
  h("li", icon("log"), h("span", link("/docs", t("api-docs")), h("small", t("st.docs")))))));

export default {
  title: "nav-settings",
  nav: "/settings",
  load: ({ signal }) => refreshMe(signal),
  bones: () => bones(t("nav-settings"), 6),
  view: () => [topBanner(), head(t("nav-settings"), t("st.sub")), h("div.cols.loose", profile(), h("div.stack", device(), more()))],
};
