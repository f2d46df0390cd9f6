/* Back from the provider: its code becomes tokens, then on to where one wanted to go. */

import { finishSignIn, signIn } from "../auth.js";
import { go } from "../router.js";
import { firstLook, session, kept } from "../session.js";
import { LANGUAGES, setLanguage, t } from "../i18n/index.js";
import { button, h, icon, link } from "../parts/dom.js";
import { mend } from "../parts/problem.js";

export default {
  title: "signin",
  frame: "door",
  load: async ({ query }) => {
    try {
      const to = await finishSignIn(query);
      await firstLook();
      if (!kept.read("locale") && LANGUAGES[session.me.locale]) await setLanguage(session.me.locale);
      queueMicrotask(() => go(to, { replace: true }));
      return { fine: true };
    } catch (error) {
      if (session.me) { queueMicrotask(() => go("/channels", { replace: true })); return { fine: true }; }
      return { code: error.reason ? `signin_${error.reason.replace("-", "_")}` : (error.code ?? "unexpected"), error };
    }
  },
  bones: () => door(h("p", { role: "status" }, t("signing-in"))),
  view: ({ fine, code, error }) => door(fine
    ? h("p", { role: "status" }, t("signing-in"))
    : [mend({ ...error, code }, null), button(t("signin"), () => signIn(), { main: true, wide: true }), h("p", link("/signin", t("to-door")))]),
};

const door = (inside) => [h("p.mark", icon("mark"), "Daypass"), h("div.box", h("h1", t("signin")), inside), h("footer.foot")];
