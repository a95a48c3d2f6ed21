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

if (photos) photos.addEventListener("change", async () => {
  const made = new DataTransfer(), button = photos.form.querySelector("[type=submit]");
  button.disabled = true;
  for (const file of [...photos.files].slice(0, Number(photos.dataset.most))) {
    const found = await small(file);
    made.items.add(found && found.blob.size < file.size ? new File([found.blob], "photo.jpg", { type: "image/jpeg" }) : file);
  }
  photos.files = made.files; button.disabled = false;
});
