/* Reporting a problem: photos, place, what it is. What is filled in is kept at once: a camera may cost the page its life. */
import { call, session } from "./api.js";
import * as kept from "./kept.js";
import { Sketch, gridAt, locate, metres, moved, nearest } from "./place.js";
import * as queue from "./queue.js";
import { Shots } from "./shots.js";
import { $, make, say, toast } from "./words.js";

const NEAR_MAX = 5, NEAR_M = 100, CLASSES_SHOWN = 60, EXTRA = "reference";
const EMPTY = { photos: [], hands: [], point: null, address: "", component: null, category: null, condition: 0, text: "", urgent: false, handled: false, result: "", details: {} };

/* Of whoever is logged in: another one on the same phone begins with an empty form. */
const place = () => `draft/${session.name}`;
let draft = { ...EMPTY }, pack = null, saving = 0, looking = 0;
const shots = new Shots($("#shots"), { point: () => draft.point, changed: (photos) => { draft.photos = photos; save(); if (!draft.point) find(); } });
const hands = new Shots($("#handled-shots"), { point: () => draft.point, changed: (photos) => { draft.hands = photos; save(); } });
const sketch = new Sketch($("#sketch"), { moved: (point) => set({ ...point, accuracy: 0, how: "by_hand" }) });

/* At once, and again for what is typed meanwhile: whoever takes a photo leaves the page for the camera. */
function save() {
  saving ||= setTimeout(() => { saving = 0; kept.keep(place(), draft).catch(() => toast(say("kept_full"), true)); }, 60);
}

export async function restore() { Object.assign(draft, (await kept.recall(place())) || {}); fill(); }
export function carry(found) { pack = found; ask(); near(); fix(); if ($("#classes").open) list(); }

/* What the source and the class ask for. */
function asked() {
  const category = draft.category, rules = ((pack && pack.class_rules) || []).filter((one) => category
    && (!one.standard_ref || one.standard_ref === category.standard_ref) && (!one.kind || one.kind === category.kind) && category.code.startsWith(one.code));
  const source = (pack && pack.source) || { code: "collector", photos: ["near", "far"], handled: ["handle_before", "handle_after"], details: [], collector: "collector", beat: "beat" };
  const details = [...source.details.filter((one) => one.required && one.key !== source.collector), ...rules.flatMap((one) => one.details)];
  return { source, photos: [...new Set([...source.photos, ...rules.flatMap((one) => one.photos)])], details };
}

function ask() {
  const { source, photos, details } = asked();
  shots.ask(photos, EXTRA); hands.ask(source.handled, "");
  const chinese = document.documentElement.lang.startsWith("zh");
  $("#details").replaceChildren(...details.flatMap((one) => {
    const id = `detail-${one.key}`;
    return [make("label", { htmlFor: id, className: one.required ? "needed" : "" }, chinese ? one.zh : one.en),
      make("input", { id, maxLength: 200, value: draft.details[one.key] || "", oninput: (event) => { draft.details[one.key] = event.target.value; save(); } })];
  }));
}

function fill() {
  $("#address").value = draft.address; $("#text").value = draft.text; $("#result").value = draft.result;
  $("#urgent").checked = draft.urgent; $("#handled").checked = draft.handled; $("#handled-box").hidden = !draft.handled;
  ask(); shots.set(draft.photos); hands.set(draft.hands); near(); chosen(); fix();
}

/* --- where --- */
async function find() {
  $("#fix").textContent = say("locating");
  try { set({ ...(await locate()), how: "fixed" }); } catch (error) { if (!draft.point) $("#fix").textContent = say(error.message); else fix(); }
}

function set(point) {
  draft.point = point; save(); fix(); near();
  if (navigator.onLine && !draft.address) whereIsThat(point);
}

function fix() {
  const { point } = draft;
  if (!point) return;
  const grid = gridAt(pack, point);
  const how = point.how === "fixed" ? say("fixed", { metres: point.accuracy }) : say(point.how);
  const where = grid ? say("in_grid", { grid: grid.name || grid.code }) : pack && pack.grids.length ? say("no_grid") : "";
  $("#fix").textContent = [how, where].filter(Boolean).join("，");
  $("#point").value = `${point.lon.toFixed(6)},${point.lat.toFixed(6)}`;
  if ($("#correct").open) sketch.show(point, pack, point.accuracy || 0);
}

async function whereIsThat(point) {
  try {
    const { value } = await call("GET", `/api/v1/places/locate?${new URLSearchParams({ x: point.lon, y: point.lat, crs: "WGS84" })}`);
    if (value.address && !draft.address) { draft.address = value.address.text; $("#address").value = draft.address; save(); }
  } catch { /* it is typed by hand then */ }
}

async function suggest() {
  const text = $("#address").value.trim();
  if (text.length < 2 || !navigator.onLine) { $("#places").replaceChildren(); return; }
  const asked = new URLSearchParams({ text, limit: 4, ...(draft.point ? { lon: draft.point.lon, lat: draft.point.lat } : {}) });
  let found;
  try { found = (await call("GET", `/api/v1/places/search?${asked}`)).value; } catch { return; }
  $("#places").replaceChildren(...found.filter((one) => one.lon !== null).map((one) => make("li", {}, make("button", {
    type: "button",
    onclick: () => { draft.address = one.text; $("#address").value = one.text; $("#places").replaceChildren(); set({ lon: one.lon, lat: one.lat, accuracy: 0, how: "by_hand" }); },
  }, make("span", {}, one.text), draft.point ? make("small", {}, say("away", { metres: Math.round(metres(draft.point, one)) })) : null))));
}

/* --- what --- */
async function near() {
  const list = $("#near"), none = $("#near-none"), { point } = draft;
  if (!point) { list.replaceChildren(); none.hidden = Boolean(pack) || navigator.onLine; none.textContent = say("pack_lacks"); return; }
  const known = pack && pack.components.length;
  let found = nearest(pack, point, NEAR_MAX).filter((one) => one.metres <= NEAR_M);
  if (!found.length && navigator.onLine && session.name) {
    const mine = looking += 1;
    try { found = (await call("GET", `/api/v1/components/nearest?${new URLSearchParams({ x: point.lon, y: point.lat, crs: "WGS84", limit: NEAR_MAX })}`)).value.filter((one) => one.metres <= NEAR_M); } catch { /* offline after all */ }
    if (mine !== looking) return;
  }
  none.hidden = found.length > 0; none.textContent = say(known ? "near_none" : !pack ? "pack_lacks" : navigator.onLine ? "near_none" : "near_unknown");
  list.replaceChildren(...found.map((one) => make("li", {}, make("button", {
    type: "button", "aria-pressed": String(Boolean(draft.component && draft.component.code === one.code)), onclick: () => pick(one),
  }, make("span", {}, `${one.name} `, make("small", {}, one.code)), make("small", {}, say("away", { metres: Math.round(one.metres) }))))));
}

function pick(component) {
  const classes = (pack && pack.classes) || [];
  const own = classes.find((one) => one.standard_ref === component.standard_ref && one.kind === "component" && one.code === component.type_code);
  const fault = own && own.fault ? classes.find((one) => one.standard_ref === own.standard_ref && one.kind === "matter" && one.code === own.fault) : null;
  draft.component = { code: component.code, name: component.name };
  choose(fault || own || { standard_ref: component.standard_ref, kind: "component", code: component.type_code, name: component.name, conditions: [] });
  if (component.lon !== null && draft.point && draft.point.how === "fixed") set({ lon: component.lon, lat: component.lat, accuracy: 0, how: "from_component" });
  near();
}

function choose(category) {
  draft.category = category; draft.condition = 0; save(); chosen(); ask();
}

function chosen() {
  const { category, component } = draft, conditions = (category && category.conditions) || [];
  $("#chosen").textContent = category ? say("chosen", { name: [category.name, component && component.code].filter(Boolean).join("，") }) : "";
  $("#conditions-box").hidden = !conditions.length;
  $("#condition").replaceChildren(make("option", { value: "0" }, say("no_condition")),
    ...conditions.map((one) => make("option", { value: String(one.condition_no), selected: one.condition_no === draft.condition }, one.filing)));
}

function list() {
  const text = $("#class-text").value.trim();
  const found = ((pack && pack.classes) || []).filter((one) => !one.fault && (!text || one.name.includes(text) || one.code.startsWith(text) || one.major_name.includes(text)));
  $("#class-none").textContent = found.length ? "" : say(pack ? "class_none" : "pack_lacks");
  $("#class-list").replaceChildren(...found.slice(0, CLASSES_SHOWN).map((one) => make("li", {}, make("button", {
    type: "button", onclick: () => { draft.component = null; choose(one); near(); $("#classes").close(); },
  }, make("span", {}, one.name), make("small", {}, `${one.major_name} ${one.code}`)))));
}

/* --- sending --- */
function wrong() {
  const { source, details } = asked(), named = (roles) => roles.map((role) => say(`role_${role}`)).join("、");
  if (shots.missing().length) return [say("need_photo", { roles: named(shots.missing()) }), "#shots input"];
  if (!draft.point) return [say("need_point"), "#locate"];
  if (!draft.address.trim()) return [say("need_address"), "#address"];
  if (!draft.category) return [say("need_class"), "#class-open"];
  const blank = details.find((one) => one.required && !(draft.details[one.key] || "").trim());
  if (blank) return [say("need_detail", { name: document.documentElement.lang.startsWith("zh") ? blank.zh : blank.en }), `#detail-${blank.key}`];
  if (!draft.text.trim()) return [say("need_text"), "#text"];
  if (draft.handled && source.handled.length && hands.missing().length) return [say("need_photo", { roles: named(hands.missing()) }), "#handled-shots input"];
  if (draft.handled && !draft.result.trim()) return [say("need_result"), "#result"];
  return null;
}

async function send(event) {
  event.preventDefault();
  const lacking = wrong();
  $("#report-wrong").textContent = lacking ? lacking[0] : "";
  if (lacking) { $(lacking[1]).focus(); return; }
  const { source } = asked(), { point, category } = draft, grid = gridAt(pack, point), beat = source.beat && pack && pack.beat;
  const photos = [...draft.photos, ...(draft.handled ? draft.hands : [])];
  const body = {
    category: { standard_ref: category.standard_ref, kind: category.kind, code: category.code, name: category.name, condition_no: draft.condition },
    place: { area: grid ? grid.area : "", address: draft.address.trim(), lon: point.lon, lat: point.lat, crs: point.how === "fixed" ? "WGS84" : "CGCS2000", grid: grid ? grid.code : "" },
    text: draft.text.trim(), source: source.code, urgent: draft.urgent, component: draft.component ? draft.component.code : "",
    details: { ...Object.fromEntries(Object.entries(draft.details).filter(([, value]) => value.trim())), ...(source.collector ? { [source.collector]: session.name } : {}), ...(beat && grid ? { [source.beat]: beat.code } : {}) },
    reported_at: new Date().toISOString(),
  };
  const steps = [{ path: "/api/v1/cases", body, photos: draft.photos.map((_, n) => n), shots: true }];
  if (draft.handled) steps.push({ path: "/api/v1/cases/{case_id}/self-handle", body: { result: draft.result.trim() }, photos: draft.hands.map((_, n) => draft.photos.length + n), shots: false });
  try {
    await queue.add({ kind: "report", title: category.name, place: draft.address.trim(), photos, steps, draft });
  } catch (error) { toast(queue.unkept(error), true); return; }
  await clear();
  toast(say("kept"));
}

async function clear() {
  clearTimeout(saving); saving = 0; draft = { ...EMPTY, details: {} };
  await kept.forget(place());
  for (const one of ["#fix", "#places", "#report-wrong"]) $(one).replaceChildren();
  $("#point").value = "";
  fill(); scrollTo(0, 0); find();
}

/* What came back, put into the form again, with why; false = something else is in the form, which is not thrown away. */
export async function reopen(item) {
  if (draft.photos.length || draft.hands.length || draft.category || draft.text.trim()) return false;
  draft = { ...EMPTY, ...item.draft, photos: item.draft.photos || [] };
  await kept.keep(place(), draft); fill();
  $("#report-wrong").textContent = say("came_back_why", { why: [item.why, item.remedy].filter(Boolean).join("；") });
  return true;
}

export function begin() {
  $("#report-form").addEventListener("submit", send);
  $("#report-clear").addEventListener("click", clear);
  $("#locate").addEventListener("click", find);
  $("#correct").addEventListener("toggle", () => fix());
  $("#nearer").addEventListener("click", () => sketch.zoom(0.6)); $("#farther").addEventListener("click", () => sketch.zoom(1.6));
  $(".pad").addEventListener("click", (event) => {
    const by = event.target.dataset.move;
    if (by && draft.point) set({ ...moved(draft.point, ...by.split(",").map(Number)), accuracy: 0, how: "by_hand" });
  });
  $("#point").addEventListener("change", (event) => {
    const [lon, lat] = event.target.value.split(/[,，\s]+/).map(Number);
    if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90) set({ lon, lat, accuracy: 0, how: "by_hand" }); else fix();
  });
  let typing = 0;
  $("#address").addEventListener("input", (event) => { draft.address = event.target.value; save(); clearTimeout(typing); typing = setTimeout(suggest, 400); });
  $("#text").addEventListener("input", (event) => { draft.text = event.target.value; save(); });
  $("#result").addEventListener("input", (event) => { draft.result = event.target.value; save(); });
  $("#urgent").addEventListener("change", (event) => { draft.urgent = event.target.checked; save(); });
  $("#handled").addEventListener("change", (event) => { draft.handled = event.target.checked; $("#handled-box").hidden = !draft.handled; save(); });
  $("#condition").addEventListener("change", (event) => {
    draft.condition = Number(event.target.value);
    const met = draft.category.conditions.find((one) => one.condition_no === draft.condition);
    if (met && !draft.text.trim()) { draft.text = met.filing; $("#text").value = met.filing; }
    save();
  });
  $("#class-open").addEventListener("click", () => { $("#class-text").value = ""; list(); $("#classes").showModal(); $("#class-text").focus(); });
  $("#class-text").addEventListener("input", list);
}

export function shown() { if (!draft.point) find(); else fix(); }
