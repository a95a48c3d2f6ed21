/* What the page says: texts lie in the page itself, in its language. */
const found = new Map([...document.querySelectorAll("#words [data-key]")].map((one) => [one.dataset.key, one.textContent]));

export const LANGUAGE = document.documentElement.lang;

export function say(key, values = {}) {
  return (found.get(key) ?? key).replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}

const clock = new Intl.DateTimeFormat(LANGUAGE, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

export const moment = (at) => (at ? clock.format(new Date(at)) : "");

export const $ = (what, within = document) => within.querySelector(what);
export const $$ = (what, within = document) => [...within.querySelectorAll(what)];

/* An element with properties and children; a child that is a text stays a text. What begins with aria- is an attribute. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) if (name.startsWith("aria-")) made.setAttribute(name, value); else made[name] = value;
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

let fading = 0;
export function toast(text, bad = false) {
  const place = $("#toast");
  place.replaceChildren(make("div", { className: bad ? "bad" : "" }, text));
  clearTimeout(fading);
  fading = setTimeout(() => place.replaceChildren(), bad ? 12000 : 5000);
}
