/* The one door to our API. Adds the token and, on every call that changes something, an idempotency key;
   turns each failure into a Problem with a code. Reading is tried again by itself; a change is sent again
   only with the same key, so that it can happen once at most. */

import { accessToken, renewAccess, sessionEnded } from "./auth.js";
import { now } from "./clock.js";
import { pause } from "./parts/dom.js";

const ANSWER_TIMEOUT_MS = 35000;
const READ_RETRY_DELAYS_MS = [400, 1500];
const CHANGE_RETRY_DELAYS_MS = [800];
const IN_PROGRESS_RETRIES = 8;
const IN_PROGRESS_DELAY_MS = 1000;
const PROVIDER_SILENT = new Set([502, 503, 504]);

/* Something did not work: `code` is stable, `detail` is safe to show, `instance` is what to quote. */
export class Problem extends Error {
  constructor({ code, title = "", detail = "", status = 0, errors = [], instance = null, retryAfter = null }) {
    super(`${code}: ${detail || title}`);
    Object.assign(this, { code, title, detail, status, errors, instance, retryAfter });
  }
}

export const isAbort = (error) => error?.name === "AbortError";

/* A key for one intention: the same one goes out again when the same intention is retried. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const reach = { online: true, since: now(), listeners: new Set() };
export function onReach(run, signal) {
  reach.listeners.add(run);
  signal?.addEventListener("abort", () => reach.listeners.delete(run));
}
export const isOnline = () => reach.online;
export const lastHeard = () => reach.since;

function reached(online) {
  if (online) reach.since = now();
  if (reach.online === online) return;
  reach.online = online;
  for (const run of reach.listeners) run(online);
}

/* Asks whether we can be reached at all; said to the listeners. */
export async function tryReach() {
  try {
    await fetch("/v1/health", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    reached(true);
  } catch { reached(false); }
}

async function send(method, path, { body, signal, key, token }) {
  const headers = { accept: "application/json, application/problem+json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const patience = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: either, cache: "no-store" });
    reached(true);
    return await read(answer);
  } catch (error) {
    if (error instanceof Problem || isAbort(error)) throw error;
    if (error.name === "TimeoutError") throw new Problem({ code: "no_answer", status: 504 });
    reached(false);
    throw new Problem({ code: "offline" });
  }
}

async function read(answer) {
  const text = await answer.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { /* a proxy's page is no answer of ours */ }
  if (answer.ok && (value !== null || !text)) return value;
  throw new Problem({
    code: value?.code ?? (answer.status === 401 ? "token_missing" : PROVIDER_SILENT.has(answer.status) ? "no_answer" : "unexpected"),
    title: value?.title, detail: value?.detail, errors: value?.errors ?? [], instance: value?.instance ?? null,
    status: answer.status, retryAfter: Number(answer.headers.get("retry-after")) || null,
  });
}

/* With a token that works: one that ran out is renewed once. */
async function signed(method, path, options) {
  if (options.open) return send(method, path, options);
  let token = await accessToken();
  if (!token) { sessionEnded(); throw new Problem({ code: "token_missing", status: 401 }); }
  try {
    return await send(method, path, { ...options, token });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    token = await renewAccess();
    if (!token) { sessionEnded(); throw problem; }
    return send(method, path, { ...options, token });
  }
}

const silent = (problem) => problem.code === "offline" || problem.code === "no_answer";

async function persevering(method, path, options, delays) {
  let busyLeft = IN_PROGRESS_RETRIES;
  for (let turn = 0; ; ) {
    try {
      return await signed(method, path, options);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "request_in_progress" && busyLeft-- > 0) {
        await pause(IN_PROGRESS_DELAY_MS, options.signal);
        continue;
      }
      if (!silent(problem) || turn >= delays.length || (!isOnline() && !navigator.onLine)) throw problem;
      await pause(delays[turn++], options.signal);
    }
  }
}

function change(method) {
  return (path, body, { key = newKey(), ...options } = {}) =>
    persevering(method, path, { ...options, body, key }, CHANGE_RETRY_DELAYS_MS);
}

export const api = {
  get: (path, options = {}) => persevering("GET", path, options, READ_RETRY_DELAYS_MS),
  /* Asked every few seconds anyway: not tried again inside. */
  peek: (path, options = {}) => persevering("GET", path, options, []),
  post: change("POST"),
  put: change("PUT"),
  patch: change("PATCH"),
  delete: (path, options) => change("DELETE")(path, undefined, options),
};

/* All items of a list that is known to be short; at most `pages` pages. */
export async function every(path, { pages = 10, signal } = {}) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < pages; page++) {
    const answer = await api.get(withQuery(path, { limit: 100, cursor }), { signal });
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return items;
}

export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  return query.size ? `${path}?${query}` : path;
}
