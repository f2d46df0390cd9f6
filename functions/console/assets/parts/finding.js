/* A finding in words: its kind and what to do in the reader's language where we know the kind, what was seen as it
   was written down. */

import { knows, t } from "../i18n/index.js";
import { h } from "./dom.js";

const english = (text) => h("span", { lang: "en", dir: "auto" }, text);

export const titleOf = ({ kind }) => (knows(`f.${kind}`) ? t(`f.${kind}`) : t("f.other"));
export const remedyOf = ({ kind, remedy }) => (knows(`f.${kind}.do`) ? t(`f.${kind}.do`) : english(remedy));
export const seen = ({ text }) => english(text);
