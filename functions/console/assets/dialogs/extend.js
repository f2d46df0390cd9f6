/* Extend: days leave the balance and stand on the channel; both are seen before anything happens. Afterwards
   the truth is said: done, on its way, or not answered yet and set aside. */

import { DAY_MS, now } from "../clock.js";
import { api, isAbort, newKey } from "../api.js";
import { day, fullDay, nDays, t } from "../i18n/index.js";
import { bdi, busy, button, h, isBusy, pause, strip } from "../parts/dom.js";
import { cancelButton, openDialog } from "../parts/dialog.js";
import { reach, steps } from "../parts/days.js";
import { mend } from "../parts/problem.js";
import { toast } from "../parts/toast.js";
import { reloadPage } from "../router.js";
import { daysLeft, refreshMe } from "../session.js";

const USUAL_DAYS = 30;
const SETTLE_CHECKS = 8;
const SETTLE_DELAY_MS = 1000;

const leftOn = (channel) => (channel.active_till ? Math.max(0, channel.days_left ?? Math.floor((Date.parse(channel.active_till) - now()) / DAY_MS)) : 0);

function subtitle(channel) {
  const left = leftOn(channel);
  return left > 0 ? t("x.left", { n: left, date: fullDay(channel.active_till) }) : t("x.none");
}

export function openExtend(channel) {
  const balance = daysLeft();
  const title = t("x.title", { name: channel.name });
  if (balance <= 0) {
    const dialog = openDialog({ title, sub: subtitle(channel), body: h("div.pad", mend({ code: "no_days" }, null, { tone: "warn" })), foot: [button(t("close"), () => dialog.close())] });
    return dialog;
  }
  return new Extend(channel, balance, title).dialog;
}

class Extend {
  constructor(channel, balance, title) {
    Object.assign(this, { channel, balance, key: newKey() });
    const offered = steps(balance);
    this.days = offered.includes(USUAL_DAYS) ? USUAL_DAYS : offered.at(-1);
    this.onChannel = h("output");
    this.onBalance = h("output");
    this.channelStrip = strip({ line: true, pitch: 5, height: 20 });
    this.balanceStrip = strip({ pitch: 4, height: 16 });
    this.problem = h("div");
    const form = h("form.pad.form", { id: "extend-form" }, this.choices(offered), this.exchange(), this.problem);
    this.submit = h("button.button.main-action", { type: "submit", form: "extend-form" }, h("span"));
    this.dialog = openDialog({ title, sub: subtitle(channel), body: form, foot: [cancelButton(() => this.dialog), this.submit] });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.show();
  }

  choices(offered) {
    const one = (days) => {
      const input = h("input", { type: "radio", name: "days", value: String(days), on: { change: () => { this.days = days; this.key = newKey(); this.show(); } } });
      input.checked = days === this.days;
      return h("label.choice", input, h("span", h("strong", nDays(days)), h("small", day(reach(this.channel, days)))));
    };
    return h("fieldset", h("legend.unseen", t("x.legend")), h("div.steps-of-days", offered.map(one)));
  }

  exchange() {
    const line = (name, said, drawn) => h("div", h("p.line", h("strong", name), h("span", said)), drawn);
    return h("div.exchange", { "aria-live": "polite" },
      line(bdi(this.channel.name), this.onChannel, this.channelStrip), line(t("x.balance"), this.onBalance, this.balanceStrip));
  }

  show() {
    const held = leftOn(this.channel);
    const after = held + this.days;
    const set = (el, values) => { for (const [name, value] of Object.entries(values)) el.setAttribute(name, value); };
    set(this.channelStrip, { held, planned: this.days, span: Math.max(after, 79) });
    set(this.balanceStrip, { spent: Math.min(this.days, 400), held: Math.min(this.balance - this.days, 400) });
    this.onChannel.textContent = t("x.after", { n: after, date: fullDay(reach(this.channel, this.days)) });
    this.onBalance.textContent = t("x.remain", { left: this.balance - this.days, n: this.balance });
    this.submit.firstChild.textContent = t("x.do", { n: this.days });
  }

  async send() {
    if (isBusy(this.submit)) return;
    this.problem.replaceChildren();
    const done = busy(this.submit, t("x.doing"));
    try {
      const answer = await api.post(`/v1/channels/${this.channel.id}/extend`, { days: this.days }, { key: this.key });
      const extension = await this.settled(answer.extension);
      this.say(extension);
      await refreshMe().catch(() => {});
      reloadPage();
    } catch (error) {
      if (!isAbort(error)) this.problem.replaceChildren(mend(error));
    } finally { done(); }
  }

  /* Waits a few seconds for the outcome; most come at once. */
  async settled(extension) {
    let last = extension;
    for (let turn = 0; turn < SETTLE_CHECKS && ["queued", "calling"].includes(last.state); turn++) {
      await pause(SETTLE_DELAY_MS);
      const { items } = await api.peek(`/v1/channels/${this.channel.id}/extensions`).catch(() => ({ items: [] }));
      last = items.find((one) => one.id === extension.id) ?? last;
    }
    return last;
  }

  say(extension) {
    const values = { n: this.days, name: this.channel.name, date: fullDay(reach(this.channel, this.days)) };
    if (extension.state === "posted") { this.dialog.close(); return toast(t("x.done", values)); }
    if (extension.state === "void") { this.key = newKey(); return this.problem.replaceChildren(mend({ code: "extension_void" })); }
    if (extension.state === "unknown") return this.wait();
    this.dialog.close();
    return toast(t("x.queued", values));
  }

  wait() {
    this.dialog.content.querySelector("fieldset").hidden = true;
    this.problem.replaceChildren(h("div.mend.wait", { role: "status" }, h("p", t("x.unknown", { n: this.days }))));
    this.dialog.foot(button(t("close"), () => this.dialog.close(), { main: true }));
  }
}
