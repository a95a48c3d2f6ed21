/* What pages do beside htmx: keys, dialogs, news, the clock, saved filters. Without it every page still works. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  /* --- news: one stream per visible page. A hidden page gives its connection back: a browser keeps six to one host. --- */
  const seen = { frame: 0, timer: 0 };
  let source = null;
  const refreshFrame = () => {
    if (seen.timer) return;
    const wait = Math.max(0, seen.frame + 3000 - Date.now());
    seen.timer = setTimeout(() => {
      seen.timer = 0; seen.frame = Date.now();
      htmx.ajax("GET", "/console/frame", { target: "#toasts", swap: "none" });
      document.body.dispatchEvent(new CustomEvent("news"));
    }, wait);
  };
  const listen = () => {
    if (source || document.hidden) return;
    source = new EventSource(document.body.dataset.events);
    source.addEventListener("case", (event) => {
      document.body.dispatchEvent(new CustomEvent("case", { detail: event.data }));
      const row = document.getElementById("c-" + event.data) || ($("#case") && $(`#case[hx-get$="${event.data}"]`));
      document.body.dispatchEvent(new CustomEvent("case-" + event.data));
      const news = $("#news");
      if (!row && news && !news.firstChild) {
        const link = document.createElement("a");
        link.href = location.href; link.textContent = news.dataset.one; news.append(link);
      }
      refreshFrame();
    });
    source.addEventListener("links", () => { document.body.dispatchEvent(new CustomEvent("links")); refreshFrame(); });
    source.onerror = () => { if (source && source.readyState === EventSource.CLOSED) { source = null; setTimeout(listen, 10000); } };
  };
  document.body.addEventListener("login", refreshFrame);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { if (source) source.close(); source = null; } else { listen(); refreshFrame(); }
  });
  setInterval(() => { if (!document.hidden) refreshFrame(); }, 30000);

  /* --- what somebody has unfolded stays so when the page around it is exchanged --- */
  const folds = (root) => $$("details", root).map((one) => [one, $("summary", one).textContent.trim()]);
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", (event) => { unfolded = folds(event.detail.target).filter(([one]) => one.open).map(([, text]) => text); });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const [one, text] of folds(event.detail.target)) if (unfolded.includes(text)) one.open = true;
  });

  /* --- the clock, in Beijing time --- */
  const clock = $("[data-clock]");
  const ahead = clock ? Date.parse(clock.dateTime) - Date.now() : 0;
  const tick = () => {
    if (clock) clock.textContent = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }).format(Date.now() + ahead);
  };
  setInterval(tick, 5000);

  /* --- dialogs and toasts --- */
  const dialog = $("#dialog"), keys = $("#keys");
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === dialog && dialog.firstElementChild) {
      if (!dialog.open) dialog.showModal();
      const first = $("textarea, select, input:not([type=hidden])", dialog) || $(".body .button", dialog);
      if (first) first.focus();
    }
    // What was sent from the dialog is done; what was refused stays there, to be mended.
    if (dialog.open && event.detail.xhr.status < 400 && event.detail.requestConfig.verb === "post" && dialog.contains(event.detail.requestConfig.elt)) dialog.close();
    // What was done is chosen no more; a row that was exchanged is not chosen either.
    if ($("#batch")) {
      if (event.detail.requestConfig.elt.id === "work" && event.detail.xhr.status < 400) for (const one of $$("#list input[name=case]:checked, [data-all]")) one.checked = false;
      choose();
    }
    // The row that one stands on stays marked when it is exchanged.
    if (at >= 0 && rows()[at] && !rows()[at].matches(".moved")) rows()[at].classList.add("at");
  });
  const leave = (toast) => setTimeout(() => { if (toast.matches(":hover, :focus-within")) leave(toast); else toast.remove(); }, 12000);
  new MutationObserver((news) => {
    for (const one of news) for (const toast of one.addedNodes) if (toast.matches && toast.matches(".toast:not(.bad)")) leave(toast);
  }).observe($("#toasts"), { childList: true });
  // Whoever tries again has read why it was refused.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") for (const old of $$("#toasts .toast.bad")) old.remove();
  });
  document.addEventListener("htmx:sendError", () => {
    const toast = document.createElement("div");
    toast.className = "toast bad"; toast.textContent = document.body.dataset.silent;
    $("#toasts").append(toast);
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-close], [data-dismiss], [data-keys], [data-save]");
    if (!target) { if (event.target.matches("dialog")) event.target.close(); return; }
    if (target.matches("[data-close]")) target.closest("dialog").close();
    if (target.matches("[data-dismiss]")) target.closest(".toast").remove();
    if (target.matches("[data-keys]")) keys.showModal();
    if (target.matches("[data-save]")) save();
  });
  for (const one of $$("[data-keys], [data-save], [data-all]")) one.hidden = false;
  document.addEventListener("click", (event) => {
    for (const one of $$("details.drop[open]")) if (!one.contains(event.target)) one.open = false;
  });

  /* --- rows: where one is, what is chosen --- */
  const rows = () => $$("#list tr[data-case]");
  let at = -1;
  const go = (to) => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(to, all.length - 1));
    all.forEach((row, index) => row.classList.toggle("at", index === at));
    $("a.whole", all[at]).focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };
  const chosen = () => $$("#list input[name=case]:checked").length;
  const choose = () => {
    const words = $("[data-chosen]");
    if (!words) return;
    words.textContent = words.dataset.words.replace("#", chosen());
    $("#batch").hidden = !chosen();
  };
  if ($("#batch")) choose();
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const one of $$("#list input[name=case]")) one.checked = event.target.checked;
    if (event.target.matches("[data-all], #list input[name=case]")) choose();
  });
  /* --- filters that somebody keeps: with a name, in this browser, each person's own; their link goes to others --- */
  const saved = $("#saved"), saving = $("#saving");
  const place = saved ? "wanmi.filters." + saved.dataset.person : "";
  const kept = () => { try { return JSON.parse(localStorage.getItem(place) || "[]"); } catch { return []; } };
  const keep = (filters) => { localStorage.setItem(place, JSON.stringify(filters.slice(-12))); draw(); };
  const draw = () => {
    if (!saved) return;
    saved.replaceChildren(...kept().map((one) => {
      const chip = document.createElement("span"), link = document.createElement("a"), forget = document.createElement("button");
      chip.className = "chip saved"; link.href = "/console/work?" + one.query; link.textContent = one.title;
      if (one.query === location.search.slice(1)) link.setAttribute("aria-current", "page");
      forget.type = "button"; forget.className = "bare"; forget.textContent = "×"; forget.setAttribute("aria-label", saved.dataset.forget + " " + one.title);
      forget.addEventListener("click", () => keep(kept().filter((other) => other.title !== one.title)));
      chip.append(link, forget); return chip;
    }));
  };
  const save = () => {
    const title = $$(".chip:not(.saved) > span").map((one) => one.textContent.trim()).join(" ") || saved.dataset.title;
    const fields = $("form", saving).elements;
    fields.title.value = title.slice(0, 40); fields.link.value = location.href;
    saving.showModal(); fields.title.select();
  };
  if (saving) {
    $("form", saving).addEventListener("submit", () => {
      const title = $("form", saving).elements.title.value.trim();
      if (title) keep([...kept().filter((one) => one.title !== title), { title, query: location.search.slice(1) }]);
    });
    $("[data-copy]", saving).addEventListener("click", () => {
      const field = $("form", saving).elements.link;
      field.select();
      if (navigator.clipboard) navigator.clipboard.writeText(field.value); else document.execCommand("copy");
    });
  }
  draw();

  /* --- keys --- */
  let going = 0;
  // From a list of the console one goes back to that list, as it was.
  const came = () => document.referrer.startsWith(location.origin + "/console/") && !document.referrer.includes("/console/cases/");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) {
      if (event.key === "Escape" && event.target.id === "search") event.target.blur();
      return;
    }
    if (going && Date.now() - going < 1500) {
      going = 0;
      const link = $(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const acts = {
      "?": () => keys.showModal(), "/": () => $("#search")?.focus(), g: () => { going = Date.now(); },
      j: () => go(at + 1), k: () => go(at - 1), r: () => location.reload(),
      u: () => { const back = $("[data-back]"); if (back) { if (came()) history.back(); else location.href = back.dataset.back; } },
      d: () => { const one = rows()[at] && $("[data-one]", rows()[at]); if (one) one.click(); },
      v: () => { const act = rows()[at] && $("[data-act]", rows()[at]); if (act) act.click(); },
      x: () => { const row = rows()[at]; const box = row && $("input[name=case]", row); if (box) { box.checked = !box.checked; choose(); } },
    };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });

  addEventListener("pagehide", () => { if (source) source.close(); source = null; });
  addEventListener("pageshow", listen);
  listen();
})();
