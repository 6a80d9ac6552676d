/* The panel beside the map: the answer, what can be switched and filtered, the lists. And the key: exactly what is on the map. */
"use strict";
window.mapPanel = function (data, state, drawing, onMap, cards, redraw) {
  const { NONE, speak, t, count, people, minutes, print, el, name, svg, symbolIcon, lineIcon, arrowIcon, haloIcon, loadIcon, areaIcon, serviceIcon } = drawing;
  const { sites, villages, head, colours } = data, { place, loadText, loadShare } = cards;
  const LIST_STEP = 60, SEARCH_STEP = 12, WEEK = [1, 2, 3, 4, 5, 6, 7];
  const go = cards.go;

  // ---- the answer ----
  function bar(share, colour, target, height = 12) {
    const full = 200, shapes = [["rect", { x: 0, y: 0, width: full, height, rx: 3, fill: "#00000014" }],
      ["rect", { x: 0, y: 0, width: (full * Math.min(1, share || 0)).toFixed(2), height, rx: 3, fill: colour }]];
    if (target !== null && target !== undefined) shapes.push(["rect", { x: (full * target - 1).toFixed(2), y: -2, width: 2, height: height + 4, fill: colours.ink }]);
    const node = svg(full, height, ...shapes);
    node.setAttribute("preserveAspectRatio", "none");
    return node;
  }
  const tick = (ok) => ok ? svg(16, 16, ["circle", { cx: 8, cy: 8, r: 7, fill: "#00795a" }], ["path", { d: "M4.6 8.2L7 10.6L11.4 5.8", stroke: "#fff", "stroke-width": 1.8, fill: "none" }])
    : svg(16, 16, ["path", { d: "M8 1L15.4 14.5H.6Z", fill: "#c4500a" }], ["path", { d: "M8 5.6V10", stroke: "#fff", "stroke-width": 1.8 }], ["circle", { cx: 8, cy: 12.2, r: 1, fill: "#fff" }]);
  const line = (ok, text) => el("li", {}, tick(ok), el("span", { class: ok ? "" : "warn" }, text));
  function headSection() {
    const tone = head.verdict.endsWith("_not_met") || head.verdict === "verdict_failed" ? "" : head.verdict.endsWith("_met") ? "met" : "plain";
    const share = (k, key) => el("div", { class: "share" }, el("span", {}, t(key)), bar(head.shares[k], k ? "#0072B2" : "#8fa3b5", head.target), el("b", {}, head.share_text[k]));
    return el("section", { id: "answer", tabindex: -1 }, el("h1", {}, name(speak(head.county)), " ", el("span", { class: "whole" }, t("map_title"))),
      el("p", { class: "subtitle" }, t("scenario"), t("colon"), name(speak(head.scenario))),
      el("div", { class: "verdict " + tone, id: "verdict" }, el("h2", {}, t(head.verdict)), el("p", { class: "data" }, speak(head.standard)),
        share(0, "view_before"), share(1, "view_after"), head.target === null ? null : el("p", { class: "target" }, t("target_is", { share: head.target_text })),
        head.moves === null ? null : el("p", { class: "moves" }, speak(head.moves)),
        ...head.further.map(([text, before, after, moves]) => el("p", { class: "further" }, el("span", { class: "data" }, speak(text)), t("colon"), `${before} → `, el("b", {}, after),
          speak(moves) ? t("comma") : "", el("b", { class: "moves" }, speak(moves))))),
      el("ul", { class: "lines", id: "proof" }, line(head.proven, speak(head.proof)), line(head.verified_ok, speak(head.verified)),
        head.binds ? null : line(false, t("does_not_bind")), head.reproducible ? null : line(false, t("not_reproducible"))),
      el("dl", { class: "figures" }, ...head.figures.map(([key, before, after, unit]) => el("div", { class: unit === "count" ? "" : "wide" }, el("dt", {}, t(key)),
        el("dd", {}, before === null ? null : el("span", { class: "was" }, print[unit](before) + " → "), print[unit](after))))));
  }

  // ---- the key: exactly what is on the map ----
  const shown = (key) => !state.hidden.has(key) && onMap.has(key);
  const square = (colour) => svg(24, 14, ["rect", { x: 3, y: 0, width: 18, height: 14, rx: 3, fill: colour }]);
  const rangeText = ({ low, high }) => low === null ? t("unreachable") : high === null ? t("more_than", { low: count(low) }) : low === 0 ? t("up_to", { high: count(high) }) : t("from_to", { low: count(low), high: count(high) });
  const other = () => onMap.fate() === "before" ? "after" : "before";
  const circleIcon = (when) => lineIcon(colours[when], when === "before" ? "5 3" : null);
  const dayText = () => state.day === null ? "" : t("in_brackets", { text: t("weekday_" + state.day) });
  function keyRows() {
    const rows = [], now = onMap.fate() === "before" ? 0 : 1, add = (group, icon, ...text) => rows.push([group, icon, text]);
    for (const key of onMap.SYMBOLS) if (shown(key) && onMap.tally(key)) add("places", symbolIcon(key), t("symbol_" + key));
    if (shown("merges")) add("places", arrowIcon(colours.merge), t("layer_merges"));
    if (shown("routes")) add("places", lineIcon(colours.service, null, 2.6), t("layer_routes"), dayText());
    if (shown("services")) add("places", lineIcon(colours.service, "5 5", 1.6), t("layer_services"), dayText());
    if (shown("centres")) add("places", serviceIcon(), t("services_legend"));
    if (shown("loads")) add("places", loadIcon(.7, 22), t("layer_loads"));
    if (shown("loads") && sites.load.some((one) => one && loadShare(one) > 1)) add("places", loadIcon(1.2, 22), t("load_over"));
    if (shown("minutes")) for (const row of data.minutes) if (row.people[now] !== 0) add("minutes", square(row.colour), rangeText(row));
    if (shown("change")) for (const [key, colour, heads] of data.changes) if (heads !== 0) add("change", square(colour), t("added_" + key));
    if (shown("outside") && villages[now ? "out_after" : "out_before"].some((n) => n !== 0)) add(state.view === "change" ? "change" : "minutes", haloIcon(colours.outside), t("layer_outside"));
    if (shown("circle")) add("areas", circleIcon(onMap.fate()), t("layer_circle_" + onMap.fate()));
    if (shown("circle_other")) add("areas", circleIcon(other()), t("layer_circle_" + other()));
    if (shown("consortia")) onMap.consortia.forEach((one, k) => { if (one.code) add("areas", areaIcon(one.colour), chip(one.colour, onMap.marks.consortium(k)), name(sites.name[one.lead]), t("key_consortium")); });
    if (shown("catchments")) onMap.catchments.forEach((one, k) => { if (one.code) add("areas", areaIcon(one.colour, "4 3"), chip(one.colour, onMap.marks.catchment(k)), name(sites.name[one.centre]), t("key_catchment")); });
    for (const road of onMap.roads) if (shown(road.key)) add("ground", lineIcon(road.colour, null, Math.max(1.2, road.weight)), t(road.key));
    if (data.lines.water) add("ground", square(colours.water), t("layer_water"));
    add("ground", lineIcon(colours.boundary, "8 3 2 3", 1.6), t("layer_boundary"));
    return rows;
  }
  const titleOf = { places: "legend_places", minutes: "legend_minutes", change: "legend_change_here", areas: "legend_areas", ground: "legend_ground" };
  function key() {
    const rows = keyRows(), groups = Object.keys(titleOf).map((group) => [group, rows.filter((row) => row[0] === group)]).filter(([, some]) => some.length);
    return groups.map(([group, some]) => el("div", { class: "group" }, el("h3", {}, t(titleOf[group])), el("ul", {}, ...some.map(([, icon, text]) => el("li", {}, icon, el("span", {}, ...text))))));
  }

  // ---- what can be switched ----
  function toggle(key, icon, text, number) {
    const box = el("input", { type: "checkbox", "data-layer": key, on: { change: (event) => {
      if (event.target.checked) state.hidden.delete(key); else state.hidden.add(key);
      redraw(); } } });
    box.checked = !state.hidden.has(key);
    return el("li", {}, el("label", {}, box, icon, el("span", {}, text), el("span", { class: "count" }, number === undefined ? "" : count(number))));
  }
  const chip = (colour, text) => {
    const node = el("b", { class: "chip" }, text);
    node.style.color = colour;
    return node;
  };
  function shadeRows() {
    const now = onMap.fate() === "before" ? 0 : 1, change = state.view === "change";
    const rows = change ? data.changes.filter(([, , heads]) => heads !== 0).map(([key, colour, heads]) => ({ colour, text: t("added_" + key), heads }))
      : data.minutes.map((row, k) => ({ colour: row.colour, text: rangeText(row), heads: row.people[now], limit: k && data.minutes[k - 1].inside && !row.inside ? row.low : null }));
    const top = Math.max(1, ...rows.map((row) => row.heads));
    return rows.flatMap((row) => {
      const long = bar(Math.max(0, row.heads) / top, row.colour, null, 9);
      long.setAttribute("class", "bar");
      return [row.limit === null || row.limit === undefined ? null : el("li", { class: "limit" }, t("limit_here", { limit: count(row.limit) })),
        el("li", { class: "shade" }, el("span", {}), svg(18, 14, ["rect", { x: 0, y: 0, width: 18, height: 14, rx: 3, fill: row.colour }]), el("span", {}, row.text), long, el("span", { class: "count" }, people(row.heads)))];
    }).filter(Boolean);
  }
  function legendSections() {
    const list = (...rows) => el("ul", { class: "legend" }, ...rows.filter(Boolean)), when = onMap.fate();
    const places = onMap.SYMBOLS.filter((key) => onMap.tally(key)).map((key) => toggle(key, symbolIcon(key), t("symbol_" + key), onMap.tally(key)));
    for (const [key, icon] of [["merges", arrowIcon(colours.merge)], ["routes", lineIcon(colours.service, null, 2.6)], ["services", lineIcon(colours.service, "5 5", 1.6)], ["loads", loadIcon(.7, 22)]])
      if (onMap.has(key)) places.push(toggle(key, icon, t("layer_" + key)));
    if (onMap.has("centres")) places.push(toggle("centres", serviceIcon(), t("services_legend"), onMap.count.centres));
    const people_ = state.view === "change"
      ? [toggle("change", svg(24, 12, ["rect", { x: 1, y: 1, width: 11, height: 10, fill: data.changes[0][1] }], ["rect", { x: 12, y: 1, width: 11, height: 10, fill: data.changes[3][1] }]), t("layer_change"))]
      : [toggle("minutes", svg(24, 12, ["rect", { x: 1, y: 1, width: 11, height: 10, fill: data.minutes[1].colour }], ["rect", { x: 12, y: 1, width: 11, height: 10, fill: data.minutes[3].colour }]), t("layer_minutes"))];
    const circles = [["circle", when], ["circle_other", other()]].filter(([key]) => onMap.has(key)).map(([key, of]) => toggle(key, circleIcon(of), t("layer_circle_" + of)));
    const areas = [onMap.has("consortia") ? toggle("consortia", areaIcon(onMap.consortia[0].colour), t("layer_consortia"), onMap.consortia.length) : null,
      onMap.has("catchments") ? toggle("catchments", areaIcon(onMap.catchments[0].colour, "4 3"), t("layer_catchments"), onMap.catchments.length) : null];
    return [
      el("section", { id: "legend", tabindex: -1 }, el("h2", {}, t("legend_places")), list(...places)),
      el("section", { id: "shades" }, el("h2", {}, t(state.view === "change" ? "legend_change_here" : "legend_minutes")), list(...people_, ...shadeRows(),
        onMap.has("outside") ? toggle("outside", haloIcon(colours.outside), t("layer_outside")) : null)),
      circles.length || areas.some(Boolean) ? el("section", { id: "areas" }, el("h2", {}, t("legend_areas")), list(...circles, ...areas)) : null,
      el("section", { id: "ground-layers" }, el("h2", {}, t("legend_ground")), list(...onMap.roads.map((road) => toggle(road.key, lineIcon(road.colour, null, Math.max(1.2, road.weight)), t(road.key))),
        toggle("township_names", svg(24, 12), t("layer_townships")), toggle("village_names", svg(24, 12), t("layer_villages"))))].filter(Boolean);
  }

  // ---- lists ----
  const item = (kind, i, value, sub, icon) => el("li", {}, el("button", { type: "button", "data-go": `${kind}:${i}`, on: { click: () => go(kind, i) } },
    el("span", { class: "main data", dir: "auto" }, (kind === "site" ? sites : villages).name[i]), el("span", { class: "value" }, icon || null, value), el("span", { class: "sub" }, ...sub)));
  function list(id, rows, build) {
    const some = state.all.has(id) ? rows : rows.slice(0, LIST_STEP), box = el("div", {});
    box.append(el("ul", { class: "list" }, ...some.map(build)));
    if (some.length < rows.length) box.append(el("button", { type: "button", class: "more", on: { click: () => { state.all.add(id); box.replaceWith(list(id, rows, build)); } } }, t("show_all", { n: count(rows.length) })));
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
  const all = (table) => table.id.map((_, i) => i);
  function outsideList() {
    const column = onMap.fate() === "before" ? villages.out_before : villages.out_after, mean = onMap.fate() === "before" ? villages.minutes_before : villages.minutes_after;
    const size = (v) => column[v] === data.few[0] ? .5 : column[v];
    const out = all(villages).filter((v) => size(v) > 0 && onMap.inTownship(villages, v)).sort((a, b) => size(b) - size(a) || a - b);
    return fold("outside-list", t("list_outside"), out.length, out.length ? [el("p", { class: "hint" }, t("list_outside_hint")),
      list("outside", out, (v) => item("village", v, t("n_people", { n: people(column[v]) }), [name(villages.township[v]), " · ", t("mean_minutes", { n: minutes(mean[v]) })]))] : [el("p", {}, t("nobody_outside"))], true);
  }
  function loadList() {
    const rows = all(sites).filter((i) => sites.load[i] !== null && onMap.showsSite(i)).sort((a, b) => loadShare(sites.load[b]) - loadShare(sites.load[a]) || a - b);
    if (!sites.load.some((one) => one !== null)) return null;
    return fold("load-list", t("list_loads"), rows.length, [el("p", { class: "hint" }, t("list_loads_hint")), list("loads", rows, (i) => {
      const share = loadShare(sites.load[i]);
      return item("site", i, loadText(sites.load[i]), [t("symbol_" + sites.after[i]), ...place(sites.township[i], null), share > 1 ? el("b", { class: "warn" }, " · ", t("load_over")) : null].filter(Boolean), loadIcon(share, 20));
    })]);
  }
  function serviceList() {
    const visited = all(villages).filter((v) => onMap.VISITED.includes(villages.mode[v]));
    if (!visited.length) return null;
    const rows = visited.filter((v) => onMap.inTownship(villages, v) && (state.day === null || onMap.comesOn(data.village_comings[v])));
    const shownDays = (v) => data.village_comings[v].filter(([day]) => state.day === null || day === state.day).map((one) => state.day === null ? [one[0], null, null, null] : one);
    const pick = (day, text) => el("button", { type: "button", "data-day": day === null ? "" : day, "aria-pressed": String(state.day === day), on: { click: () => { state.day = day; redraw(); } } }, text);
    return fold("service-list", t("list_visits"), rows.length, [
      el("div", { class: "days", role: "group", "aria-label": t("day_label") }, pick(null, t("every_day")), ...WEEK.map((day) => pick(day, t("weekday_" + day)))),
      el("p", { class: "hint" }, t("days_hint")),
      rows.length ? list("services", rows, (v) => item("village", v, cards.comings(shownDays(v)), [speak(data.modes[villages.mode[v]]), t("colon"), villages.host[v] === null ? NONE : name(sites.name[villages.host[v]]), ...place(villages.township[v], null)]))
        : el("p", {}, t("nobody_visited"))], true);
  }
  function listSections() {
    const merged = all(sites).filter((i) => sites.host[i] !== null && onMap.showsSite(i));
    return el("section", { id: "lists", tabindex: -1 },
      outsideList(), serviceList(),
      fold("merge-list", t("list_merges"), merged.length, [list("merges", merged, (i) => item("site", i, sites.minutes_to_host[i] === null ? "" : t("n_minutes", { n: minutes(sites.minutes_to_host[i]) }), ["→ ", name(sites.name[sites.host[i]]), ...place(sites.township[i], sites.village[i])]))]),
      loadList(),
      onMap.consortia.length ? fold("consortium-list", t("list_consortia"), onMap.consortia.length, [el("p", { class: "hint" }, t("legend_consortia")), list("consortia", onMap.consortia.map((_, k) => k), (k) => {
        const one = onMap.consortia[k];
        return item("site", one.lead, t("n_people", { n: people(one.heads) }), [chip(one.colour, onMap.marks.consortium(k)), name(one.townships.join(t("and_so"))), one.mean === null ? "" : " · " + t("mean_minutes", { n: minutes(one.mean) })]);
      })]) : null,
      onMap.catchments.length ? fold("centre-list", t("list_sub_centres"), onMap.catchments.length, [el("p", { class: "hint" }, t("catchment_hint")), list("centres", onMap.catchments.map((_, k) => k), (k) => {
        const one = onMap.catchments[k];
        return item("site", one.centre, t("n_people", { n: people(one.heads) }), [chip(one.colour, onMap.marks.catchment(k)), name(one.townships.join(t("and_so")))]);
      })]) : null,
      fold("stages", t("stages"), null, [stageTable(), head.given ? el("p", { class: "hint" }, t("stages_given")) : null].filter(Boolean)),
      fold("notes", t("notes"), null, [el("p", {}, t("method_line")),
        el("ul", { class: "plain" }, ...head.standards.map((pair) => el("li", { class: "data" }, speak(pair))), ...head.notes.map((pair) => el("li", { class: "data", dir: "auto" }, speak(pair))), el("li", {}, t("areas_note")), el("li", {}, t("limit_small")))]),
      fold("sources", t("sources"), null, [el("ul", { class: "plain" }, ...head.sources.map(([title, credit, licence, date]) => el("li", {}, name(title), t("colon"), name(credit), " (", name(licence), ")", date === null ? "" : t("comma"), date === null ? "" : name(date))), el("li", {}, "Leaflet 1.9.4 (BSD-2-Clause)"))]));
  }
  const results = el("ul", { class: "list", id: "results" });
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
  return { key, headSection, searchSection, legendSections, listSections };
};
