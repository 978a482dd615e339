// The console's keyboard: every page works without it. Nothing is sent but what a form would send.
"use strict";

const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog");

const press = (name) => {
  const target = document.querySelector(`[data-key="${name}"]`);
  if (!target || target.disabled) return false;
  if (target.matches("input")) target.focus(); else target.click();
  return true;
};

const rows = () => [...document.querySelectorAll("tr[data-open]")];

const move = (step) => {
  const all = rows();
  if (!all.length) return false;
  const now = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = Math.min(Math.max(now + step, 0), all.length - 1);
  all.forEach((row, place) => row.setAttribute("aria-selected", String(place === next)));
  all[next].querySelector("a").focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
  return true;
};

const special = {
  "/": () => { document.querySelector("#find")?.focus(); return true; },
  "?": () => { document.querySelector("#keys")?.showModal(); return true; },
  j: () => move(1),
  k: () => move(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target)) return;
  const act = special[event.key];
  if (act ? act() : /^[a-z0-9]$/.test(event.key) && press(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method !== "post") return;
  form.dataset.sent = "yes"; // a second press must not send it twice
  // after the form is read: a disabled button's value would not be sent
  setTimeout(() => form.querySelectorAll("button").forEach((each) => { each.disabled = true; }));
  if (form.dataset.working) form.querySelector("[data-says]").textContent = form.dataset.working;
});

// a page that comes back from the browser's memory must be usable again
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.querySelectorAll("button").forEach((each) => { each.disabled = false; });
}));
