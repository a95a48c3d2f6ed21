/* Photos are made small on the phone. The time at which the camera took one is read before, and written into the small one. */
const SIDE_MAX = 1600, QUALITY = 0.82;

const digits = (n) => String(n).padStart(2, "0");
const stamp = (at) => `${at.getFullYear()}:${digits(at.getMonth() + 1)}:${digits(at.getDate())} ${digits(at.getHours())}:${digits(at.getMinutes())}:${digits(at.getSeconds())}`;
const zone = (at) => { const ahead = -at.getTimezoneOffset(), minutes = Math.abs(ahead); return `${ahead < 0 ? "-" : "+"}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`; };

/* The camera's own time in a JPEG (EXIF DateTimeOriginal), null = it says none. */
export function cameraTime(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff;) {
    const mark = view.getUint8(at + 1), size = view.getUint16(at + 2);
    if (mark === 0xda) return null;
    if (mark === 0xe1 && view.getUint32(at + 4) === 0x45786966) return fromTiff(view, at + 10, Math.min(at + 2 + size, view.byteLength));
    at += 2 + size;
  }
  return null;
}

function fromTiff(view, start, end) {
  const little = view.getUint16(start) === 0x4949;
  const short = (at) => (at + 2 <= end ? view.getUint16(at, little) : 0);
  const long = (at) => (at + 4 <= end ? view.getUint32(at, little) : 0);
  const find = (folder, tag) => {
    for (let n = 0, rows = short(folder); n < rows; n += 1) if (short(folder + 2 + n * 12) === tag) return folder + 2 + n * 12;
    return 0;
  };
  const text = (row) => {
    if (!row) return "";
    const size = long(row + 4), from = size > 4 ? start + long(row + 8) : row + 8;
    if (size > 64 || from + size > end) return "";
    return String.fromCharCode(...new Uint8Array(view.buffer, from, size)).replace(/\0.*/s, "");
  };
  const pointer = find(start + long(start + 4), 0x8769);
  if (!pointer) return null;
  const folder = start + long(pointer + 8);
  const said = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text(find(folder, 0x9003)));
  if (!said) return null;
  const offset = text(find(folder, 0x9011)).trim();
  const at = new Date(`${said[1]}-${said[2]}-${said[3]}T${said[4]}:${said[5]}:${said[6]}${/^[+-]\d\d:\d\d$/.test(offset) ? offset : ""}`);
  return Number.isNaN(at.valueOf()) ? null : at;
}

/* DateTimeOriginal and its offset as an APP1 segment, in big-endian TIFF. */
function segment(at) {
  const when = stamp(at) + "\0", where = zone(at) + "\0";
  const bytes = new Uint8Array(10 + 8 + 18 + 30 + when.length + where.length), view = new DataView(bytes.buffer);
  const write = (place, text) => [...text].forEach((char, n) => { bytes[place + n] = char.charCodeAt(0); });
  view.setUint16(0, 0xffe1); view.setUint16(2, bytes.length - 2); write(4, "Exif\0\0");
  const start = 10, folder = 26, values = folder + 30;
  view.setUint16(start, 0x4d4d); view.setUint16(start + 2, 42); view.setUint32(start + 4, 8);
  view.setUint16(start + 8, 1);
  const row = (place, tag, kind, size, value) => { view.setUint16(place, tag); view.setUint16(place + 2, kind); view.setUint32(place + 4, size); view.setUint32(place + 8, value); };
  row(start + 10, 0x8769, 4, 1, folder);
  view.setUint16(start + folder, 2);
  row(start + folder + 2, 0x9003, 2, when.length, values);
  row(start + folder + 14, 0x9011, 2, where.length, values + when.length);
  write(start + values, when); write(start + values + when.length, where);
  return bytes;
}

async function picture(file) {
  try { return await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return null; }
}

/* A file of the camera, small: {blob, at}. null = this phone cannot show it. */
export async function small(file) {
  const found = await picture(file);
  if (!found) return null;
  let at = file.type === "image/jpeg" ? cameraTime(await file.slice(0, 262144).arrayBuffer()) : null;
  at ??= new Date(file.lastModified || Date.now());
  const share = Math.min(1, SIDE_MAX / Math.max(found.width, found.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(found.width * share)); canvas.height = Math.max(1, Math.round(found.height * share));
  canvas.getContext("2d").drawImage(found, 0, 0, canvas.width, canvas.height);
  found.close();
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  if (!blob) return null;
  const data = new Uint8Array(await blob.arrayBuffer());
  // Behind the first mark of the file comes our segment, then the picture as it was.
  return { blob: new Blob([data.subarray(0, 2), segment(at), data.subarray(2)], { type: "image/jpeg" }), at: at.toISOString() };
}
