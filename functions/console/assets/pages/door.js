/* The door: sign in or create an account, both at the provider; the language can be chosen before. */

import { signIn } from "../auth.js";
import { here } from "../router.js";
import { session } from "../session.js";
import { LANGUAGES, currentLanguage, t } from "../i18n/index.js";
import { busy, button, h, icon } from "../parts/dom.js";
import { mend } from "../parts/problem.js";
import { speak } from "../parts/shell.js";

const inside = (path) => (/^\/(signin|signup)?([/?]|$)/.test(path) ? "/channels" : path);

function languages() {
  return h("nav.languages", { "aria-label": t("language") }, Object.entries(LANGUAGES).map(([code, words]) =>
    h("button.as-link", { type: "button", lang: code, "aria-current": code === currentLanguage() ? "true" : undefined, on: { click: () => speak(code) } }, words)));
}

function leave(act, problem, options) {
  const done = busy(act);
  problem.replaceChildren();
  signIn(options).catch(() => {
    done();
    problem.replaceChildren(mend({ code: globalThis.isSecureContext ? "issuer_silent" : "not_secure" }));
  });
}

export default {
  title: "signin",
  frame: "door",
  load: async ({ query }) => {
    const to = inside(query.get("to") ?? here());
    /* Sent over from another address of ours: go on at once. */
    if (query.has("go")) await signIn({ to, signup: query.get("go") === "up" }).catch(() => {});
    return { to, signup: location.pathname === "/signup" };
  },
  view: ({ to, signup }) => {
    const problem = h("div");
    const into = (words, up) => button(words, ({ currentTarget }) => leave(currentTarget, problem, { to, signup: up }), { main: true, wide: true });
    const instead = (words, up) => h("button.as-link", { type: "button", on: { click: ({ currentTarget }) => leave(currentTarget, problem, { to, signup: up }) } }, words);
    const notice = session.ended ? h("p", { role: "status" }, t(session.ended)) : null;
    session.ended = null;
    return [
      h("p.mark", icon("mark"), "Daypass"),
      h("div.box", h("h1", t(signup ? "create" : "signin")), notice, h("p.quiet", t("signin.how")), problem,
        into(t(signup ? "create" : "signin"), signup),
        signup ? h("p.quiet", t("have-account"), " ", instead(t("signin"), false)) : h("p.quiet", t("new-here"), " ", instead(t("create"), true))),
      h("footer.foot", languages(), h("a", { href: "/docs" }, t("api-docs"))),
    ];
  },
};
