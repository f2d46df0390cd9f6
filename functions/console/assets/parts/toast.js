/* Says what was done, for eight seconds; longer while a hand or the focus rests on it. Never for errors. */

import { t } from "../i18n/index.js";
import { h } from "./dom.js";

const SHOWN_MS = 8000;

export function toast(words, action) {
  const place = document.querySelector(".toasts");
  if (!place) return;
  const close = h("button", { type: "button" }, t("close"));
  const act = action && h("button", { type: "button" }, action.words);
  const el = h("div.toast", h("span", words), act, close);
  let timer;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => el.remove(), SHOWN_MS); };
  const stay = () => clearTimeout(timer);
  close.addEventListener("click", () => el.remove());
  act?.addEventListener("click", () => { el.remove(); action.run(); });
  for (const event of ["pointerenter", "focusin"]) el.addEventListener(event, stay);
  for (const event of ["pointerleave", "focusout"]) el.addEventListener(event, wait);
  place.replaceChildren(el);
  wait();
}

/* For screen readers only. */
export function announce(words) {
  const place = document.getElementById("says");
  if (place) place.textContent = words;
}

/* Copies, and says so on the button for two seconds. */
export function copies(el, text) {
  el.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text()).catch(() => {});
    const label = el.querySelector("span");
    const before = label.textContent;
    label.textContent = t("copied");
    announce(t("copied"));
    setTimeout(() => { label.textContent = before; }, 2000);
  });
  return el;
}
