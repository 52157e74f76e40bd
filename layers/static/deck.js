// The briefing: one slide at a time beside one map. All data is loaded before the first change,
// so every slide works when the server is gone. See map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { whenLoaded } = window.kumageo;
  const SWIPE_PX = 60;
  const KEYS = {
    ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next",
    ArrowLeft: "previous", ArrowUp: "previous", PageUp: "previous", Backspace: "previous",
    Home: "first", End: "last", b: "black", B: "black", ".": "black", f: "full", F: "full",
  };

  function startDeck(map, steps, texts) {
    const deck = { map, steps, at: -1, slides: [...document.querySelectorAll(".slide")], texts };
    const acts = {
      next: () => show(deck, deck.at + 1), previous: () => show(deck, deck.at - 1),
      first: () => show(deck, 0), last: () => show(deck, deck.slides.length - 1),
      black: () => toggleBlack(), full: () => toggleFull(),
    };
    for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
    document.addEventListener("keydown", (event) => press(event, acts));
    document.getElementById("blackout").addEventListener("click", toggleBlack);
    listenToTouch(acts);
    keepTime();
    window.addEventListener("hashchange", () => show(deck, readHash()));
    show(deck, readHash());
    const state = document.getElementById("state");
    whenLoaded().then(() => { state.textContent = texts.ready; state.dataset.ready = "yes"; }, () => { state.textContent = texts.failed; });
  }

  function readHash() {
    return (Number.parseInt(window.location.hash.slice(1), 10) || 1) - 1;
  }

  function press(event, acts) {
    const act = KEYS[event.key];
    const isControl = event.target.closest("button, a, input, select, .leaflet-container");
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    // A focused control keeps its own keys; the map keeps its arrows.
    if (isControl && (["Enter", " "].includes(event.key) || event.target.closest("input, select, .leaflet-container"))) return;
    event.preventDefault();
    if (act !== "black" && document.body.classList.contains("black")) toggleBlack();
    acts[act]();
  }

  function show(deck, wanted) {
    const at = Math.min(Math.max(wanted, 0), deck.slides.length - 1);
    if (at === deck.at) return;
    const from = deck.steps[deck.at];
    deck.slides.forEach((slide, number) => { slide.hidden = number !== at; });
    const to = deck.steps[at];
    if (from?.group !== to.group) {
      if (from) deck.map.removeLayer(from.group);
      deck.map.addLayer(to.group);
    }
    deck.at = at;
    document.getElementById("number").textContent = `${at + 1} / ${deck.slides.length}`;
    for (const [act, end] of [["previous", 0], ["next", deck.slides.length - 1]]) document.querySelector(`[data-act="${act}"]`).setAttribute("aria-disabled", String(at === end));
    window.history.replaceState(null, "", `#${at + 1}`);
    document.title = `${at + 1}. ${deck.slides[at].querySelector("h1").textContent}`;
    fly(deck.map, to.bounds, from === undefined);
  }

  function fly(map, [west, south, east, north], isFirst) {
    const still = isFirst || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const bounds = [[south, west], [north, east]];
    map.kumageo.extent = [west, south, east, north]; // kept whole whatever size the map gets
    if (still) map.fitBounds(bounds, { animate: false, padding: [24, 24] });
    else map.flyToBounds(bounds, { duration: 0.8, padding: [24, 24] });
  }

  function toggleBlack() {
    const isBlack = document.body.classList.toggle("black");
    document.querySelector('[data-act="black"]').setAttribute("aria-pressed", String(isBlack));
  }

  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  }

  function listenToTouch(acts) {
    let start = null;
    const text = document.querySelector("main");
    text.addEventListener("touchstart", (event) => { start = event.target.closest(".leaflet-container") ? null : event.touches[0].clientX; }, { passive: true });
    text.addEventListener("touchend", (event) => {
      if (start === null) return;
      const moved = event.changedTouches[0].clientX - start;
      if (Math.abs(moved) > SWIPE_PX) acts[moved < 0 ? "next" : "previous"]();
    });
  }

  function keepTime() {
    const clock = document.getElementById("clock");
    const tell = () => { clock.textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }); };
    tell();
    window.setInterval(tell, 1000);
  }

  return { startDeck };
})());
