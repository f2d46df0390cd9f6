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

/* Shorter than anybody notices; the same words twice are then heard twice. */
const HUSH_MS = 60;

/* For screen readers only; inside the dialog that is open, because nothing else is heard then. */
export function announce(words) {
  const place = [...document.querySelectorAll("dialog[open] > [data-says]")].at(-1) ?? document.querySelector("body > [data-says]");
  if (!place) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = words; }, HUSH_MS);
}

const SAID_MS = 2000;

/* Copies, and says for two seconds on the button whether it could. */
export function copies(el, text) {
  const label = el.querySelector("span");
  const before = label.textContent;
  let timer;
  el.addEventListener("click", async () => {
    const copied = await copy(text());
    label.textContent = t(copied ? "copied" : "not-copied");
    announce(label.textContent);
    clearTimeout(timer);
    timer = setTimeout(() => { label.textContent = before; }, SAID_MS);
  });
  return el;
}

/* Browsers refuse it to pages that are not loaded securely. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { return false; }
}
