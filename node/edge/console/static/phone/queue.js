/* What was done on the way, sent in order, each once. An item is a list of calls; the body of a call is written down before it is
   sent the first time, and every repeat sends the same bytes under the same key: the node answers a repeat with its first answer. */
import { Outside, Refused, Silent, call, now, session } from "./api.js";
import * as kept from "./kept.js";
import { say } from "./words.js";

const FIRST_S = 5, LAST_S = 60, SENT_MAX = 30, FRESH_MS = 1800000;
export const news = new EventTarget();
export const unkept = (error) => say(error instanceof Outside ? "expired_says" : "kept_full");
const told = (name) => news.dispatchEvent(new Event(name));

let busy = false, asked = false, wait = FIRST_S, timer = 0;
export const state = { outside: false, silent: "", next: 0 };

/* item: {kind, title, place, photos: [{role, blob, at, lon, lat}], steps: [{path, body, photos: [index], shots}]} */
export async function add(item) {
  if (!session.name) throw new Outside("");
  await kept.put("queue", {
    ...item, id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`,
    owner: session.name, at: new Date().toISOString(), state: "waiting", tries: 0, first: 0, why: "", remedy: "", answer: null,
  });
  told("changed");
  flush();
}

export const items = async () => (await kept.all("queue")).sort((one, other) => other.n - one.n);
export const open = async () => (await kept.all("queue")).filter((one) => one.state !== "sent");

export async function remove(n) { await kept.drop("queue", n); told("changed"); }

/* Somebody has looked, and it is to be sent once more under the same keys, or under new ones. */
export async function again(n, fresh) {
  const item = await kept.one("queue", n);
  if (!item) return;
  Object.assign(item, { state: "waiting", why: "", remedy: "", first: 0 });
  if (fresh) { item.id = `${item.id}.${Date.now()}`; for (const step of item.steps) if (!step.done) delete step.sealed; }
  await kept.put("queue", item); told("changed"); flush();
}

export function flush() {
  clearTimeout(timer);
  if (!session.name) return;
  if (busy) { asked = true; return; }
  busy = true; asked = false;
  const work = () => everything();
  // One tab of the page sends at a time.
  (navigator.locks ? navigator.locks.request("wanmi-phone-queue", work) : work())
    .catch((error) => { state.silent = error instanceof Silent ? error.message || say("no_answer") : String(error); })
    .finally(() => { busy = false; told("changed"); if (asked) flush(); });
}

async function everything() {
  // A call for help goes before everything.
  const first = (one) => (one.kind === "alarm" ? 0 : 1);
  const mine = (await kept.all("queue")).sort((one, other) => first(one) - first(other) || one.n - other.n).filter((one) => one.owner === session.name && (one.state === "waiting" || one.state === "sending"));
  for (const item of mine) {
    try {
      await send(item);
      wait = FIRST_S; state.silent = "";
    } catch (error) {
      if (error instanceof Refused) { await back(item, error.message, [...error.errors, error.remedy].filter(Boolean).join("；")); continue; }
      item.state = "waiting";
      await kept.put("queue", item);
      if (error instanceof Outside) { state.outside = true; told("outside"); return; }
      if (!(error instanceof Silent)) throw error;
      state.silent = error.message || say("no_answer");
      later(error.after);
      return;
    }
  }
  state.silent = ""; state.next = 0;
  await tidy();
}

function later(after) {
  const seconds = Math.max(after, wait);
  wait = Math.min(LAST_S, wait * 2); state.next = Date.now() + seconds * 1000;
  timer = setTimeout(flush, seconds * 1000);
}

async function back(item, why, remedy) {
  Object.assign(item, { state: "returned", why, remedy });
  await kept.put("queue", item); told("changed"); told("returned");
}

async function send(item) {
  const pack = await kept.recall("pack"), hours = (pack && pack.keep_h) || 72;
  // The node forgets answers after so many hours: a repeat would then be a second report.
  if (item.first && now() - item.first > hours * 3600000) { await back(item, say("unknown", { hours }), ""); return; }
  item.state = "sending"; item.tries += 1;
  await kept.put("queue", item); told("changed");
  for (const [index, step] of item.steps.entries()) {
    if (step.done) continue;
    for (const at of step.photos) await upload(item, item.photos[at]);
    step.sealed ??= await sealed(item, step, pack);
    item.first ||= now().valueOf();
    await kept.put("queue", item);
    const path = step.path.replace("{case_id}", item.answer ? item.answer.case_id : "");
    const { value } = await call("POST", path, { body: step.sealed, key: index ? `${item.id}.${index}` : item.id });
    step.done = true; item.answer ??= value;
    await kept.put("queue", item);
  }
  Object.assign(item, { state: "sent", sent: new Date().toISOString(), why: "", remedy: "", photos: [], steps: [] });
  await kept.put("queue", item); told("changed"); news.dispatchEvent(new CustomEvent("sent", { detail: item }));
}

/* The same bytes are the same photo to the node, so sending one twice is harmless; one that was sent long ago may be gone there. */
async function upload(item, photo) {
  if (photo.stored && Date.now() - photo.stored.at < FRESH_MS) return;
  const { value } = await call("POST", "/api/v1/photos", { file: photo.blob });
  photo.stored = { at: Date.now(), digest: value.digest, size: value.size, media_type: value.media_type };
  await kept.put("queue", item);
}

const corrected = (at) => new Date(Math.min(Date.parse(at) + session.ahead, now().valueOf())).toISOString();

async function sealed(item, step, pack) {
  const body = { ...step.body };
  if (body.reported_at) body.reported_at = corrected(body.reported_at);
  if (body.place && !body.place.area) body.place = { ...body.place, area: await areaOf(body.place, pack) };
  if (body.at) body.at = corrected(body.at);
  if (step.photos.length) body.photos = step.photos.map((at) => {
    const { role, stored, at: taken, lon, lat } = item.photos[at];
    const photo = { digest: stored.digest, size: stored.size, media_type: stored.media_type, role };
    if (!step.shots) return photo;
    photo.taken_at = corrected(taken);
    if (lon !== undefined && lon !== null) Object.assign(photo, { taken_x: lon, taken_y: lat, taken_crs: "WGS84" });
    return photo;
  });
  return JSON.stringify(body);
}

/* Where the pack has no grid for a point, the node is asked in which division it lies. */
async function areaOf(place, pack) {
  const asked = new URLSearchParams({ x: place.lon, y: place.lat, crs: place.crs });
  const { value } = await call("GET", `/api/v1/places/locate?${asked}`);
  return value.area || (pack && pack.area) || "";
}

async function tidy() {
  const sent = (await kept.all("queue")).filter((one) => one.state === "sent");
  for (const one of sent.slice(0, Math.max(0, sent.length - SENT_MAX))) await kept.drop("queue", one.n);
}
