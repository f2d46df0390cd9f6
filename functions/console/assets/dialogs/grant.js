/* Give a customer days, with a reason that the customer reads. What it leads to is seen before; pressed twice, or again
   after a failure, it is the same wish and happens once. */

import { api, isAbort, newKey } from "../api.js";
import { nDays, num, t } from "../i18n/index.js";
import { busy, fresh, h, isBusy, strip } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { check, field } from "../parts/field.js";
import { fieldErrors, mend } from "../parts/problem.js";
import { nameOf } from "../parts/staff.js";
import { toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";

const OFFERED = [5, 10, 30];
const USUAL = 10;
const MOST = 3660;
const MOST_TICKS = 400;
const LONGEST_REASON = 500;

export const openGrant = (customer, solvency) => new Grant(customer, solvency).dialog;

class Grant {
  constructor(customer, solvency) {
    Object.assign(this, { customer, margin: solvency?.margin ?? null, key: newKey(), chosen: USUAL });
    this.number = field({ label: t("gr.number"), name: "days", type: "number", min: 1, max: MOST, step: 1, inputmode: "numeric" });
    this.number.el.hidden = true;
    this.reason = field({ label: t("gr.reason"), help: t("gr.reason.help"), name: "reason", required: true, maxlength: LONGEST_REASON, autocomplete: "off" });
    this.after = h("span");
    this.free = h("span");
    this.strip = strip({ pitch: 4, height: 16 });
    this.problem = h("div");
    const id = fresh("grant");
    const form = h("form.pad.form", { id, novalidate: true }, this.choices(), this.number.el, this.reason.el, this.outlook(), this.problem);
    this.submit = h("button.button.main-action", { type: "submit", form: id }, h("span"));
    this.dialog = openDialog({
      title: t("gr.title", { name: nameOf(customer) }), sub: t("gr.now", { n: customer.balance.days_remaining }),
      body: form, foot: [cancelButton(() => this.dialog), this.submit],
    });
    form.addEventListener("input", () => { this.key = newKey(); this.show(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.show();
  }

  get days() { return this.chosen ?? (Number(this.number.value) || 0); }

  choices() {
    const one = (days, words) => {
      const input = h("input", { type: "radio", name: "offered", on: { input: () => { this.chosen = days; this.number.el.hidden = days !== null; } } });
      input.checked = days === USUAL;
      return h("label.choice", input, h("span", h("strong", words)));
    };
    return h("fieldset", h("legend.unseen", t("u.days")),
      h("div.steps-of-days", OFFERED.map((days) => one(days, nDays(days))), one(null, t("gr.other"))));
  }

  outlook() {
    const line = (name, said, drawn) => h("div", h("p.line", h("strong", name), said), drawn);
    return h("div.exchange", { "aria-live": "polite" },
      line(t("gr.after"), this.after, this.strip), this.margin !== null && line(t("gr.free"), this.free));
  }

  show() {
    const [held, days, free] = [this.customer.balance.days_remaining, this.days, Math.max(0, this.margin ?? 0)];
    const few = held + days <= MOST_TICKS;
    const ticks = (n) => String(few ? n : Math.ceil(n / 30));
    this.strip.setAttribute("held", ticks(held));
    this.strip.setAttribute("planned", ticks(Math.min(days, MOST)));
    this.after.textContent = nDays(held + days);
    this.free.textContent = days > free ? t("gr.beyond") : t("gr.remain", { left: num(free - days), n: free });
    this.submit.firstChild.textContent = days ? t("gr.do", { n: days }) : t("gr.title.short");
  }

  get wrong() {
    const fits = Number.isInteger(this.days) && this.days >= 1 && this.days <= MOST;
    return fits ? {} : { days: t("gr.number.wrong", { most: num(MOST) }) };
  }

  async send() {
    if (isBusy(this.submit) || !check([this.number, this.reason], this.wrong)) return;
    this.problem.replaceChildren();
    const { customer, days } = this;
    const done = busy(this.submit, t("gr.doing"));
    try {
      await api.post(`/v1/admin/users/${customer.id}/grant-days`, { days, reason: this.reason.value }, { key: this.key });
      this.dialog.close();
      toast(t("gr.done", { n: days, name: nameOf(customer) }));
      await reloadPage();
    } catch (error) {
      if (!isAbort(error) && check([this.number, this.reason], fieldErrors(error))) this.problem.replaceChildren(mend(error));
    } finally { done(); }
  }
}
