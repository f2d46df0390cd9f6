/* Signing in by OpenID Connect: authorization code with PKCE, all in the browser. The access token lives in
   memory; the refresh token in this tab's storage, so that reloading does not sign out and closing does.
   Passwords are typed at the provider, never here. A provider that is silent ends nothing; one that refuses
   does. Who signs out in one tab is signed out in all. */

import { heard } from "./clock.js";
import { session } from "./session.js";

const SCOPES = ["openid", "email", "profile", "offline_access"];
const STORE = "daypass.signed-in";
const ATTEMPT = "daypass.attempt.";
const DISCOVERY = "daypass.provider";
const CALLBACK = "/signin/callback";

let access = null;
let renewing = null;
let discovery = null;
let onEnded = () => {};
let over = false;
/* Other tabs of ours; told of nothing but the end. */
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("daypass") : null;

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const random = (length) => base64url(crypto.getRandomValues(new Uint8Array(length)));
const hashed = async (text) => base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
const tokens = () => JSON.parse(sessionStorage.getItem(STORE) ?? "null");

/* What a token says; only ever read from one that the provider handed us itself. */
function claims(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (char) => char.charCodeAt(0))));
  } catch { return null; }
}

async function provider() {
  discovery ??= keptDiscovery();
  if (discovery) return discovery;
  const issuer = trimmed(session.config.issuer);
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error("discovery");
  const found = await answer.json();
  if (trimmed(found.issuer) !== issuer) throw new Error("issuer");
  discovery = found;
  sessionStorage.setItem(DISCOVERY, JSON.stringify(found));
  return found;
}

const trimmed = (address) => address.replace(/\/$/, "");

/* What the provider said of itself before, in this tab: one call less at each start. */
function keptDiscovery() {
  const found = JSON.parse(sessionStorage.getItem(DISCOVERY) ?? "null");
  return found && trimmed(found.issuer) === trimmed(session.config.issuer) ? found : null;
}

const redirectUri = () => session.config.redirect_uri ?? `${location.origin}${CALLBACK}`;

/* Leaves for the provider, and comes back to `to`. */
export async function signIn({ to = "/channels", signup = false } = {}) {
  const home = new URL(redirectUri()).origin;
  if (home !== location.origin) {
    /* What we remember must stand where the provider sends us back to. */
    location.assign(`${home}/signin?${new URLSearchParams({ go: signup ? "up" : "in", to })}`);
    return;
  }
  const found = await provider();
  const attempt = { verifier: random(48), nonce: random(16), to };
  const state = random(24);
  sessionStorage.setItem(ATTEMPT + state, JSON.stringify(attempt));
  const offered = found.scopes_supported;
  const query = new URLSearchParams({
    response_type: "code",
    client_id: session.config.client_id,
    redirect_uri: redirectUri(),
    scope: SCOPES.filter((scope) => (offered ? offered.includes(scope) : scope !== "offline_access")).join(" "),
    state,
    nonce: attempt.nonce,
    code_challenge: await hashed(attempt.verifier),
    code_challenge_method: "S256",
    ui_locales: document.documentElement.lang,
    ...(signup ? { screen: "signup", prompt: "create" } : {}),
  });
  if (signup && !found.prompt_values_supported?.includes("create")) query.delete("prompt");
  location.assign(`${found.authorization_endpoint}?${query}`);
}

async function ask(form) {
  const { token_endpoint } = await provider();
  const answer = await fetch(token_endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({ client_id: session.config.client_id, ...form }),
  });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(value.error ?? "token"), { refused: answer.status < 500 });
  return value;
}

function keep(answer) {
  access = answer.access_token;
  over = false;
  const before = tokens();
  const kept = { refresh: answer.refresh_token ?? before?.refresh ?? null, id: answer.id_token ?? before?.id ?? null };
  sessionStorage.setItem(STORE, JSON.stringify(kept));
  const issued = claims(answer.id_token ?? "")?.iat ?? claims(access)?.iat;
  if (issued) heard(issued * 1000);
}

/* Takes what the provider sent back. Answers where to go, or throws with a `reason`. */
export async function finishSignIn(query) {
  const fail = (reason) => Object.assign(new Error(reason), { reason });
  const state = query.get("state") ?? "";
  const attempt = JSON.parse(sessionStorage.getItem(ATTEMPT + state) ?? "null");
  sessionStorage.removeItem(ATTEMPT + state);
  if (query.has("error")) throw fail(query.get("error") === "access_denied" ? "denied" : "refused");
  if (!attempt) throw fail("unknown-attempt");
  const answer = await ask({
    grant_type: "authorization_code", code: query.get("code"), redirect_uri: redirectUri(), code_verifier: attempt.verifier,
  }).catch((error) => { throw fail(error.refused ? "refused" : "unreachable"); });
  const id = claims(answer.id_token ?? "");
  if (!id || id.nonce !== attempt.nonce || ![].concat(id.aud).includes(session.config.client_id)) throw fail("refused");
  keep(answer);
  return attempt.to.startsWith("/") && !attempt.to.startsWith("//") ? attempt.to : "/channels";
}

/* The token to call with; renewed when this page does not have one yet. */
export async function accessToken() {
  return access ?? (await renewAccess());
}

/* A new access token by the refresh token, once for all who ask at the same time; nothing when that is over.
   Throws when the provider is silent: then nothing is known, and nothing ends. */
export function renewAccess() {
  renewing ??= renew().finally(() => { renewing = null; });
  return renewing;
}

async function renew() {
  const refresh = tokens()?.refresh;
  access = null;
  if (!refresh) return null;
  try {
    keep(await ask({ grant_type: "refresh_token", refresh_token: refresh }));
    return access;
  } catch (error) {
    if (!error.refused) throw Object.assign(new Error("issuer_silent"), { code: "issuer_silent" });
    sessionStorage.removeItem(STORE);
    return null;
  }
}

export const mayBeSignedIn = () => Boolean(access || tokens()?.refresh);
export const whenEnded = (run) => { onEnded = run; };

/* The provider no longer vouches for this person; said once, however many calls find out. */
export function sessionEnded(why = "ended") {
  if (over) return;
  forget();
  onEnded(why);
}

function forget() {
  over = true;
  access = null;
  session.me = null;
  sessionStorage.removeItem(STORE);
}

tabs?.addEventListener("message", ({ data }) => { if (data === "out" && mayBeSignedIn()) sessionEnded("ended-elsewhere"); });

/* Signs out here and at the provider. */
export async function signOut() {
  const hint = tokens()?.id;
  forget();
  sessionStorage.clear();
  tabs?.postMessage("out");
  const back = `${new URL(redirectUri()).origin}/signin`;
  const found = await provider().catch(() => null);
  if (!found?.end_session_endpoint) return location.assign(back);
  const query = new URLSearchParams({ client_id: session.config.client_id, post_logout_redirect_uri: back, logout_uri: back });
  if (hint) query.set("id_token_hint", hint);
  location.assign(`${found.end_session_endpoint}?${query}`);
}
