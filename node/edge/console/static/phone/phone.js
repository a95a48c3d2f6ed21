/* The page on the phone: four rooms, one state of the network, one way out. */
import { Outside, Refused, call, leave, session, whoAmI } from "./api.js";
import * as alarm from "./alarm.js";
import * as kept from "./kept.js";
import * as patrol from "./patrol.js";
import * as queue from "./queue.js";
import * as report from "./report.js";
import * as tasks from "./tasks.js";
import { locate } from "./place.js";
import { $, $$, make, moment, say, toast } from "./words.js";

const ROOMS = ["report", "tasks", "queue", "patrol"], LOOK_MS = 30000, SEEK_MS = 5000, TASKS_MS = 60000, PACK_MS = 1800000;
let reached = false, pack = null, barred = false, here = null;
/* barred: the node gives whoever is logged in nothing to take along. */

/* --- rooms --- */
function room() {
  const name = ROOMS.includes(location.hash.slice(1)) ? location.hash.slice(1) : ROOMS[0];
  for (const one of ROOMS) $(`#${one}`).hidden = one !== name;
  for (const link of $$(".tabs a")) if (link.hash === `#${name}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  if (name === "report") report.shown();
  if (name === "queue") drawQueue();
}

/* --- what is sent, and what waits --- */
const LIGHT = { waiting: "warn", sending: "warn", sent: "ok", returned: "bad" };

function card(item) {
  const buttons = [];
  const button = (text, act, look = "") => buttons.push(make("button", { type: "button", className: look, onclick: act }, text));
  if (item.state === "returned" && item.kind === "report" && item.draft && !item.steps[0].done) button(say("resend"), async () => {
    if (!(await report.reopen(item))) { toast(say("draft_there"), true); return; }
    await queue.remove(item.n); location.hash = "#report"; toast($("#report-wrong").textContent, true);
  }, "main");
  if (item.state === "returned") { button(say("again"), () => queue.again(item.n, false)); button(say("drop"), () => { if (confirm(say("drop_sure"))) queue.remove(item.n); }, "grave"); }
  const step = item.answer && item.state !== "sent" && item.steps.some((one) => !one.done) ? say("step_handle") : "";
  return make("li", { className: "card", id: `q-${item.n}` },
    make("p", { className: "line" }, make("strong", {}, `${say(item.kind)}：${item.title}`), make("span", { className: `light ${LIGHT[item.state]}` }, say(item.state))),
    make("p", {}, item.place),
    make("p", { className: "small" }, [moment(item.at), item.answer && item.answer.case_no, item.tries > 1 && item.state !== "sent" ? say("tries", { n: item.tries }) : "", step].filter(Boolean).join(" · ")),
    item.why ? make("p", { className: "wrong" }, item.why) : null, item.remedy ? make("p", { className: "small" }, item.remedy) : null,
    buttons.length ? make("p", { className: "actions" }, ...buttons) : null);
}

async function drawQueue() {
  const all = await queue.items(), mine = all.filter((one) => !session.name || one.owner === session.name), others = all.filter((one) => session.name && one.owner !== session.name && one.state !== "sent");
  const waiting = mine.filter((one) => one.state !== "sent");
  $("#n-queue").textContent = String(waiting.length); $("#n-queue").classList.toggle("bad", waiting.some((one) => one.state === "returned"));
  $("#queue-says").textContent = [waiting.length ? say("queue_n", { n: waiting.length }) : say("queue_none"),
    waiting.length && queue.state.silent ? say("retry_at", { why: queue.state.silent }) : "",
    others.length ? say("others", { n: others.length, who: [...new Set(others.map((one) => one.owner))].join("、") }) : ""].filter(Boolean).join("。");
  $("#queue-list").replaceChildren(...mine.map(card));
}

/* --- the network and the session, told as they are --- */
function net() {
  const place = $("#net"), outside = queue.state.outside, whole = reached && (pack || barred);
  place.className = `net ${outside ? "bad" : whole ? "ok" : "warn"}`;
  place.textContent = say(outside ? "expired" : !reached ? "offline" : whole ? "online" : "packing");
  const notice = $("#notice");
  notice.hidden = !outside;
  if (outside && !notice.firstChild) notice.replaceChildren(make("span", {}, say("expired_says")), make("a", { className: "button main", href: "/console/phone/in" }, say("login")));
  if (!outside) notice.replaceChildren();
}

/* Browsers do not always say that the network is back: while nobody answers, or what is taken along is not here yet, it is asked
   more often. */
async function look() {
  if (!document.hidden) await meet();
  setTimeout(look, reached && (pack || barred) ? LOOK_MS : SEEK_MS);
}

let meeting = null;
/* Ask who is logged in, then send what waits and fetch what is new. */
function meet() {
  meeting ??= come().finally(() => { meeting = null; });
  return meeting;
}

async function come() {
  const before = session.name;
  try {
    await whoAmI();
    reached = true; queue.state.outside = false;
  } catch (error) {
    reached = error instanceof Outside; queue.state.outside = error instanceof Outside;
    if (reached && (await kept.recall("leaving"))) await kept.left();
    net(); return;
  }
  net(); signed();
  if (await kept.recall("leaving")) { await finish(); return; }
  const known = await kept.recall("me");
  await kept.keep("me", { name: session.name });
  if (known && known.name !== session.name) {
    // Somebody else: what was taken along for the one before is not theirs.
    for (const key of ["tasks", "tasks_at", "pack", "pack_etag", "pack_at", "walked", "patrolling"]) await kept.forget(key);
    if ("caches" in self) await caches.delete("wanmi-phone-private");
    location.reload(); return;
  }
  if (before !== session.name) drawQueue();
  queue.flush(); patrol.send();
  // Many phones look: what is long and rarely changes is asked for twice an hour.
  const old = async (key, most) => Date.now() - Date.parse((await kept.recall(key)) || 0) > most;
  await Promise.allSettled([
    (await old("tasks_at", TASKS_MS)) ? tasks.refresh() : null,
    ...((await old("pack_at", PACK_MS)) ? [fetchPack(), alarm.refresh()] : []),
  ]);
}

async function fetchPack(loud = false) {
  const etag = await kept.recall("pack_etag");
  try {
    const got = await call("GET", "/console/phone/pack", { headers: { "HX-Request": "true", ...(etag ? { "If-None-Match": etag } : {}) } });
    if (!got.same) { await kept.keep("pack", got.value); await kept.keep("pack_etag", got.etag); carry(got.value); }
    await kept.keep("pack_at", new Date().toISOString());
    if (loud) toast(say("pack_done"));
  } catch (error) {
    barred = error instanceof Refused;
    if (loud) toast(barred ? error.message : say("no_answer"), true);
  }
  net(); signed();
}

function carry(found) { pack = found; report.carry(found); patrol.carry(found); }

async function signed() {
  $("#who").textContent = session.name;
  for (const one of $$(".look [name=csrf]")) one.value = session.csrf;
  const at = await kept.recall("pack_at");
  $("#kept-says").textContent = pack ? [say("pack_at", { at: moment(at), components: pack.components.length, classes: pack.classes.length }), pack.whole ? "" : say("pack_part")].filter(Boolean).join("。") : say("pack_none");
}

/* --- leaving: nothing of anybody stays, and nobody loses what was not sent without having said so --- */
async function ask() {
  const waiting = (await queue.open()).length;
  $("#leaving-says").textContent = [waiting ? say("leave_some", { n: waiting }) : say("leave_none"), reached ? "" : say("leave_offline")].filter(Boolean).join("");
  $("#menu").close(); $("#leaving").showModal();
}

async function finish() {
  patrol.end();
  await kept.wipe();
  try { await whoAmI(); await leave(); } catch (error) {
    if (!(error instanceof Outside)) { location.reload(); return; }
  }
  await kept.left();
  location.href = "/account/login?said=left";
}

/* --- begin --- */
let installing = null;
addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); installing = event; $("#install").hidden = false; });

async function begin() {
  for (const dialog of $$("dialog")) dialog.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) dialog.close(); });
  $("#menu-open").addEventListener("click", () => { signed(); $("#menu").showModal(); });
  $("#leave").addEventListener("click", ask); $("#leave-now").addEventListener("click", finish);
  $("#refresh-pack").addEventListener("click", () => fetchPack(true));
  $("#install").addEventListener("click", () => { if (installing) installing.prompt(); });
  $("#queue-again").addEventListener("click", () => { meet(); });
  queue.news.addEventListener("changed", () => { drawQueue(); tasks.draw(); });
  queue.news.addEventListener("outside", net);
  queue.news.addEventListener("returned", () => toast(say("came_back"), true));
  queue.news.addEventListener("sent", ({ detail }) => {
    toast(say("arrived", { no: (detail.answer && detail.answer.case_no) || detail.title }));
    if (detail.task) tasks.refresh().catch(() => {});
  });
  addEventListener("hashchange", room); addEventListener("online", meet);
  addEventListener("offline", () => { reached = false; net(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) meet(); });
  report.begin(); tasks.begin(() => here); patrol.begin(); alarm.begin();
  try {
    const me = await kept.recall("me");
    if (me) session.name = me.name;
    queue.state.outside = Boolean(await kept.recall("leaving"));
    await tasks.restore(); await patrol.restore(); await alarm.restore();
    const found = await kept.recall("pack");
    if (found) carry(found);
    await report.restore();
  } catch { toast(say("no_store"), true); }
  room(); net(); drawQueue(); signed(); document.body.dataset.ready = "yes";
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/console/phone/worker.js", { scope: "/console/phone" }).catch(() => {});
  locate().then((found) => { here = found; }, () => {});
  await look();
}

begin();
