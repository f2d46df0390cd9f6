// The sandbox panel. Everything it does goes through the same /local/ controls that scripts use.

const LOOK_EVERY_MS = 2000;
const TOLD_FOR_MS = 7000;
const DELIVERIES_SHOWN = 100;
const $ = (id) => document.getElementById(id);

/** An element with attributes and children; texts stay texts. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

async function call(method, path, body) {
  const answer = await fetch(`/local/${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message ?? `${answer.status}`);
  return said;
}

let toldUntil;
function tell(text, isBad = false) {
  $("told").textContent = text;
  $("told").classList.toggle("bad", isBad);
  clearTimeout(toldUntil);
  toldUntil = setTimeout(() => ($("told").textContent = ""), TOLD_FOR_MS);
}

/** Does something by a button: says how it went, and looks at everything again. */
async function act(button, what, doing) {
  if (button) button.disabled = true;
  try {
    const said = await doing();
    tell(typeof what === "function" ? what(said) : what);
    return said;
  } catch (error) {
    tell(error.message, true);
  } finally {
    if (button) button.disabled = false;
    await look();
  }
}

const time = (at) => (at ? new Date(at).toISOString().replace("T", " ").slice(0, 19) : "–");
const values = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

// The clock

function advance(button, by) {
  return act(button, (said) => `It is ${time(said.now)} now.`, () => call("POST", "clock", { advance: by }));
}
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => advance(button, button.dataset.advance));
}
$("advance").addEventListener("submit", (event) => {
  event.preventDefault();
  advance(event.submitter, values(event.target).advance);
});
$("settle").addEventListener("click", (event) =>
  act(event.target, (said) => `All is quiet, after ${said.ms} ms.`, () => call("POST", "settle", {})));
$("reset").addEventListener("click", (event) => {
  if (confirm("Forget everything and begin with the seeded world?")) {
    act(event.target, "Everything is as at the beginning.", () => call("POST", "reset", {}));
  }
});

async function showJobs() {
  const { jobs } = await call("GET", "jobs");
  $("jobs").replaceChildren(...jobs.map((job) => el("button", {
    class: "button",
    onclick: (event) => act(event.target, (said) => `${job} ran, in ${said.ms} ms.`, () => call("POST", `jobs/${job}`, {})),
  }, `Run ${job}`)));
}

// Phones and WHAPI

function phone(button, channel, path, what) {
  return act(button, what, () => call("POST", `whapi/${path}`, { channel_id: channel.id }));
}

function channelRow(channel) {
  const button = (text, path, what) => el("button", { class: "button", onclick: (event) => phone(event.target, channel, path, what) }, text);
  return el("tr", {},
    el("td", {}, el("strong", {}, channel.name ?? channel.id), el("br"), el("span", { class: "quiet" }, channel.id)),
    el("td", {}, channel.phone ?? "–"),
    el("td", {}, channel.mode ?? ""),
    el("td", {}, time(channel.active_till)),
    el("td", {}, el("div", { class: "row" },
      button("Scan", "scan", "The phone has scanned the code."),
      button("Unlink", "unlink", "The phone has ended the link."),
      button("Break", "error", "WHAPI's session broke."))));
}

function showAccount(account) {
  $("days").textContent = account.days_balance;
  const head = ["Channel", "Phone", "Mode", "Active till", "The phone"].map((title) => el("th", { scope: "col" }, title));
  $("channels").replaceChildren(account.channels.length
    ? el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...account.channels.map(channelRow))))
    : el("p", { class: "quiet" }, "No channels yet. Add one in the console, and it appears here."));
  const select = $("message").elements.channel_id;
  const chosen = select.value;
  select.replaceChildren(...account.channels.map((channel) => el("option", { value: channel.id }, channel.name ?? channel.id)));
  if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
}

$("message").addEventListener("submit", (event) => {
  event.preventDefault();
  const does = event.submitter?.value || "message";
  act(event.submitter, does === "call" ? "The phone rings." : "The message has arrived.", () => call("POST", `whapi/${does}`, values(event.target)));
});
$("low-balance").addEventListener("submit", (event) => {
  event.preventDefault();
  const days = Number(values(event.target).days);
  act(event.submitter, `${days} days at WHAPI now.`, () => call("POST", `whapi/${event.submitter.value}`, { days }));
});

$("dialect").addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.submitter, "WHAPI speaks so now.", () => call("PUT", "whapi/dialect", values(event.target)));
});

function showDialect(dialect) {
  // Not while somebody chooses.
  if ($("dialect").contains(document.activeElement)) return;
  for (const [name, side] of Object.entries(dialect)) $("dialect").elements[name].value = side;
}

// The payer

$("paypal").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = values(event.target);
  const body = { subscription_id: said.subscription_id, times: Number(said.times), shuffle: "shuffle" in said };
  const done = await act(event.submitter, `Done: ${event.submitter.textContent.toLowerCase()}.`, () => call("POST", `paypal/${event.submitter.value}`, body));
  $("subscription").hidden = !done;
  if (done) $("subscription").textContent = JSON.stringify(done, null, 2);
});

function showSubscriptions(subscriptions) {
  const named = (one) => el("option", { value: one.custom_id ?? one.subscription_id }, `${one.status.toLowerCase()}, ${one.subscription_id}`);
  $("subscriptions").replaceChildren(...subscriptions.map(named));
  const row = (one) => el("tr", {},
    el("td", {}, el("button", { class: "button", onclick: () => pick(one) }, one.custom_id ?? one.subscription_id)),
    el("td", {}, one.subscription_id),
    el("td", {}, one.plan ?? ""),
    el("td", {}, one.status === "APPROVAL_PENDING" ? el("a", { href: one.approval_url }, "waits for approval") : one.status.toLowerCase()),
    el("td", {}, one.sales.map((sale) => `${sale.amount} ${sale.currency}`).join(", ") || "nothing paid"),
    el("td", {}, one.next_billing_time ? `next ${time(one.next_billing_time)}` : ""));
  $("known").replaceChildren(subscriptions.length
    ? el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, ...subscriptions.map(row))))
    : el("p", { class: "quiet" }, "No subscriptions yet. Subscribe in the console, and they appear here."));
}

function pick(one) {
  $("paypal").elements.subscription_id.value = one.custom_id ?? one.subscription_id;
  $("paypal").elements.subscription_id.focus();
}

// Faults

let plan = { seed: 1, rules: [] };

function setRules(button, rules, what) {
  return act(button, what, () => call("PUT", "faults", { seed: plan.seed || 1, rules }));
}

function ruleRow(rule, place) {
  const said = [rule.route, rule.status && `status ${rule.status}`, rule.delay_ms && `${rule.delay_ms} ms`, rule.times && `${rule.times} times`];
  const off = el("button", {
    class: "button",
    onclick: (event) => setRules(event.target, plan.rules.filter((_, other) => other !== place), "The rule is gone."),
  }, "Take away");
  return el("tr", {}, el("td", {}, rule.provider), el("td", {}, rule.kind), el("td", {}, rule.rate), el("td", {}, said.filter(Boolean).join(", ")), el("td", {}, off));
}

function showFaults(faults) {
  plan = { seed: faults.seed, rules: faults.rules };
  const hits = Object.entries(faults.hits).map(([kind, many]) => `${kind} ${many}`).join(", ");
  $("rules").replaceChildren(faults.rules.length
    ? el("div", {}, el("table", {}, el("tbody", {}, ...faults.rules.map(ruleRow))), el("p", { class: "quiet" }, hits ? `So far: ${hits}.` : "None has hit yet."))
    : el("p", { class: "quiet" }, "Everything works."));
}

$("rule").addEventListener("submit", (event) => {
  event.preventDefault();
  const rule = values(event.target);
  for (const name of ["rate", "status", "delay_ms", "times"]) if (name in rule) rule[name] = Number(rule[name]);
  setRules(event.submitter, [...plan.rules, rule], "The rule holds.");
});
$("faults-off").addEventListener("click", (event) => setRules(event.target, [], "Everything works again."));

// Mail, webhooks, addresses

function showMail({ items }) {
  const letter = (mail) => el("article", { class: "letter" },
    el("strong", {}, mail.subject), el("span", { class: "quiet" }, `to ${mail.to}, ${time(mail.at)}`), el("p", {}, mail.text));
  $("mails").replaceChildren(...(items.length ? [...items].reverse().map(letter) : [el("p", { class: "quiet" }, "None yet.")]));
}

function showWebhooks({ items }) {
  const row = (attempt) => el("tr", {},
    el("td", {}, time(attempt.at)), el("td", {}, attempt.provider), el("td", {}, attempt.label),
    el("td", { class: attempt.outcome === "delivered" ? "good" : "bad" }, `${attempt.status ?? ""} ${attempt.outcome.replace("_", " ")}${attempt.duplicate ? ", a copy" : ""}`));
  $("deliveries").replaceChildren(items.length
    ? el("table", {}, el("tbody", {}, ...items.slice(0, DELIVERIES_SHOWN).map(row)))
    : el("p", { class: "quiet" }, "None yet."));
}

async function showPlaces() {
  const places = await call("GET", "endpoints");
  const rows = Object.entries(places).filter(([, value]) => value !== null);
  const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : value);
  $("endpoints").replaceChildren(...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, shown(value))]));
}

async function look() {
  try {
    const [clock, account, dialect, faults, mail, webhooks, subscriptions] = await Promise.all(
      ["clock", "whapi/account", "whapi/dialect", "faults", "outbox", "webhooks", "paypal/subscriptions"].map((path) => call("GET", path)));
    $("now").textContent = `${time(clock.now)} UTC`;
    showAccount(account);
    showDialect(dialect);
    showFaults(faults);
    showMail(mail);
    showWebhooks(webhooks);
    showSubscriptions(subscriptions.subscriptions);
  } catch (error) {
    tell(`The stack does not answer: ${error.message}`, true);
  }
}

await Promise.all([look(), showJobs(), showPlaces()]);
setInterval(() => {
  // Not under somebody's fingers.
  const busy = document.activeElement?.closest("#channels, #rules, #known");
  if (!document.hidden && !busy) look();
}, LOOK_EVERY_MS);
