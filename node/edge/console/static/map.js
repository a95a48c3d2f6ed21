/* Maps inside of pages: every element with data-map becomes one when it is first seen. Attributes: docs/console.md.
   The library is fetched for the first of them; a page whose map nobody looks at does without. */
const $ = (selector, root = document) => root.querySelector(selector);
const LIGHTS = { green: "--ok", yellow: "--warn", red: "--bad", grey: "--idle" };
const opened = new WeakMap();
let library = null;

const fetched = () => library ??= (async () => {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet"; sheet.href = new URL("vendor/maplibre-gl.css", import.meta.url).href;
  const styled = new Promise((done) => { sheet.onload = sheet.onerror = done; });
  document.head.append(sheet);
  const [found] = await Promise.all([import("./vendor/maplibre-gl.mjs"), styled]);
  return found;
})();

/* --- what the theme makes of the names of colours --- */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const coloured = (value) => {
  if (typeof value === "string") return value.startsWith("--") ? token(value) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
  return value;
};
const styleOf = async (element) => {
  const answer = await fetch(element.dataset.map, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error("style " + answer.status);
  const style = await answer.json();
  for (const source of Object.values(style.sources)) {
    if (source.tiles) source.tiles = source.tiles.map((one) => one.startsWith("/") ? location.origin + one : one);
  }
  for (const layer of style.layers) {
    if (element.dataset.show && layer.metadata?.part === element.dataset.show) layer.layout = { ...layer.layout, visibility: "visible" };
  }
  return coloured(style);
};

/* --- lights as on the lists: a circle, a triangle, a square on its corner, a ring; and somebody on duty --- */
const drawn = (name) => {
  const size = 40, middle = size / 2, canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  const path = (...points) => { pen.beginPath(); points.forEach(([x, y]) => pen.lineTo(x, y)); pen.closePath(); };
  const light = name.slice(6);
  if (name === "person") { pen.beginPath(); pen.arc(middle, 12, 7, 0, 7); pen.closePath(); pen.roundRect(8, 20, 24, 17, 8); }
  else if (light === "yellow") path([middle, 4], [38, 36], [2, 36]);
  else if (light === "red") path([middle, 2], [38, middle], [middle, 38], [2, middle]);
  else { pen.beginPath(); pen.arc(middle, middle, light === "grey" ? 12 : 15, 0, 7); }
  pen.lineJoin = "round"; pen.lineWidth = 6; pen.strokeStyle = token("--surface"); pen.stroke();
  if (light === "grey") { pen.fillStyle = token("--surface"); pen.fill(); pen.lineWidth = 5; pen.strokeStyle = token("--idle"); pen.stroke(); }
  else { pen.fillStyle = token(LIGHTS[light] || "--accent"); pen.fill(); }
  return pen.getImageData(0, 0, size, size);
};

/* --- a map --- */
const begun = (element) => {
  const { box, lon, lat, zoom } = element.dataset;
  if (box) {
    const [west, south, east, north] = box.split(",").map(Number);
    return { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 24, maxZoom: 16 } };
  }
  return { center: [Number(lon), Number(lat)], zoom: Number(zoom || 16) };
};

const made = async (element) => {
  const words = JSON.parse(element.dataset.words || "{}");
  const lacking = (said) => {
    const note = document.createElement("p");
    note.className = "lacking"; note.textContent = said; element.replaceChildren(note);
    return null;
  };
  let gl, style;
  try { [gl, style] = await Promise.all([fetched(), styleOf(element)]); } catch { return lacking(words.failed); }
  let map;
  try {
    map = new gl.Map({
      container: element, style, ...begun(element), hash: element.id === "map", locale: words, minZoom: 4, maxZoom: 20,
      localIdeographFontFamily: token("--font"), attributionControl: false, dragRotate: false, touchPitch: false, pitchWithRotate: false,
      rollEnabled: false, maxPitch: 0, fadeDuration: 0, renderWorldCopies: false, refreshExpiredTiles: false,
      pixelRatio: Math.min(devicePixelRatio, 2), cancelPendingTileRequestsWhileZooming: true,
    });
  } catch { return lacking(words.lacking); }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new gl.ScaleControl({ maxWidth: 90 }), "bottom-left");
  if (Object.values(style.sources).some((one) => one.attribution)) map.addControl(new gl.AttributionControl({ compact: true }), "bottom-right");
  map.setMissingStyleImageResolver(async (name) => { if (!map.hasImage(name)) map.addImage(name, drawn(name), { pixelRatio: 2 }); });
  map.on("error", () => element.dispatchEvent(new CustomEvent("map-failed", { bubbles: true })));
  map.once("idle", () => { element.dataset.drawn = ""; });
  if ("pin" in element.dataset) {
    map.on("style.load", () => mark(map, [Number(element.dataset.lon), Number(element.dataset.lat)]));
  }
  const again = async () => { const fresh = await styleOf(element).catch(() => null); if (fresh) map.setStyle(fresh, { diff: false }); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  const refresh = () => { for (const one of ["cases", "heat"]) if (map.getSource(one)) map.refreshTiles(one); };
  let late = 0;
  document.body.addEventListener("case", () => { late ||= setTimeout(() => { late = 0; refresh(); }, 5000); });
  setInterval(() => { if (!document.hidden) refresh(); }, 60000);
  const found = { map, gl, words, refresh };
  pins(element, found); picks(element, found);
  return found;
};

/** Draws a ring around a point; null takes it away. */
export const mark = (map, at) => {
  const source = map.getSource("here");
  if (source) source.setData({ type: "FeatureCollection", features: at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [] });
};

/* data-pins: elements of the page with data-lon, data-lat (and href) are numbered on the map, also those that come later */
const pins = (element, { map, gl }) => {
  const selector = element.dataset.pins;
  if (!selector) return;
  let there = [];
  const put = () => {
    for (const one of there) one.remove();
    there = [...document.querySelectorAll(selector)].map((one, n) => {
      const link = document.createElement("a");
      link.className = "mark"; link.textContent = n + 1; link.href = one.href || one.dataset.href || "#"; link.title = one.dataset.title || one.textContent.trim();
      return new gl.Marker({ element: link }).setLngLat([Number(one.dataset.lon), Number(one.dataset.lat)]).addTo(map);
    });
  };
  put();
  document.addEventListener("htmx:afterSettle", put);
};

/* data-pick: "#lon #lat", fields that a click fills; what is written into them moves the ring */
const picks = (element, { map }) => {
  const fields = (element.dataset.pick || "").split(" ").filter(Boolean).map((one) => $(one));
  if (fields.length !== 2 || fields.includes(null)) return;
  const system = element.dataset.crs ? $(element.dataset.crs) : null;
  const shown = () => {
    const at = fields.map((one) => Number(one.value));
    const ours = !system || ["", "CGCS2000", "WGS84"].includes(system.value);
    if (!ours || !fields.every((one) => one.value) || !at.every(Number.isFinite) || Math.abs(at[0]) > 180 || Math.abs(at[1]) > 85) { mark(map, null); return; }
    mark(map, at);
    if (!map.getBounds().contains(at)) map.jumpTo({ center: at });
  };
  map.on("click", (event) => {
    if (system) system.value = "CGCS2000";
    [event.lngLat.lng, event.lngLat.lat].forEach((value, n) => { fields[n].value = value.toFixed(6); });
    fields[1].dispatchEvent(new Event("change", { bubbles: true }));
    shown();
  });
  for (const one of [...fields, system]) if (one) one.addEventListener("change", shown);
  if (element.dataset.follow) document.body.addEventListener(element.dataset.follow, () => setTimeout(shown));
  map.on("style.load", shown);
};

/** The map of an element, made now if it is not there yet: {map, gl, words, refresh}, or null where it cannot be shown. */
export const open = (element) => {
  if (!opened.has(element)) opened.set(element, made(element));
  return opened.get(element);
};

const eye = new IntersectionObserver((seen) => {
  for (const one of seen) if (one.isIntersecting) { eye.unobserve(one.target); open(one.target); }
}, { rootMargin: "200px" });
const look = () => { for (const one of document.querySelectorAll("[data-map]")) if (!opened.has(one)) eye.observe(one); };
document.addEventListener("htmx:afterSettle", look);
look();
