/* The keys, for who likes them. */

import { t } from "../i18n/index.js";
import { button, h } from "../parts/dom.js";
import { openDialog } from "../parts/dialog.js";

const KEYS = [["?", "k.help"], ["g c", "k.channels"], ["g b", "k.balance"], ["n", "k.new"], ["/", "k.search"]];

/* Only what does something on this page. */
const works = ([, words]) => words !== "k.search" || document.querySelector('#main [type="search"]');

export function openHelp() {
  const dialog = openDialog({
    title: t("k.title"),
    body: h("div.pad.form",
      h("dl.facts", KEYS.filter(works).flatMap(([keys, words]) => [
        h("dt", keys.split(" ").flatMap((key, index) => [index ? " " : "", h("kbd", key)])), h("dd", t(words)),
      ])),
      h("p.quiet", t("k.off"))),
    foot: [button(t("close"), () => dialog.close())],
  });
  return dialog;
}
