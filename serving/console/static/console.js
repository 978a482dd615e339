// The console's keyboard: every page works without it. Nothing is sent but what a form would send.
"use strict";

const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog");

const press = (name) => {
  const target = document.querySelector(`[data-key="${name}"]`);
  if (!target || target.disabled) return false;
  if (target.matches("input")) target.focus(); else target.click();
  return true;
};

const move = (step) => {
  const all = [...document.querySelectorAll("tr[data-open]")];
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

// from the find box down into what it found, and back
const through = (event) => {
  const places = [...document.querySelectorAll("#find, #found a")];
  const next = places[places.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next && event.target.closest(".find")) { event.preventDefault(); next.focus(); }
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key.startsWith("Arrow")) { through(event); return; }
  if (event.key === "Escape") {
    document.querySelector("#found")?.replaceChildren();
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  const act = special[event.key];
  if (act ? act() : /^[a-z0-9]$/.test(event.key) && press(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (!event.target.closest(".find")) document.querySelector("#found")?.replaceChildren();
});

// before htmx hears of it: a second press must not send a form twice
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sent = "yes";
  const says = form.querySelector("[data-says]");
  if (says) says.textContent = form.dataset.working;
}, true);

// what could not be sent can be sent again
document.addEventListener("htmx:sendError", (event) => { delete event.target.dataset.sent; });
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// a new page is read from its top, also by who hears it
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === document.body && document.activeElement === document.body) {
    document.querySelector("#content")?.focus({ preventScroll: true });
  }
});
