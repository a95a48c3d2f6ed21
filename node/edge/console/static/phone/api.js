/* Calls of the API, as whoever is logged in. Three ends: an answer, a refusal, or no answer at all. */
import { LANGUAGE } from "./words.js";

const WORDS_MS = 30000, PHOTO_MS = 180000;

/* Nobody answered, or somebody asked to come again later: what was sent may have arrived. */
export class Silent extends Error {
  constructor(why, after = 0) { super(why); this.after = after; }
}
/* The session is over. */
export class Outside extends Error {}
/* The node said no, and why. */
export class Refused extends Error {
  constructor(status, problem) {
    super([problem.title, problem.detail].filter(Boolean).join("："));
    this.status = status; this.code = problem.code || ""; this.remedy = problem.remedy || "";
    this.errors = (problem.errors || []).map((one) => one.detail).filter((one) => one && one !== problem.detail);
  }
}

export const session = { name: "", csrf: "", acts: [], ahead: 0 };
/* ahead: milliseconds by which the node's clock is before the phone's. */

export const now = () => new Date(Date.now() + session.ahead);

async function ask(method, path, { body, file, key, headers = {} } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), file ? PHOTO_MS : WORDS_MS);
  const given = { "Accept-Language": LANGUAGE, ...headers };
  let data;
  if (method !== "GET") given["X-CSRF-Token"] = session.csrf;
  if (key) given["Idempotency-Key"] = key;
  if (body !== undefined) { given["Content-Type"] = "application/json"; data = body; }
  if (file) { data = new FormData(); data.append("file", file, "photo.jpg"); }
  let answer, text;
  try {
    answer = await fetch(path, { method, headers: given, body: data, cache: "no-store", credentials: "same-origin", redirect: "error", signal: stop.signal });
    text = await answer.text();
  } catch {
    throw new Silent("");
  } finally {
    clearTimeout(timer);
  }
  return { answer, text };
}

function read(text) {
  try { return text ? JSON.parse(text) : null; } catch { return null; }
}

export async function call(method, path, given = {}) {
  let { answer, text } = await ask(method, path, given);
  if (answer.status === 403 && (read(text) || {}).code === "auth.csrf") {
    await whoAmI();
    ({ answer, text } = await ask(method, path, given));
  }
  if (answer.status === 401) throw new Outside("");
  if (answer.ok || answer.status === 304) return { value: read(text), etag: answer.headers.get("etag") || "", same: answer.status === 304 };
  const problem = read(text) || {};
  const later = answer.status >= 500 || answer.status === 429 || answer.status === 408 || problem.retry === "later" || !problem.code;
  if (later) throw new Silent(problem.title || String(answer.status), Number(answer.headers.get("retry-after")) || 0);
  throw new Refused(answer.status, problem);
}

export async function whoAmI() {
  const began = Date.now();
  const { answer, text } = await ask("GET", "/api/v1/me");
  if (answer.status === 401) throw new Outside("");
  const me = answer.ok ? read(text) : null;
  if (!me || !me.csrf) throw new Silent(String(answer.status));
  const said = Date.parse(answer.headers.get("date") || "");
  // The header has whole seconds: half a second is its mean error.
  if (said) session.ahead = Math.round(said + 500 - (began + Date.now()) / 2);
  if (Math.abs(session.ahead) < 2000) session.ahead = 0;
  Object.assign(session, { name: me.name, csrf: me.csrf, acts: me.acts || [] });
  return me;
}

/* Ending the session; a form of the account pages. */
export async function leave() {
  await fetch("/account/leave", { method: "POST", credentials: "same-origin", redirect: "manual", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ csrf: session.csrf }) });
}
