"""Road graphs that OSMnx saved as GraphML.

OSMnx writes every value as text: ``oneway`` as "True", several values as "['a', 'b']", geometry as WKT (none for a
straight edge). A street open both ways is two edges with mirrored geometry; they become one here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from facilityplan.inputs import osm_tags
from facilityplan.inputs.coordinates import WGS84
from facilityplan.inputs.cutting import ATTRIBUTES


class GraphFileError(Exception):
    """The file is not a road graph with node coordinates."""


def read_graph(path: Path) -> tuple[str, np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    """Return (CRS, xy (vertices, 2), key, line, attributes) of the graph's edges, ready for `cutting.Lines`.

    Only end nodes are shared points: inner vertices get keys of their own. Raises GraphFileError.
    """
    import networkx

    try:
        graph = networkx.read_graphml(path, node_type=str, force_multigraph=True)
    except Exception as error:  # XML, key and type errors alike
        raise GraphFileError(error) from error
    crs = str(graph.graph.get("crs", WGS84))
    try:
        place = {n: (float(d["x"]), float(d["y"])) for n, d in graph.nodes(data=True)}
    except (KeyError, ValueError) as error:
        raise GraphFileError(f"node x, y: {error}") from error
    number = {n: i for i, n in enumerate(sorted(place))}
    ends, coordinates, attributes = [], [], []
    for (u, v), shape, values in _edges(graph, place):
        ends.append((number[u], number[v]))
        coordinates.append(shape)
        attributes.append(values)
    table = pd.DataFrame(attributes, columns=["u", "v", *ATTRIBUTES])[list(ATTRIBUTES)]
    sizes = np.array([len(c) for c in coordinates], dtype=np.int64)
    line = np.repeat(np.arange(len(sizes)), sizes)
    key = len(number) + np.arange(len(line), dtype=np.int64)
    if len(sizes):
        last = np.cumsum(sizes) - 1
        key[last - sizes + 1] = [u for u, _ in ends]
        key[last] = [v for _, v in ends]
    xy = np.concatenate(coordinates) if coordinates else np.empty((0, 2))
    return crs, xy, key, line, table


def _edges(graph: object, place: Mapping[str, tuple[float, float]]):
    """Yield ((u, v), coordinates, attribute row) for each street, mirrored pairs folded."""
    directed = graph.is_directed()  # type: ignore[attr-defined]
    found: dict[tuple, list] = {}
    for u, v, data in graph.edges(data=True):  # type: ignore[attr-defined]
        words = {k: _values(x) for k, x in data.items() if k in ("highway", "oneway", "bridge", "maxspeed", "name",
                                                                 "access", "junction", "from", "to")}
        highway = next((h for h in words.get("highway", ()) if h in osm_tags.ROAD_CLASSES), None)
        if highway is None or set(words.get("access", ())) & osm_tags.NO_ENTRY:
            continue
        shape = _shape(data.get("geometry"), place[u], place[v])
        oneway = words.get("oneway", ["False"])[0].lower() in ("true", "yes", "1")
        if not directed and oneway and words.get("from", [u])[0] == v:
            u, v, shape = v, u, shape[::-1]
        row = (highway, any(map(osm_tags.is_bridge, words.get("bridge", ()))),
               osm_tags.maxspeed_kmh(";".join(words.get("maxspeed", ()))), " / ".join(words.get("name", ())) or None)
        forward = shape.tolist() <= shape[::-1].tolist()
        identity = (min(u, v), max(u, v), (shape if forward else shape[::-1]).tobytes(), row[0], row[1])
        found.setdefault(identity, []).append((u, v, shape, row, forward, oneway))
    for twins in found.values():
        u, v, shape, row, _, oneway = min(twins, key=lambda t: (not t[4], t[0], t[1]))
        both = len({t[4] for t in twins}) > 1 or (u == v and len(twins) > 1)
        one = not both if directed else oneway
        yield (u, v), shape, (u, v, row[0], one, row[1], row[2], row[3])


def _values(text: object) -> list[str]:
    """Return the values in an attribute: OSMnx writes several as a Python list."""
    said = str(text)
    if said.startswith("[") and said.endswith("]") and len(said) < 10_000:
        try:
            listed = ast.literal_eval(said)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return [said]
        return [str(v) for v in listed]
    return [said] if said else []


def _shape(text: object, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    if text is None:
        return np.array([start, end])
    try:
        shape = shapely.get_coordinates(shapely.from_wkt(str(text)))
    except shapely.errors.GEOSException as error:
        raise GraphFileError(error) from error
    if len(shape) < 2:
        return np.array([start, end])
    return shape
