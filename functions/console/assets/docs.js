/* The OpenAPI document as a page: routes by subject, each with what goes in, what comes out, and its errors.
   Reads /openapi.json and nothing else; English only, as the document is. */

import { bdi, code, h, link, loadIcons, icon } from "./parts/dom.js";
import words from "./i18n/en/shell.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
/* Schemas may hold themselves. */
const DEEPEST = 6;
/* Codes of the console itself, not of the API. */
const OURS = new Set(["unexpected", "offline", "no_answer", "not_secure", "issuer_silent", "extension_void", "not_offered",
  "signin_denied", "signin_refused", "signin_unknown_attempt", "signin_unreachable", "token_missing", "token_expired"]);

let doc;

/* The document's sentences, with what stands between backquotes as code. */
const prose = (text) => String(text ?? "").split("`").map((piece, index) => (index % 2 ? code(piece) : piece));

const resolve = (thing) => (thing?.$ref ? thing.$ref.split("/").slice(1).reduce((at, part) => at?.[part.replaceAll("~1", "/")], doc) : thing) ?? {};
const refName = (thing) => thing?.$ref?.split("/").pop();
const anchor = (method, path) => `${method}-${path}`.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "").toLowerCase();

function operations() {
  const all = Object.entries(doc.paths ?? {}).flatMap(([path, item]) => METHODS.filter((method) => item[method])
    .map((method) => ({ path, method, shared: item.parameters ?? [], ...item[method] })));
  const groups = new Map();
  for (const one of all) {
    const name = one.tags?.[0] ?? one.path.split("/").filter(Boolean)[1] ?? "other";
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return groups;
}

/* A type in a few words: string (date-time), list of channel, one of "a", "b". */
function typeOf(given) {
  const schema = resolve(given);
  const named = refName(given);
  if (schema.enum) return `one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`;
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return either.map(typeOf).join(" or ");
  const types = [schema.type].flat().filter(Boolean);
  const words = types.map((type) => {
    if (type === "array") return `list of ${typeOf(schema.items ?? {})}`;
    if (type === "object") return named ?? "object";
    return schema.format ? `${type} (${schema.format})` : type;
  });
  return words.join(" or ") || named || "anything";
}

const inner = (schema) => {
  if (schema.type === "array" || [schema.type].flat().includes("array")) return resolve(schema.items ?? {});
  const either = (schema.oneOf ?? schema.anyOf ?? []).map(resolve).find((one) => one.properties);
  return either ?? schema;
};

function members(given, depth = 0, seen = []) {
  const schema = resolve(given);
  const parts = schema.allOf?.map(resolve) ?? [schema];
  const rows = parts.flatMap((part) => Object.entries(part.properties ?? {}).map(([name, member]) => {
    const child = inner(resolve(member));
    const deeper = child.properties && depth < DEEPEST && !seen.includes(child);
    return h("li",
      h("p", code(name), " ", h("span.quiet", typeOf(member)), !part.required?.includes(name) && h("span.quiet", " · optional")),
      resolve(member).description && h("p.quiet", prose(resolve(member).description)),
      deeper && members(child, depth + 1, [...seen, child]));
  }));
  return rows.length ? h("ul.members", rows) : null;
}

function body(content, title) {
  const [kind, media] = Object.entries(content ?? {})[0] ?? [];
  if (!kind) return null;
  const example = media.example ?? Object.values(media.examples ?? {})[0]?.value;
  const list = inner(resolve(media.schema));
  return h("div.stack.tight-stack", h("p", h("strong", title), " ", h("span.quiet", `${typeOf(media.schema ?? {})} · ${kind}`)),
    members(list), example !== undefined && h("pre.raw", { tabindex: "0" }, JSON.stringify(example, null, 2)));
}

function parameters(one) {
  const list = [...one.shared, ...(one.parameters ?? [])].map(resolve);
  if (!list.length) return null;
  return h("div.stack.tight-stack", h("p", h("strong", "Parameters")), h("ul.members", list.map((each) =>
    h("li", h("p", code(each.name), " ", h("span.quiet", `${each.in} · ${typeOf(each.schema ?? {})}${each.required ? "" : " · optional"}`)),
      each.description && h("p.quiet", prose(each.description))))));
}

function answers(one) {
  const rows = Object.entries(one.responses ?? {}).map(([status, given]) => {
    const answer = resolve(given);
    const fine = status < "400";
    return h("li", h("p", h("span.state", { class: fine ? "ok" : "warn" }, icon(fine ? "s-ok" : "s-soon"), h("span", status)), " ", h("span.quiet", prose(answer.description))),
      fine && body(answer.content, "Answer"));
  });
  return h("div.stack.tight-stack", h("p", h("strong", "Answers")), h("ul.members.answers", rows));
}

function operation(one) {
  const open = (one.security ?? doc.security)?.every((way) => Object.keys(way).length === 0) ?? false;
  return h("details.operation", { id: anchor(one.method, one.path) },
    h("summary", h("span.code.method", one.method.toUpperCase()), " ", code(one.path), one.summary && h("span.quiet", prose(one.summary))),
    h("div.pad.stack", one.description && one.description !== one.summary && h("p", prose(one.description)),
      open && h("p.quiet", "Open: no token is needed."),
      parameters(one), body(resolve(one.requestBody).content, "Body"), answers(one)));
}

/* What each code means, in the console's own words; a problem's `type` points here. */
function codes() {
  const names = Object.keys(words).filter((key) => /^e\.[a-z_]+$/.test(key) && !OURS.has(key.slice(2))).map((key) => key.slice(2)).sort();
  const said = (text) => (typeof text === "string" ? text : text.other).replace(/\{\w+\}/g, "…");
  return h("section.panel", { id: "part-codes", "aria-labelledby": "title-codes" },
    h("header", h("h2#title-codes", "Codes of problem documents")),
    h("table.table", h("thead", h("tr", h("th", { scope: "col" }, "Code"), h("th", { scope: "col" }, "What happened, what to do"))),
      h("tbody", names.map((name) => h("tr", { id: name }, h("th.lead", { scope: "row" }, code(name)),
        h("td.rest.full", said(words[`e.${name}`]), " ", said(words[`e.${name}.do`])))))));
}

function draw() {
  const groups = operations();
  const main = document.getElementById("main");
  const name = (group) => group.replaceAll("_", " ").replaceAll("-", " ");
  document.querySelector(".side").replaceChildren(
    link("/", [icon("mark"), "Daypass"], { class: "mark" }),
    h("div", h("p.side-title", "API"), h("ul.plain-list", [...groups].map(([group, list]) =>
      h("li", h("a", { href: `#part-${group}` }, h("span.first-up", name(group)), h("span.count", String(list.length))))),
      h("li", h("a", { href: "#part-codes" }, "Codes")))),
    h("div.side-foot", h("a", { href: "/openapi.json" }, icon("download"), h("span", "openapi.json"))));
  const about = [doc.info?.version && `Version ${doc.info.version}`, doc.info?.description].filter(Boolean).join(" · ");
  const parts = [...groups.keys()].map((group) => [`#part-${group}`, name(group)]);
  main.replaceChildren(
    h("div.page-head", h("div", h("h1", doc.info?.title ?? "API documents"), h("p", prose(about || "Every route, with its fields and errors.")))),
    h("div.stack",
      h("nav.row-of.narrow-only", { "aria-label": "Parts" }, [...parts, ["#part-codes", "Codes"]].map(([to, words]) => h("a.first-up", { href: to }, words))),
      h("section.panel", h("div.pad.form",
        h("p", "Send ", code("Authorization: Bearer …"), " with a token or an API key, and ", code("Idempotency-Key"), " with every call that changes something. Errors are problem documents (RFC 9457) with a stable ", code("code"), "."))),
      groups.size === 0 && h("section.panel", h("div.nothing", h("h3", "The document is empty"), h("p", "It is generated when the API is built."))),
      [...groups].map(([group, list]) => h("section.panel", { id: `part-${group}`, "aria-labelledby": `title-${group}` },
        h("header", h(`h2.first-up#title-${group.replace(/[^\w-]/g, "-")}`, bdi(name(group)))), list.map(operation))),
      codes()));
  openNamed();
}

/* A link to one route opens it. */
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (!named) return;
  if (named.localName === "details") named.open = true;
  named.scrollIntoView();
}

async function begin() {
  await loadIcons();
  const answer = await fetch("/openapi.json");
  doc = await answer.json();
  draw();
  addEventListener("hashchange", openNamed);
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".operation") && event.target.open) history.replaceState(null, "", `#${event.target.id}`);
  }, true);
}

begin().catch(() => {
  document.getElementById("main").append(h("p", { role: "alert" }, "The document could not be loaded. Try again in a minute."));
});
