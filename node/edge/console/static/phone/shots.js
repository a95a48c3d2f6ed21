/* Tiles for photos: one per role that is asked for, and one for more. What was taken is made small at once. */
import { small } from "./photo.js";
import { $$, make, moment, say, toast } from "./words.js";

export class Shots {
  /* where: the element; changed: called with the photos after each change; point: where the phone is. */
  constructor(where, { changed = () => {}, point = () => null } = {}) {
    this.where = where; this.changed = changed; this.point = point; this.roles = []; this.photos = []; this.extra = "";
  }

  /* roles: one tile each; extra: the role of more photos, "" = none. */
  ask(roles, extra) { this.roles = roles; this.extra = extra; this.draw(); }

  set(photos) { this.photos = photos; this.draw(); }

  missing() { return this.roles.filter((role) => !this.photos.some((one) => one.role === role)); }

  async take(role, file, instead) {
    const made = await small(file);
    if (!made) { toast(say("photo_bad"), true); return; }
    const point = this.point() || {};
    const photo = { role, blob: made.blob, at: made.at, lon: point.lon ?? null, lat: point.lat ?? null };
    this.photos = instead ? this.photos.map((one) => (one === instead ? photo : one)) : [...this.photos, photo];
    this.draw(); this.changed(this.photos);
  }

  tile(role, photo) {
    const input = make("input", { type: "file", accept: "image/*", className: "hide" });
    input.setAttribute("capture", "environment");
    input.dataset.role = role;
    input.addEventListener("change", () => { if (input.files[0]) this.take(role, input.files[0], photo); });
    const name = say(`role_${role}`);
    const label = make("label", { className: photo ? "shot taken" : "shot" }, input);
    if (photo) {
      const address = URL.createObjectURL(photo.blob);
      label.append(make("img", { src: address, alt: say("photo_of", { role: name }), width: 160, height: 120, onload: () => URL.revokeObjectURL(address) }),
        make("span", {}, `${name} ${say("retake")}`), make("small", {}, moment(photo.at)));
    } else label.append(make("span", { className: "plus", "aria-hidden": "true" }, "＋"), make("span", {}, name), make("small", {}, say("take")));
    if (!photo || this.roles.includes(role)) return label;
    const away = make("button", { type: "button", className: "bare", onclick: () => { this.photos = this.photos.filter((one) => one !== photo); this.draw(); this.changed(this.photos); } }, say("remove"));
    return make("div", {}, label, away);
  }

  draw() {
    const open = document.activeElement && document.activeElement.dataset.role;
    const own = this.roles.map((role) => this.tile(role, this.photos.find((one) => one.role === role)));
    const first = new Set(this.roles.map((role) => this.photos.find((one) => one.role === role)));
    const more = this.photos.filter((one) => !first.has(one)).map((one) => this.tile(one.role, one));
    if (this.extra) { const add = this.tile(this.extra, null); if (own.length) { add.classList.add("more"); add.querySelector("small").textContent = say("more"); } more.push(add); }
    this.where.replaceChildren(...own, ...more);
    if (open) { const same = $$("input", this.where).find((one) => one.dataset.role === open); if (same) same.focus(); }
  }
}
