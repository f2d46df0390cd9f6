/* Pages by address. A page is { title, nav, load(context), view(data, context), bones }. After 300 ms without
   data its bones stand there; a failure becomes a panel that says what to do. Focus goes to <main> after each
   step, and a page drawn again in place keeps the focus where it was, or gives it to what came next. */

import { isAbort } from "./api.js";
import { t } from "./i18n/index.js";
import { pause } from "./parts/dom.js";
import { focusKept } from "./parts/focus.js";
import { failedPanel } from "./parts/problem.js";

const BONES_AFTER_MS = 300;

let routes = [];
let stepped = () => {};
let current = null;
let hooks = { frame: () => document.body, moved: () => {} };

/* pattern "/channels/:id" → what it takes from a path, or nothing. */
function match(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(given[index]);
    else if (part !== given[index]) return null;
  }
  return params;
}

function find(path) {
  for (const route of routes) {
    const params = match(route.path, path);
    if (params) return { route, params };
  }
  return { route: routes.at(-1), params: {} };
}

export function go(address, { replace = false } = {}) {
  const target = new URL(address, location.origin);
  if (target.href !== location.href) history[replace ? "replaceState" : "pushState"](null, "", target);
  stepped();
  return show({ moved: true });
}

export const here = () => location.pathname + location.search;

async function show({ moved }) {
  current?.ending.abort(new DOMException("The page was left.", "AbortError"));
  const { route, params } = find(location.pathname);
  const ending = new AbortController();
  const context = {
    params, ending, signal: ending.signal, query: new URLSearchParams(location.search), data: null,
    redraw: () => draw(context, { quietly: true }),
    reload: () => load(context, { quietly: true }),
  };
  current = context;
  try {
    context.page = (await route.page()).default;
  } catch {
    context.page = { title: "not-loaded", load: async () => { throw Object.assign(new Error(), { code: "offline" }); } };
  }
  if (current !== context) return;
  hooks.frame(context);
  if (moved) { scrollTo(0, 0); hooks.moved(); }
  await load(context, { arrives: moved });
}

function focusMain() {
  const main = document.getElementById("main");
  if (!main?.contains(document.activeElement) && !document.querySelector("dialog[open]")) main?.focus({ preventScroll: true });
}

async function load(context, { quietly = false, arrives = false }) {
  const work = Promise.resolve(context.page.load?.(context));
  if (!quietly) await bonesMeanwhile(work, context, arrives);
  try {
    context.data = await work;
    if (current === context) draw(context, { quietly });
  } catch (error) {
    if (isAbort(error) || current !== context) return;
    if (quietly) throw error;
    if (!error.code) console.error(error);
    put(context, [failedPanel(error, () => load(context, { arrives: true }))]);
  }
  if (arrives && current === context) focusMain();
}

async function bonesMeanwhile(work, context, arrives) {
  const settled = work.then(() => false, () => false);
  const slow = await Promise.race([settled, pause(BONES_AFTER_MS, context.signal).then(() => true, () => false)]);
  if (!slow || current !== context) return;
  put(context, context.page.bones?.(context) ?? []);
  if (arrives) focusMain();
}

function draw(context, { quietly = false } = {}) {
  const giveBack = quietly ? focusKept(document.getElementById("main")) : null;
  put(context, [context.page.view(context.data, context)].flat());
  giveBack?.();
  if (!quietly) context.page.shown?.(context);
}

function put(context, children) {
  const main = hooks.frame(context);
  main.replaceChildren(...children.filter(Boolean));
  const title = typeof context.page.title === "function" ? context.page.title(context.data) : t(context.page.title);
  document.title = `${title} · Daypass`;
}

/* Draws the page that stands there once more, words and all. */
export const redrawAll = () => show({ moved: false });
/* The same as if one had just come: dialogs close, the focus goes to the page. */
export const showAgain = () => show({ moved: true });
export const reloadPage = () => current?.reload().catch(() => {});

function ours(event) {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  if (anchor.target || anchor.hasAttribute("download") || anchor.origin !== location.origin) return null;
  if (anchor.getAttribute("href").startsWith("#") || anchor.pathname === "/docs" || anchor.pathname === "/openapi.json") return null;
  return anchor;
}

/* Has the module of this address fetched while it is still found out who asks. */
export function fetchAhead(list) {
  routes = list;
  find(location.pathname).route.load().catch(() => { /* said when the page is drawn */ });
}

export function start(list, { frame, moved }) {
  routes = list;
  hooks = { frame, moved };
  let at = here();
  addEventListener("popstate", () => {
    const before = at;
    at = here();
    if (at !== before) show({ moved: true });
  });
  stepped = () => { at = here(); };
  document.addEventListener("click", (event) => {
    const anchor = ours(event);
    if (!anchor) return;
    event.preventDefault();
    go(anchor.href);
  });
  return show({ moved: true });
}
