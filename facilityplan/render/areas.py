"""Areas of the map: catchments of sub-centres, consortia and townships, with their figures and packed outlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render.consortia import COLOURS
from facilityplan.render.lines import pack_area
from facilityplan.render.mapvalues import few, number_of
from facilityplan.render.palette import CATCHMENT_LINES
from facilityplan.render.territories import dissolve, territories

AREA_TOLERANCE_M = 25.0


def areas_map(plan: Plan, inputs: Inputs, site_row: Mapping[str, int]) -> dict[str, Any]:
    """Return the areas of the map page.

    catchments: [row of the sub-centre, colour, people, townships, outline]; consortia: [row of the lead, colour,
    people, mean minutes, townships, outline]; township_areas: name → outline. Outlines are packed, "" for none.
    """
    villages = plan.villages.dropna(subset=["township"])
    towns = territories(inputs, dict(zip(villages["id"], villages["township"], strict=True)))

    def outlines(label_of: Mapping[str, str]) -> dict[str, str]:
        return {label: pack_area(area, inputs.crs, tolerance_m=AREA_TOLERANCE_M)
                for label, area in dissolve(towns, label_of, inputs.boundary).items()}

    catchment = villages[villages["catchment_of"].isin(site_row)]  # a township lies in one catchment
    drawn = outlines(dict(zip(catchment["township"], catchment["catchment_of"], strict=True)))
    catchments = [[site_row[key], CATCHMENT_LINES[k % len(CATCHMENT_LINES)], few(group["people"].sum()),
                   sorted(set(group["township"])), drawn.get(key, "")]
                  for k, (key, group) in enumerate(catchment.groupby("catchment_of", sort=True))]
    drawn = outlines({name: one["lead"] for one in plan.consortia for name in one["townships"]})
    consortia = [[site_row[one["lead"]], COLOURS[k % len(COLOURS)], few(one["people"]),
                  number_of(one["mean_minutes"], 1), list(one["townships"]), drawn.get(one["lead"], "")]
                 for k, one in enumerate(plan.consortia)]
    return {"catchments": catchments, "consortia": consortia,
            "township_areas": outlines({name: name for name in towns})}
