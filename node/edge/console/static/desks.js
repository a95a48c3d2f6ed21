/* What the desks do beside console.js: choosing from a list while typing, sending with Ctrl+Enter. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (name) => { if (name) document.body.dispatchEvent(new CustomEvent(name)); };

  /* Fields of a form take what was chosen: {"lon": "115.03", …} by name. */
  const fill = (form, sets) => {
    for (const [name, value] of Object.entries(sets)) {
      const field = form.elements[name];
      if (field) field.value = value;
    }
  };

  /* --- a field with a list below: ↓ ↑ choose, Enter takes, Esc closes --- */
  const listen = (combo) => {
    const input = $("input", combo), list = $("ul", combo);
    const options = () => $$("[role=option]", list);
    const show = (open) => { list.hidden = !open; input.setAttribute("aria-expanded", String(open)); if (!open) input.removeAttribute("aria-activedescendant"); };
    const at = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");
    const go = (to) => {
      const all = options();
      if (!all.length) return;
      const index = (to + all.length) % all.length;
      all.forEach((one, n) => one.setAttribute("aria-selected", String(n === index)));
      input.setAttribute("aria-activedescendant", all[index].id);
      all[index].scrollIntoView({ block: "nearest" });
    };
    const free = "free" in combo.dataset;
    const take = (option) => {
      if (option.dataset.value) input.value = option.dataset.value;
      fill(input.form, JSON.parse(option.dataset.sets));
      input.classList.add("set"); unsure(false); show(false); list.replaceChildren();
      say(combo.dataset.picked);
    };
    // What is typed but not chosen is shown so: nothing is looked up for it.
    const unsure = (is) => { input.classList.toggle("unset", is); if (is) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid"); };
    // Enter before the list has come, or leaving the field: what comes is taken, if it is plain which.
    let early = "";
    const settle = () => {
      const all = options();
      if (all.length && early === "enter" || all.length === 1 && early === "left") take(all[0]);
      else if (early === "left") unsure(true);
      early = "";
    };
    input.addEventListener("input", () => {
      // What was chosen is no longer what stands there; a free text may be written on.
      input.classList.remove("set"); unsure(false); early = "";
      if (!free) { fill(input.form, { standard_ref: "", kind: "", code: "", class_name: "" }); list.replaceChildren(); }
    });
    list.addEventListener("htmx:afterSwap", () => {
      if (!free && early) { settle(); return; }
      show(document.activeElement === input && Boolean(list.firstElementChild));
      if (!free) go(0);
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) take(option);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const acts = {
        ArrowDown: () => { show(true); go(at() + 1); }, ArrowUp: () => { show(true); go(at() < 0 ? -1 : at() - 1); },
        Enter: () => {
          const one = options()[at()];
          if (!list.hidden && one) take(one);
          else if (!free && input.value && !input.classList.contains("set")) early = "enter";
        },
        Escape: () => show(false),
      };
      if (acts[event.key] && (event.key !== "Enter" || !event.ctrlKey)) {
        if (event.key !== "Escape" || !list.hidden) event.preventDefault();
        acts[event.key]();
      }
    });
    input.addEventListener("blur", () => setTimeout(() => {
      show(false);
      if (free || early || !input.value || input.classList.contains("set")) return;
      early = "left";
      if (list.firstElementChild) settle();
    }, 100));
  };
  for (const combo of $$("[data-combo]")) listen(combo);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "dialog") for (const combo of $$("[data-combo]", event.detail.target)) listen(combo); });

  /* --- fields that mean one thing together tell when they are changed by hand --- */
  for (const group of $$("[data-changed]")) group.addEventListener("change", () => say(group.dataset.changed));

  /* --- what a looked-up place sets, it sets where nobody has written --- */
  document.addEventListener("htmx:afterSwap", (event) => {
    const found = event.detail.target.id === "spot" && $("[data-sets]", event.detail.target);
    if (!found) return;
    const form = found.closest("form"), area = form.elements.area, sets = JSON.parse(found.dataset.sets);
    if (sets.area && (!area.value || area.dataset.found === area.value)) { area.value = sets.area; area.dataset.found = sets.area; }
  });

  /* --- photos: one large, the others of its group by ← and → --- */
  const viewer = $("#viewer");
  let group = [], shown = 0;
  const look = (to) => {
    shown = (to + group.length) % group.length;
    const link = group[shown], image = document.createElement("img");
    image.src = link.href; image.alt = $("img", link).alt;
    $(".looked", viewer).replaceChildren(image);
    $("#viewer-title").textContent = `${link.dataset.title || image.alt} (${shown + 1}/${group.length})`;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-view]"), step = event.target.closest("[data-step]");
    if (step) look(shown + Number(step.dataset.step));
    if (!link || !viewer || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    group = $$(`a[data-view="${CSS.escape(link.dataset.view)}"]`);
    look(group.indexOf(link));
    viewer.showModal();
  });
  if (viewer) viewer.addEventListener("keydown", (event) => { const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]; if (step) look(shown + step); });
  // A photo whose bytes have not come yet is named all the same.
  document.addEventListener("error", (event) => { if (event.target.matches && event.target.matches("img")) event.target.classList.add("absent"); }, true);
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-download]") && event.target.closest("dialog")) event.target.closest("dialog").close(); });

  /* --- Ctrl+Enter sends --- */
  document.addEventListener("keydown", (event) => {
    const form = event.ctrlKey && event.key === "Enter" && event.target.closest && event.target.closest("form");
    if (form && (form.hasAttribute("data-quick") || form.hasAttribute("data-dialog"))) { event.preventDefault(); form.requestSubmit(); }
  });
})();
