/* Notifications: what happened, newest first; what is new has a mark and weight. */

import { api, withQuery } from "../api.js";
import { now } from "../clock.js";
import { fullDay, t, when } from "../i18n/index.js";
import { busy, button, h, icon, isBusy, link, unseen } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { Pages, bones, head, nothing } from "../parts/page.js";
import { mend } from "../parts/problem.js";
import { told } from "../parts/told.js";
import { lookForNews } from "../session.js";

const PAGE = 30;
const LOOK = [
  [/suspend|invalid|failed|unlinked|disconnected|error|refused|gone/, "s-err", "stop"],
  [/low|expired|ending|canceled|skipped|timed_out|refunded|reversed|drift/, "s-soon", "warn"],
  [/linked|credited|approved/, "s-ok", "ok"],
  [/^payment|^subscription/, "payments", ""], [/^balance|extended/, "balance", ""], [/^channel/, "channels", ""],
];
const ABOUT = { channel: "/channels", payment: "/payments", subscription: "/payments", balance: "/balance" };

const isNew = (one) => !one.read_at;

function note(one) {
  const [, image, tone] = LOOK.find(([pattern]) => pattern.test(one.kind)) ?? [null, "bell", ""];
  const to = ABOUT[one.kind.split(".")[0]];
  return h("li", { class: isNew(one) ? "new" : "" }, icon(image, tone),
    h("div", h("p", told(one, to && ((what) => link(to, what))))),
    h("span.when", isNew(one) && [h("i"), unseen(t("new"))], when(one.at)));
}

/* All that is shown is marked at once. */
function markButton(fresh, context) {
  const act = button(t("mark-read"), async () => {
    if (isBusy(act)) return;
    const done = busy(act);
    try {
      await api.post("/v1/notifications/read", { ids: fresh.map((one) => one.id) });
      await context.reload();
    } catch (error) { failed(error); } finally { done(); }
  }, { image: "check", data: { key: "mark" } });
  const failed = (error) => act.after(mend(error));
  return act;
}

function grouped(items) {
  const today = fullDay(now());
  const of = (one) => fullDay(one.at) === today;
  return [["today", items.filter(of)], ["earlier", items.filter((one) => !of(one))]].filter(([, list]) => list.length);
}

export default {
  title: "notifications",
  nav: "/notifications",
  load: ({ signal }) => {
    lookForNews();
    return new Pages((cursor) => api.get(withQuery("/v1/notifications", { limit: PAGE, cursor }), { signal })).load();
  },
  bones: () => bones(t("notifications"), 6),
  view: (list, context) => {
    const fresh = list.items.filter(isNew);
    return [
      topBanner(),
      head(t("notifications"), fresh.length ? t("n-new", { n: fresh.length }) : t("newest-first"), fresh.length > 0 && markButton(fresh, context)),
      h("section.panel.notes", { "aria-label": t("notifications") },
        list.items.length
          ? grouped(list.items).flatMap(([title, items]) => [h("h2", t(title)), h("ol", items.map(note))])
          : nothing({ level: 2, title: t("notes.none"), text: t("notes.none.text") }),
        list.controls(t("notifications"), context.redraw)),
    ];
  },
};
