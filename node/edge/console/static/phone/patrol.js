/* The track of a shift: points lie on the phone until the node has taken them. */
import { Refused, call, session } from "./api.js";
import * as kept from "./kept.js";
import { metres } from "./place.js";
import { $, make, moment, say } from "./words.js";

const EVERY_MS = 15000, STEP_M = 10, BATCH = 500, SEND_MS = 60000;
let watching = null, lock = null, last = null, pack = null, sending = false, figures = null, why = "";
const today = () => new Date().toLocaleDateString("sv", { timeZone: "Asia/Shanghai" });

export function carry(found) { pack = found; draw(); }

export async function restore() {
  figures = (await kept.recall("walked")) || null;
  if (!figures || figures.day !== today()) figures = { day: today(), points: 0, sent: 0, off: 0, metres: 0 };
  if (await kept.recall("patrolling")) start(); else draw();
}

async function take(found) {
  const point = { lon: found.coords.longitude, lat: found.coords.latitude, accuracy: Math.round(found.coords.accuracy), at: found.timestamp };
  const gone = last ? metres(last, point) : 0;
  if (last && point.at - last.at < EVERY_MS && gone < STEP_M) return;
  if (figures.day !== today()) figures = { day: today(), points: 0, sent: 0, off: 0, metres: 0 };
  figures.points += 1;
  // What is less than the error of both is standing still.
  if (last && gone > Math.max(STEP_M, point.accuracy / 2)) figures.metres += gone;
  figures.last = point.at; last = point;
  await kept.put("track", { owner: session.name, at: new Date(point.at).toISOString(), x: point.lon, y: point.lat, accuracy_m: point.accuracy });
  await kept.keep("walked", figures);
  draw();
}

function start() {
  if (watching !== null || !navigator.geolocation) return;
  why = self.isSecureContext ? "" : say("fix_insecure");
  watching = navigator.geolocation.watchPosition(
    (found) => { why = ""; take(found); },
    (error) => { why = say(error.code === error.PERMISSION_DENIED ? "fix_denied" : "no_fix"); draw(); },
    { enableHighAccuracy: true, maximumAge: 5000, timeout: 60000 });
  kept.keep("patrolling", true); awake(); draw();
}

function stop() {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null; last = null; kept.forget("patrolling");
  if (lock) lock.release().catch(() => {});
  lock = null; draw(); send();
}

/* The screen stays on while somebody walks: a phone tells a dark page nothing. */
async function awake() {
  if (watching === null || !navigator.wakeLock || document.hidden) return;
  try { lock = await navigator.wakeLock.request("screen"); } catch { lock = null; }
}

export async function send() {
  if (sending || !session.name) return;
  sending = true;
  try {
    for (;;) {
      const rows = await kept.some("track", BATCH), mine = rows.filter((one) => one.owner === session.name);
      if (!mine.length) break;
      const points = mine.map(({ at, x, y, accuracy_m }) => ({ at: new Date(Date.parse(at) + session.ahead).toISOString(), x, y, accuracy_m }));
      const { value } = await call("POST", `/api/v1/collectors/${encodeURIComponent(session.name)}/track`, { body: JSON.stringify({ crs: "WGS84", points }) });
      figures.sent += value.taken + value.known; figures.off += value.off_duty;
      await kept.keep("walked", figures);
      for (const row of mine) await kept.drop("track", row.n);
      why = "";
    }
  } catch (error) {
    if (error instanceof Refused) why = error.code === "collector.unknown" ? say("not_collector") : say("track_refused", { why: error.message });
  } finally { sending = false; draw(); }
}

function shift() {
  const [next] = (pack && pack.shifts) || [];
  if (!next) return pack && pack.collector === null ? say("not_collector") : say("shift_none");
  const key = Date.parse(next.begins_at) <= Date.now() ? "shift_now" : "shift_next";
  const beat = pack.beat && pack.beat.code === next.beat && pack.beat.name ? pack.beat.name : next.beat;
  return say(key, { beat, from: moment(next.begins_at), to: moment(next.ends_at) });
}

export async function draw() {
  const on = watching !== null, wait = await kept.count("track");
  $("#shift").textContent = shift();
  const button = $("#patrol-toggle");
  button.textContent = say(on ? "stop" : "start"); button.setAttribute("aria-pressed", String(on)); button.classList.toggle("grave", on); button.classList.toggle("main", !on);
  $("#n-patrol").textContent = on ? "●" : "○";
  $("#patrol-says").textContent = why || [say(on ? "walking" : "resting"), figures && figures.off ? say("track_off", { n: figures.off }) : ""].filter(Boolean).join("，");
  if (!figures) return;
  const rows = [["points", String(figures.points)], ["points_sent", String(figures.sent)], ["points_wait", String(wait)], ["distance", say("walked", { metres: Math.round(figures.metres) })], ["last_point", figures.last ? moment(figures.last) : "–"]];
  $("#patrol-figures").replaceChildren(...rows.flatMap(([key, value]) => [make("dt", {}, say(key)), make("dd", { className: "number" }, value)]));
}

export function begin() {
  $("#patrol-toggle").addEventListener("click", () => (watching === null ? start() : stop()));
  document.addEventListener("visibilitychange", awake);
  setInterval(send, SEND_MS);
}

export function end() { if (watching !== null) navigator.geolocation.clearWatch(watching); watching = null; }
