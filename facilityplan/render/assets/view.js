/* What a reader does with the whole map: link to a place and a set of layers, look at one township, print it on A3. */
"use strict";
window.mapView = function (map, data, state, tools) {
  const { t, el, name, redraw, home, shownLayers } = tools;
  const VIEWS = ["before", "after"];

  // ---- the address: #map=lat,lon,zoom&view=after&off=roads,minutes&township=…&lang=zh ----
  const read = () => new URLSearchParams(location.hash.slice(1));
  function follow() {
    const asked = read(), place = (asked.get("map") || "").split(",").map(Number);
    if (place.length === 3 && place.every(Number.isFinite) && Math.abs(place[0]) <= 85 && Math.abs(place[1]) <= 180)
      map.setView([place[0], place[1]], Math.min(18, Math.max(7, place[2])), { animate: false });
    if (VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
    if (asked.has("off")) state.hidden = new Set(asked.get("off").split(",").filter((key) => shownLayers.includes(key)));
    state.township = townships.includes(asked.get("township")) ? asked.get("township") : null;
  }
  function address() {
    const now = read(), centre = map.getCenter();
    now.set("map", [centre.lat.toFixed(5), centre.lng.toFixed(5), map.getZoom()].join(","));
    now.set("view", state.view);
    now.set("off", [...state.hidden].sort().join(","));
    if (state.township === null) now.delete("township"); else now.set("township", state.township);
    return "#" + now.toString();
  }
  const say = (key) => { document.getElementById("status").textContent = t(key); document.getElementById("linked").textContent = t(key); };
  async function share() {
    history.replaceState(null, "", address());
    try { await navigator.clipboard.writeText(location.href); say("link_copied"); } catch { say("link_in_address"); }
  }

  // ---- one township ----
  const townships = [...new Set(data.villages.township.filter((one) => one !== null))].sort((a, b) => a.localeCompare(b, "zh"));
  function townshipChoice() {
    const choice = el("select", { id: "township", "aria-label": t("township_filter"), on: { change: (event) => { state.township = event.target.value || null; goTo(); redraw(); } } },
      el("option", { value: "" }, t("township_all")), ...townships.map((one) => el("option", { value: one, class: "data", selected: one === state.township }, one)));
    return el("section", { class: "filter" }, el("label", { for: "township" }, t("township_filter")), choice);
  }
  function goTo() {
    if (state.township === null) { home(); return; }
    const at = data.villages.township.flatMap((one, i) => one === state.township ? [[data.villages.lat[i], data.villages.lon[i]]] : []);
    if (at.length) map.fitBounds(L.latLngBounds(at).pad(.15), { animate: false, maxZoom: 14 });
  }

  // ---- print ----
  function printed(on) {
    document.documentElement.classList.toggle("print-view", on);
    if (on) document.getElementById("printed-on").textContent = new Date().toISOString().slice(0, 10);
    map.invalidateSize({ animate: false });
    if (state.township === null) home(); else goTo();
  }
  const button = (id, key, run) => el("button", { type: "button", id, on: { click: run } }, t(key));
  function actions() {
    return el("section", { class: "actions" }, button("share", "share", share), button("print-view", "print_view", () => printed(true)), el("span", { id: "linked", class: "hint" }));
  }
  function printBar() {
    const bar = document.getElementById("print-bar");
    bar.replaceChildren(button("print-now", "print_now", () => window.print()), button("print-back", "print_back", () => printed(false)));
    document.getElementById("print-foot").replaceChildren(el("b", {}, t("internal_map")), " · ", t("review_number"), t("colon"),
      data.head.review_number ? name(data.head.review_number) : "________________", " · ", t("printed_on"), t("colon"), el("span", { id: "printed-on" }, new Date().toISOString().slice(0, 10)));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && document.documentElement.classList.contains("print-view")) printed(false); });

  const north = L.control({ position: "topright" });
  north.onAdd = () => {
    const mark = el("div", { class: "north", "aria-hidden": "true" });
    mark.append(tools.svg(22, 34, ["path", { d: "M11 1L19 24L11 19L3 24Z", fill: "#1d2733" }], ["path", { d: "M11 1L11 19L3 24Z", fill: "#8a949e" }]), el("span", {}, "N"));
    return mark;
  };
  north.addTo(map);
  return { follow, townshipChoice, actions, printBar };
};
