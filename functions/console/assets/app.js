/* Starts the console: settings, words, icons, who is signed in, then the page of the address. */

import "./day-strip.js";
import { mayBeSignedIn, renewAccess, whenEnded } from "./auth.js";
import { LANGUAGES, setLanguage } from "./i18n/index.js";
import { h, loadIcons } from "./parts/dom.js";
import { closeAll } from "./parts/dialog.js";
import { watchReach } from "./parts/reach.js";
import { frame, watchKeys } from "./parts/shell.js";
import { go, here, redrawAll, start } from "./router.js";
import { kept, loadConfig, refreshMe, session } from "./session.js";

const page = (path, load, { open = false } = {}) => ({ path, open, page: () => (open || session.me ? load() : import("./pages/door.js")) });

const ROUTES = [
  page("", () => import("./pages/channels.js")),
  page("/signin", () => import("./pages/door.js"), { open: true }),
  page("/signup", () => import("./pages/door.js"), { open: true }),
  page("/signin/callback", () => import("./pages/callback.js"), { open: true }),
  page("/channels", () => import("./pages/channels.js")),
  page("/channels/:id", () => import("./pages/channel.js")),
  page("/plans", () => import("./pages/plans.js")),
  page("/plans/:id/checkout", () => import("./pages/checkout.js")),
  page("/subscription/return", () => import("./pages/return.js")),
  page("/balance", () => import("./pages/balance.js")),
  page("/payments", () => import("./pages/payments.js")),
  page("/payments/:receipt", () => import("./pages/payments.js")),
  page("/notifications", () => import("./pages/notifications.js")),
  page("/settings", () => import("./pages/settings.js")),
  page("/api-keys", () => import("./pages/api-keys.js")),
  page("/admin", () => import("./pages/admin.js")),
  page("/:any", () => import("./pages/missing.js")),
];

async function whoIsIt() {
  if (!mayBeSignedIn()) return;
  if (!(await renewAccess())) return;
  await refreshMe();
  const wanted = session.me.locale;
  if (!kept.read("locale") && LANGUAGES[wanted] && wanted !== document.documentElement.lang) await setLanguage(wanted);
}

async function begin() {
  await Promise.all([loadConfig(), setLanguage(document.documentElement.lang), loadIcons()]);
  await whoIsIt().catch(() => { /* the page itself will say what does not work */ });
  whenEnded(() => { closeAll(); session.ended = true; redrawAll(); });
  watchReach();
  watchKeys({
    help: async () => (await import("./dialogs/help.js")).openHelp(),
    add: async () => (await import("./dialogs/add.js")).openAdd(),
  });
  if (session.me && location.pathname === "/") history.replaceState(null, "", "/channels");
  await start(ROUTES, { frame, moved: closeAll });
}

/* Before there is a frame there are no words either: say it in English. */
begin().catch(() => {
  document.body.append(h("main.main", h("h1", "Daypass did not load"), h("p", "Our server did not answer. Nothing was changed. Load the page again in a minute.")));
});

export { go, here };
