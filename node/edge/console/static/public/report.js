/* Beside the form, which works without: the position of the phone, and photos made small before they are sent. */
import { small } from "../phone/photo.js";

const $ = (id) => document.getElementById(id);
const fix = $("fix"), lon = $("lon"), lat = $("lat"), away = $("unlocate"), photos = $("photos");

if (navigator.geolocation && self.isSecureContext) {
  $("here").hidden = false; away.hidden = !lon.value;
  $("locate").addEventListener("click", () => {
    fix.textContent = fix.dataset.asking;
    navigator.geolocation.getCurrentPosition((found) => {
      lon.value = found.coords.longitude; lat.value = found.coords.latitude; away.hidden = false;
      fix.textContent = fix.dataset.got.replace("#", Math.round(found.coords.accuracy));
    }, () => { fix.textContent = fix.dataset.none; }, { enableHighAccuracy: true, timeout: 20000 });
  });
  away.addEventListener("click", () => { lon.value = lat.value = ""; fix.textContent = ""; away.hidden = true; });
}

/* Hundreds of classes are no list for a phone: those that share words with what is typed, the most alike first. */
const list = $("category"), words = $("words"), says = $("seek-says");
const all = [...list.querySelectorAll("option[value]:not([value=''])")].map((one) => ({ value: one.value, name: one.textContent, group: one.parentElement.label || "" }));
const pieces = (text) => { const signs = [...text.replace(/\s+/g, "").toLowerCase()]; return signs.length < 2 ? signs : signs.slice(1).map((one, n) => signs[n] + one); };
const groups = (rows) => [...new Set(rows.map((one) => one.group))].map((label) => {
  const group = document.createElement("optgroup"); group.label = label;
  group.append(...rows.filter((one) => one.group === label).map((one) => new Option(one.name, one.value)));
  return group;
});
function seek() {
  const asked = pieces(words.value.trim()), chosen = list.value;
  const scored = all.map((one) => ({ ...one, score: asked.filter((piece) => one.name.toLowerCase().includes(piece)).length }));
  const found = asked.length ? scored.filter((one) => one.score) : [], rows = found.length ? found : all;
  list.replaceChildren(list.options[0], ...groups([...rows].sort((one, other) => (other.score || 0) - (one.score || 0))));
  list.value = found.length === 1 ? found[0].value : rows.some((one) => one.value === chosen) ? chosen : "";
  says.textContent = (!asked.length ? says.dataset.all : !found.length ? says.dataset.none : found.length === 1 ? says.dataset.one : says.dataset.some)
    .replace("#", found.length === 1 ? found[0].name : found.length || all.length);
}
$("seek").hidden = false; words.addEventListener("input", seek); says.textContent = says.dataset.all.replace("#", all.length);
words.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); list.focus(); } });

if (photos) photos.addEventListener("change", async () => {
  const made = new DataTransfer(), button = photos.form.querySelector("[type=submit]");
  button.disabled = true;
  for (const file of [...photos.files].slice(0, Number(photos.dataset.most))) {
    const found = await small(file);
    made.items.add(found && found.blob.size < file.size ? new File([found.blob], "photo.jpg", { type: "image/jpeg" }) : file);
  }
  photos.files = made.files; button.disabled = false;
});
