/* What every page of staff begins with: only staff see it; its words; the state of the business, whose banner
   stands above each of them; and how much waits for a person. */

import { api, every } from "../api.js";
import { addWords } from "../i18n/index.js";
import { isAdmin, setWaiting } from "../session.js";
import { gravest } from "./banner.js";

/* `load` of a page of staff: its own data, beside { status, findings }. */
export const staffOnly = (own) => async (context) => {
  if (!isAdmin()) throw Object.assign(new Error("forbidden"), { code: "forbidden" });
  const { signal } = context;
  const [status, findings, data] = await Promise.all([
    api.get("/v1/admin/status", { signal }), every("/v1/admin/findings", { signal }), own?.(context), addWords("admin"),
  ]);
  const open = findings.filter((one) => !one.resolved_at);
  setWaiting(open.length);
  return { status, findings: open, ...data };
};

export const staffBanner = ({ status }) => gravest(status.banners ?? []);

/* What is said of a customer: the name, the e-mail, or the id where there is neither. */
export const nameOf = (customer) => customer.name || customer.email || customer.id;
export const pageOf = (id) => `/admin/users/${encodeURIComponent(id)}`;
