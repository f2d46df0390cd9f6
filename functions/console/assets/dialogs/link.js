/* Link a channel to a phone: scan a QR code or type a pairing code. One look every two seconds tells when the
   phone has done it. Nothing is shown past its life, and nothing is said that WHAPI has not said. The address
   remembers that it is open, so that loading the page again opens it again. */

import { api, isAbort, onReach } from "../api.js";
import { announce } from "../parts/toast.js";
import { fullDay, nDays, phone as asRead, rich, t } from "../i18n/index.js";
import { button, h, icon, ltr, pause, strip } from "../parts/dom.js";
import { openDialog, tabs } from "../parts/dialog.js";
import { mend } from "../parts/problem.js";
import { reloadPage } from "../router.js";
import { refreshMe } from "../session.js";
import { PairTab } from "./link-pair.js";
import { ScanTab } from "./link-scan.js";

const LOOK_EVERY_MS = 2000;
const OPEN = "link";

export function openLink(channel) {
  return new Linking(channel).dialog;
}

/* Opens it again on a page that was loaded anew while it was open. */
export function openLinkAgain({ query }, channels) {
  if (!query.has(OPEN)) return;
  const channel = channels.find((one) => one.id === query.get(OPEN));
  if (!channel || channel.auth_status === "authorized") return remember(null);
  /* As if its button had been pressed: there the focus goes back to. */
  document.querySelector(`[data-key="act-${channel.id}"], [data-key="act"]`)?.focus();
  openLink(channel);
}

function remember(id) {
  const address = new URL(location.href);
  if (id) address.searchParams.set(OPEN, id);
  else address.searchParams.delete(OPEN);
  history.replaceState(null, "", address);
}

class Linking {
  constructor(channel) {
    this.channel = channel;
    this.dialog = openDialog({ title: t("q.title", { name: channel.name }), sub: this.subtitle(), large: true, onClose: () => this.closed() });
    this.signal = this.dialog.signal;
    this.states = [h("p"), h("p")];
    this.scan = new ScanTab(this);
    this.pair = new PairTab(this);
    const bar = tabs(t("q.ways"), [
      { id: "scan", words: t("q.scan"), image: "qr", panel: this.scan.panel },
      { id: "pair", words: t("q.pair"), image: "phone", panel: this.pair.panel },
    ], (id) => this.turned(id));
    this.scan.panel.append(this.side(this.scan.steps(), this.states[0]));
    this.pair.panel.append(this.side(this.pair.steps(), this.states[1]));
    this.dialog.body(h("div.pad.stack", bar, this.scan.panel, this.pair.panel));
    remember(channel.id);
    onReach((online) => { if (online) this.scan.goOn(); }, this.signal);
    this.watch();
  }

  side(steps, state) { return h("div.stack", steps, state); }

  subtitle() {
    const { days_left: left, active_till: till } = this.channel;
    if (this.channel.status === "pending" || !till) return t("q.sub.pending");
    return t("q.sub", { n: left, date: fullDay(till) });
  }

  /* Only one of both ways is at work: a new QR code would end a pairing code. */
  turned(id) {
    if (id === "scan") this.scan.start();
    else this.scan.rest();
  }

  told(name) {
    if (this.said === name) return;
    this.said = name;
    const image = name === "connecting" ? "s-busy" : "s-link";
    for (const place of this.states) place.replaceChildren(h("span.state.wait", icon(image), h("span", t(`q.${name}`))));
    if (name === "connecting") announce(t("q.connecting"));
  }

  /* Nobody waits for a phone that has nothing to scan. */
  silent() {
    this.said = null;
    for (const place of this.states) place.replaceChildren();
  }

  /* A code was given: from now on what WHAPI says of the link is about it, and not about an older one. */
  given() {
    this.offered = true;
    this.told("waiting");
    if (this.channel.status === "pending") this.look().catch(() => { /* the next look tells */ });
  }

  /* What the channel is now, for a code that was refused because it is not ready yet. */
  async look() {
    const answer = await api.peek(`/v1/channels/${this.channel.id}`, { signal: this.signal });
    this.knows(answer.channel ?? answer);
    return this.channel;
  }

  knows(channel) {
    this.channel = channel;
    this.dialog.name(t("q.title", { name: channel.name }), this.subtitle());
  }

  async watch() {
    try {
      while (!this.signal.aborted && !this.over) {
        await pause(LOOK_EVERY_MS, this.signal);
        const link = await api.peek(`/v1/channels/${this.channel.id}/link`, { signal: this.signal }).catch((error) => { if (isAbort(error)) throw error; return null; });
        if (!link) continue;
        if (!this.offered) continue;
        if (link.channel) this.knows(link.channel);
        if (link.state === "linked") return this.linked();
        if (link.state === "timed_out") this.scan.timedOut();
        else this.told(link.state === "connecting" ? "connecting" : "waiting");
      }
    } catch (error) { if (!isAbort(error)) throw error; }
  }

  /* The phone has done it. */
  async linked({ already = false } = {}) {
    if (this.over) return;
    this.over = true;
    this.scan.rest();
    remember(null);
    await this.look().catch(() => {});
    if (this.signal.aborted) return;
    const { days_left: left, active_till: till } = this.channel;
    const number = this.channel.whatsapp_number ?? this.channel.phone;
    const words = t(already ? "q.already" : "q.done");
    this.dialog.body(h("div.pad", h("div.done", icon("s-ok"), h("h3", { tabindex: "-1" }, words),
      left > 0 && strip({ held: Math.min(left, 400), pitch: 6, height: 24 }),
      h("p.quiet", number && rich("q.done.what", { number: ltr(asRead(number)), days: nDays(left ?? 0), date: till ? fullDay(till) : "" })),
      button(t("done"), () => this.dialog.close(), { main: true }))));
    this.dialog.el.querySelector("h3").focus();
    announce(words);
  }

  /* Why there is no code, with what mends it. */
  problem(error, retry) {
    this.silent();
    return mend(error, retry, { tone: error.code === "link_timed_out" ? "warn" : "", words: error.code === "link_timed_out" ? t("q.again") : t("try-again") });
  }

  closed() {
    this.scan.rest();
    remember(null);
    refreshMe().catch(() => {}).then(reloadPage);
  }
}
