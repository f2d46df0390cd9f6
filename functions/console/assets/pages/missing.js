/* No page has this address. */

import { t } from "../i18n/index.js";
import { h, link } from "../parts/dom.js";

export default {
  title: "missing",
  view: () => h("section.panel", h("div.nothing", h("h1", t("missing")), h("p", t("missing.do")), link("/channels", t("to-channels"), { class: "button" }))),
};
