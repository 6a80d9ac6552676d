"""The one JSON block that a map page holds: figures ready to print, places as columns, lines packed, words in both
languages. Nothing here is markup; the page writes every text with ``textContent``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from facilityplan.domain.kinds import KIND_NAMES, MODE_NAMES, NO_CLINIC_NAMES, Action, FacilityKind
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.areas import areas_map
from facilityplan.render.calendar import calendar_map
from facilityplan.render.few import FEW_PEOPLE, few_or_none
from facilityplan.render.lines import pack_area, pack_roads, to_lonlat
from facilityplan.render.mapvalues import FEW, few, integers, number_of, text_of
from facilityplan.render.services import services_hosted, services_used
from facilityplan.render.summary import (
    any_given,
    counts,
    further_standards,
    group_weight,
    headline,
    is_clinic,
    leaving_text,
    minutes_to_host,
    percent,
    proof_text,
    site_symbol,
    stage_rows,
    verification_text,
)
from facilityplan.render.words import WORDS, county_name, scenario_name, standard_text
from facilityplan.render.works import site_works

REASONS_SHOWN = 4  # hosts considered that one popup lists
OUTLINE_TOLERANCE_M = 12.0
SMALLEST_M2 = 150_000.0  # gaps and scraps of the circle that the map leaves out; said in the word areas_note


@dataclass(frozen=True)
class Limits:
    """What a site can carry, as the config has it; None = no such rule."""

    people_per_doctor: int | None = None  # rules.doctors.people_per_doctor_cap
    catchment_people: int | None = None  # rules.sub_centres.max_people


def map_data(plan: Plan, inputs: Inputs, outlines: Mapping[str, BaseGeometry | None], water: BaseGeometry | None,
             lang: str, limits: Limits) -> dict[str, Any]:
    """Return the page's data. ``outlines``: "before" and "after", and ``water``, in the county CRS, may be missing."""
    village_row = {key: row for row, key in enumerate(plan.villages["id"])}
    site_row = {key: row for row, key in enumerate(plan.facilities["id"])}
    west, south, east, north = bounds_of(inputs)
    return {
        "lang": lang,
        "words": {key: list(text) for key, text in WORDS.items()},
        "few": [FEW, FEW_PEOPLE],
        "bounds": [[south, west], [north, east]],
        "head": _head(plan, inputs),
        "minutes": _minute_rows(plan),
        "changes": [[key, colour, few(plan.metrics.get("added_minutes", {}).get(key, 0.0))]
                    for key, colour in palette.CHANGE_COLOURS.items()],
        "symbols": {key: [s.shape, s.fill, s.stroke, s.radius, s.glyph] for key, s in palette.SYMBOLS.items()},
        "colours": {"merge": palette.MERGE_LINE, "service": palette.SERVICE_LINE,
                    "outside": palette.OUTSIDE_HALO, "before": palette.CIRCLE_BEFORE,
                    "after": palette.CIRCLE_AFTER, "centre": palette.CATCHMENT_LINES[0],
                    "load": palette.LOAD, "load_over": palette.LOAD_OVER, "load_room": palette.LOAD_ROOM,
                    "land": palette.LAND, "water": palette.WATER, "boundary": palette.MUTED, "ink": palette.INK},
        "rules": {key: list(text) for key, text in RULE_NAMES.items()},
        "modes": {str(key): list(text) for key, text in MODE_NAMES.items()},
        "kinds": {str(key): list(text) for key, text in KIND_NAMES.items()},
        "no_clinic": {str(key): list(text) for key, text in NO_CLINIC_NAMES.items()},
        "sites": _sites(plan, inputs, village_row, site_row, limits),
        "villages": _villages(plan, site_row),
        "centres": services_used(plan, site_row),
        "townships": _townships(plan.villages, plan.facilities),
        **areas_map(plan, inputs, site_row),
        **calendar_map(plan, inputs, site_row, village_row),
        "lines": {
            "boundary": pack_area(inputs.boundary, inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
            "water": pack_area(water, inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
            "before": pack_area(outlines.get("before"), inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M,
                                smallest_m2=SMALLEST_M2),
            "after": pack_area(outlines.get("after"), inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M,
                                smallest_m2=SMALLEST_M2),
            "roads": [[group, *road_style(group), packed] for group, packed in pack_roads(inputs.roads, inputs.crs)],
        },
    }


def bounds_of(inputs: Inputs) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of the county in degrees."""
    west, south, east, north = inputs.boundary.bounds
    corners = to_lonlat(np.array([(west, south), (west, north), (east, south), (east, north)]), inputs.crs)
    return (*(float(v) for v in corners.min(axis=0).round(6)), *(float(v) for v in corners.max(axis=0).round(6)))


def road_style(group: str) -> tuple[str, float]:
    """Return the colour and width of a group of roads."""
    return next((colour, width) for name, _, colour, width in palette.ROAD_GROUPS if name == group)


def _head(plan: Plan, inputs: Inputs) -> dict[str, Any]:
    """Everything the panel prints, already in both languages."""
    head, tally, metrics = headline(plan), counts(plan, inputs), plan.metrics
    standard = plan.standards[0]
    figures: list[tuple[str, Any, Any, str]] = [
        ("figure_kept", None, tally.kept, "count"), ("figure_merged", None, tally.merged, "count"),
        ("figure_built", None, tally.built, "count"), ("figure_sub_centres", None, tally.sub_centres, "count"),
        ("figure_minutes", metrics.get("mean_minutes_before"), metrics.get("mean_minutes_after"), "minutes"),
        ("figure_outside", few(head.people - head.inside_before), few(head.people - head.inside_after), "people"),
        ("figure_annual_unit", metrics.get("annual_cost_cny_before"), metrics.get("annual_cost_cny"), "yuan"),
        ("figure_capital_unit", None, metrics.get("capital_cost_cny"), "yuan"),
    ]
    return {
        "county": list(county_name(plan)), "scenario": list(scenario_name(plan)),
        "verdict": head.verdict, "proven": head.proven, "proof": list(proof_text(head)),
        "verified": list(verification_text(plan, head)), "verified_ok": head.verification == "verified",
        "shares": [number_of(head.share_before, 3), number_of(head.share_after, 3)], "target": head.target,
        "share_text": [percent(head.share_before), percent(head.share_after)], "target_text": percent(head.target),
        "standard": list(standard_text(standard)), "group": standard.group,
        "binds": bool(plan.binding.get(standard.id, True)),
        "figures": [[key, number_of(before, 2), number_of(after, 2), unit] for key, before, after, unit in figures],
        "stages": [[list(row.name), row.printed(row.value), list(row.gap)] for row in stage_rows(plan)],
        "given": any_given(plan),
        "moves": None if (moves := leaving_text(metrics)) is None else list(moves),
        "reproducible": plan.solve.reproducible,
        "notes": [list(note) for note in plan.notes],
        "sources": [[source.name, source.credit, source.licence, source.date] for source in plan.sources],
        "review_number": plan.review_number,
        "standards": [list(standard_text(one)) for one in plan.standards],
        "further": [[list(standard_text(one)), percent(block["share_within_before"]),
                     percent(block["share_within_after"]), list(leaving_text(block) or ("", ""))]
                    for one, block in further_standards(plan)],
    }


def _minute_rows(plan: Plan) -> list[dict[str, Any]]:
    """The shades, and how many of the standard's people are in each, before and after."""
    standard = plan.standards[0]
    weight = group_weight(plan.cells, standard).to_numpy(float)
    shades = palette.minute_classes(standard.limit_min)
    tally = {}
    for when in ("before", "after"):
        number = palette.classify(plan.cells[f"minutes_{when}"].to_numpy(float),
                                  plan.cells[f"state_{when}"].to_numpy(object), standard.limit_min)
        tally[when] = np.bincount(number, weights=weight, minlength=len(shades) + 1)[1:]
    total = weight.sum() or 1.0
    return [{"low": number_of(shade.low, 1), "high": number_of(shade.high, 1), "colour": shade.colour,
             "inside": shade.inside, "people": [few(tally[when][row]) for when in ("before", "after")],
             "share": [round(float(tally[when][row] / total), 4) if few(tally[when][row]) != FEW else 0.0
                       for when in ("before", "after")]}
            for row, shade in enumerate(shades)]


def _sites(plan: Plan, inputs: Inputs, village_row: dict[str, int], site_row: dict[str, int],
           limits: Limits) -> dict[str, list]:
    sites = plan.facilities
    symbol = site_symbol(sites, inputs)
    minutes = minutes_to_host(plan)
    clinic = is_clinic(sites)
    before = []
    for row, site in enumerate(sites.itertuples(index=False)):
        key = symbol[site.id]
        if site.action == Action.BUILD:
            before.append(None)
        elif clinic[row]:
            idle = key != "private" and pd.notna(site.doctors_before) and site.doctors_before == 0
            before.append("private" if key == "private" else "no_doctor" if idle else "today")
        else:
            before.append("county_hospital" if site.kind == FacilityKind.COUNTY_HOSPITAL else "hospital")
    return {
        "id": list(sites["id"]), "name": list(sites["name"]), "kind": [str(kind) for kind in sites["kind"]],
        "township": [text_of(value) for value in sites["township"]],
        "village": [village_row.get(value) for value in sites["village"]],
        "lon": [round(float(value), 6) for value in sites["lon"]],
        "lat": [round(float(value), 6) for value in sites["lat"]],
        "before": before, "after": [symbol[key] for key in sites["id"]],
        "host": [site_row.get(value) for value in sites["merged_into"]],
        "served_from": [site_row.get(value) for value in sites["served_from"]],
        "minutes_to_host": [number_of(minutes.get(key), 1) for key in sites["id"]],
        "doctors_before": integers(sites["doctors_before"]), "doctors": integers(sites["doctors"]),
        "served": [few(value) for value in sites["people_served"]],
        "load": _loads(plan, limits),
        "nearest": [few(value) for value in sites["people_nearest"]],
        "patients": [few(value) for value in sites["patients"]],
        "over": [few(value) if value > 0 else None for value in sites["people_over_capacity"]],
        "capital": [number_of(value, 0) for value in sites["capital_cost_cny"]],
        "annual": [number_of(value, 0) for value in sites["annual_cost_cny"]],
        "works": [site_works(plan, key) for key in sites["id"]],
        "stage": integers(sites["stage"]),
        "locked": [None if pd.isna(zh) else [zh, en]
                   for zh, en in zip(sites["locked"], sites["locked_en"], strict=True)],
        "services": [services_hosted(plan, key) for key in sites["id"]],
        "why": _reasons(plan.refusals, site_row, list(sites["id"])),
    }


def _loads(plan: Plan, limits: Limits) -> list[list[int] | None]:
    """Return [people, people that it can carry] of each site for which the rules say so, None for the others.

    Clinics: people of their own and merged villages against doctors · people_per_doctor_cap. Sub-centres: the people
    of their catchment against sub_centres.max_people. Hospitals have no such rule for what they do besides.
    """
    sites = plan.facilities
    catchment = plan.villages.groupby("catchment_of")["people"].sum()
    loads: list[list[int] | None] = []
    for clinic, site in zip(is_clinic(sites), sites.itertuples(index=False), strict=True):
        carried = room = None
        if clinic and limits.people_per_doctor and pd.notna(site.people_served) and site.action != Action.CLOSE:
            doctors = 0 if pd.isna(site.doctors) else int(site.doctors)
            carried, room = site.people_served, doctors * limits.people_per_doctor
        elif site.sub_centre and limits.catchment_people:
            carried, room = catchment.get(site.id, 0.0), limits.catchment_people
        load = few(carried)
        loads.append([load, room] if load is not None and room else None)
    return loads


def _reasons(refusals: pd.DataFrame, site_row: dict[str, int], ids: list[str]) -> list[list[list[Any]]]:
    """For each site the hosts considered: [site row of the host, rule or "" where accepted, figure, limit, minutes].

    A figure of few people is the text in its place: the figure itself is not in the page.
    """
    reasons: dict[str, list[list[Any]]] = {key: [] for key in ids}
    order = refusals.assign(later=~refusals["accepted"].astype(bool)).sort_values(
        ["clinic", "later", "minutes", "host"], kind="stable")
    for row in order.itertuples(index=False):
        listed = reasons.get(row.clinic)
        if listed is not None and len(listed) < REASONS_SHOWN and row.host in site_row:
            rule = "" if row.accepted else text_of(row.rule) or ""
            figures = [None if pd.isna(value) else few_or_none(rule, value) or number_of(value, 1)
                       for value in (row.figure, row.limit)]
            listed.append([site_row[row.host], rule, *figures, number_of(row.minutes, 1)])
    return [reasons[key] for key in ids]


def _villages(plan: Plan, site_row: dict[str, int]) -> dict[str, list]:
    table = plan.villages
    return {
        "id": list(table["id"]), "name": list(table["name"]), "township": [text_of(v) for v in table["township"]],
        "lon": [round(float(value), 6) for value in table["lon"]],
        "lat": [round(float(value), 6) for value in table["lat"]],
        "mode": [str(mode) for mode in table["mode"]], "host": [site_row.get(value) for value in table["host"]],
        "people": [few(value) for value in table["people"]],
        "minutes_before": [number_of(value, 1) for value in table["minutes_before"]],
        "minutes_after": [number_of(value, 1) for value in table["minutes_after"]],
        "p90": [number_of(value, 1) for value in table["minutes_after_p90"]],
        "out_before": [few(value) for value in table["people_out_before"]],
        "out_after": [few(value) for value in table["people_out_after"]],
        "catchment": [site_row.get(value) for value in table["catchment_of"]],
        "consortium": [site_row.get(value) for value in table["consortium"]],
        "served_by": [site_row.get(value) for value in table["served_by"]],
        "no_clinic": [text_of(value) for value in table["no_clinic_because"]],
        "stage": integers(table["stage"]),
        "days": integers(table["days_per_week"]),
        "periodic": [number_of(value, 1) for value in table["minutes_periodic"]],
    }


def _townships(villages: pd.DataFrame, sites: pd.DataFrame) -> list[list[Any]]:
    """Name and place of each township's label: its hospital, else the people-weighted middle of its villages.

    Those with most people first: where labels would overlap, the first one stays.
    """
    rows = []
    hospitals = sites[sites["kind"] == FacilityKind.TOWNSHIP_HOSPITAL].drop_duplicates("township").set_index("township")
    groups = sorted(villages.groupby("township", sort=True), key=lambda item: (-item[1]["people"].sum(), item[0]))
    for name, group in groups:
        if name in hospitals.index:
            rows.append([name, *(round(float(hospitals.loc[name, key]), 5) for key in ("lat", "lon"))])
            continue
        weight = group["people"].to_numpy(float)
        weight = weight if weight.sum() > 0 else np.ones(len(group))
        rows.append([name, *(round(float(np.average(group[key], weights=weight)), 5) for key in ("lat", "lon"))])
    return rows
