/* A call for help: kind and words if there is time for them, the place if the phone knows it. It goes before all that waits. */
import { call } from "./api.js";
import * as kept from "./kept.js";
import { locate } from "./place.js";
import * as queue from "./queue.js";
import { $, LANGUAGE, make, say, toast } from "./words.js";

let kinds = [], here = null;

export async function restore() { kinds = (await kept.recall("alarm_kinds")) || []; draw(); }

export async function refresh() {
  kinds = (await call("GET", "/api/v1/alarms/choices")).value.kinds;
  await kept.keep("alarm_kinds", kinds); draw();
}

function draw() {
  $("#alarm-open").hidden = !kinds.length;
  if ($("#alarm").open) return;
  $("#alarm-kinds").replaceChildren(...kinds.map((one, n) => make("label", { className: "tick" },
    make("input", { type: "radio", name: "alarm-kind", value: one.code, checked: n === 0 }), make("span", {}, LANGUAGE.startsWith("zh") ? one.zh : one.en))));
}

function show() {
  draw(); $("#alarm-text").value = ""; $("#alarm").showModal();
  here = null;
  locate().then((found) => { here = found; }, () => {});
}

async function send(event) {
  event.preventDefault();
  const kind = $("input[name=alarm-kind]:checked").value, at = new Date().toISOString();
  const place = here ? { x: here.lon, y: here.lat, crs: "WGS84", accuracy_m: here.accuracy } : {};
  const title = kinds.find((one) => one.code === kind);
  try {
    await queue.add({ kind: "alarm", title: LANGUAGE.startsWith("zh") ? title.zh : title.en, place: "", photos: [], steps: [{ path: "/api/v1/alarms", body: { kind, text: $("#alarm-text").value.trim(), at, ...place }, photos: [], shots: false }] });
  } catch (error) { toast(queue.unkept(error), true); return; }
  $("#alarm").close();
  if (navigator.onLine) toast(say("alarm_kept")); else toast(say("alarm_offline"), true);
}

export function begin() {
  $("#alarm-open").addEventListener("click", show);
  $("#alarm-form").addEventListener("submit", send);
}
