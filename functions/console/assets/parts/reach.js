/* The line over the page while we cannot be reached: what is shown stays, with its time; writing says so. */

import { isOnline, lastHeard, onReach, tryReach } from "../api.js";
import { reloadPage } from "../router.js";
import { hour, t } from "../i18n/index.js";
import { h, icon } from "./dom.js";

const AGAIN_MS = 10000;
let timer;

function line() {
  return h("p.offline#offline", { role: "status" }, icon("s-cut", "small"), h("span", t("offline", { time: hour(lastHeard()) })));
}

function changed(online) {
  document.getElementById("offline")?.remove();
  clearInterval(timer);
  if (online) return reloadPage();
  document.querySelector(".shell, .door")?.before(line());
  timer = setInterval(tryReach, AGAIN_MS);
}

export function watchReach() {
  onReach(changed);
  addEventListener("offline", tryReach);
  addEventListener("online", tryReach);
}

/* The frame was drawn anew. */
export function keepLine() {
  if (!isOnline() && !document.getElementById("offline")) document.querySelector(".shell, .door")?.before(line());
}
