/* Linking by number: WhatsApp on the phone asks for eight characters, and here they are. */

import { api, isAbort } from "../api.js";
import { phone as asRead, t } from "../i18n/index.js";
import { busy, button, h, isBusy, swap, unseen } from "../parts/dom.js";
import { asPhone, field } from "../parts/field.js";
import { fieldErrors } from "../parts/problem.js";
import { announce, copies } from "../parts/toast.js";

const HALF = 4;

export class PairTab {
  constructor(linking) {
    this.linking = linking;
    const number = linking.channel.whatsapp_number ?? linking.channel.phone;
    this.act = h("button.button", { type: "submit" }, h("span", t("q.get-code")));
    this.field = field({ label: t("q.number"), name: "phone", type: "tel", inputmode: "tel", autocomplete: "tel", value: number ? asRead(number) : "", beside: this.act });
    this.place = h("div.stack");
    this.form = h("form.stack", { novalidate: true, on: { submit: (event) => { event.preventDefault(); this.ask(); } } }, this.field.el, this.place);
    this.panel = h("div.link.pairing", this.form);
  }

  steps() {
    const step = (words, small) => h("li", h("span", words, small && h("small", small)));
    return h("ol.howto", step(t("p.step1"), t("p.step1.why")), step(t("p.step2"), t("p.step2.why")), step(t("p.step3"), t("p.step3.why")));
  }

  async ask() {
    if (isBusy(this.act)) return;
    const number = asPhone(this.field.value);
    this.field.wrong(number ? "" : t("f.phone"));
    if (!number) return this.field.control.focus();
    const done = busy(this.act, t("q.getting-code"));
    try {
      const { code } = await api.post(`/v1/channels/${this.linking.channel.id}/pairing-code`, { phone: number }, { signal: this.linking.signal });
      this.linking.given();
      this.show(code);
    } catch (error) {
      if (isAbort(error)) return;
      if (error.code === "already_linked") return this.linking.linked({ already: true });
      const wrong = fieldErrors(error).phone;
      if (wrong) this.field.wrong(wrong);
      else swap(this.place, this.linking.problem(error, () => this.ask()));
    } finally { done(); }
    if (this.place.querySelector(".pair")) this.act.querySelector("span").textContent = t("q.new-code");
  }

  show(text) {
    const plain = String(text).replace(/[^0-9A-Za-z]/g, "");
    const halves = [plain.slice(0, HALF), plain.slice(HALF)].filter(Boolean);
    const spelled = halves.map((half) => [...half].join(" ")).join(", ");
    const copy = copies(button(t("q.copy"), null, { image: "copy" }), () => plain);
    this.place.replaceChildren(
      h("p.pair", unseen(t("q.code-is", { code: spelled })), h("span", { "aria-hidden": "true" }, halves.join("\u00a0"))), copy);
    announce(t("q.code-is", { code: spelled }));
  }
}
