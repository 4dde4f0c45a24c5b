// The live parts of a page: alert rows as they change, the pulse in the header, figures asked for anew. Loaded by every page.
"use strict";
(() => {
  const STALE_S = 30, ROWS_MAX = 200, REFRESH_MS = 2000, AGAIN_MS = 1000, AGAIN_MAX_MS = 60000;
  const byId = (id) => document.getElementById(id);
  const pulse = byId("pulse"), text = byId("pulse-text"), stale = byId("stale"), live = byId("live");

  // Whatever htmx sends brings the token of this page's session along.
  document.addEventListener("htmx:config:request", (event) => {
    const token = document.querySelector('meta[name="csrf"]')?.content, sent = event.detail.ctx.request;
    if (token && sent.method !== "GET") sent.headers["X-CSRF-Token"] = token;
  });

  // The pulse: how long ago the server last said that all is up to date.
  let heardAt = performance.now() - 1000 * Number(pulse?.dataset.age ?? 0), heard = false, seq = Number(pulse?.dataset.seq ?? 0);
  function showPulse() {
    if (!pulse) return;
    const age = Math.floor((performance.now() - heardAt) / 1000);
    const isStale = age >= STALE_S;
    pulse.classList.toggle("is-stale", isStale);
    pulse.classList.toggle("is-live", heard && !isStale);
    stale.hidden = !isStale;
    const words = text.dataset;
    if (!heard) text.textContent = isStale ? words.lost : text.textContent;
    else if (age < 1) text.textContent = pulse.dataset.driven === "1" ? words.driven : words.live;
    else text.textContent = age < 60 ? words.ago.replace("{n}", age) : words.minutes.replace("{n}", Math.floor(age / 60));
  }
  function onPulse(event) {
    const told = JSON.parse(event.detail.data);
    heard = true;
    heardAt = performance.now() - 1000 * told.age_s;
    if (told.seq !== seq) { seq = told.seq; askAnew(); }
    showPulse();
  }

  // The figures: asked for anew, at most every two seconds, when something came in.
  let asked = 0, waiting = 0;
  function askAnew() {
    const figures = byId("numbers");
    if (!figures || waiting) return;
    waiting = setTimeout(() => { waiting = 0; asked = performance.now(); htmx.trigger(figures, "refresh"); },
      Math.max(0, REFRESH_MS - (performance.now() - asked)));
  }

  // The rows: new ones on top, changed ones where they stand; drawn together, however many came.
  const coming = new Map();
  let drawing = 0, unseen = 0, announcing = 0;
  function onAlert(event) {
    const told = JSON.parse(event.detail.data);
    coming.set(told.alert_id, told);
    heard = true;
    drawing ||= requestAnimationFrame(draw);
    askAnew();
  }
  function rowOf(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstElementChild;
  }
  function draw() {
    drawing = 0;
    const list = byId("alerts");
    if (!list) { coming.clear(); return; }
    for (const told of coming.values()) place(list, told);
    coming.clear();
    while (list.children.length > ROWS_MAX) list.lastElementChild.remove();
    byId("no-alerts").hidden = list.children.length > 0;
  }
  function place(list, told) {
    const row = rowOf(told.html), known = byId("a-" + told.alert_id);
    if (known) {
      const focused = [...known.querySelectorAll("a")].indexOf(document.activeElement);
      known.replaceWith(row);
      row.querySelectorAll("a")[focused]?.focus();
    } else if (told.shows) {
      list.prepend(row);
      announce(told);
    }
  }
  function announce(told) {
    const place = byId("announce");
    unseen += 1;
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      place.textContent = place.dataset.text.replace("{n}", unseen).replace("{title}", `${told.severity} ${told.title}`);
      unseen = 0;
    }, 1500);
  }

  if (live) {
    live.addEventListener("pulse", onPulse);
    live.addEventListener("alert", onAlert);
    // hx-sse comes back by itself once a stream was open; one that never opened is asked for again here.
    let isOpen = false, againIn = AGAIN_MS;
    const again = () => {
      if (isOpen) return;
      setTimeout(() => { if (!isOpen) htmx.trigger(live, "again"); }, againIn);
      againIn = Math.min(againIn * 2, AGAIN_MAX_MS);
    };
    live.addEventListener("htmx:sse:after:connection", () => { isOpen = true; againIn = AGAIN_MS; });
    live.addEventListener("htmx:sse:close", () => { isOpen = false; again(); });
    live.addEventListener("htmx:finally:request", again);
  }
  setInterval(showPulse, 1000);
  showPulse();

  // An address names only what was chosen.
  const filters = byId("filters");
  if (filters) {
    const all = (on) => { for (const field of filters.elements) if (field.name) field.disabled = on && (!field.value || field.value === "lasting"); };
    filters.addEventListener("submit", () => all(true));
    window.addEventListener("pageshow", () => all(false));
  }
  // A menu closes when one clicks elsewhere or presses Escape.
  const menus = () => document.querySelectorAll("details.who[open]");
  document.addEventListener("click", (event) => menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menus().forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  });
})();
