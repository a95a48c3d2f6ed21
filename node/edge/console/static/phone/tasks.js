/* Looks on site: before filing (verify) and after handling (check). Done ones wait in the queue like reports. */
import { Outside, call } from "./api.js";
import * as kept from "./kept.js";
import * as queue from "./queue.js";
import { Shots } from "./shots.js";
import { $, make, moment, say, toast } from "./words.js";

let tasks = null, asOf = "", open = null, place = () => null;
const shots = new Shots($("#task-shots"), { point: () => place() });

export async function restore() { ({ tasks = null, asOf = "" } = (await kept.recall("tasks")) || {}); await draw(); }

export async function refresh() {
  // htmx's header: whoever is not logged in is told so instead of being sent to the login.
  const { value } = await call("GET", "/console/phone/tasks", { headers: { "HX-Request": "true" } });
  tasks = value; asOf = new Date().toISOString();
  await kept.keep("tasks", { tasks, asOf }); await kept.keep("tasks_at", asOf);
  await draw();
  carry(tasks);
}

/* Their photos are taken along. Whoever saves data looks at them when there is a network. */
async function carry(list) {
  if (!("caches" in self) || (navigator.connection && navigator.connection.saveData)) return;
  const cache = await caches.open("wanmi-phone-private");
  for (const task of list) for (const { digest } of task.photos.slice(0, 4)) {
    const address = `/api/v1/photos/${digest}`;
    if (await cache.match(address, { ignoreVary: true })) continue;
    try { const answer = await fetch(address); if (answer.ok) await cache.put(address, answer); } catch { return; }
  }
}

const done = async () => new Set((await queue.open()).filter((one) => one.task && one.state !== "returned").map((one) => one.task));

export async function draw() {
  const waiting = await done(), list = $("#task-list");
  const left = tasks === null ? null : tasks.filter((one) => !waiting.has(one.case_id));
  $("#n-tasks").textContent = left === null ? "–" : String(left.length);
  $("#tasks-as-of").textContent = asOf ? say("as_of", { at: moment(asOf) }) : "";
  if (!tasks || !tasks.length) { list.replaceChildren(make("li", { className: "empty" }, say(tasks ? "tasks_none" : "tasks_unknown"))); return; }
  list.replaceChildren(...tasks.map((task) => {
    const late = task.due_by && Date.parse(task.due_by) < Date.now(), queued = waiting.has(task.case_id);
    return make("li", { className: "card", id: `t-${task.case_id}` },
      make("p", { className: "line" }, make("strong", {}, `${say(task.kind)}：${task.name}`), make("span", { className: `badge ${late ? "bad" : ""}` }, queued ? say("queued") : late ? say("late") : task.due_by ? say("due", { at: moment(task.due_by) }) : "")),
      make("p", {}, task.address), make("p", { className: "small" }, [task.case_no, task.own ? "" : say("unclaimed")].filter(Boolean).join(" · ")),
      queued ? null : make("button", { type: "button", className: "main wide", onclick: () => show(task) }, say("task_open")));
  }));
}

/* A photo over the whole width, and small again. */
function large({ currentTarget: button }) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on)); button.parentNode.classList.toggle("large", on);
}

function show(task) {
  open = task;
  $("#task-title").textContent = `${say(task.kind)} ${task.name}`;
  const facts = [["address", task.address], ["described", task.text], ["order", task.order], ["component", task.component], ["result", task.result], ["closing", task.closing], ["due_by", moment(task.due_by)]];
  $("#task-facts").replaceChildren(...facts.filter(([, value]) => value).flatMap(([key, value]) => [make("dt", {}, say(key)), make("dd", {}, value)]));
  $("#task-photos").replaceChildren(...task.photos.map((one) => make("figure", { className: "shot taken" },
    make("button", { type: "button", className: "bare", "aria-pressed": "false", "aria-label": say("photo_large", { role: say(`role_${one.role}`) }), onclick: large }, make("img", { src: `/api/v1/photos/${one.digest}`, alt: say("photo_of", { role: say(`role_${one.role}`) }), width: 160, height: 120 })),
    make("figcaption", {}, say(`role_${one.role}`)))));
  const of = task.kind === "verify" ? "found" : "passed";
  $("#task-asks").textContent = say(`${of}_ask`); $("#task-yes").textContent = say(`${of}_yes`); $("#task-no").textContent = say(`${of}_no`);
  $("#task-form").reset(); $("#task-wrong").textContent = "";
  shots.photos = []; shots.ask([], task.kind === "verify" ? "near" : "handle_after");
  $("#task").showModal();
}

async function send(event) {
  event.preventDefault();
  const task = open, answer = $("input[name=answer]:checked", event.target), text = $("#task-text").value.trim();
  const lacking = !answer ? say("need_answer") : answer.value === "no" && !text ? say("need_seen") : "";
  $("#task-wrong").textContent = lacking;
  if (lacking) { (answer ? $("#task-text") : $("input[name=answer]")).focus(); return; }
  const yes = answer.value === "yes", photos = shots.photos;
  const body = task.kind === "verify" ? { found: yes, text } : { passed: yes, text };
  try {
    await queue.add({ kind: task.kind, title: task.name, place: task.address, task: task.case_id, photos, steps: [{ path: `/api/v1/cases/${task.case_id}/${task.kind}`, body, photos: photos.map((_, n) => n), shots: false }] });
  } catch (error) { toast(queue.unkept(error), true); return; }
  $("#task").close(); await draw(); toast(say("kept"));
}

export function begin(where) {
  place = where;
  $("#task-form").addEventListener("submit", send);
  $("#tasks-again").addEventListener("click", () => refresh().catch((error) => toast(say(error instanceof Outside ? "expired" : "no_answer"), true)));
}
