/* The QR code: sixty ticks round it, one falls each second; it lives as long as WHAPI says, sixty seconds at
   most, and is renewed by itself while somebody looks. A code past its life is taken away at once. */

import { api, isAbort } from "../api.js";
import { announce } from "../parts/toast.js";
import { t, rich, phone as asRead } from "../i18n/index.js";
import { button, h, icon, ltr, pause, svg, swap } from "../parts/dom.js";

const RING_TICKS = 60;
const RING_SIDE = 15;
const LOW_SECONDS = 10;
/* After so many codes without a phone we ask whether anybody is there. */
const MOST_CODES = 12;
const PROVISION_SECONDS = 90;
const PROVISION_CHECK_MS = 3000;
const PROVISION_CHECKS = 60;
const BUSY_CHECK_MS = 2000;
const WAITS = new Set(["channel_provisioning", "channel_busy"]);

/* Ticks on a square, clockwise from the top: one for each second. */
function ring() {
  const first = 24;
  const step = (300 - 2 * first) / (RING_SIDE - 1);
  const at = (index) => first + index * step;
  const paths = Array.from({ length: RING_TICKS }, (_, index) => {
    const side = Math.floor(index / RING_SIDE);
    const along = at(index % RING_SIDE).toFixed(1);
    const back = at(RING_SIDE - 1 - (index % RING_SIDE)).toFixed(1);
    const d = [`M${along} 0v12`, `M300 ${along}h-12`, `M${back} 300v-12`, `M0 ${back}h12`][side];
    return svg("path", { d });
  });
  return svg("svg", { class: "ring", viewBox: "0 0 300 300", "aria-hidden": "true" }, ...paths);
}

export class ScanTab {
  constructor(linking) {
    this.linking = linking;
    this.codes = 0;
    this.ring = ring();
    this.image = h("div.image");
    this.frame = h("div.qr", this.ring, this.image);
    this.seconds = h("span");
    this.timer = h("p", { role: "timer", "aria-live": "off" });
    this.refresh = button(t("q.refresh"), () => this.start({ anew: true }), { image: "refresh" });
    this.foot = h("div.qr-foot", this.timer, this.refresh);
    this.place = h("div.scan-place");
    this.panel = h("div.link", this.place);
  }

  steps() {
    const number = this.linking.channel.whatsapp_number ?? this.linking.channel.phone;
    const step = (words, small) => h("li", h("span", words, small && h("small", small)));
    return h("ol.howto",
      step(t("q.step1"), number && rich("q.step1.why", { number: ltr(asRead(number)) })),
      step(t("q.step2"), t("q.step2.why")), step(t("q.step3"), t("q.step3.why")), step(t("q.step4"), t("q.step4.why")));
  }

  /* Begins, or begins anew by hand. */
  start({ anew = false } = {}) {
    this.rest();
    if (anew) this.codes = 0;
    if (!this.place.firstChild) this.empty();
    this.work = new AbortController();
    const signal = AbortSignal.any([this.work.signal, this.linking.signal]);
    this.run(signal).catch((error) => { if (!isAbort(error)) this.failed(error); });
  }

  rest() {
    this.cutOff = false;
    this.work?.abort(new DOMException("Not looked at.", "AbortError"));
  }

  /* The network is back: what it broke off begins anew by itself. */
  goOn() { if (this.cutOff) this.start({ anew: true }); }

  async run(signal) {
    while (!signal.aborted) {
      const code = await this.fetch(signal);
      if (!code) return;
      this.linking.given();
      this.show(code);
      await this.count(code, signal);
      this.expire();
      if (++this.codes >= MOST_CODES) return this.timedOut();
      await this.seen(signal);
    }
  }

  async fetch(signal) {
    for (let turn = 0; turn < PROVISION_CHECKS; turn++) {
      this.refresh.setAttribute("aria-busy", "true");
      try {
        const asked = performance.now();
        const code = await api.peek(`/v1/channels/${this.linking.channel.id}/qr`, { signal });
        return { ...code, asked };
      } catch (error) {
        if (error.code === "already_linked") { this.linking.linked({ already: true }); return null; }
        if (!(await this.waits(error, turn, signal))) throw error;
      } finally { this.refresh.removeAttribute("aria-busy"); }
    }
    throw Object.assign(new Error(), { code: "provider_slow" });
  }

  /* Some refusals only mean "not yet": waited out, with how far it is. */
  async waits(error, turn, signal) {
    if (error.code === "channel_not_active") {
      const channel = await this.linking.look().catch(() => this.linking.channel);
      if (channel.status !== "pending" || channel.provision?.state === "refused") return false;
      this.provisioning(turn, channel);
    } else if (WAITS.has(error.code)) {
      this.provisioning(turn, this.linking.channel);
    } else return false;
    const delay = error.code === "channel_busy" ? BUSY_CHECK_MS : PROVISION_CHECK_MS;
    await pause(error.retryAfter ? Math.min(error.retryAfter * 1000, 10000) : delay, signal);
    return true;
  }

  provisioning(turn, channel) {
    this.begun ??= performance.now();
    const gone = Math.min(PROVISION_SECONDS, Math.round((performance.now() - this.begun) / 1000));
    const { place } = channel.provision ?? {};
    const says = place ? t("q.queue", { n: place }) : t("q.provisioning.why");
    this.linking.silent();
    if (turn === 0 || !this.progress?.isConnected) {
      this.progress = h("progress", { max: PROVISION_SECONDS, value: 0, "aria-label": t("q.provisioning") });
      this.why = h("p.quiet", says);
      swap(this.place, h("div.mend.wait", { role: "status" },
        h("p", h("strong", t("q.provisioning"))), this.progress, this.why));
    }
    this.progress.value = gone;
    this.why.textContent = says;
  }

  show({ qr, expires_in: lives, asked }) {
    const life = Math.max(1, Math.min(RING_TICKS, Number(lives) || RING_TICKS));
    this.ends = asked + life * 1000;
    this.endsByDate = Date.now() + this.ends - performance.now();
    this.begun = null;
    const source = qr.startsWith("data:") ? qr : `data:image/png;base64,${qr}`;
    this.image.replaceChildren(h("img", { src: source, alt: t("q.alt"), width: 256, height: 256 }));
    this.timer.replaceChildren(h("strong", ...rich("q.left", { s: this.seconds })));
    if (!this.frame.isConnected) swap(this.place, this.frame, this.foot);
    if (this.codes > 0) announce(t("q.new"));
  }

  /* Before the first code: its frame, so that nothing jumps when it comes. */
  empty() {
    this.tick(0);
    this.timer.replaceChildren(h("strong", t("q.fetching")));
    swap(this.place, this.frame, this.foot);
  }

  /* What is left of it: by a clock that nobody can set, and by the one that also runs while the machine sleeps. */
  left() { return Math.min(this.ends - performance.now(), this.endsByDate - Date.now()); }

  /* One tick each second. */
  async count(_, signal) {
    for (;;) {
      const left = Math.ceil(this.left() / 1000);
      if (left <= 0) return;
      this.tick(left);
      await pause(Math.max(50, this.left() - (left - 1) * 1000), signal);
    }
  }

  tick(left) {
    [...this.ring.children].forEach((path, index) => path.classList.toggle("gone", index < RING_TICKS - left));
    this.frame.toggleAttribute("data-low", left <= LOW_SECONDS);
    this.seconds.textContent = String(left);
  }

  expire() {
    this.tick(0);
    this.image.replaceChildren(h("p.expired", icon("refresh"), t("q.expired")));
    this.timer.replaceChildren(h("strong", t("q.renewing")));
  }

  /* Codes are not made for a page that nobody looks at. */
  async seen(signal) {
    while (document.hidden) await pause(500, signal);
  }

  timedOut() {
    this.rest();
    this.failed({ code: "link_timed_out" });
  }

  failed(error) {
    if (this.linking.over) return;
    this.cutOff = error.code === "offline";
    swap(this.place, this.linking.problem(error, () => this.start({ anew: true })));
  }
}
