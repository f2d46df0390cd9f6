/* Starts the console: settings, words, icons, who is signed in, all at once; then the page of the address. */

import "./day-strip.js";
import { mayBeSignedIn, renewAccess, whenEnded } from "./auth.js";
import { LANGUAGES, knows, setLanguage, t } from "./i18n/index.js";
import { button, h, loadIcons } from "./parts/dom.js";
import { closeAll } from "./parts/dialog.js";
import { watchReach } from "./parts/reach.js";
import { frame, watchKeys } from "./parts/shell.js";
import { fetchAhead, showAgain, start } from "./router.js";
import { firstLook, kept, loadConfig, refreshMe, session } from "./session.js";

const door = () => import("./pages/door.js");
const page = (path, load) => ({ path, load, page: () => known(load) });
const open = (path, load) => ({ path, load, page: load });

const ROUTES = [
  page("", () => import("./pages/channels.js")),
  open("/signin", door),
  open("/signup", door),
  open("/signin/callback", () => import("./pages/callback.js")),
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
  page("/admin/findings", () => import("./pages/admin-findings.js")),
  page("/admin/users/:id", () => import("./pages/admin-user.js")),
  page("/:any", () => import("./pages/missing.js")),
];

/* A page of somebody who is signed in. Who could not be read at the start (the server was down) is read before
   the page, so that the page says what does not work; nobody is sent to the door for it. */
async function known(load) {
  if (session.me) return load();
  if (!mayBeSignedIn()) return door();
  const { default: wanted } = await load();
  const first = async (context) => { if (!session.me) await refreshMe(context.signal); };
  return { default: { ...wanted, load: (context) => first(context).then(() => wanted.load?.(context)) } };
}

async function whoIsIt() {
  if (mayBeSignedIn() && (await renewAccess())) await firstLook();
}

/* The account's language, unless another was chosen on this device. */
async function ownLanguage() {
  const wanted = session.me?.locale;
  if (!kept.read("locale") && LANGUAGES[wanted] && wanted !== document.documentElement.lang) await setLanguage(wanted);
}

async function begin() {
  if (mayBeSignedIn()) fetchAhead(ROUTES);
  await Promise.all([
    loadConfig().then(() => whoIsIt().catch(() => { /* the page itself will say what does not work */ })),
    setLanguage(document.documentElement.lang), loadIcons().catch(() => { /* words alone do */ }),
  ]);
  await ownLanguage();
  whenEnded((why) => { session.ended = why; showAgain(); });
  watchReach();
  watchKeys({
    help: async () => (await import("./dialogs/help.js")).openHelp(),
    add: async () => (await import("./dialogs/add.js")).openAdd(),
  });
  /* Back from PayPal or from signing in: a page kept by the browser still says that it is at work. */
  addEventListener("pageshow", (event) => { if (event.persisted) showAgain(); });
  if (session.me && location.pathname === "/") history.replaceState(null, "", "/channels");
  await start(ROUTES, { frame, moved: closeAll });
}

/* Perhaps there are no words yet: then it is said in English. */
begin().catch((error) => {
  console.error(error);
  const say = (key, english) => (knows(key) ? t(key) : english);
  document.querySelector(".boot")?.remove();
  document.body.append(h("main.main.alone", h("section.panel", { role: "alert" }, h("div.nothing",
    h("h1", say("not-started", "Daypass did not load")), h("p", say("not-started.do", "Our server did not answer. Nothing was changed. Try again in a minute.")),
    button(say("try-again", "Try again"), () => location.reload())))));
});
