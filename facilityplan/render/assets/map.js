/* The map page. Data come as one JSON block and reach the page through textContent only: nothing is ever parsed as markup.
   Folium has made the map (map_facilityplan); layers.js fills it, cards.js and panel.js tell about it, view.js takes it along. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  const map = window.map_facilityplan, { head } = data, KEPT = "facilityplan-lang";
  function firstLanguage() { // as the address says, else as chosen before, else as the browser speaks
    const asked = /[#&]lang=(zh|en)\b/.exec(location.hash);
    if (asked) return asked[1];
    try { // a browser may forbid storage to files
      const kept = localStorage.getItem(KEPT);
      if (kept === "zh" || kept === "en") return kept;
    } catch { /* no choice is kept */ }
    return navigator.language ? (/^zh\b/i.test(navigator.language) ? "zh" : "en") : data.lang;
  }
  const state = { lang: firstLanguage(), view: "after", hidden: new Set(["catchments", "circle_other", "loads"]), query: "", open: null, township: null, decision: null, day: null,
    all: new Set(), details: new Set() };
  const drawing = window.drawing(data, state), { t, el, name, speak } = drawing;
  const onMap = window.mapLayers(map, data, state, drawing, (kind, i) => cards.show(kind, i));
  const cards = window.mapCards(map, data, state, drawing, onMap);
  const panel = window.mapPanel(data, state, drawing, onMap, cards, redraw);
  const home = () => map.fitBounds(data.bounds, { paddingTopLeft: [16, document.documentElement.classList.contains("print-view") ? 16 : 62], paddingBottomRight: [16, 16], animate: false });
  const [[south, west], [north, east]] = data.bounds; // how much taller than wide the county is decides the map's height on a phone
  document.getElementById("ground").style.setProperty("--tall", ((north - south) / ((east - west) * Math.cos(south * Math.PI / 180))).toFixed(3));
  const view = window.mapView(map, data, state, drawing, onMap, { home, redraw });

  const keyBox = document.getElementById("key"), content = document.getElementById("content");
  // Controls are written anew with every change; the keyboard stays where it was.
  function held() {
    const node = document.activeElement;
    if (!node || !content.contains(node)) return null;
    if (node.id) return "#" + node.id;
    const list = node.closest("details");
    for (const key of ["layer", "go", "day", "jump"]) if (key in node.dataset) return `${list ? "#" + list.id + " " : ""}[data-${key}="${node.dataset[key]}"]`;
    return node.tagName === "SUMMARY" ? `#${list.id} summary` : null;
  }
  function write() {
    const focus = held();
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.title = `${speak(head.county)} · ${t("map_title")} · ${speak(head.scenario)}`;
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const node of document.querySelectorAll("[data-label]")) { node.setAttribute("aria-label", t(node.dataset.label)); if (node.tagName === "BUTTON") node.title = t(node.dataset.label); }
    for (const node of document.querySelectorAll("[data-view]")) node.setAttribute("aria-pressed", String(node.dataset.view === state.view));
    for (const node of document.querySelectorAll("[data-lang]")) node.setAttribute("aria-pressed", String(node.dataset.lang === state.lang));
    content.replaceChildren(panel.headSection(), view.actions(), panel.searchSection(), view.filters(), ...panel.legendSections(), panel.listSections());
    document.getElementById("key-rows").replaceChildren(...panel.key(), view.filterNote());
    const number = head.review_number ? name(head.review_number) : t("review_none");
    document.getElementById("credit").replaceChildren(el("span", { class: "review" }, el("b", {}, t("internal_map")), " · ", t("review_number"), t("colon"), number, el("br")),
      ...head.sources.flatMap(([, credit, licence]) => [name(credit), " (", name(licence), ") · "]), "Leaflet");
    view.printBar();
    zoomControl.setLabels();
    for (const [key, value] of [["role", "region"], ["aria-label", t("map_label")]]) map.getContainer().setAttribute(key, value);
    if (state.open) cards.show(...state.open);
    const again = focus && content.querySelector(focus);
    if (again) again.focus({ preventScroll: true });
  }
  function redraw() { onMap.draw(); onMap.resize(); write(); }

  const zoomControl = L.control.zoom({ position: "topleft" }).addTo(map);
  zoomControl.setLabels = () => { for (const [button, key] of [[zoomControl._zoomInButton, "zoom_in"], [zoomControl._zoomOutButton, "zoom_out"]]) { button.title = t(key); button.setAttribute("aria-label", t(key)); } };
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 130 }).addTo(map);
  keyBox.open = !window.matchMedia("(max-width: 760px)").matches;
  keyBox.addEventListener("toggle", () => map.invalidateSize({ animate: false }));
  write(); // the key takes its room before the map is fitted into the rest
  map.invalidateSize({ animate: false });
  home();
  view.follow();
  onMap.draw();
  onMap.finish();
  onMap.resize();
  map.on("zoomend", onMap.resize);
  map.on("moveend", onMap.nameVillages);
  document.getElementById("fit").addEventListener("click", home);
  for (const node of document.querySelectorAll("[data-view]")) node.addEventListener("click", () => { state.view = node.dataset.view; redraw(); });
  for (const node of document.querySelectorAll("[data-jump]")) node.addEventListener("click", () => {
    const goal = document.getElementById(node.dataset.jump);
    goal.scrollIntoView({ block: "start" });
    goal.focus({ preventScroll: true });
  });
  for (const node of document.querySelectorAll("[data-lang]")) node.addEventListener("click", () => {
    state.lang = node.dataset.lang;
    try { localStorage.setItem(KEPT, state.lang); } catch { /* it lasts as long as the page */ }
    if (/[#&]lang=/.test(location.hash)) history.replaceState(null, "", location.hash.replace(/lang=\w+/, "lang=" + state.lang));
    write();
  });
  window.addEventListener("hashchange", () => { if (/[#&]lang=/.test(location.hash)) state.lang = firstLanguage(); view.follow(); redraw(); });
  if (location.hash) write();
  window.addEventListener("load", () => { map.invalidateSize(); performance.mark("facilityplan-ready"); document.documentElement.dataset.ready = "yes"; });
})();
