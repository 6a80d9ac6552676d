"""The one JSON block that a map page holds: figures ready to print, places as columns, lines packed, words in both
languages. Nothing here is markup; the page writes every text with ``textContent``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from facilityplan.domain.kinds import KIND_NAMES, MODE_NAMES, NO_CLINIC_NAMES, Action, FacilityKind
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.consortia import consortia_map
from facilityplan.render.lines import pack_area, pack_roads, to_lonlat
from facilityplan.render.services import service_names
from facilityplan.render.summary import (
    FEW_PEOPLE,
    any_given,
    counts,
    further_standards,
    group_weight,
    headline,
    is_clinic,
    leaving_text,
    minutes_to_host,
    number,
    percent,
    proof_text,
    site_symbol,
    stage_rows,
    verification_text,
)
from facilityplan.render.words import WORDS, county_name, scenario_name, standard_text
from facilityplan.render.works import site_works

REASONS_SHOWN = 4  # hosts considered that one popup lists
FEW = -1  # stands for a number of people above 0 and under FEW_PEOPLE: the figure itself is not in the page
OUTLINE_TOLERANCE_M = 12.0


def map_data(plan: Plan, inputs: Inputs, outlines: Mapping[str, BaseGeometry | None], water: BaseGeometry | None,
             lang: str) -> dict[str, Any]:
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
        "symbols": {key: [s.shape, s.fill, s.stroke, s.radius, s.glyph] for key, s in palette.SYMBOLS.items()},
        "colours": {"merge": palette.MERGE_LINE, "service": palette.SERVICE_LINE,
                    "outside": palette.OUTSIDE_HALO, "before": palette.CIRCLE_BEFORE,
                    "after": palette.CIRCLE_AFTER, "catchment": palette.CATCHMENT_LINE, "land": palette.LAND,
                    "water": palette.WATER, "boundary": palette.MUTED, "ink": palette.INK},
        "rules": {key: list(text) for key, text in RULE_NAMES.items()},
        "modes": {str(key): list(text) for key, text in MODE_NAMES.items()},
        "kinds": {str(key): list(text) for key, text in KIND_NAMES.items()},
        "no_clinic": {str(key): list(text) for key, text in NO_CLINIC_NAMES.items()},
        "sites": _sites(plan, inputs, village_row, site_row),
        "villages": _villages(plan, site_row),
        "townships": _townships(plan.villages, plan.facilities),
        "consortia": consortia_map(plan, site_row, _few),
        "lines": {
            "boundary": pack_area(inputs.boundary, inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
            "water": pack_area(water, inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
            "before": pack_area(outlines.get("before"), inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
            "after": pack_area(outlines.get("after"), inputs.crs, tolerance_m=OUTLINE_TOLERANCE_M),
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
        ("figure_outside", _few(head.people - head.inside_before), _few(head.people - head.inside_after), "people"),
        ("figure_annual_unit", metrics.get("annual_cost_cny_before"), metrics.get("annual_cost_cny"), "yuan"),
        ("figure_capital_unit", None, metrics.get("capital_cost_cny"), "yuan"),
    ]
    return {
        "county": list(county_name(plan)), "scenario": list(scenario_name(plan)),
        "verdict": head.verdict, "proven": head.proven, "proof": list(proof_text(head)),
        "verified": list(verification_text(plan, head)), "verified_ok": head.verification == "verified",
        "shares": [head.share_before, head.share_after], "target": head.target,
        "share_text": [percent(head.share_before), percent(head.share_after)], "target_text": percent(head.target),
        "standard": list(standard_text(standard)), "group": standard.group,
        "binds": bool(plan.binding.get(standard.id, True)),
        "figures": [[key, _number(before, 2), _number(after, 2), unit] for key, before, after, unit in figures],
        "stages": [[list(row.name), number(row.value, digits=row.digits), list(row.gap)] for row in stage_rows(plan)],
        "given": any_given(plan),
        "moves": None if (moves := leaving_text(metrics)) is None else list(moves),
        "reproducible": plan.solve.reproducible,
        "notes": [list(note) for note in plan.notes],
        "sources": [[source.name, source.credit, source.licence] for source in plan.sources],
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
    return [{"low": _number(shade.low, 1), "high": _number(shade.high, 1), "colour": shade.colour,
             "inside": shade.inside, "people": [_few(tally[when][row]) for when in ("before", "after")],
             "share": [round(float(tally[when][row] / total), 4) if _few(tally[when][row]) != FEW else 0.0
                       for when in ("before", "after")]}
            for row, shade in enumerate(shades)]


def _sites(plan: Plan, inputs: Inputs, village_row: dict[str, int], site_row: dict[str, int]) -> dict[str, list]:
    sites = plan.facilities
    symbol = site_symbol(plan, inputs)
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
        "township": [_text(value) for value in sites["township"]],
        "village": [village_row.get(value) for value in sites["village"]],
        "lon": [round(float(value), 6) for value in sites["lon"]],
        "lat": [round(float(value), 6) for value in sites["lat"]],
        "before": before, "after": [symbol[key] for key in sites["id"]],
        "host": [site_row.get(value) for value in sites["merged_into"]],
        "served_from": [site_row.get(value) for value in sites["served_from"]],
        "minutes_to_host": [_number(minutes.get(key), 1) for key in sites["id"]],
        "doctors_before": _integers(sites["doctors_before"]), "doctors": _integers(sites["doctors"]),
        "served": [_few(value) for value in sites["people_served"]],
        "nearest": [_few(value) for value in sites["people_nearest"]],
        "capital": [_number(value, 0) for value in sites["capital_cost_cny"]],
        "annual": [_number(value, 0) for value in sites["annual_cost_cny"]],
        "works": [site_works(plan, key) for key in sites["id"]],
        "stage": _integers(sites["stage"]),
        "locked": [None if pd.isna(zh) else [zh, en]
                   for zh, en in zip(sites["locked"], sites["locked_en"], strict=True)],
        "services": [service_names(plan, value) for value in sites["services"]],
        "why": _reasons(plan.refusals, site_row, list(sites["id"])),
    }


def _reasons(refusals: pd.DataFrame, site_row: dict[str, int], ids: list[str]) -> list[list[list[Any]]]:
    """For each site the hosts considered: [site row of the host, rule or "" where accepted, figure, limit, minutes]."""
    reasons: dict[str, list[list[Any]]] = {key: [] for key in ids}
    order = refusals.assign(later=~refusals["accepted"].astype(bool)).sort_values(
        ["clinic", "later", "minutes", "host"], kind="stable")
    for row in order.itertuples(index=False):
        listed = reasons.get(row.clinic)
        if listed is not None and len(listed) < REASONS_SHOWN and row.host in site_row:
            listed.append([site_row[row.host], "" if row.accepted else _text(row.rule) or "", _number(row.figure, 1),
                           _number(row.limit, 1), _number(row.minutes, 1)])
    return [reasons[key] for key in ids]


def _villages(plan: Plan, site_row: dict[str, int]) -> dict[str, list]:
    table = plan.villages
    return {
        "id": list(table["id"]), "name": list(table["name"]), "township": [_text(v) for v in table["township"]],
        "lon": [round(float(value), 6) for value in table["lon"]],
        "lat": [round(float(value), 6) for value in table["lat"]],
        "mode": [str(mode) for mode in table["mode"]], "host": [site_row.get(value) for value in table["host"]],
        "people": [_few(value) for value in table["people"]],
        "minutes_before": [_number(value, 1) for value in table["minutes_before"]],
        "minutes_after": [_number(value, 1) for value in table["minutes_after"]],
        "p90": [_number(value, 1) for value in table["minutes_after_p90"]],
        "out_before": [_few(value) for value in table["people_out_before"]],
        "out_after": [_few(value) for value in table["people_out_after"]],
        "catchment": [site_row.get(value) for value in table["catchment_of"]],
        "consortium": [site_row.get(value) for value in table["consortium"]],
        "served_by": [site_row.get(value) for value in table["served_by"]],
        "no_clinic": [_text(value) for value in table["no_clinic_because"]],
        "stage": _integers(table["stage"]),
        "days": _integers(table["days_per_week"]),
        "periodic": [_number(value, 1) for value in table["minutes_periodic"]],
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


def _few(count: float | None) -> int | None:
    """Round people to a whole number; fewer than ten become FEW, so that the page does not hold the figure."""
    if count is None or pd.isna(count):
        return None
    if round(float(count), 6) <= 0:
        return 0
    return FEW if count < FEW_PEOPLE else round(float(count))


def _number(value: Any, digits: int) -> float | int | None:
    if value is None or pd.isna(value) or not np.isfinite(float(value)):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _integers(column: pd.Series) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in column]


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


