"""Areas for the map that follow where people live: catchments of sub-centres and consortia.

The plan assigns villages, not land. Every place of the county is counted to the village of the people nearest to it in
a straight line, which draws outlines to look at, not administrative borders.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import Inputs

MOST_POINTS = 9_000  # of the Voronoi diagram; cells nearer together than that count as one
SMALLEST_STEP_M = 100.0


def territories(inputs: Inputs, unit_of: Mapping[str, str]) -> dict[str, BaseGeometry]:
    """Return the area (county CRS) of each unit, sorted by unit: neighbours share their edges, none overlap.

    ``unit_of``: village id → unit, such as its township; cells of other villages are left out. The areas reach beyond
    the boundary: `dissolve` cuts them. Where nobody lives, nothing is returned.
    """
    cells = inputs.cells
    unit = cells["village"].map(unit_of)
    known = unit.notna().to_numpy()
    if not known.any():
        return {}
    step = max(SMALLEST_STEP_M, float(np.sqrt(inputs.boundary.area / MOST_POINTS)))
    points = pd.DataFrame({"column": (cells["x"].to_numpy(float) // step).astype(np.int64),
                           "row": (cells["y"].to_numpy(float) // step).astype(np.int64),
                           "unit": unit, "people": cells["people"].to_numpy(float)})[known]
    points = points.groupby(["column", "row", "unit"], as_index=False, sort=True)["people"].sum()
    points = points.sort_values(["column", "row", "people", "unit"], ascending=[True, True, False, True])
    points = points.drop_duplicates(["column", "row"], ignore_index=True)
    names = sorted(set(points["unit"]))
    window = shapely.box(*inputs.boundary.buffer(4 * step).bounds)
    if len(names) == 1:
        return {names[0]: window}
    at = shapely.points((points["column"] + 0.5) * step, (points["row"] + 0.5) * step)
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(at), extend_to=window))
    piece, point = shapely.STRtree(at).query(pieces, predicate="intersects")
    owner = np.empty(len(pieces), dtype=object)
    owner[piece] = points["unit"].to_numpy(object)[point]
    areas = np.array([shapely.coverage_union_all(pieces[owner == name]) for name in names], dtype=object)
    return dict(zip(names, shapely.coverage_simplify(areas, 3 * step, simplify_boundary=False), strict=True))


def dissolve(areas: Mapping[str, BaseGeometry], label_of: Mapping[str, str],
             boundary: BaseGeometry) -> dict[str, BaseGeometry]:
    """Join the areas of one label and cut them at the boundary, sorted by label. ``label_of``: unit → label."""
    joined = {label: shapely.coverage_union_all([area for unit, area in areas.items() if label_of.get(unit) == label])
              for label in sorted(set(label_of.values()))}
    cut = {label: shapely.intersection(area, boundary) for label, area in joined.items()}
    return {label: area for label, area in cut.items() if not area.is_empty}
