/* What lies on the phone: things to be sent (queue), points of the track, and single values (kept). */
const NAME = "wanmi-phone", VERSION = 1;
let opening = null, cleared = false;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("track", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { asked.result.close(); opening = null; };
      resolve(asked.result);
    };
    asked.onerror = () => { opening = null; reject(asked.error); };
  });
  return opening;
}

/* Resolves when it is on the disk, not when it was asked for. After the phone was cleared nothing is written any more: a call that
   was under way then must not bring anything back. */
async function run(store, mode, act, { last = false } = {}) {
  if (cleared && mode === "readwrite" && !last) return undefined;
  const db = await open();
  return new Promise((resolve, reject) => {
    const tx = db.transaction(store, mode, { durability: "strict" });
    const asked = act(tx.objectStore(store));
    tx.oncomplete = () => resolve(asked ? asked.result : undefined);
    tx.onabort = tx.onerror = () => reject(tx.error || (asked && asked.error));
  });
}

export const put = (store, value) => run(store, "readwrite", (rows) => rows.put(value));
export const all = (store) => run(store, "readonly", (rows) => rows.getAll());
export const one = (store, n) => run(store, "readonly", (rows) => rows.get(n));
export const drop = (store, n) => run(store, "readwrite", (rows) => rows.delete(n));
export const count = (store) => run(store, "readonly", (rows) => rows.count());
export const some = (store, most) => run(store, "readonly", (rows) => rows.getAll(null, most));
export const dropUpTo = (store, n) => run(store, "readwrite", (rows) => rows.delete(IDBKeyRange.upperBound(n)));
export const recall = (key) => run("kept", "readonly", (rows) => rows.get(key));
export const keep = (key, value) => run("kept", "readwrite", (rows) => rows.put(value, key));
export const left = () => run("kept", "readwrite", (rows) => rows.clear(), { last: true });
export const forget = (key) => run("kept", "readwrite", (rows) => rows.delete(key));

/* Everything goes: nothing of anybody stays on the phone, but that its session is still to be ended. */
export async function wipe() {
  cleared = true;
  for (const store of ["queue", "track", "kept"]) await run(store, "readwrite", (rows) => rows.clear(), { last: true });
  await run("kept", "readwrite", (rows) => rows.put(true, "leaving"), { last: true });
  if ("caches" in self) await caches.delete("wanmi-phone-private");
}
