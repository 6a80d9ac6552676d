"""OpenStreetMap files, PBF or XML, through pyosmium: ways as lines, and tagged objects as points or areas.

Filters run in C++; Python sees only the objects that matter. Nodes may stand before or after the ways that use them:
locations the first pass did not know are looked up in a second one. References to nodes that the extract lacks are
dropped and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from facilityplan.errors import Fault
from facilityplan.inputs.findings import fault, shown


class OsmFileError(Exception):
    """The file cannot be read as OpenStreetMap data."""


@dataclass(frozen=True)
class OsmWay:
    """A way with the nodes whose location is known, in order; a gap in the nodes parts it in ``runs``."""

    id: int
    tags: Mapping[str, str]
    runs: tuple[tuple[np.ndarray, np.ndarray], ...]  # (node ids int64 (n,), lon/lat float64 (n, 2)) with n >= 2
    missing: int  # references to nodes that the file does not hold


@dataclass(frozen=True)
class OsmObject:
    """A tagged node or way. ``id`` is ``n123`` or ``w123``; geometry is a point, or a polygon for a closed way."""

    id: str
    tags: Mapping[str, str]
    geometry: shapely.Geometry  # WGS 84


def check_osm_file(path: Path, file: str, field: str) -> list[Fault]:
    """broken_file: not OpenStreetMap data, or a history file with several versions of each object."""
    import osmium

    try:
        with osmium.io.Reader(str(path)) as reader:
            history = reader.header().has_multiple_object_versions
    except _errors() as error:
        return [broken(file, field, error)]
    if history:
        return [fault("broken_file", "这是历史文件，含同一对象的多个版本",
                      "this is a history file with several versions of each object",
                      "用普通的摘录文件", "use an ordinary extract", file=file, field=field)]
    return []


def _errors() -> tuple[type[Exception], ...]:
    """What pyosmium raises for a file that is not as it should be."""
    import osmium

    return RuntimeError, ValueError, osmium.InvalidLocationError


def broken(file: str, field: str, error: Exception) -> Fault:
    """Return the fault for a file that pyosmium gave up on."""
    return fault("broken_file", f"OSM 文件读不下去（{shown(error, 200)}）",
                 f"the OSM file cannot be read to its end ({shown(error, 200)})", "重新下载该文件",
                 "download the file again", file=file, field=field)


def read_ways(path: Path, key: str, wanted: Callable[[Mapping[str, str]], bool]) -> list[OsmWay]:
    """Return the ways with the tag ``key`` whose tags are ``wanted``, in order of id. Raises OsmFileError."""
    import osmium

    raw: list[tuple[int, dict[str, str], np.ndarray, np.ndarray]] = []
    try:
        reader = (osmium.FileProcessor(str(path)).with_locations()
                  .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter(key)))
        for way in reader:
            tags = dict(way.tags)
            if not way.deleted and wanted(tags):
                raw.append((way.id, tags, *_nodes_of(way)))
        late = _locations(path, {int(r) for _, _, refs, lonlat in raw for r in refs[np.isnan(lonlat[:, 0])]})
    except _errors() as error:
        raise OsmFileError(error) from error
    return [_way(*parts, late) for parts in sorted(raw, key=lambda parts: parts[0])]


def read_objects(path: Path, keys: Collection[str], wanted: Mapping[str, Collection[str]]) -> list[OsmObject]:
    """Return nodes and ways with a tag ``wanted`` (key → values), in order of type and id. Raises OsmFileError."""
    import osmium

    nodes: list[OsmObject] = []
    ways: list[tuple[int, dict[str, str], np.ndarray, np.ndarray]] = []
    try:
        reader = (osmium.FileProcessor(str(path)).with_locations()
                  .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY))
                  .with_filter(osmium.filter.KeyFilter(*sorted(keys))))
        for thing in reader:
            tags = dict(thing.tags)
            if thing.deleted or not any(v in wanted[k] for k in wanted for v in values_of(tags, k)):
                continue
            if thing.is_node():
                if thing.location.valid():
                    nodes.append(OsmObject(f"n{thing.id}", tags, shapely.Point(thing.location.lon, thing.location.lat)))
            else:
                ways.append((thing.id, tags, *_nodes_of(thing)))
        late = _locations(path, {int(r) for _, _, refs, lonlat in ways for r in refs[np.isnan(lonlat[:, 0])]})
    except _errors() as error:
        raise OsmFileError(error) from error
    nodes.sort(key=lambda thing: int(thing.id[1:]))
    return nodes + [thing for way in sorted(ways, key=lambda parts: parts[0]) for thing in _area(_way(*way, late))]


def values_of(tags: Mapping[str, str], key: str) -> list[str]:
    """Return the values of a tag; several may stand in it, parted by semicolons."""
    return [v.strip() for v in tags.get(key, "").split(";") if v.strip()]


def _nodes_of(way: object) -> tuple[np.ndarray, np.ndarray]:
    refs, lonlat = [], []
    for node in way.nodes:  # type: ignore[attr-defined]
        location = node.location
        refs.append(node.ref)
        lonlat.append((location.lon, location.lat) if location.valid() else (np.nan, np.nan))
    return np.array(refs, dtype=np.int64), np.array(lonlat, dtype=float).reshape(-1, 2)


def _locations(path: Path, missing: set[int]) -> dict[int, tuple[float, float]]:
    """Look nodes up that were not known when their way was read: the file may hold them further on."""
    import osmium

    if not missing:
        return {}
    reader = (osmium.FileProcessor(str(path), osmium.osm.NODE)
              .with_filter(osmium.filter.IdFilter(sorted(missing))))
    return {n.id: (n.location.lon, n.location.lat) for n in reader if n.location.valid()}


def _way(way_id: int, tags: dict[str, str], refs: np.ndarray, lonlat: np.ndarray,
         late: Mapping[int, tuple[float, float]]) -> OsmWay:
    missing = np.isnan(lonlat[:, 0])
    if not missing.any() and len(refs) >= 2:
        return OsmWay(way_id, tags, ((refs, lonlat),), 0)
    for i in np.flatnonzero(missing):
        lonlat[i] = late.get(int(refs[i]), (np.nan, np.nan))
    missing = np.isnan(lonlat[:, 0])
    return OsmWay(way_id, tags, tuple(_runs(refs, lonlat, ~missing)), int(missing.sum()))


def _runs(refs: np.ndarray, lonlat: np.ndarray, known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    edges = np.flatnonzero(np.diff(np.r_[False, known, False].astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= 2:
            yield refs[start:end], lonlat[start:end]


def _area(way: OsmWay) -> Iterator[OsmObject]:
    """A closed way as a polygon, another as the middle of its line; none where its nodes are missing."""
    if not way.runs:
        return
    refs, lonlat = max(way.runs, key=lambda run: len(run[0]))
    closed = refs[0] == refs[-1] and len(refs) >= 4
    geometry = shapely.make_valid(shapely.Polygon(lonlat)) if closed else shapely.LineString(lonlat)
    if geometry.is_empty:
        return
    yield OsmObject(f"w{way.id}", way.tags, geometry)
