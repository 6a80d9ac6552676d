/* What a reader does with the whole map: link to a place and a set of layers, look at one township or one decision, print on A3. */
"use strict";
window.mapView = function (map, data, state, drawing, onMap, { home, redraw }) {
  const { t, el, name, speak, svg } = drawing, PHONE = window.matchMedia("(max-width: 760px)");

  // ---- the address: #map=lat,lon,zoom&view=after&off=minutes,loads&township=…&decision=merged&day=3&lang=zh ----
  const read = () => new URLSearchParams(location.hash.slice(1));
  const townships = [...new Set(data.villages.township.filter((one) => one !== null))].sort((a, b) => a.localeCompare(b, "zh"));
  function follow() {
    const asked = read(), place = (asked.get("map") || "").split(",").map(Number), day = Number(asked.get("day"));
    if (place.length === 3 && place.every(Number.isFinite) && Math.abs(place[0]) <= 85 && Math.abs(place[1]) <= 180)
      map.setView([place[0], place[1]], Math.min(18, Math.max(7, place[2])), { animate: false });
    if (onMap.VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
    if (asked.has("off")) state.hidden = new Set(asked.get("off").split(",").filter((key) => onMap.ORDER.includes(key)));
    state.township = townships.includes(asked.get("township")) ? asked.get("township") : null;
    state.decision = onMap.decisions.includes(asked.get("decision")) ? asked.get("decision") : null;
    state.day = Number.isInteger(day) && day >= 1 && day <= 7 ? day : null;
  }
  function address() {
    const now = read(), centre = map.getCenter();
    now.set("map", [centre.lat.toFixed(5), centre.lng.toFixed(5), map.getZoom()].join(","));
    now.set("view", state.view);
    now.set("off", [...state.hidden].sort().join(","));
    for (const key of ["township", "decision", "day"]) if (state[key] === null) now.delete(key); else now.set(key, state[key]);
    return "#" + now.toString();
  }
  const say = (key) => { document.getElementById("status").textContent = t(key); document.getElementById("linked").textContent = t(key); };
  async function share() {
    history.replaceState(null, "", address());
    try { await navigator.clipboard.writeText(location.href); say("link_copied"); } catch { say("link_in_address"); }
  }

  // ---- one township, one decision ----
  function choice(id, key, none, options, chosen, pick) {
    const select = el("select", { id, on: { change: (event) => { pick(event.target.value || null); redraw(); } } },
      el("option", { value: "" }, t(none)), ...options.map(([value, text, data_]) => el("option", { value, class: data_ ? "data" : null, selected: value === chosen }, text)));
    return el("div", {}, el("label", { for: id }, t(key)), select);
  }
  function filters() {
    return el("section", { class: "filter", id: "filters" },
      choice("township", "township_filter", "township_all", townships.map((one) => [one, one, true]), state.township, (one) => { state.township = one; goTo(); }),
      choice("decision", "decision_filter", "decision_all", onMap.decisions.map((key) => [key, t("symbol_" + key), false]), state.decision, (one) => { state.decision = one; }));
  }
  function goTo() {
    if (state.township === null) { home(); return; }
    const at = data.villages.township.flatMap((one, i) => one === state.township ? [[data.villages.lat[i], data.villages.lon[i]]] : []);
    if (at.length) map.fitBounds(L.latLngBounds(at).pad(.15), { animate: false, maxZoom: 14 });
  }

  // ---- print ----
  const printing = () => document.documentElement.classList.contains("print-view");
  function printed(on) {
    document.documentElement.classList.toggle("print-view", on);
    const key = document.getElementById("key");
    if (on) document.getElementById("panel").append(key); else document.getElementById("ground").after(key);
    key.open = on || !PHONE.matches;
    map.closePopup();
    map.invalidateSize({ animate: false });
    if (state.township === null) home(); else goTo();
    if (on) window.scrollTo(0, 0);
    document.getElementById(on ? "print-now" : "print-view").focus({ preventScroll: true });
  }
  const button = (id, key, run) => el("button", { type: "button", id, on: { click: run } }, t(key));
  function actions() {
    return el("section", { class: "actions" }, button("share", "share", share), button("print-view", "print_view", () => printed(true)), el("span", { id: "linked", class: "hint" }));
  }
  function filterParts() {
    const parts = [state.township === null ? null : [t("township_filter"), state.township], state.decision === null ? null : [t("decision_filter"), t("symbol_" + state.decision)],
      state.day === null ? null : [t("day_label"), t("weekday_" + state.day)]].filter(Boolean);
    return parts;
  }
  const filterText = () => filterParts().flatMap(([label, value]) => [" · ", label, t("colon"), name(value)]);
  // What a filter leaves out stays on the map as a shadow: the key says so.
  const filterNote = () => filterParts().length ? el("p", { class: "filtered" }, ...filterParts().flatMap(([label, value]) => [label, t("colon"), name(value), t("comma")]), t("rest_is_faint")) : "";
  function printBar() {
    document.getElementById("print-bar").replaceChildren(button("print-now", "print_now", () => window.print()), button("print-back", "print_back", () => printed(false)));
    const { head } = data, dated = head.sources.filter((source) => source[3] !== null);
    document.getElementById("print-title").replaceChildren(el("b", {}, name(speak(head.county)), " ", t("map_title")), " · ", name(speak(head.scenario)), " · ", t("view_" + (state.view === "change" ? "added" : state.view)), ...filterText());
    document.getElementById("print-foot").replaceChildren(
      el("div", {}, el("b", {}, t("internal_map")), " · ", t("review_number"), t("colon"), head.review_number ? name(head.review_number) : "________________"),
      el("div", {}, t("data_dates"), t("colon"), ...(dated.length ? dated.flatMap(([title, , , date], k) => [k ? t("comma") : "", name(title), t("in_brackets", { text: date })]) : [t("not_stated")])));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && printing()) printed(false); });

  const north = L.control({ position: "topright" });
  north.onAdd = () => {
    const mark = el("div", { class: "north", "aria-hidden": "true" });
    mark.append(svg(22, 34, ["path", { d: "M11 1L19 24L11 19L3 24Z", fill: "#1d2733" }], ["path", { d: "M11 1L11 19L3 24Z", fill: "#8a949e" }]), el("span", {}, "N"));
    return mark;
  };
  north.addTo(map);
  return { follow, filters, filterNote, actions, printBar };
};
