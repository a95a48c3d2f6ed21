/* The room of the map: what a click tells, the list of what is seen, which layers are shown. */
import { mark, open } from "./map.js";

const $ = (selector, root = document) => root.querySelector(selector);
const element = $("#map"), card = $("#map-card"), list = $("#map-list"), say = $("#map-say"), switches = $("[data-switches]");
const kept = "wanmi.map.parts";

const begin = async () => {
  const found = element && await open(element);
  if (!found) return;
  const { map, words, refresh } = found;
  const said = (text) => { if (say.textContent !== text) say.textContent = text; };
  const has = (layer) => Boolean(map.getLayer(layer));
  let failed = false;
  element.addEventListener("map-failed", () => { failed = true; said(words.failed); });

  /* --- layers --- */
  const shows = (part) => !switches || Boolean($(`input[value="${part}"]:checked`, switches));
  const dress = () => {
    for (const layer of map.getStyle().layers) {
      const part = layer.metadata && layer.metadata.part;
      if (part) map.setLayoutProperty(layer.id, "visibility", shows(part) ? "visible" : "none");
    }
  };
  if (switches) {
    let before = null;
    try { before = JSON.parse(localStorage.getItem(kept)); } catch { before = null; }
    if (Array.isArray(before)) for (const box of switches.querySelectorAll("input")) box.checked = before.includes(box.value);
    switches.hidden = false;
    switches.addEventListener("change", () => {
      localStorage.setItem(kept, JSON.stringify([...switches.querySelectorAll("input:checked")].map((box) => box.value)));
      dress(); hint();
    });
  }
  map.on("style.load", dress);
  if (map.isStyleLoaded()) dress();

  /* --- what there is to be said of the picture --- */
  const hint = () => {
    if (failed) return;
    const components = shows("components") && has("components");
    if (components && map.getZoom() < 15) { said(words.nearer); return; }
    const cut = components && map.querySourceFeatures("components", { sourceLayer: "cut" }).length;
    said(cut ? words.cut : "");
  };
  map.on("idle", hint);

  /* --- the list of what is seen --- */
  let asked = "", due = 0;
  const listed = () => {
    if (!list) return;
    const box = map.getBounds().toArray().flat().map((one) => one.toFixed(5)).join(",");
    if (box === asked || list.contains(document.activeElement)) return;
    asked = box;
    htmx.ajax("GET", `${list.dataset.list}${list.dataset.list.includes("=") ? "&" : ""}box=${box}`, { target: list, swap: "innerHTML" });
  };
  const soon = () => { clearTimeout(due); due = setTimeout(listed, 400); };
  map.on("moveend", soon);
  soon();
  document.body.addEventListener("case", () => { asked = ""; setTimeout(soon, 5000); });

  /* --- a click tells what is there: cases before components before the ground --- */
  const tell = (path) => htmx.ajax("GET", path, { target: card, swap: "innerHTML" });
  const around = (point, layers) => map.queryRenderedFeatures(
    [[point.x - 8, point.y - 8], [point.x + 8, point.y + 8]], { layers: layers.filter((one) => has(one)) });
  map.on("click", (event) => {
    const many = around(event.point, ["many"])[0];
    if (many) {
      map.easeTo({ center: many.geometry.coordinates, zoom: Math.min(map.getZoom() + 2, 17) });
      return;
    }
    const cases = [...new Set(around(event.point, ["cases"]).map((one) => one.properties.id))].slice(0, 10);
    if (cases.length) { tell("/console/map/cases?" + cases.map((one) => "case=" + one).join("&")); mark(map, around(event.point, ["cases"])[0].geometry.coordinates); return; }
    const component = around(event.point, ["components"])[0];
    if (component) { tell("/console/map/component/" + encodeURIComponent(component.properties.code)); mark(map, component.geometry.coordinates); return; }
    tell(`/console/map/at?lon=${event.lngLat.lng.toFixed(7)}&lat=${event.lngLat.lat.toFixed(7)}`);
    mark(map, event.lngLat.toArray());
  });
  for (const layer of ["many", "cases", "components"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  const shut = () => { card.replaceChildren(); mark(map, null); };
  document.addEventListener("click", (event) => { if (event.target.closest("[data-shut]")) shut(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && card.firstElementChild) shut(); });

  /* --- a row of the list shows its place --- */
  const point = (row) => [Number(row.dataset.lon), Number(row.dataset.lat)];
  if (list) {
    list.addEventListener("mouseover", (event) => { const row = event.target.closest("tr[data-lon]"); if (row) mark(map, point(row)); });
    list.addEventListener("mouseleave", () => mark(map, null));
    list.addEventListener("focusin", (event) => {
      const row = event.target.closest("tr[data-lon]");
      if (!row) return;
      mark(map, point(row));
      if (!map.getBounds().contains(point(row))) map.easeTo({ center: point(row) });
    });
  }

  /* --- collectors on duty --- */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "map-people") return;
    map.getSource("people").setData({ type: "FeatureCollection", features: [...document.querySelectorAll("#map-people [data-person]")].map((one) => ({
      type: "Feature", properties: { name: one.dataset.name }, geometry: { type: "Point", coordinates: point(one) },
    })) });
  });
  addEventListener("focus", refresh);
};
begin();
