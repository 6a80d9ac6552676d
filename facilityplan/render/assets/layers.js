/* What lies on the map: every layer by its key, which of them show in which view, what a filter leaves out. Folium has made the
   panes, the images and one empty group for each symbol and view; this fills them. */
"use strict";
window.mapLayers = function (map, data, state, drawing, opened) {
  const { el, Place, Load, Arrow, Area, unpack } = drawing, { sites, villages, lines, colours } = data;
  const VIEWS = ["before", "after", "change"], FATES = ["before", "after"];
  const VILLAGE_NAMES_FROM_ZOOM = 13;
  const SYMBOLS = ["kept", "host", "today", "merged", "circuit", "neighbour", "posted", "built", "no_doctor", "private", "no_clinic", "hospital", "hospital_works",
    "hospital_left", "sub_centre", "county_hospital"];
  const FROM_BELOW = ["no_clinic", "private", "no_doctor", "kept", "today", "host", "merged", "circuit", "neighbour", "posted", "built", "hospital_left", "hospital",
    "hospital_works", "county_hospital", "sub_centre"];
  const CLOSED = ["merged", "circuit", "neighbour", "hospital_left"], VISITED = ["circuit", "neighbour"];
  const scale = () => drawing.scale(map);
  const fate = () => state.view === "before" ? "before" : "after"; // the change is shown on the plan's sites
  const renderer = Object.fromEntries(["base", "circle", "places"].map((pane) => [pane, L.canvas({ pane, padding: .25, tolerance: 4 })]));
  const drawn = (pane, options) => ({ pane, renderer: renderer[pane], interactive: false, smoothFactor: 1, ...options });
  const at = (table, i) => [table.lat[i], table.lon[i]];
  const layers = {}; // key → view → [Leaflet layers]
  const inViews = (views, list) => Object.fromEntries(VIEWS.map((view) => [view, views.includes(view) ? list : []]));
  const planned = ["after", "change"];

  // ---- ground ----
  if (data.basemap) L.tileLayer(data.basemap, { maxZoom: 18 }).addTo(map); // the policy lets nothing but https through
  const boundary = unpack(lines.boundary);
  L.polygon(boundary, drawn("base", { stroke: false, fillColor: colours.land, fillOpacity: data.basemap ? 0 : 1 })).addTo(map);
  if (lines.water) L.polygon(unpack(lines.water), drawn("base", { stroke: false, fillColor: colours.water, fillOpacity: 1 })).addTo(map);
  const roads = lines.roads.map(([key, colour, weight]) => ({ key, colour, weight })).reverse(); // drawn from the last, listed from the first
  lines.roads.forEach(([key, color, weight, code]) => {
    layers[key] = inViews(VIEWS, [L.polyline(unpack(code), drawn("base", { color, weight, opacity: 1, smoothFactor: 1.4 }))]);
  });
  const edge = L.polyline(boundary, drawn("base", { color: colours.boundary, weight: 1.6, dashArray: "8 3 2 3" }));

  // ---- people and the circle ----
  layers.minutes = { before: [window.image_overlay_minutes_before], after: [window.image_overlay_minutes_after], change: [] };
  layers.change = inViews(["change"], [window.image_overlay_change]);
  layers.outside = { before: [window.image_overlay_outside_before], after: [window.image_overlay_outside_after], change: [] };
  const outline = (when) => lines[when] ? [
    L.polyline(unpack(lines[when]), drawn("circle", { color: "#ffffff", weight: 3.4, opacity: .7 })),
    L.polygon(unpack(lines[when]), drawn("circle", { color: colours[when], weight: 1.7, fillOpacity: .04, dashArray: when === "before" ? "7 4" : null }))] : [];
  const circle = { before: outline("before"), after: outline("after") };
  layers.circle = { before: circle.before, after: circle.after, change: circle.after };
  layers.circle_other = { before: circle.after, after: circle.before, change: circle.before };

  // ---- areas ----
  const catchments = data.catchments.map(([centre, colour, heads, townships, code]) => ({ centre, colour, heads, townships, code }));
  const consortia = data.consortia.map(([lead, colour, heads, mean, townships, code]) => ({ lead, colour, heads, mean, townships, code }));
  const marks = { consortium: (k) => k < 20 ? String.fromCodePoint(0x2460 + k) : `(${k + 1})`, catchment: (k) => k < 26 ? String.fromCodePoint(0x24B6 + k) : `(${k + 1})` };
  const areas = (list, options) => list.filter((one) => one.code).map((one) => new Area(unpack(one.code), drawn("circle", { color: one.colour, ...options })));
  layers.consortia = inViews(planned, areas(consortia, { band: 7, weight: 1.4 }));
  const letters = catchments.map((one, k) => label(marks.catchment(k), at(sites, one.centre), "letter", one.colour));
  layers.catchments = inViews(planned, [...areas(catchments, { band: 4, weight: 1.6, dashArray: "6 4" }), ...letters]);

  // ---- ways between places ----
  const arrows = [], services = [], markers = [], loads = [];
  sites.id.forEach((_, i) => {
    if (sites.host[i] === null) return;
    const arrow = new Arrow([at(sites, i), at(sites, sites.host[i])], drawn("places", { color: colours.merge, weight: 2 }));
    arrow.site = i;
    arrows.push(arrow);
  });
  layers.merges = inViews(planned, arrows);
  function service(from, to, site, village) {
    const line = L.polyline([from, to], drawn("places", { color: colours.service, weight: 1.6, dashArray: "5 5" }));
    Object.assign(line, { site, village });
    services.push(line);
  }
  const rounds = data.routes.map(([base, day, team, leaves, returns, stops, line]) => ({ base, day, team, leaves, returns, stops, line }));
  const onRound = new Set(rounds.flatMap((one) => one.stops.map(([kind, i]) => kind + i))); // their way is drawn along the roads
  sites.id.forEach((_, i) => { if (sites.served_from[i] !== null && !onRound.has("site" + i)) service(at(sites, i), at(sites, sites.served_from[i]), i, sites.village[i]); });
  villages.id.forEach((_, v) => {
    if (VISITED.includes(villages.mode[v]) && villages.host[v] !== null && !onRound.has("village" + v) && !sites.village.some((one, k) => one === v && sites.served_from[k] !== null))
      service(at(villages, v), at(sites, villages.host[v]), null, v);
  });
  layers.services = inViews(planned, [L.featureGroup()]);
  const ways = data.route_lines.map((code) => L.featureGroup(["#ffffff", colours.service].map((color, k) => L.polyline(unpack(code), drawn("places", { color, weight: k ? 2.6 : 5, opacity: k ? 1 : .8 })))));
  layers.routes = inViews(planned, [L.featureGroup()]);
  const turns = L.layerGroup(); // on one day: in what order the stops are visited, and when

  // ---- sites, loads, villages ----
  sites.id.forEach((_, i) => {
    const load = sites.load[i];
    if (load === null) return;
    const ring = new Load(at(sites, i), drawn("places", { radius: 1, share: Math.max(0, load[0]) / load[1], colours: { room: colours.load_room, load: colours.load, over: colours.load_over } }));
    ring.site = i;
    loads.push(ring);
  });
  layers.loads = inViews(planned, loads);
  for (const key of SYMBOLS) {
    const [before, after] = FATES.map((when) => [window[`feature_group_${when}_${key}`]]);
    layers[key] = { before, after, change: after };
  }
  function addPlace(when, key, kind, i, table) {
    const marker = new Place(at(table, i), { pane: "places", renderer: renderer.places, radius: 1, weight: 1.6, symbol: data.symbols[key], bubblingMouseEvents: false });
    Object.assign(marker, { size: data.symbols[key][3], kind, i });
    marker.on("click", () => opened(kind, i));
    markers.push(marker);
    window[`feature_group_${when}_${key}`].addLayer(marker);
  }
  for (const when of FATES) for (const key of FROM_BELOW) sites.id.forEach((_, i) => { if (sites[when][i] === key) addPlace(when, key, "site", i, sites); });
  const standing = { before: new Set(), after: new Set() }, hadClinic = new Set();
  sites.id.forEach((_, i) => {
    if (sites.before[i]) hadClinic.add(sites.village[i]);
    for (const when of FATES) if (sites[when][i] && !CLOSED.includes(sites[when][i])) standing[when].add(sites.village[i]);
  });
  const villageKey = (v) => VISITED.includes(villages.mode[v]) ? villages.mode[v] : "no_clinic";
  const alone = { before: [], after: [] }; // villages that are drawn themselves, as no site stands for them
  villages.id.forEach((_, v) => { for (const when of FATES)
    if (!standing[when].has(v) && !(when === "after" && hadClinic.has(v))) {
      alone[when].push(v);
      addPlace(when, when === "after" ? villageKey(v) : "no_clinic", "village", v, villages);
    } });

  // ---- filters: one township, one decision, one day of the week ----
  const comesOn = (list) => list.some(([day]) => day === state.day);
  const visitedOn = (v) => state.day === null || v === null || !VISITED.includes(villages.mode[v]) || comesOn(data.village_comings[v]);
  const inTownship = (table, i) => state.township === null || table.township[i] === state.township;
  const showsSite = (i) => inTownship(sites, i) && (state.decision === null || sites.after[i] === state.decision) && visitedOn(sites.village[i]);
  const showsRound = (one) => inTownship(sites, one.base) && (state.decision === null || state.decision === "circuit") && (state.day === null || one.day === state.day);
  const showsVillage = (v) => inTownship(villages, v) && (state.decision === null || villageKey(v) === state.decision && alone.after.includes(v)) && visitedOn(v);
  const decisions = SYMBOLS.filter((key) => sites.after.includes(key) || alone.after.some((v) => villageKey(v) === key));

  // ---- names ----
  function label(text, where, kind, colour) {
    const inner = el("span", { class: "data", dir: "auto" }, text);
    if (colour) inner.style.color = colour;
    return L.marker(where, { pane: "names", interactive: false, keyboard: false, icon: L.divIcon({ className: "name " + kind, iconSize: [0, 0], html: inner }) });
  }
  const consortiumOf = new Map(consortia.flatMap((one, k) => one.townships.map((township) => [township, k])));
  const townshipNames = L.layerGroup(), villageNames = L.layerGroup();
  layers.township_names = inViews(VIEWS, [townshipNames]);
  layers.village_names = inViews(VIEWS, [villageNames]);
  const meet = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
  function nameTownships() { // the larger first, clear of hospitals and of other names; one without room waits for a closer look
    const size = scale(), taken = [];
    townshipNames.clearLayers();
    const large = sites.id.flatMap((_, i) => ["hospital", "hospital_works", "sub_centre", "county_hospital"].includes(sites[fate()][i]) ? [i] : []).map((i) => {
      const { x, y } = map.latLngToLayerPoint(at(sites, i)), r = data.symbols[sites[fate()][i]][3] * size;
      return [x - r, y - r, x + r, y + r];
    });
    for (const [text, lat, lon] of data.townships) {
      const k = state.view !== "before" && !state.hidden.has("consortia") ? consortiumOf.get(text) : undefined;
      const { x, y } = map.latLngToLayerPoint([lat, lon]), shown = Array.from(text).length, glyph = /^[\x00-\u02ff]*$/.test(text) ? 8 : 15;
      const half = (Math.min(glyph * shown, 180) + (k === undefined ? 0 : 20)) / 2 + 2, away = 11 * size + 3, apart = size < .7 ? 9 : 0;
      const box = ([dx, dy]) => [x + dx - half, y + dy - 9, x + dx + half, y + dy + 9], wide = ([left, top, right, bottom]) => [left - apart, top - apart, right + apart, bottom + apart];
      const free = [[0, away + 8], [0, -away - 8], [away + half, 0], [-away - half, 0], [0, away + 20], [0, -away - 20]].map((by) => [by, box(by)])
        .filter(([, one]) => !taken.some((other) => meet(wide(one), other)))
        .map(([by, one]) => [large.filter((other) => meet(one, other)).length, by, one]).sort((a, b) => a[0] - b[0])[0];
      if (!free) continue;
      taken.push(free[2]);
      const marker = label(text, [lat, lon], "township", k === undefined ? null : consortia[k].colour), inner = marker.options.icon.options.html;
      if (k !== undefined) inner.append(" ", el("b", {}, marks.consortium(k)));
      inner.style.transform = `translate(calc(-50% + ${free[1][0].toFixed(1)}px), calc(-50% + ${free[1][1].toFixed(1)}px))`;
      townshipNames.addLayer(marker);
    }
  }
  function nameVillages() {
    villageNames.clearLayers();
    if (map.getZoom() < VILLAGE_NAMES_FROM_ZOOM) return;
    const bounds = map.getBounds().pad(.2);
    villages.id.forEach((_, v) => { if (bounds.contains(at(villages, v))) villageNames.addLayer(label(villages.name[v], at(villages, v), "village")); });
  }

  // Service centres have no place of their own: a badge at the hospital that hosts some.
  const hosting = sites.id.flatMap((_, i) => sites.services[i].length ? [i] : []);
  layers.centres = inViews(planned, hosting.map((i) => label(drawing.serviceIcon(), at(sites, i), "badge")));

  // ---- what is on the map ----
  const ORDER = [...lines.roads.map(([key]) => key), "minutes", "change", "outside", "consortia", "catchments", "circle_other", "circle", "routes", "services", "merges", "loads", ...FROM_BELOW, "centres",
    "township_names", "village_names"];
  const areaOf = new Map(Object.entries(data.township_areas));
  let focus = null; // the outline of the one township that is looked at
  function draw() {
    for (const list of [markers, loads, arrows]) for (const one of list)
      one.options.dim = one.kind === "village" ? !showsVillage(one.i) : !showsSite(one.kind ? one.i : one.site);
    layers.services.after[0].clearLayers();
    for (const line of services) if (line.site === null ? showsVillage(line.village) : showsSite(line.site)) layers.services.after[0].addLayer(line);
    layers.routes.after[0].clearLayers();
    turns.clearLayers();
    for (const one of rounds) if (showsRound(one)) {
      layers.routes.after[0].addLayer(ways[one.line]);
      if (state.day !== null) one.stops.forEach(([kind, i, arrives], k) => turns.addLayer(label(`${k + 1} · ${arrives}`, at(kind === "site" ? sites : villages, i), "stop")));
    }
    if (state.view !== "before" && !state.hidden.has("routes")) turns.addTo(map); else map.removeLayer(turns);
    const wanted = new Set(ORDER.flatMap((key) => state.hidden.has(key) ? [] : layers[key][state.view]));
    for (const key of ORDER) for (const view of VIEWS) for (const layer of layers[key][view]) if (!wanted.has(layer) && map.hasLayer(layer)) map.removeLayer(layer);
    for (const layer of wanted) if (!map.hasLayer(layer)) map.addLayer(layer);
    for (const key of ["routes", "services", "merges", "loads", ...FROM_BELOW]) if (!state.hidden.has(key))
      for (const layer of layers[key][state.view]) if (layer.bringToFront) layer.bringToFront();
    if (focus) map.removeLayer(focus);
    const code = areaOf.get(state.township);
    focus = code ? new Area(unpack(code), drawn("circle", { color: colours.ink, band: 5, weight: 1.2 })).addTo(map) : null;
    nameTownships();
  }
  function resize() {
    const size = scale();
    for (const marker of markers) { marker.options.radius = marker._radius = marker.size * size; if (marker._map) marker.redraw(); }
    for (const ring of loads) { ring.options.radius = ring._radius = data.symbols[sites.after[ring.site]][3] * size + 4; if (ring._map) ring.redraw(); }
    nameTownships();
    const width = Math.min(1.6, Math.max(.45, .6 + (map.getZoom() - 9.75) * .22));
    for (const road of roads) layers[road.key].after[0].setStyle({ weight: road.weight * width });
    const fine = Math.min(1, Math.max(.35, 1 - (10.75 - map.getZoom()) * .4)); // a whole city's circles are one thicket of lines
    for (const when of FATES) circle[when].forEach((line, k) => line.setStyle({ weight: (k ? 1.7 : 3.4) * fine, opacity: k ? fine : .7 * fine }));
    map.getContainer().classList.toggle("crisp", map.getZoom() >= 12.5);
  }
  const tally = (key) => sites[fate()].filter((one) => one === key).length + alone[fate()].filter((v) => (fate() === "before" ? "no_clinic" : villageKey(v)) === key).length;
  const count = { centres: hosting.length };
  const has = (key) => key === "routes" ? state.view !== "before" && rounds.length > 0 : key === "services" ? state.view !== "before" && services.length > 0 : layers[key][state.view].length > 0;
  return { layers, roads, SYMBOLS, CLOSED, VISITED, ORDER, VIEWS, catchments, consortia, marks, decisions, showsSite, showsVillage, inTownship, villageKey, alone,
    rounds, showsRound, comesOn, fate, tally, count, has, draw, resize, nameVillages, finish: () => map.addLayer(edge) };
};
