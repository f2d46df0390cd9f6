/* Elements made by hand: text goes in as text, so that nothing a person typed can become markup.
   h("p.quiet#id", { on: { click } }, "words", element). No styles are set here: the policy forbids them. */

const SVG = "http://www.w3.org/2000/svg";

function isProps(value) {
  return value !== null && typeof value === "object" && !(value instanceof Node) && !Array.isArray(value);
}

function set(el, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "on") {
    for (const [event, run] of Object.entries(value)) el.addEventListener(event, run);
  } else if (name === "data") {
    for (const [key, text] of Object.entries(value)) if (text !== undefined && text !== null) el.dataset[key] = text;
  } else if (name === "value") {
    el.value = value;
  } else if (name === "class") {
    el.classList.add(...value.split(" ").filter(Boolean));
  } else {
    el.setAttribute(name, value === true ? "" : value);
  }
}

/* One element: tag, classes and id as in a selector; then properties if any; then what stands in it. */
export function h(selector, ...rest) {
  const [, tag] = /^([\w-]*)/.exec(selector);
  const el = document.createElement(tag || "div");
  for (const [, kind, name] of selector.matchAll(/([.#])([\w-]+)/g)) {
    if (kind === ".") el.classList.add(name);
    else el.id = name;
  }
  const props = isProps(rest[0]) ? rest.shift() : {};
  el.append(...nodes(rest));
  for (const [name, value] of Object.entries(props)) set(el, name, value);
  return el;
}

/* Children, flat; nothing stands for what is not there. */
export function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false && child !== "");
}

/* A drawing element. */
export function svg(tag, attributes = {}, ...children) {
  const el = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...nodes(children));
  return el;
}

/* An icon of icons.svg; hidden from screen readers, because a word always stands beside it. */
export function icon(name, more = "") {
  const use = svg("use", { href: `#${name}` });
  return svg("svg", { class: `icon ${more}`.trim(), "aria-hidden": "true" }, use);
}

export const bdi = (text) => h("bdi", String(text ?? ""));
export const ltr = (text) => h("bdi.ltr", String(text ?? ""));
export const code = (text) => h("bdi.code", String(text ?? ""));
export const unseen = (text) => h("span.unseen", text);
export const strip = (attributes) => h("day-strip", attributes);

/* A quiet button, or the main one of a view: button(words, run, { main, icon, danger, plain }). */
export function button(words, run, { main, plain, danger, square, wide, image, label, ...more } = {}) {
  const kind = [main && "main-action", plain && "plain", danger && "danger", square && "square", wide && "wide"];
  return h("button.button", { type: "button", class: kind.filter(Boolean).join(" "), "aria-label": label, on: run ? { click: run } : undefined, ...more },
    image && icon(image), words && h("span", words));
}

/* A link to one of our own pages; the router takes the click. */
export function link(href, words, props = {}) {
  return h("a", { href, ...props }, words);
}

/* Other things in that place; who had the focus there does not lose it. */
export function swap(place, ...children) {
  const had = place.contains(document.activeElement);
  place.replaceChildren(...children);
  if (had && !place.contains(document.activeElement)) place.querySelector("button, a[href], input")?.focus();
}

let last = 0;
/* An id for labels and descriptions. */
export const fresh = (prefix) => `${prefix}-${++last}`;

/* Says a button is at work; gives back what ends it. */
export function busy(el, words) {
  const label = el.querySelector("span:not(.unseen)") ?? el;
  const before = label.textContent;
  el.setAttribute("aria-busy", "true");
  el.setAttribute("aria-disabled", "true");
  if (words) label.textContent = words;
  return () => {
    el.removeAttribute("aria-busy");
    el.removeAttribute("aria-disabled");
    if (words && label.textContent === words) label.textContent = before;
  };
}

export const isBusy = (el) => el?.getAttribute("aria-busy") === "true";

/* Waits, and gives up waiting when the signal says so. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(done, ms);
    function stop() { clearTimeout(timer); reject(signal.reason); }
    function done() { signal?.removeEventListener("abort", stop); resolve(); }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/* The icons stand in the page itself, so that they take its colours. */
export async function loadIcons() {
  const answer = await fetch("/assets/icons.svg");
  const drawn = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  drawn.setAttribute("hidden", "");
  document.body.prepend(document.importNode(drawn, true));
}
