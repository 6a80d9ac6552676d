"""Which cell belongs to which village, and how the raster's people and the table's are made to agree.

A cell belongs to the village whose area holds its centre, where the villages are a layer of polygons; otherwise to the
village whose point is nearest in a straight line. Rivers and hills do not count here: networks are built later, from
these cells, so a territory by travel time cannot be known yet. Ties go to the smallest id.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from facilityplan.config.schema import Config
from facilityplan.domain.columns import CELLS, names
from facilityplan.errors import Fault
from facilityplan.inputs.coordinates import Frame
from facilityplan.inputs.findings import Findings, fault, some
from facilityplan.inputs.people import Raster
from facilityplan.inputs.villages import Villages
from facilityplan.units import PEOPLE_TOLERANCE

NEAREST_CHECKED = 4  # neighbours compared for ties
TIE_M = 0.001


def nearest_village(xy: np.ndarray, villages: Villages) -> np.ndarray:
    """Return for each point (n, 2) the position of its village: the area that holds it, else the nearest one."""
    if villages.polygons is None:
        return nearest_point(xy, villages.table[["x", "y"]].to_numpy())
    points = shapely.points(xy)
    tree = shapely.STRtree(villages.polygons)
    found = np.full(len(xy), len(villages.table), dtype=np.int64)
    point, area = tree.query(points, predicate="intersects")
    np.minimum.at(found, point, area)
    lost = np.flatnonzero(found == len(villages.table))
    if len(lost):
        point, area = tree.query_nearest(points[lost], all_matches=True)
        np.minimum.at(found, lost[point], area)
    return found


def nearest_point(xy: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the position of the nearest of ``places`` (m, 2) for each point (n, 2); the lowest position wins a tie."""
    k = min(NEAREST_CHECKED, len(places))
    distance, at = cKDTree(places).query(xy, k=k)
    distance, at = distance.reshape(len(xy), k), at.reshape(len(xy), k)
    return np.where(distance <= distance[:, :1] + TIE_M, at, len(places)).min(axis=1)


def assign_people(config: Config, raster: Raster, villages: Villages, frame: Frame, findings: Findings
                  ) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return (cells, villages table) that agree: a village's people are the sum of its cells.

    Under the rule ``table`` each village's cells are scaled to the table's figure, and a village without cells gets one
    at its point. Under ``raster`` the table's figures give way to the raster's. None, with faults, where that fails.
    """
    cells, table = raster.cells.copy(), villages.table.copy()
    cells["owner"] = nearest_village(cells[["x", "y"]].to_numpy(), villages)
    rule = config.inputs.people.rule
    _note_totals(cells, table, rule, findings)
    if rule == "table":
        if not findings.extend(check_table_people(table, villages.file)):
            return None
        cells = _cells_for_empty_villages(cells, table, raster, frame, findings)
        if cells is None:
            return None
        cells = _scale(cells, table, "people")
    cells = _older_people(cells, table, config, findings)
    if cells is None:
        return None
    cells = cells[cells["people"] > 0].sort_values("cell", ignore_index=True)
    ids = table["id"].to_numpy(dtype=object)
    cells["village"] = ids[cells["owner"].to_numpy()]
    for column in ("people", "people_65"):
        table[column] = np.bincount(cells["owner"], weights=cells[column], minlength=len(table))
    empty = table["people"].to_numpy() == 0
    if empty.any():
        findings.note(f"{empty.sum()} 个村没有人口：{some(table['name'][empty])}",
                      f"{empty.sum()} villages have no people: {some(table['name'][empty])}")
    return cells[names(CELLS)], table


def _note_totals(cells: pd.DataFrame, table: pd.DataFrame, rule: str, findings: Findings) -> None:
    if table["people"].isna().all():
        return
    by_raster, by_table = cells["people"].sum(), table["people"].sum()
    which = ("栅格", "the raster") if rule == "raster" else ("村表", "the villages' table")
    if abs(by_raster - by_table) > PEOPLE_TOLERANCE:
        findings.note(f"人口：栅格 {by_raster:,.0f}，村表 {by_table:,.0f}；以{which[0]}为准",
                      f"people: {by_raster:,.0f} in the raster, {by_table:,.0f} in the villages' table; "
                      f"{which[1]} rules")


def check_table_people(table: pd.DataFrame, file: str) -> list[Fault]:
    """missing_value: the table is to rule the people, and a village has none given."""
    return [fault("missing_value", "以村表人口为准，但该村没有人口数",
                  "the villages' table is to rule, and this village has no people given",
                  "填写 people，或写 inputs.people.rule: raster", "fill in people, or write inputs.people.rule: raster",
                  file=file, field="people", id=i) for i in table.loc[table["people"].isna(), "id"]]


def _scale(cells: pd.DataFrame, table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Scale ``column`` (people; people_65 with it) so that each village's cells add up to the table's figure."""
    owner = cells["owner"].to_numpy()
    held = np.bincount(owner, weights=cells["people"], minlength=len(table))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(held > 0, table[column].to_numpy() / held, 0.0)
    return cells.assign(people=cells["people"] * factor[owner], people_65=cells["people_65"] * factor[owner])


def _cells_for_empty_villages(cells: pd.DataFrame, table: pd.DataFrame, raster: Raster, frame: Frame,
                              findings: Findings) -> pd.DataFrame | None:
    """Add a cell for each village that has people in the table and no cell: the free pixel nearest to its point."""
    held = np.bincount(cells["owner"], weights=cells["people"], minlength=len(table))
    bare = np.flatnonzero((held == 0) & (table["people"].to_numpy() > 0))
    if not len(bare):
        return cells
    taken = set(cells["cell"].tolist())
    added, missed = [], []
    for village in bare:
        point = table.iloc[village]
        pixel = raster.cell_at(point["x"], point["y"], frame.crs)
        cell = None if pixel is None else _free_pixel(pixel, raster.shape, taken)
        if cell is None:
            missed.append(fault("raster_outside_county", "该村不在人口栅格范围内",
                                "the village lies outside the people raster",
                                "用覆盖全县的栅格", "use a raster that covers the whole county", file=raster.file,
                                id=point["id"]))
            continue
        taken.add(cell)
        added.append((cell, point["x"], point["y"], point["lon"], point["lat"], 1.0, np.nan, village))
    if not findings.extend(missed):
        return None
    findings.note(f"{len(added)} 个村在栅格中没有人口，在村点处各加一个需求单元：{some(table['name'].iloc[bare])}",
                  f"{len(added)} villages have no people in the raster; each got a cell at its point: "
                  f"{some(table['name'].iloc[bare])}")
    more = pd.DataFrame(added, columns=["cell", "x", "y", "lon", "lat", "people", "people_65", "owner"])
    # The new cell's share of older people is the county's.
    share = cells["people_65"].sum() / cells["people"].sum() if cells["people_65"].notna().all() else np.nan
    return pd.concat([cells, more.assign(people_65=share)], ignore_index=True)


def _free_pixel(pixel: tuple[int, int], shape: tuple[int, int], taken: set[int]) -> int | None:
    """Return the id of the pixel, or of the nearest in growing rings, that no cell uses; the lowest id wins."""
    row, column = pixel
    for ring in range(200):
        around = range(-ring, ring + 1)
        near = [(row + r, column + c) for r in around for c in around if max(abs(r), abs(c)) == ring]
        free = [r * shape[1] + c for r, c in near if 0 <= r < shape[0] and 0 <= c < shape[1]
                and r * shape[1] + c not in taken]
        if free:
            return min(free)
    return None


def _older_people(cells: pd.DataFrame, table: pd.DataFrame, config: Config, findings: Findings) -> pd.DataFrame | None:
    """Fill in people_65: the raster's band or share, else each village's share from the table, else none.

    Under the rule ``table`` the table's figure comes first where it stands; the raster gives the pattern inside the
    village. None, with faults, where a standard needs the figure and nothing gives it.
    """
    owner = cells["owner"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (table["people_65"] / table["people"]).to_numpy()[owner]
    even = cells["people"].to_numpy() * share
    older = cells["people_65"].to_numpy()
    missing = np.isnan(older)
    if config.inputs.people.rule == "table":
        older = np.where(np.isfinite(share), _scaled_older(cells, table, even), older)
    older = np.where(np.isnan(older), even, older)
    if np.isnan(older).any():
        if not findings.extend(check_older_known(config)):
            return None
        findings.note("65 岁及以上人口没有数据，记为 0", "people of 65 and over are not known and stand as 0")
    elif missing.any():
        findings.note("65 岁及以上人口按村表中的比例分到需求单元",
                      "people of 65 and over are spread over the cells by each village's share in the table")
    return cells.assign(people_65=np.nan_to_num(older))


def _scaled_older(cells: pd.DataFrame, table: pd.DataFrame, even: np.ndarray) -> np.ndarray:
    """Scale the raster's older people to each village's figure in the table.

    Where that would put more older people than people into some cell of a village, the village's even share is taken.
    """
    owner, n = cells["owner"].to_numpy(), len(table)
    held = np.bincount(owner, weights=cells["people_65"], minlength=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = cells["people_65"].to_numpy() * (table["people_65"].to_numpy() / held)[owner]
    over = ~(scaled <= cells["people"].to_numpy() + 1e-9)  # true for NaN too: no pattern to scale
    return np.where(np.bincount(owner, weights=over, minlength=n)[owner] > 0, even, scaled)


def check_older_known(config: Config) -> list[Fault]:
    """no_people_65: a standard speaks of people of 65 and over, and nothing says where they live."""
    faults = []
    for standard in config.standards:
        if standard.group == "age65":
            faults.append(fault(
                "no_people_65", f"标准 {standard.id} 针对 65 岁及以上人口，但数据中没有",
                f"the standard {standard.id} is for people of 65 and over, and the data have none",
                "写 inputs.people.band_65 或 share_65，或在村表中给出 people_65",
                "give inputs.people.band_65 or share_65, or people_65 in the villages' table",
                file=config.inputs.people.file, field="inputs.people.share_65"))
    return faults
