/* Points: where the phone is, what stands near, in which unit grid. All of it from the pack, without a network. */
const PER_DEGREE = 111320;

export const perDegree = (lat) => [PER_DEGREE * Math.cos((lat * Math.PI) / 180), PER_DEGREE];

export function metres(one, other) {
  const [east, north] = perDegree(one.lat);
  return Math.hypot((one.lon - other.lon) * east, (one.lat - other.lat) * north);
}

export function moved(point, east, north) {
  const [perLon, perLat] = perDegree(point.lat);
  return { lon: point.lon + east / perLon, lat: point.lat + north / perLat };
}

/* Phones say WGS84, which is CGCS2000 to within centimetres. */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!self.isSecureContext || !navigator.geolocation) { reject(new Error("fix_insecure")); return; }
    navigator.geolocation.getCurrentPosition(
      (found) => resolve({ lon: found.coords.longitude, lat: found.coords.latitude, accuracy: Math.round(found.coords.accuracy), at: new Date(found.timestamp).toISOString() }),
      (error) => reject(new Error(error.code === error.PERMISSION_DENIED ? "fix_denied" : "no_fix")),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 5000 });
  });
}

export function nearest(pack, point, most) {
  return ((pack && pack.components) || [])
    .filter((one) => one[4] !== null && one[5] !== null)
    .map(([code, name, standard_ref, type_code, lon, lat]) => ({ code, name, standard_ref, type_code, lon, lat, metres: metres(point, { lon, lat }) }))
    .sort((one, other) => one.metres - other.metres).slice(0, most);
}

const rings = (outline) => (!outline ? [] : outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates);

function inside(ring, { lon, lat }) {
  let is = false;
  for (let n = 0, before = ring.length - 1; n < ring.length; before = n, n += 1) {
    const [x, y] = ring[n], [x0, y0] = ring[before];
    if (y > lat !== y0 > lat && lon < ((x0 - x) * (lat - y)) / (y0 - y) + x) is = !is;
  }
  return is;
}

export const holds = (outline, point) => rings(outline).some(([outer, ...holes]) => inside(outer, point) && !holes.some((hole) => inside(hole, point)));

export const gridAt = (pack, point) => ((pack && pack.grids) || []).find((one) => holds(one.outline, point)) || null;

/* The surroundings of a point: the cross in the middle stays, the ground is drawn under it. */
export class Sketch {
  constructor(canvas, { moved: onMoved }) {
    this.canvas = canvas; this.across = 120; this.point = null; this.pack = null; this.accuracy = 0; this.track = [];
    let from = null;
    canvas.addEventListener("pointerdown", (event) => { if (this.point) { from = [event.clientX, event.clientY, this.point]; canvas.setPointerCapture(event.pointerId); } });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const scale = this.across / canvas.clientWidth;
      this.point = moved(from[2], (from[0] - event.clientX) * scale, (event.clientY - from[1]) * scale);
      this.draw();
    });
    const end = () => { if (from && from[2] !== this.point) onMoved(this.point); from = null; };
    canvas.addEventListener("pointerup", end); canvas.addEventListener("pointercancel", end);
  }

  show(point, pack, accuracy = 0) { this.point = point; this.pack = pack; this.accuracy = accuracy; this.draw(); }

  zoom(by) { this.across = Math.min(1000, Math.max(30, this.across * by)); this.draw(); }

  draw() {
    const { canvas } = this, dense = devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
    if (!wide || !this.point) return;
    canvas.width = wide * dense; canvas.height = high * dense;
    const pen = canvas.getContext("2d"), look = getComputedStyle(document.documentElement), colour = (name) => look.getPropertyValue(name);
    pen.scale(dense, dense);
    pen.fillStyle = colour("--sunken"); pen.fillRect(0, 0, wide, high);
    const [perLon, perLat] = perDegree(this.point.lat), scale = wide / this.across;
    const at = ([lon, lat]) => [wide / 2 + (lon - this.point.lon) * perLon * scale, high / 2 - (lat - this.point.lat) * perLat * scale];
    pen.strokeStyle = colour("--edge"); pen.lineWidth = 1.5;
    for (const grid of (this.pack && this.pack.grids) || []) for (const part of rings(grid.outline)) for (const ring of part) {
      pen.beginPath(); ring.forEach((point, n) => (n ? pen.lineTo(...at(point)) : pen.moveTo(...at(point)))); pen.stroke();
    }
    pen.fillStyle = colour("--accent"); pen.font = "13px sans-serif"; pen.textBaseline = "middle";
    for (const one of nearest(this.pack, this.point, 40)) {
      const [x, y] = at([one.lon, one.lat]);
      pen.beginPath(); pen.arc(x, y, 5, 0, 7); pen.fill();
      if (this.across < 150) pen.fillText(one.name, x + 8, y);
    }
    pen.strokeStyle = colour("--warn");
    if (this.accuracy) { pen.beginPath(); pen.arc(wide / 2, high / 2, this.accuracy * scale, 0, 7); pen.stroke(); }
    pen.strokeStyle = colour("--bad"); pen.lineWidth = 3;
    pen.beginPath(); pen.moveTo(wide / 2 - 14, high / 2); pen.lineTo(wide / 2 + 14, high / 2); pen.moveTo(wide / 2, high / 2 - 14); pen.lineTo(wide / 2, high / 2 + 14); pen.stroke();
  }
}
