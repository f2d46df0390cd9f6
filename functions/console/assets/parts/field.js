/* Form fields: label above, help under it, the error below with its repair. */

import { t } from "../i18n/index.js";
import { fresh, h, icon } from "./dom.js";

/* One field. `control` is the input, `beside` a button next to it; the error can be set and taken away. */
export function field({ label, help, name, type = "text", value = "", required = false, rows, options, beside, ...more }) {
  const id = fresh("field");
  const control = options ? choices(options, value) : rows ? h("textarea", { rows }) : h("input", { type });
  control.id = id;
  control.name = name;
  if (!options) control.value = value;
  if (required) control.required = true;
  for (const [key, text] of Object.entries(more)) if (text !== undefined) control.setAttribute(key, text);
  const helper = help && h("span.help", { id: `${id}-help` }, help);
  const error = h("p.error", { id: `${id}-error`, hidden: true }, icon("s-err", "small"), h("span"));
  const describe = (wrong) => {
    const about = [helper && `${id}-help`, wrong && `${id}-error`].filter(Boolean).join(" ");
    if (about) control.setAttribute("aria-describedby", about);
    else control.removeAttribute("aria-describedby");
  };
  const el = h("div.field", h("label", { for: id }, label), helper, beside ? h("div.with-button", control, beside) : control, error);
  const one = {
    el, control, name,
    get value() { return control.value.trim(); },
    wrong(words) {
      error.hidden = !words;
      error.lastChild.textContent = words || "";
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      describe(Boolean(words));
    },
  };
  control.addEventListener("input", () => one.wrong(""));
  describe(false);
  return one;
}

function choices(options, chosen) {
  return h("select", options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
}

/* Marks what is wrong; focus goes to the first. True when all is well. */
export function check(fields, wrong) {
  let first = null;
  for (const one of fields) {
    const words = wrong[one.name] ?? (one.control.required && !one.value ? t("f.needed") : "");
    one.wrong(words);
    if (words) first ??= one.control;
  }
  first?.focus();
  return !first;
}

/* "+" and 7 to 15 digits; what people put between them is taken out. */
export function asPhone(text) {
  const plain = text.replace(/[\s().-]/g, "").replace(/^00/, "+");
  return /^\+[1-9]\d{6,14}$/.test(plain) ? plain : null;
}
