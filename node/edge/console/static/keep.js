/* What was typed stays: when the login has ended, when somebody leaves by mistake, when a verb is refused. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const dialog = $("#dialog"), toasts = $("#toasts");
  let leaving = false, ended = null;

  /* --- forms that carry work: what differs from how they came --- */
  const changed = (field) => {
    if (field.type === "hidden" || field.disabled || field.readOnly) return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.tagName === "SELECT") return false; // a choice is made again at once
    return field.defaultValue !== undefined && field.value !== field.defaultValue; // a button has none
  };
  const typed = (root = document) => $$("form.take, form.page, dialog[open] form[data-dialog]", root).some((form) => [...form.elements].some(changed));
  addEventListener("beforeunload", (event) => { if (!leaving && typed()) { event.preventDefault(); event.returnValue = ""; } });
  // A form that leaves the page; one that ends a dialog or fetches a file does not.
  const leaves = (form) => form.getAttribute("method") !== "dialog" && !form.hasAttribute("data-download");
  document.addEventListener("submit", (event) => setTimeout(() => { if (!event.defaultPrevented && leaves(event.target)) leaving = true; }));
  // A click beside a dialog closes it only while nothing is written there.
  if (dialog) dialog.addEventListener("click", (event) => { if (event.target === dialog && typed()) event.stopPropagation(); });

  /* --- messages: the page behind a dialog is out of reach, so they stand in it --- */
  new MutationObserver((news) => {
    for (const one of news) for (const toast of one.addedNodes) {
      if (!dialog || !dialog.open || !toast.matches || !toast.matches(".toast.bad")) continue;
      const body = $(".body", dialog);
      if (!body) continue;
      for (const old of $$(".toast", dialog)) old.remove();
      body.prepend(toast);
      toast.scrollIntoView({ block: "nearest" });
    }
  }).observe(toasts, { childList: true });

  /* --- the login has ended: nothing typed is lost. Somebody logs in beside it and goes on here. --- */
  const over = () => {
    if (ended && ended.isConnected) return;
    if (!typed()) { leaving = true; location.reload(); return; }
    ended = document.createElement("div");
    ended.className = "toast bad"; ended.setAttribute("role", "alert");
    const text = document.createElement("div"), strong = document.createElement("strong"), link = document.createElement("a");
    const { ended: title, endedHow: how, endedLink: say } = document.body.dataset;
    strong.textContent = title; link.href = "/account/login"; link.target = "_blank"; link.rel = "opener"; link.textContent = say;
    text.append(strong, document.createElement("br"), how, " ", link); ended.append(text);
    toasts.append(ended);
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401) { event.preventDefault(); over(); }
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
  });
  // Every answer of the frame says whose session it is; forms go on with the token of the new one.
  let session = { ...$("#session").dataset };
  document.addEventListener("htmx:oobAfterSwap", () => {
    const now = { ...$("#session").dataset };
    if (now.csrf === session.csrf) return;
    if (now.person !== session.person) { leaving = true; location.reload(); return; }
    session = now;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": now.csrf }));
    for (const field of $$("input[name=csrf]")) field.value = now.csrf;
    if (ended) ended.remove();
    ended = null;
  });
  addEventListener("focus", () => { if (ended) document.body.dispatchEvent(new CustomEvent("login")); });

  for (const one of $$("[data-previous]")) { one.hidden = history.length < 2; one.addEventListener("click", () => history.back()); }
})();
