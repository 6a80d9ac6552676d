/* The map page. Data come as one JSON block and reach the page through textContent only: nothing is ever parsed as markup.
   Folium has made the map (map_facilityplan), its panes, images and layer groups; this fills them. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  const map = window.map_facilityplan;
  const { sites, villages, head } = data;
  const KEPT = "facilityplan-lang";
  function firstLanguage() { // as the address says, else as chosen before, else as the browser speaks
    const asked = /[#&]lang=(zh|en)\b/.exec(location.hash);
    if (asked) return asked[1];
    try { // a browser may forbid storage to files
      const kept = localStorage.getItem(KEPT);
      if (kept === "zh" || kept === "en") return kept;
    } catch { /* no choice is kept */ }
    return navigator.language ? (/^zh\b/i.test(navigator.language) ? "zh" : "en") : data.lang;
  }
  const state = { lang: firstLanguage(), view: "after", hidden: new Set(["catchments", "circle_other"]), query: "", open: null, township: null,
    all: new Set(), details: new Set() };
  const LIST_STEP = 60, SEARCH_STEP = 12, VILLAGE_NAMES_FROM_ZOOM = 13, PLACE_ZOOM = 14;
  const { NONE, speak, t, count, people, minutes, yuan, print, el, name, svg, symbolIcon, lineIcon, arrowIcon, haloIcon, Place, Arrow, unpack, scale: scaleOf } =
    window.drawing(data, state);
  const scale = () => scaleOf(map);
  const renderer = Object.fromEntries(["base", "circle", "places"].map((pane) => [pane, L.canvas({ pane, padding: .25, tolerance: 4 })]));

  const drawn = (pane, options) => ({ pane, renderer: renderer[pane], interactive: false, smoothFactor: 1, ...options });
  const at = (table, i) => [table.lat[i], table.lon[i]];

  if (data.basemap) L.tileLayer(data.basemap, { maxZoom: 18 }).addTo(map); // the policy lets nothing but https through

  const layers = {}; // toggle → { before: [layers], after: [layers] }
  const always = (list) => ({ before: list, after: list });
  const lines = data.lines, boundary = unpack(lines.boundary);
  const stay = [L.polygon(boundary, drawn("base", { stroke: false, fillColor: data.colours.land, fillOpacity: data.basemap ? 0 : 1 }))];
  if (lines.water) stay.push(L.polygon(unpack(lines.water), drawn("base", { stroke: false, fillColor: data.colours.water, fillOpacity: 1 })));
  layers.roads = always(lines.roads.map(([, colour, weight, code]) =>
    L.polyline(unpack(code), drawn("base", { color: colour, weight, opacity: 1, smoothFactor: 1.4 }))));
  const edge = L.polyline(boundary, drawn("base", { color: data.colours.boundary, weight: 1.6, dashArray: "8 3 2 3" }));
  layers.minutes = { before: [window.image_overlay_minutes_before], after: [window.image_overlay_minutes_after] };
  layers.outside = { before: [window.image_overlay_outside_before], after: [window.image_overlay_outside_after] };
  const outline = (when) => lines[when] ? [
    L.polyline(unpack(lines[when]), drawn("circle", { color: "#ffffff", weight: 3.4, opacity: .7 })),
    L.polygon(unpack(lines[when]), drawn("circle", { color: data.colours[when], weight: 1.7, fillOpacity: .05, dashArray: when === "before" ? "7 4" : null }))] : [];
  const circle = { before: outline("before"), after: outline("after") };
  layers.circle = circle;
  layers.circle_other = { before: circle.after, after: circle.before };
  layers.merges = { before: [], after: [L.featureGroup()] };
  layers.catchments = { before: [], after: [L.featureGroup()] };
  sites.id.forEach((_, i) => { if (sites.host[i] !== null) layers.merges.after[0].addLayer(new Arrow([at(sites, i), at(sites, sites.host[i])],
    drawn("places", { color: data.colours.merge, weight: 2 }))); });
  layers.services = { before: [], after: [L.featureGroup()] };
  const serviceLine = (from, to) => layers.services.after[0].addLayer(L.polyline([from, to],
    drawn("places", { color: data.colours.service, weight: 1.6, dashArray: "5 5" })));
  sites.id.forEach((_, i) => { if (sites.served_from[i] !== null) serviceLine(at(sites, i), at(sites, sites.served_from[i])); });
  villages.id.forEach((_, i) => { if (["circuit", "neighbour"].includes(villages.mode[i]) && !sites.village.some((v, k) => v === i && sites.served_from[k] !== null))
    serviceLine(at(villages, i), at(sites, villages.host[i])); });
  villages.id.forEach((_, i) => { if (villages.catchment[i] !== null) layers.catchments.after[0].addLayer(L.polyline([at(villages, i), at(sites, villages.catchment[i])],
    drawn("circle", { color: data.colours.catchment, weight: 1, opacity: .55 }))); });

  const markers = [];
  const SYMBOL_TOGGLES = ["kept", "host", "today", "merged", "circuit", "neighbour", "posted", "built", "no_doctor", "private", "no_clinic", "hospital", "hospital_works", "hospital_left", "sub_centre", "county_hospital"];
  const ORDER = ["no_clinic", "private", "no_doctor", "kept", "today", "host", "merged", "circuit", "neighbour", "posted", "built", "hospital_left", "hospital", "hospital_works", "county_hospital", "sub_centre"];
  function addPlace(when, key, kind, i, table) {
    const marker = new Place(at(table, i), { pane: "places", renderer: renderer.places, radius: 1, weight: 1.6, symbol: data.symbols[key], bubblingMouseEvents: false });
    marker.size = data.symbols[key][3];
    marker.on("click", () => show(kind, i));
    marker.township = table.township[i];
    markers.push(marker);
    window[`feature_group_${when}_${key}`].addLayer(marker);
  }
  for (const key of SYMBOL_TOGGLES) layers[key] = { before: [window["feature_group_before_" + key]], after: [window["feature_group_after_" + key]] };
  for (const when of ["before", "after"]) for (const key of ORDER) sites.id.forEach((_, i) => { if (sites[when][i] === key) addPlace(when, key, "site", i, sites); });
  const CLOSED = ["merged", "circuit", "neighbour", "hospital_left"];
  const withSite = { before: new Set(), after: new Set() };
  sites.id.forEach((_, i) => { for (const when of ["before", "after"]) if (sites[when][i] && !CLOSED.includes(sites[when][i]) && sites.village[i] !== null) withSite[when].add(sites.village[i]); });
  const hadClinic = new Set(sites.id.map((_, i) => sites.before[i] ? sites.village[i] : null));
  villages.id.forEach((_, i) => { for (const when of ["before", "after"])
    if (!withSite[when].has(i) && !(when === "after" && hadClinic.has(i))) addPlace(when, when === "after" && ["circuit", "neighbour"].includes(villages.mode[i]) ? villages.mode[i] : "no_clinic", "village", i, villages); });

  function label(text, where, kind) {
    const inner = el("span", { class: "data", dir: "auto" }, text);
    return L.marker(where, { pane: "names", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "name " + kind, iconSize: [0, 0], html: inner }) });
  }
  const consortia = data.consortia.map(([lead, colour, heads, mean, townships]) => ({ lead, colour, heads, mean, townships }));
  const consortiumOf = new Map(consortia.flatMap((one, k) => one.townships.map((township) => [township, k])));
  const circled = (k) => k < 20 ? String.fromCodePoint(0x2460 + k) : `(${k + 1})`;
  const townshipNames = L.layerGroup();
  layers.township_names = always([townshipNames]);
  function nameTownships() { // the larger first; one that would cover another waits for a closer look
    const taken = [];
    townshipNames.clearLayers();
    for (const [text, lat, lon] of data.townships) {
      const { x, y } = map.latLngToLayerPoint([lat, lon]), half = 8 * Math.min(text.length, 13) + 2;
      if (taken.some(([left, right, top]) => x - half < right && x + half > left && Math.abs(y - top) < 20)) continue;
      taken.push([x - half, x + half, y]);
      const k = state.view === "after" ? consortiumOf.get(text) : undefined, marker = label(text, [lat, lon], "township");
      if (k !== undefined) {
        const inner = marker.options.icon.options.html;
        inner.style.color = consortia[k].colour;
        inner.append(" ", el("b", {}, circled(k)));
      }
      townshipNames.addLayer(marker);
    }
  }
  const villageNames = L.layerGroup();
  layers.village_names = always([villageNames]);
  function nameVillages() {
    villageNames.clearLayers();
    if (map.getZoom() < VILLAGE_NAMES_FROM_ZOOM) return;
    const bounds = map.getBounds().pad(.2);
    villages.id.forEach((_, i) => { if (bounds.contains(at(villages, i))) villageNames.addLayer(label(villages.name[i], at(villages, i), "village")); });
  }

  // ---- what is on the map ----
  const DRAW_ORDER = ["roads", "minutes", "outside", "circle_other", "circle", "catchments", "services", "merges", ...ORDER, "township_names", "village_names"];
  function drawLayers() {
    const wanted = new Set(DRAW_ORDER.flatMap((key) => state.hidden.has(key) ? [] : layers[key][state.view]));
    for (const key of DRAW_ORDER) for (const layer of [...layers[key].before, ...layers[key].after]) if (!wanted.has(layer) && map.hasLayer(layer)) map.removeLayer(layer);
    for (const layer of wanted) if (!map.hasLayer(layer)) map.addLayer(layer);
    for (const marker of markers) marker.options.dim = state.township !== null && marker.township !== state.township;
    const front = ["services", "merges", ...ORDER];
    for (const key of front) if (!state.hidden.has(key)) for (const layer of layers[key][state.view]) if (layer.bringToFront) layer.bringToFront();
  }
  function resize() {
    const size = scale();
    for (const marker of markers) { marker.options.radius = marker._radius = marker.size * size; if (marker._map) marker.redraw(); }
    nameTownships();
    const width = Math.min(1.6, Math.max(.45, .6 + (map.getZoom() - 9.75) * .22));
    layers.roads.after.forEach((layer, k) => layer.setStyle({ weight: lines.roads[k][2] * width }));
    map.getContainer().classList.toggle("crisp", map.getZoom() >= 12.5);
  }

  // ---- cards ----
  const facts = (...rows) => el("dl", {}, ...rows.filter((row) => row).flatMap(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]));
  // The click replaces the card it came from; left to travel on, it would look like a click on the map and close the popup.
  const link = (i) => el("button", { type: "button", class: "link data", dir: "auto", on: { click: (event) => { event.stopPropagation(); go("site", i); } } }, sites.name[i]);
  const change = (before, after, write) => `${write(before)} → ${write(after)}`;

  const place = (township, village) => [township, village === null ? null : villages.name[village]].filter((text) => text !== null).flatMap((text) => [" · ", name(text)]);

  const serviceIcon = () => svg(14, 12, ["rect", { x: 5, y: 1, width: 4, height: 10, fill: data.colours.catchment }], ["rect", { x: 2, y: 4, width: 10, height: 4, fill: data.colours.catchment }]);
  function siteCard(i) {
    const key = sites[state.view][i] || sites.after[i], village = sites.village[i], merged = sites.after[i] === "merged", closed = CLOSED.includes(sites.after[i]);
    const serves = sites.served_from.flatMap((from, k) => from === i ? [k] : []);
    const guests = sites.host.flatMap((host, k) => host === i ? [k] : []);
    const money = sites.capital[i] || sites.annual[i];
    return el("article", { class: "card" }, el("h3", { class: "data", dir: "auto" }, sites.name[i]),
      el("div", { class: "kind" }, speak(data.kinds[sites.kind[i]]), ...place(sites.township[i], village)),
      el("div", { class: "decision" }, symbolIcon(key), t("symbol_" + key)),
      merged ? facts(["host", link(sites.host[i])], sites.minutes_to_host[i] === null ? null : ["minutes_to_host", t("n_minutes", { n: minutes(sites.minutes_to_host[i]) })]) : null,
      sites.stage[i] === null ? null : facts(["year", String(sites.stage[i])]),
      sites.served_from[i] === null ? null : facts(["served_from", link(sites.served_from[i])], village === null ? null : ["days_per_week", count(villages.days[village])],
        village === null || villages.periodic[village] === null ? null : ["minutes_periodic", minutes(villages.periodic[village])]),
      facts(["doctors", change(sites.doctors_before[i], sites.doctors[i], count)],
        closed ? null : ["people_served", people(sites.served[i])], closed ? null : ["people_nearest", people(sites.nearest[i])],
        village === null ? null : ["village_minutes", change(villages.minutes_before[village], villages.minutes_after[village], minutes)],
        village === null ? null : ["village_outside", change(villages.out_before[village], villages.out_after[village], people)],
        money && sites.capital[i] ? ["figure_capital", yuan(sites.capital[i])] : null, money && sites.annual[i] ? ["figure_annual", yuan(sites.annual[i])] : null),
      guests.length ? el("h4", {}, t("guests")) : null,
      guests.length ? el("ul", {}, ...guests.map((k) => el("li", {}, link(k)))) : null,
      sites.works[i] === null ? null : el("h4", {}, t("works_here")),
      sites.works[i] === null ? null : el("ul", {}, ...sites.works[i].map(([zh, en, cost, payZh, payEn]) => el("li", {}, name(speak([zh, en])), t("colon"), yuan(cost), payZh ? " · " : "", name(speak([payZh, payEn]))))),
      sites.locked[i] === null ? null : el("p", { class: "because" }, t("list_locked"), t("colon"), name(speak(sites.locked[i]))),
      serves.length ? el("h4", {}, t("serves")) : null,
      serves.length ? el("ul", {}, ...serves.map((k) => el("li", {}, link(k)))) : null,
      state.view === "before" || !sites.services[i].length ? null : el("p", {}, serviceIcon(), " ", t("services_hosted"), t("colon"), ...sites.services[i].flatMap((one, k) => [k ? " · " : "", name(speak(one))])),
      ...why(sites.why[i], merged), el("div", { class: "hint" }, name(sites.id[i])));
  }
  function why(reasons, merged) {
    if (!reasons.length) return [];
    const rows = reasons.map(([host, rule, figure, limit, away]) => {
      const text = rule === "" ? t("accepted") : data.rules[rule] ? speak(data.rules[rule]) : rule;
      const numbers = figure !== null && limit !== null ? " " + t("figure_against_limit", { figure: count(figure), limit: count(limit) }) : "";
      return el("li", {}, link(host), away === null ? "" : ` (${t("n_minutes", { n: minutes(away) })})`, t("colon"), text + numbers);
    });
    return [el("h4", {}, t(merged ? "why_merged" : "why_not_merged")), el("ul", {}, ...rows)];
  }
  function villageCard(i) {
    const here = sites.id.flatMap((_, k) => sites.village[k] === i && sites[state.view][k] ? [k] : []);
    return el("article", { class: "card" }, el("h3", { class: "data", dir: "auto" }, villages.name[i]),
      el("div", { class: "kind" }, t("village_or_community"), " · ", name(villages.township[i])),
      facts(["mode", speak(data.modes[villages.mode[i]])], villages.host[i] === null ? null : [["circuit", "neighbour", "posted"].includes(villages.mode[i]) ? "served_from" : "host", link(villages.host[i])],
        villages.host[i] === null || villages.mode[i] === "merge" ? null : ["days_per_week", count(villages.days[i])],
        villages.periodic[i] === null ? null : ["minutes_periodic", minutes(villages.periodic[i])],
        villages.stage[i] === null ? null : ["year", String(villages.stage[i])], ["people", people(villages.people[i])],
        ["village_minutes", change(villages.minutes_before[i], villages.minutes_after[i], minutes)],
        ["p90", minutes(villages.p90[i])], ["village_outside", change(villages.out_before[i], villages.out_after[i], people)],
        villages.catchment[i] === null ? null : ["catchment", link(villages.catchment[i])],
        villages.consortium[i] === null ? null : ["consortium", link(villages.consortium[i])],
        villages.served_by[i] === null ? null : ["served_by", link(villages.served_by[i])]),
      villages.no_clinic[i] === null ? null : el("p", { class: "because" }, t("no_clinic_because"), t("colon"), speak(data.no_clinic[villages.no_clinic[i]])),
      here.length ? el("h4", {}, t("sites_here")) : null, here.length ? el("ul", {}, ...here.map((k) => el("li", {}, link(k)))) : null,
      el("div", { class: "hint" }, name(villages.id[i])));
  }
  const popup = L.popup({ maxWidth: 320, minWidth: 272, autoPanPaddingTopLeft: [20, 70], autoPanPaddingBottomRight: [20, 40] });
  function show(kind, i) {
    state.open = [kind, i];
    popup.setLatLng(at(kind === "site" ? sites : villages, i)).setContent(kind === "site" ? siteCard(i) : villageCard(i)).openOn(map);
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", t("close"));
  }
  map.on("popupclose", () => { state.open = null; });
  function go(kind, i) {
    map.setView(at(kind === "site" ? sites : villages, i), Math.max(map.getZoom(), PLACE_ZOOM), { animate: false });
    show(kind, i);
    document.getElementById("status").textContent = t("moved_to", { name: (kind === "site" ? sites : villages).name[i] });
    if (window.matchMedia("(max-width: 760px)").matches) document.getElementById("stage").scrollIntoView();
  }

  // ---- panel ----
  function bar(share, colour, target) {
    const full = 200, shapes = [["rect", { x: 0, y: 0, width: full, height: 12, rx: 3, fill: "#00000014" }],
      ["rect", { x: 0, y: 0, width: (full * (share || 0)).toFixed(2), height: 12, rx: 3, fill: colour }]];
    if (target !== null && target !== undefined) shapes.push(["rect", { x: (full * target - 1).toFixed(2), y: -2, width: 2, height: 16, fill: data.colours.ink }]);
    const node = svg(full, 12, ...shapes);
    node.setAttribute("preserveAspectRatio", "none");
    return node;
  }
  const tick = (ok) => ok ? svg(16, 16, ["circle", { cx: 8, cy: 8, r: 7, fill: "#00795a" }], ["path", { d: "M4.6 8.2L7 10.6L11.4 5.8", stroke: "#fff", "stroke-width": 1.8, fill: "none" }])
    : svg(16, 16, ["path", { d: "M8 1L15.4 14.5H.6Z", fill: "#c4500a" }], ["path", { d: "M8 5.6V10", stroke: "#fff", "stroke-width": 1.8 }], ["circle", { cx: 8, cy: 12.2, r: 1, fill: "#fff" }]);
  const line = (ok, text) => el("li", {}, tick(ok), el("span", { class: ok ? "" : "warn" }, text));

  function headSection() {
    const tone = head.verdict.endsWith("_not_met") || head.verdict === "verdict_failed" ? "" : head.verdict.endsWith("_met") ? "met" : "plain";
    const share = (k, key) => el("div", { class: "share" }, el("span", {}, t(key)), bar(head.shares[k], k ? "#0072B2" : "#8fa3b5", head.target), el("b", {}, head.share_text[k]));
    return [el("h1", {}, name(speak(head.county)), " ", el("span", { class: "whole" }, t("map_title"))), el("p", { class: "subtitle" }, t("scenario"), t("colon"), name(speak(head.scenario))),
      el("div", { class: "verdict " + tone, id: "verdict" }, el("h2", {}, t(head.verdict)), el("p", { class: "data" }, speak(head.standard)),
        share(0, "view_before"), share(1, "view_after"), head.target === null ? null : el("p", { class: "target" }, t("target_is", { share: head.target_text })),
        head.moves === null ? null : el("p", { class: "moves" }, speak(head.moves)),
        ...head.further.map(([text, before, after, moves]) => el("p", { class: "further" }, el("span", { class: "data" }, speak(text)), t("colon"), `${before} → `, el("b", {}, after),
          speak(moves) ? t("comma") : "", el("b", { class: "moves" }, speak(moves))))),
      el("ul", { class: "lines", id: "proof" }, line(head.proven, speak(head.proof)), line(head.verified_ok, speak(head.verified)),
        head.binds ? null : line(false, t("does_not_bind")), head.reproducible ? null : line(false, t("not_reproducible"))),
      el("dl", { class: "figures" }, ...head.figures.map(([key, before, after, unit]) => el("div", { class: unit === "count" ? "" : "wide" }, el("dt", {}, t(key)),
        el("dd", {}, before === null ? null : el("span", { class: "was" }, print[unit](before) + " → "), print[unit](after)))))];
  }
  function toggle(key, icon, text, number) {
    const box = el("input", { type: "checkbox", "data-layer": key, on: { change: (event) => {
      if (event.target.checked) state.hidden.delete(key); else state.hidden.add(key);
      drawLayers(); } } });
    box.checked = !state.hidden.has(key);
    return el("li", {}, el("label", {}, box, icon, el("span", {}, text), el("span", { class: "count" }, number === undefined ? "" : count(number))));
  }
  const rangeText = ({ low, high }) => low === null ? t("unreachable") : high === null ? t("more_than", { low: count(low) }) : low === 0 ? t("up_to", { high: count(high) }) : t("from_to", { low: count(low), high: count(high) });
  function legendSection() {
    const now = state.view === "before" ? 0 : 1;
    const tally = (key) => key === "no_clinic" ? window[`feature_group_${state.view}_no_clinic`].getLayers().length : sites[state.view].filter((one) => one === key).length;
    const places = SYMBOL_TOGGLES.filter((key) => tally(key)).map((key) => toggle(key, symbolIcon(key), t("symbol_" + key), tally(key)));
    if (state.view === "after" && layers.merges.after[0].getLayers().length) places.push(toggle("merges", arrowIcon(data.colours.merge), t("layer_merges")));
    if (state.view === "after" && layers.services.after[0].getLayers().length) places.push(toggle("services", lineIcon(data.colours.service, "5 5", 1.6), t("layer_services")));
    if (state.view === "after" && layers.catchments.after[0].getLayers().length) places.push(toggle("catchments", lineIcon(data.colours.catchment, null, 1.4), t("layer_catchments")));
    const serving = sites.services.filter((list) => list.length).length;
    if (state.view === "after" && serving) places.push(el("li", {}, serviceIcon(), " ", t("services_legend"), " ", count(serving)));
    const top = Math.max(.01, ...data.minutes.flatMap((row) => row.share));
    const shades = data.minutes.flatMap((row, k) => [
      k && data.minutes[k - 1].inside && !row.inside ? el("li", { class: "limit" }, t("limit_here", { limit: count(row.low) })) : null,
      el("li", { class: "shade" }, el("span", {}), svg(18, 14, ["rect", { x: 0, y: 0, width: 18, height: 14, rx: 3, fill: row.colour }]), el("span", {}, rangeText(row)),
        (() => { const node = svg(100, 9, ["rect", { x: 0, y: 0, width: (100 * row.share[now] / top).toFixed(2), height: 9, fill: row.colour }]); node.setAttribute("preserveAspectRatio", "none"); node.setAttribute("class", "bar"); return node; })(),
        el("span", { class: "count" }, people(row.people[now])))]);
    const other = state.view === "before" ? "after" : "before";
    const circles = [[state.view, "circle"], [other, "circle_other"]].filter(([when]) => lines[when]).map(([when, key]) =>
      toggle(key, lineIcon(data.colours[when], when === "before" ? "5 3" : null), t("layer_circle_" + when)));
    return [
      el("section", { id: "legend" }, el("h2", {}, t("legend_places")), el("ul", { class: "legend" }, ...places)),
      el("section", {}, el("h2", {}, t("legend_minutes")), el("ul", { class: "legend" }, toggle("minutes", svg(24, 12, ["rect", { x: 1, y: 1, width: 11, height: 10, fill: data.minutes[1].colour }], ["rect", { x: 12, y: 1, width: 11, height: 10, fill: data.minutes[3].colour }]), t("layer_minutes")), ...shades.filter(Boolean),
        toggle("outside", haloIcon(data.colours.outside), t("layer_outside")), ...circles)),
      el("section", {}, el("h2", {}, t("legend_ground")), el("ul", { class: "legend" }, toggle("roads", lineIcon("#b9a27f"), t("layer_roads")),
        toggle("township_names", svg(24, 12), t("layer_townships")),
        ...(state.view === "after" ? consortia : []).map((one, k) => el("li", { class: "shade" }, el("span", {}), chip(k), name(sites.name[one.lead]))), toggle("village_names", svg(24, 12), t("layer_villages"))))];
  }
  const item = (kind, i, value, sub) => el("li", {}, el("button", { type: "button", "data-go": `${kind}:${i}`, on: { click: () => go(kind, i) } },
    el("span", { class: "main data", dir: "auto" }, (kind === "site" ? sites : villages).name[i]), el("span", { class: "value" }, value), el("span", { class: "sub" }, ...sub)));
  function list(id, rows, build) {
    const shown = state.all.has(id) ? rows : rows.slice(0, LIST_STEP), box = el("div", {});
    box.append(el("ul", { class: "list" }, ...shown.map(build)));
    if (shown.length < rows.length) box.append(el("button", { type: "button", class: "more", on: { click: () => { state.all.add(id); box.replaceWith(list(id, rows, build)); } } }, t("show_all", { n: count(rows.length) })));
    return box;
  }
  function fold(id, title, number, body, openAtFirst) {
    if (openAtFirst && !state.details.has("seen:" + id)) { state.details.add(id); }
    state.details.add("seen:" + id);
    return el("details", { id, open: state.details.has(id), on: { toggle: (event) => { if (event.target.open) state.details.add(id); else state.details.delete(id); } } },
      el("summary", {}, title, number === null ? null : el("span", { class: "count" }, ` ${count(number)}`)), ...body);
  }
  const stageTable = () => el("table", { class: "stages" }, el("thead", {}, el("tr", {}, ...["head_stage", "head_value", "head_gap"].map((key) => el("th", { scope: "col" }, t(key))))),
    el("tbody", {}, ...head.stages.map(([text, value, gap], k) => el("tr", {}, el("td", {}, `${k + 1}. `, el("span", { class: "data" }, speak(text))), el("td", {}, value), el("td", {}, speak(gap))))));
  const inTownship = (table) => (i) => state.township === null || table.township[i] === state.township;
  function chip(k) {
    const node = el("b", {}, circled(k) + " ");
    node.style.color = consortia[k].colour;
    return node;
  }
  function listSections() {
    const column = state.view === "before" ? villages.out_before : villages.out_after;
    const size = (i) => column[i] === data.few[0] ? .5 : column[i];
    const out = villages.id.map((_, i) => i).filter((i) => size(i) > 0 && inTownship(villages)(i)).sort((a, b) => size(b) - size(a) || a - b);
    const merged = sites.id.map((_, i) => i).filter((i) => sites.host[i] !== null && inTownship(sites)(i));
    const centres = sites.id.map((_, i) => i).filter((i) => sites.after[i] === "sub_centre");
    const served = (i) => villages.catchment.reduce((sum, site, v) => site === i ? sum + Math.max(0, villages.people[v]) : sum, 0);
    return [
      fold("outside-list", t("list_outside"), out.length, out.length ? [el("p", { class: "hint" }, t("list_outside_hint")), list("outside", out, (i) => item("village", i, t("n_people", { n: people(column[i]) }), [name(villages.township[i]), " · ", t("mean_minutes", { n: minutes(state.view === "before" ? villages.minutes_before[i] : villages.minutes_after[i]) })]))] : [el("p", {}, t("nobody_outside"))], true),
      fold("merge-list", t("list_merges"), merged.length, [list("merges", merged, (i) => item("site", i, sites.minutes_to_host[i] === null ? "" : t("n_minutes", { n: minutes(sites.minutes_to_host[i]) }), ["→ ", name(sites.name[sites.host[i]]), ...place(sites.township[i], sites.village[i])]))]),
      consortia.length ? fold("consortium-list", t("list_consortia"), consortia.length, [el("p", { class: "hint" }, t("legend_consortia")), list("consortia", consortia.map((_, k) => k), (k) => item("site", consortia[k].lead, t("n_people", { n: people(consortia[k].heads) }), [chip(k), name(consortia[k].townships.join("、")), consortia[k].mean === null ? "" : " · " + t("mean_minutes", { n: minutes(consortia[k].mean) })]))]) : null,
      fold("centre-list", t("list_sub_centres"), centres.length, [list("centres", centres, (i) => item("site", i, served(i) ? t("n_people", { n: people(served(i)) }) : "", [name(sites.township[i])]))]),
      fold("stages", t("stages"), null, [stageTable(), head.given ? el("p", { class: "hint" }, t("stages_given")) : null].filter(Boolean)),
      fold("notes", t("notes"), null, [el("p", {}, t("method_line")),
        el("ul", { class: "plain" }, ...head.standards.map((pair) => el("li", { class: "data" }, speak(pair))), ...head.notes.map((pair) => el("li", { class: "data", dir: "auto" }, speak(pair))), el("li", {}, t("limit_small")))]),
      fold("sources", t("sources"), null, [el("ul", { class: "plain" }, ...head.sources.map(([title, credit, licence]) => el("li", {}, name(title), t("colon"), name(credit), " (", name(licence), ")")), el("li", {}, "Leaflet 1.9.4 (BSD-2-Clause)"))])];
  }
  const results = el("ul", { class: "list" });
  function search() {
    const wanted = state.query.trim().toLowerCase(), hits = [];
    if (wanted) for (const [kind, table] of [["site", sites], ["village", villages]])
      for (let i = 0; i < table.id.length && hits.length < SEARCH_STEP; i++)
        if (table.name[i].toLowerCase().includes(wanted) || table.id[i].toLowerCase() === wanted) hits.push([kind, i]);
    results.replaceChildren(...hits.map(([kind, i]) => item(kind, i, "", kind === "site" ? [speak(data.kinds[sites.kind[i]]), ...place(sites.township[i], sites.village[i])] : [t("village_or_community"), ...place(villages.township[i], null)])));
    if (wanted && !hits.length) results.append(el("li", { class: "hint" }, t("nothing_found")));
  }
  function searchSection() {
    const input = el("input", { type: "search", id: "search", placeholder: t("search"), "aria-label": t("search"), autocomplete: "off",
      on: { input: (event) => { state.query = event.target.value; search(); } } });
    input.value = state.query;
    search();
    return el("section", { class: "search" }, input, results);
  }

  function write() {
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.title = `${speak(head.county)} · ${t("map_title")} · ${speak(head.scenario)}`;
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const node of document.querySelectorAll("[data-label]")) { node.setAttribute("aria-label", t(node.dataset.label)); if (node.tagName === "BUTTON") node.title = t(node.dataset.label); }
    for (const node of document.querySelectorAll("[data-view]")) node.setAttribute("aria-pressed", String(node.dataset.view === state.view));
    for (const node of document.querySelectorAll("[data-lang]")) node.setAttribute("aria-pressed", String(node.dataset.lang === state.lang));
    document.getElementById("content").replaceChildren(...headSection(), view.actions(), searchSection(), view.townshipChoice(), ...legendSection(), el("section", { id: "lists" }, ...listSections()));
    const number = head.review_number ? name(head.review_number) : t("review_none");
    document.getElementById("credit").replaceChildren(el("span", { class: "review" }, el("b", {}, t("internal_map")), " · ", t("review_number"), t("colon"), number, el("br")),
      ...head.sources.flatMap(([, credit, licence]) => [name(credit), " (", name(licence), ") · "]), "Leaflet");
    view.printBar();
    zoomControl.setLabels();
    map.getContainer().setAttribute("aria-label", t("map_label"));
    if (state.open) show(...state.open);
  }

  // ---- start ----
  const zoomControl = L.control.zoom({ position: "topleft" }).addTo(map);
  zoomControl.setLabels = () => { for (const [button, key] of [[zoomControl._zoomInButton, "zoom_in"], [zoomControl._zoomOutButton, "zoom_out"]]) { button.title = t(key); button.setAttribute("aria-label", t(key)); } };
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 130 }).addTo(map);
  for (const layer of stay) map.addLayer(layer);
  const home = () => map.fitBounds(data.bounds, { padding: [16, 16], animate: false });
  const view = window.mapView(map, data, state, { t, el, name, svg, home, shownLayers: DRAW_ORDER, redraw: () => { drawLayers(); resize(); write(); } });
  home();
  view.follow();
  drawLayers();
  map.addLayer(edge);
  resize();
  map.on("zoomend", resize);
  map.on("moveend", nameVillages);
  document.getElementById("fit").addEventListener("click", home);
  for (const node of document.querySelectorAll("[data-view]")) node.addEventListener("click", () => { state.view = node.dataset.view; drawLayers(); nameTownships(); write(); });
  for (const node of document.querySelectorAll("[data-lang]")) node.addEventListener("click", () => {
    state.lang = node.dataset.lang;
    try { localStorage.setItem(KEPT, state.lang); } catch { /* it lasts as long as the page */ }
    if (/[#&]lang=/.test(location.hash)) history.replaceState(null, "", location.hash.replace(/lang=\w+/, "lang=" + state.lang));
    write();
  });
  window.addEventListener("hashchange", () => { if (/[#&]lang=/.test(location.hash)) state.lang = firstLanguage(); view.follow(); drawLayers(); resize(); write(); });
  write();
  window.addEventListener("load", () => { map.invalidateSize(); performance.mark("facilityplan-ready"); document.documentElement.dataset.ready = "yes"; });
})();
