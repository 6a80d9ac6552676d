/* The cards that open on a site or a village: what happens to it, for whom, and why. */
"use strict";
window.mapCards = function (map, data, state, drawing, onMap) {
  const { speak, t, count, people, minutes, yuan, el, name, symbolIcon, loadIcon, serviceIcon } = drawing, { sites, villages } = data;
  const PLACE_ZOOM = 14;
  const table = (kind) => kind === "site" ? sites : villages;
  const at = (kind, i) => [table(kind).lat[i], table(kind).lon[i]];
  const facts = (...rows) => el("dl", {}, ...rows.filter((row) => row).flatMap(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]));
  // The click replaces the card it came from; left to travel on, it would look like a click on the map and close the popup.
  const link = (i) => el("button", { type: "button", class: "link data", dir: "auto", on: { click: (event) => { event.stopPropagation(); go("site", i); } } }, sites.name[i]);
  const change = (before, after, write) => `${write(before)} → ${write(after)}`;
  const place = (township, village) => [township, village === null ? null : villages.name[village]].filter((text) => text !== null).flatMap((text) => [" · ", name(text)]);
  const comings = (list) => list.map(([day, , from, to]) => t("weekday_" + day) + (from === null ? "" : ` ${from}–${to}`)).join(t("and_so"));
  const teams = (list) => [...new Set(list.map((one) => one[1]))].filter((team) => team !== null).map((team) => t("team_n", { n: team })).join(t("and_so"));
  const coming = (list) => [list.length ? ["weekdays", comings(list)] : null, teams(list) ? ["team", teams(list)] : null];
  const stopName = ([kind, i, arrives]) => [kind === "site" ? link(i) : name(villages.name[i]), ` ${arrives}`];
  const round = (one) => el("li", {}, t("weekday_" + one.day), " · ", t("team_n", { n: one.team }), ` · ${one.leaves}–${one.returns}`, t("colon"), ...one.stops.flatMap((stop, k) => [k ? " → " : "", ...stopName(stop)]));
  const loadText = ([load, room]) => `${people(load)} / ${count(room)}`;
  const loadShare = ([load, room]) => Math.max(0, load) / room;

  function siteCard(i) {
    const key = sites[onMap.fate()][i] || sites.after[i], village = sites.village[i], merged = sites.after[i] === "merged", closed = onMap.CLOSED.includes(sites.after[i]);
    const serves = sites.served_from.flatMap((from, k) => from === i ? [k] : []);
    const guests = sites.host.flatMap((host, k) => host === i ? [k] : []);
    const rounds = onMap.fate() === "before" ? [] : onMap.rounds.filter((one) => one.base === i && (state.day === null || one.day === state.day));
    const money = sites.capital[i] || sites.annual[i], load = sites.load[i];
    return el("article", { class: "card" }, el("h3", { class: "data", dir: "auto", tabindex: -1 }, sites.name[i]),
      el("div", { class: "kind" }, speak(data.kinds[sites.kind[i]]), ...place(sites.township[i], village)),
      el("div", { class: "decision" }, symbolIcon(key), t("symbol_" + key)),
      merged ? facts(["host", link(sites.host[i])], sites.minutes_to_host[i] === null ? null : ["minutes_to_host", t("n_minutes", { n: minutes(sites.minutes_to_host[i]) })]) : null,
      sites.stage[i] === null ? null : facts(["year", String(sites.stage[i])]),
      sites.served_from[i] === null ? null : facts(["served_from", link(sites.served_from[i])], village === null ? null : ["days_per_week", count(villages.days[village])],
        ...coming(data.site_comings[i]),
        village === null || villages.periodic[village] === null ? null : ["minutes_periodic", minutes(villages.periodic[village])]),
      load === null || closed ? null : el("div", { class: "load" }, loadIcon(loadShare(load), 26), el("span", {}, t(sites.after[i] === "sub_centre" ? "load_catchment" : "load_doctors")), el("b", {}, loadText(load))),
      facts(["doctors", change(sites.doctors_before[i], sites.doctors[i], count)],
        closed ? null : ["people_served", people(sites.served[i])], closed ? null : ["people_nearest", people(sites.nearest[i])],
        sites.over[i] === null ? null : ["patients", people(sites.patients[i])], sites.over[i] === null ? null : ["people_over_capacity", people(sites.over[i])],
        village === null ? null : ["village_minutes", change(villages.minutes_before[village], villages.minutes_after[village], minutes)],
        village === null ? null : ["village_outside", change(villages.out_before[village], villages.out_after[village], people)],
        money && sites.capital[i] ? ["figure_capital", yuan(sites.capital[i])] : null, money && sites.annual[i] ? ["figure_annual", yuan(sites.annual[i])] : null),
      guests.length ? el("h4", {}, t("guests")) : null,
      guests.length ? el("ul", {}, ...guests.map((k) => el("li", {}, link(k)))) : null,
      sites.works[i] === null ? null : el("h4", {}, t("works_here")),
      sites.works[i] === null ? null : el("ul", {}, ...sites.works[i].map(([zh, en, cost, payZh, payEn]) => el("li", {}, name(speak([zh, en])), t("colon"), yuan(cost), payZh ? " · " : "", name(speak([payZh, payEn]))))),
      sites.locked[i] === null ? null : el("p", { class: "because" }, t("list_locked"), t("colon"), name(speak(sites.locked[i]))),
      onMap.fate() === "before" || !sites.services[i].length ? null : el("p", { class: "because" }, serviceIcon(), " ", t("services_hosted"), t("colon"), ...sites.services[i].flatMap((one, k) => [k ? " · " : "", name(speak(one))])),
      rounds.length ? el("h4", {}, t("routes")) : null,
      rounds.length ? el("ul", {}, ...rounds.map(round)) : null,
      serves.length ? el("h4", {}, t("serves")) : null,
      serves.length ? el("ul", {}, ...serves.map((k) => el("li", {}, link(k)))) : null,
      ...why(sites.why[i], merged), el("div", { class: "hint" }, name(sites.id[i])));
  }
  const shown = (figure) => typeof figure === "string" ? figure : count(figure);  // a text stands for few people
  function why(reasons, merged) {
    if (!reasons.length) return [];
    const rows = reasons.map(([host, rule, figure, limit, away]) => {
      const text = rule === "" ? t("accepted") : data.rules[rule] ? speak(data.rules[rule]) : rule;
      const numbers = figure !== null && limit !== null ? " " + t("figure_against_limit", { figure: shown(figure), limit: shown(limit) }) : "";
      return el("li", {}, link(host), away === null ? "" : ` (${t("n_minutes", { n: minutes(away) })})`, t("colon"), text + numbers);
    });
    return [el("h4", {}, t(merged ? "why_merged" : "why_not_merged")), el("ul", {}, ...rows)];
  }
  function villageCard(i) {
    const used = onMap.fate() === "before" ? [] : data.centres.filter((one) => one.host[i] !== null);
    const here = sites.id.flatMap((_, k) => sites.village[k] === i && sites[onMap.fate()][k] ? [k] : []);
    return el("article", { class: "card" }, el("h3", { class: "data", dir: "auto", tabindex: -1 }, villages.name[i]),
      el("div", { class: "kind" }, t("village_or_community"), " · ", name(villages.township[i])),
      facts(["mode", speak(data.modes[villages.mode[i]])], villages.host[i] === null ? null : [["circuit", "neighbour", "posted"].includes(villages.mode[i]) ? "served_from" : "host", link(villages.host[i])],
        villages.host[i] === null || villages.mode[i] === "merge" ? null : ["days_per_week", count(villages.days[i])],
        ...coming(data.village_comings[i]),
        villages.periodic[i] === null ? null : ["minutes_periodic", minutes(villages.periodic[i])],
        villages.stage[i] === null ? null : ["year", String(villages.stage[i])], ["people", people(villages.people[i])],
        ["village_minutes", change(villages.minutes_before[i], villages.minutes_after[i], minutes)],
        ["p90", minutes(villages.p90[i])], ["village_outside", change(villages.out_before[i], villages.out_after[i], people)],
        villages.catchment[i] === null ? null : ["catchment", link(villages.catchment[i])],
        villages.consortium[i] === null ? null : ["consortium", link(villages.consortium[i])],
        villages.served_by[i] === null ? null : ["served_by", link(villages.served_by[i])]),
      used.length ? el("h4", {}, t("services_used")) : null,
      used.length ? el("ul", {}, ...used.map((one) => el("li", {}, name(speak(one.name)), " · ", speak(one.type), t("colon"), link(one.host[i])))) : null,
      villages.no_clinic[i] === null ? null : el("p", { class: "because" }, t("no_clinic_because"), t("colon"), speak(data.no_clinic[villages.no_clinic[i]])),
      here.length ? el("h4", {}, t("sites_here")) : null, here.length ? el("ul", {}, ...here.map((k) => el("li", {}, link(k)))) : null,
      el("div", { class: "hint" }, name(villages.id[i])));
  }

  const popup = L.popup({ maxWidth: 320, minWidth: 272, autoPanPaddingTopLeft: [20, 70], autoPanPaddingBottomRight: [20, 40] });
  let caller = null; // the control that a card was opened from: closing gives it the keyboard back
  function show(kind, i) {
    state.open = [kind, i];
    const held = popup.getElement() && popup.getElement().contains(document.activeElement);
    popup.setLatLng(at(kind, i)).setContent(kind === "site" ? siteCard(i) : villageCard(i)).openOn(map);
    popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", t("close"));
    if (held) focus();
  }
  const focus = () => popup.getElement().querySelector("h3").focus({ preventScroll: true });
  map.on("popupclose", () => {
    const held = popup.getElement() && popup.getElement().contains(document.activeElement);
    state.open = null;
    if (held && caller && document.querySelector(caller)) document.querySelector(caller).focus({ preventScroll: true });
    caller = null;
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.open) map.closePopup(popup); });
  function go(kind, i) {
    const from = document.activeElement && document.activeElement.closest("[data-go]");
    map.setView(at(kind, i), Math.max(map.getZoom(), PLACE_ZOOM), { animate: false });
    show(kind, i);
    if (from) caller = (from.closest("#results") ? "#results " : `#${from.closest("details").id} `) + `[data-go="${from.dataset.go}"]`;
    focus();
    document.getElementById("status").textContent = t("moved_to", { name: table(kind).name[i] });
    if (window.matchMedia("(max-width: 760px)").matches) document.getElementById("stage").scrollIntoView();
  }
  return { show, go, place, comings, loadText, loadShare };
};
