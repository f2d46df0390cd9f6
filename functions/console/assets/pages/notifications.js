/* Notifications: what happened, newest first; what is new has a mark and weight. */

import { api, withQuery } from "../api.js";
import { now } from "../clock.js";
import { fullDay, t, when } from "../i18n/index.js";
import { h, icon, link, unseen } from "../parts/dom.js";
import { topBanner } from "../parts/banner.js";
import { Pages, bones, head, nothing } from "../parts/page.js";

const PAGE = 30;
const LOOK = [
  [/suspend|invalid|failed|disconnected|error|zero|no_days|refund|revers/, "s-err", "stop"],
  [/low|soon|expir|ending|cancel|warn|delayed/, "s-soon", "warn"],
  [/active|credited|approved|linked|connected|paid/, "s-ok", "ok"],
  [/payment|subscription/, "payments", ""], [/days|extend|balance|renew/, "balance", ""],
];

const textOf = (one) => one.text ?? one.title ?? one.message ?? one.code ?? "";
const moreOf = (one) => (one.detail && one.detail !== textOf(one) ? one.detail : one.body);
const isNew = (one) => one.read_at === null || one.read === false;

function about(one) {
  if (one.channel_id) return `/channels/${one.channel_id}`;
  if (/payment|subscription|plan/.test(one.code ?? one.kind ?? "")) return "/payments";
  return null;
}

function note(one) {
  const kind = String(one.code ?? one.kind ?? one.event ?? "");
  const [, image, tone] = LOOK.find(([pattern]) => pattern.test(kind)) ?? [null, "bell", ""];
  const to = about(one);
  return h("li", { class: isNew(one) ? "new" : "" }, icon(image, tone),
    h("div", h("p", to ? link(to, textOf(one)) : textOf(one)), moreOf(one) && h("small", moreOf(one))),
    h("span.when", isNew(one) && [h("i"), unseen(t("new"))], when(one.at ?? one.created_at)));
}

function grouped(items) {
  const today = fullDay(now());
  const of = (one) => fullDay(one.at ?? one.created_at) === today;
  return [["today", items.filter(of)], ["earlier", items.filter((one) => !of(one))]].filter(([, list]) => list.length);
}

export default {
  title: "notifications",
  nav: "/notifications",
  load: ({ signal }) => new Pages((cursor) => api.get(withQuery("/v1/notifications", { limit: PAGE, cursor }), { signal })).load(),
  bones: () => bones(t("notifications"), 6),
  view: (list, context) => {
    const fresh = list.items.filter(isNew).length;
    return [
      topBanner(),
      head(t("notifications"), fresh ? t("n-new", { n: fresh }) : t("newest-first")),
      h("section.panel.notes", { "aria-label": t("notifications") },
        list.items.length
          ? grouped(list.items).flatMap(([title, items]) => [h("h3", t(title)), h("ol", items.map(note))])
          : nothing({ title: t("notes.none"), text: t("notes.none.text") }),
        list.controls(t("notifications"), context.redraw)),
    ];
  },
};
