/* The comparison page: one map a plan, moving together. Data come as one JSON block and reach the page through
   textContent only. Folium has made the maps (map_A, map_B …), their panes and images; this fills them. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  const language = () => (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
  const state = { lang: language(), view: "minutes" };
  const { NONE, speak, t, count, el, name, svg, symbolIcon, arrowIcon, Place, Arrow, scale, unpack } = window.drawing(data, state);
  const PLACE_ZOOM = 13.5, runs = data.runs, base = runs[0].label;
  const grounds = document.getElementById("grounds");
  const boundary = unpack(data.lines.boundary), water = data.lines.water ? unpack(data.lines.water) : null;
  const roads = data.lines.roads.map(([colour, weight, code]) => [colour, weight, unpack(code)]);

  // ---- one pane a plan ----
  const panes = runs.map((run) => {
    const map = window["map_" + run.label], title = el("h2", {}), markers = [];
    const pane = el("section", { class: "pane", "data-run": run.label }, title, map.getContainer());
    grounds.append(pane);
    const renderer = Object.fromEntries(["base", "places"].map((key) => [key, L.canvas({ pane: key, padding: .25, tolerance: 4 })]));
    const drawn = (key, options) => ({ pane: key, renderer: renderer[key], interactive: false, smoothFactor: 1, ...options });
    L.polygon(boundary, drawn("base", { stroke: false, fillColor: data.colours.land, fillOpacity: 1 })).addTo(map);
    if (water) L.polygon(water, drawn("base", { stroke: false, fillColor: data.colours.water, fillOpacity: 1 })).addTo(map);
    for (const [color, weight, parts] of roads) L.polyline(parts, drawn("base", { color, weight: weight * .8, smoothFactor: 1.6 })).addTo(map);
    L.polyline(boundary, drawn("base", { color: data.colours.boundary, weight: 1.4, dashArray: "8 3 2 3" })).addTo(map);
    const at = (i) => [run.sites.lat[i], run.sites.lon[i]];
    run.sites.id.forEach((_, i) => { if (run.sites.host[i] !== null) new Arrow([at(i), at(run.sites.host[i])], drawn("places", { color: data.colours.merge, weight: 2 })).addTo(map); });
    const order = ["private", "kept", "host", "merged", "circuit", "neighbour", "posted", "built", "hospital_left", "hospital", "hospital_works", "county_hospital", "sub_centre"];
    for (const key of order) run.sites.id.forEach((_, i) => {
      if (run.sites.symbol[i] !== key) return;
      const marker = new Place(at(i), { pane: "places", renderer: renderer.places, radius: 1, weight: 1.6, symbol: data.symbols[key], bubblingMouseEvents: false });
      marker.on("click", () => show(map, run, i));
      markers.push([marker.addTo(map), data.symbols[key][3]]);
    });
    L.control.scale({ imperial: false }).addTo(map);
    return { run, map, title, markers, images: { minutes: window["image_overlay_minutes_" + run.label], change: window["image_overlay_change_" + run.label] } };
  });

  function show(map, run, i) {
    const rows = panes.map((other) => {
      const k = other.run.sites.id.indexOf(run.sites.id[i]);
      return el("li", {}, el("b", {}, other.run.label), " ", name(k < 0 ? t("decision_absent") : speak(other.run.sites.decision[k])));
    });
    L.popup({ maxWidth: 300 }).setLatLng([run.sites.lat[i], run.sites.lon[i]])
      .setContent(el("article", { class: "card" }, el("h3", { class: "data", dir: "auto" }, run.sites.name[i]), el("ul", {}, ...rows))).openOn(map);
  }

  // ---- together ----
  let moving = false;
  function follow(leader) {
    if (moving) return;
    moving = true;
    for (const { map } of panes) if (map !== leader) map.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    moving = false;
  }
  function resize({ map, markers }) {
    const size = scale(map) * (runs.length > 2 ? .8 : 1);
    for (const [marker, radius] of markers) { marker.options.radius = marker._radius = radius * size; marker.redraw(); }
  }
  for (const pane of panes) {
    pane.map.on("move zoom", () => follow(pane.map));
    pane.map.on("zoomend", () => resize(pane));
  }
  // As many columns as give the county most room: a wide county stacks its maps, a tall one lines them up.
  const [[south, west], [north, east]] = data.bounds, tall = (north - south) / ((east - west) * Math.cos(south * Math.PI / 180));
  grounds.style.setProperty("--tall", tall.toFixed(3));
  function arrange() {
    const { clientWidth: width, clientHeight: height } = grounds, TITLE = 34;
    const side = (columns) => Math.min(width / columns, (height / Math.ceil(runs.length / columns) - TITLE) / tall);
    const best = window.matchMedia("(max-width: 760px)").matches ? 1 : [1, 2, 3].reduce((one, other) => side(other) > side(one) * 1.02 ? other : one);
    grounds.style.gridTemplateColumns = `repeat(${best}, minmax(0, 1fr))`;
  }
  function fit() {
    arrange();
    for (const { map } of panes) map.invalidateSize({ animate: false });
    panes[0].map.fitBounds(data.bounds, { animate: false, padding: [6, 6] });
    panes.forEach(resize);
  }
  function go(title, lat, lon) {
    panes[0].map.setView([lat, lon], Math.max(panes[0].map.getZoom(), PLACE_ZOOM), { animate: false });
    document.getElementById("status").textContent = t("moved_to", { name: title });
  }
  window.addEventListener("resize", () => { arrange(); for (const { map } of panes) map.invalidateSize({ animate: false }); });

  // ---- panel ----
  const square = (colour) => svg(18, 14, ["rect", { x: 0, y: 0, width: 18, height: 14, rx: 3, fill: colour }]);
  const range = ([low, high]) => low === null ? t("unreachable") : high === null ? t("more_than", { low: count(low) }) : low === 0 ? t("up_to", { high: count(high) }) : t("from_to", { low: count(low), high: count(high) });
  function legend() {
    const used = new Set(runs.flatMap((run) => run.sites.symbol));
    const shades = state.view === "minutes" ? data.minutes.map((row) => el("li", {}, square(row[2]), range(row)))
      : data.changes.map(([band, colour]) => el("li", {}, square(colour), t("band_" + band)));
    return el("section", { id: "legend" }, el("h2", {}, t(state.view === "minutes" ? "legend_minutes" : "legend_change")), el("ul", { class: "keys" }, ...shades),
      el("h2", {}, t("legend_places")), el("ul", { class: "keys" }, ...Object.keys(data.symbols).filter((key) => used.has(key)).map((key) => el("li", {}, symbolIcon(key), t("symbol_" + key))),
        el("li", {}, arrowIcon(data.colours.merge), t("layer_merges"))));
  }
  function table(one) {
    const section = el("section", { "data-table": one.key }, el("h2", {}, speak(one.title)));
    if (one.hint) section.append(el("p", { class: "hint" }, speak(one.hint)));
    if (!one.rows.length) { section.append(el("p", {}, speak(one.empty))); return section; }
    const cells = (tag, row) => el("tr", {}, ...row.map((cell, k) => el(tag, { class: one.numbers[k] ? "number" : null, scope: tag === "th" ? "col" : null }, name(speak(cell)))));
    section.append(el("div", { class: "wide", tabindex: 0, role: "region", "aria-label": speak(one.title) }, el("table", {}, el("thead", {}, cells("th", one.headers)), el("tbody", {}, ...one.rows.map((row) => cells("td", row))))));
    return section;
  }
  function decisions(pair) {
    const section = el("section", { class: "decisions", "data-run": pair.label }, el("h2", {}, pair.label, t("colon"), t("compare_decisions", { label: base }), " ", el("span", { class: "count" }, count(pair.total))));
    if (!pair.rows.length) section.append(el("p", {}, t("compare_no_decisions")));
    else section.append(el("p", { class: "hint" }, t("compare_decisions_hint")), el("ul", { class: "list" }, ...pair.rows.map(([title, township, lat, lon, before, after, carried]) =>
      el("li", {}, el("button", { type: "button", on: { click: () => go(title, lat, lon) } }, el("span", { class: "main data", dir: "auto" }, title), el("span", { class: "value" }, carried === null ? NONE : carried),
        el("span", { class: "sub" }, name(township), " · ", name(speak(before)), " → ", name(speak(after))))))));
    return section;
  }

  function write() {
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.title = `${speak(data.county)} · ${t("compare_title")}`;
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
    for (const node of document.querySelectorAll("[data-lang]")) node.setAttribute("aria-pressed", String(node.dataset.lang === state.lang));
    for (const node of document.querySelectorAll("[data-view]")) {
      node.setAttribute("aria-pressed", String(node.dataset.view === state.view));
      node.textContent = node.dataset.view === "minutes" ? t("view_minutes") : t("view_change", { label: base });
    }
    for (const { run, map, title, images } of panes) {
      const change = state.view === "change" && run.change;
      title.replaceChildren(el("b", {}, run.label), " ", name(speak(run.name)), el("span", { class: "hint" }, t(run.proven ? "compare_proven" : "compare_not_proven"),
        " · ", change ? t("view_change", { label: base }) : t("view_minutes")));
      for (const [key, value] of [["role", "region"], ["aria-label", `${run.label} ${speak(run.name)}`]]) map.getContainer().setAttribute(key, value);
      for (const [key, image] of Object.entries(images)) if (image) { if ((key === "change") === change) image.addTo(map); else image.remove(); }
    }
    const caveats = data.caveats.length ? [el("section", {}, el("h2", {}, t("compare_caveats")), el("ul", {}, ...data.caveats.map((pair) => el("li", { class: "warn data" }, speak(pair)))))] : [];
    document.getElementById("content").replaceChildren(el("h1", {}, name(speak(data.county)), " ", el("span", { class: "whole" }, t("compare_title"))), ...caveats,
      ...data.tables.filter((one) => one.key === "figures").map(table), legend(), ...data.decisions.map(decisions), ...data.tables.filter((one) => one.key !== "figures").map(table));
    document.getElementById("credit").replaceChildren(el("b", {}, t("internal_map")), " · ", ...data.sources.flatMap(([, credit, licence]) => [name(credit), " (", name(licence), ") · "]), "Leaflet");
  }
  for (const node of document.querySelectorAll("[data-lang]")) node.addEventListener("click", () => { state.lang = node.dataset.lang; write(); });
  for (const node of document.querySelectorAll("[data-view]")) node.addEventListener("click", () => { state.view = node.dataset.view; write(); });
  write();
  fit();
  requestAnimationFrame(() => { fit(); document.documentElement.dataset.ready = "yes"; });
})();
