"""Every timing of ours against somebody else's way to the same answer, in the same run and checked to agree."""

from __future__ import annotations

import dataclasses
from typing import Any

import networkx as nx
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from facilityplan.access import nearest, travel_times
from facilityplan.domain.sites import is_candidate
from facilityplan.model.solve import solve_data
from facilityplan.model.solver import Solver
from facilityplan.network.search import site_seeds
from facilityplan.network.snapping import RoadIndex, usable_edges
from facilityplan.units import UNREACHABLE_DS
from tests.benchmark.clock import Clock, best_of
from tests.benchmark.phases import Measured
from tests.benchmark.plain_model import solve_plainly

LIMIT_DS = 18_000  # half an hour
NETWORKX_SITES = 6  # networkx is timed on so many sites and scaled up
MOST_ASSIGNMENTS = 150_000  # the plain model is not attempted beyond: PuLP alone would take minutes to write it down


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Ours and a peer's seconds for one task; ``agree`` says how far the answers are the same."""

    task: str
    spec: str
    peer: str
    ours_s: float
    peer_s: float | None  # None = not attempted
    agree: str
    at_least: bool = False  # the clock stopped the peer: it would have taken longer

    def record(self) -> dict[str, Any]:
        """Return what is written down; ``ratio`` says how many times as long the peer takes."""
        ratio = None if self.peer_s is None else round(self.peer_s / max(self.ours_s, 1e-9), 2)
        peer = None if self.peer_s is None else round(self.peer_s, 5)
        return {**dataclasses.asdict(self), "ours_s": round(self.ours_s, 5), "peer_s": peer, "ratio": ratio}


def travel(measured: Measured) -> list[Ratio]:
    """Time to every cell: to the nearest site, and all pairs within half an hour."""
    network, cells = measured.geography.networks[measured.mode], measured.geography.cells[measured.mode]
    sites = measured.geography.facilities[measured.mode]
    standing = ~is_candidate(measured.inputs.facilities)
    indptr, heads, times = network.reversed_csr()
    n = len(network.node_xy)
    spec, out = measured.name, []

    ours, found = best_of(3, lambda: nearest(network, cells, sites, standing))
    node, lead, _ = site_seeds(network, sites, standing)
    usable = lead < UNREACHABLE_DS

    def scipy_nearest():
        first = np.full(n, np.inf)
        np.minimum.at(first, node[usable], lead[usable].astype(float))
        seeds = np.flatnonzero(np.isfinite(first))
        graph = _with_source(indptr, heads, times, seeds, first[seeds] + 1)  # scipy takes an arc of 0 for none
        return _to_cells(dijkstra(graph, indices=n)[:n] - 1, network, cells)

    peer, theirs = best_of(3, scipy_nearest)
    mine = np.where(found.ds == UNREACHABLE_DS, np.inf, found.ds)
    out.append(Ratio("nearest site of every cell", spec, "scipy dijkstra", ours, peer, _agreement(mine, theirs)))

    graph = nx.DiGraph()
    tails = np.repeat(np.arange(n), np.diff(indptr))
    graph.add_nodes_from(range(n + 1))
    for a, b, t in zip(tails.tolist(), heads.tolist(), times.tolist(), strict=True):
        if not graph.has_edge(a, b) or graph[a][b]["ds"] > t:
            graph.add_edge(a, b, ds=t)
    for b, t in zip(node[usable].tolist(), lead[usable].tolist(), strict=True):
        if not graph.has_edge(n, b) or graph[n][b]["ds"] > t:
            graph.add_edge(n, b, ds=t)

    def networkx_nearest():
        reached = nx.single_source_dijkstra_path_length(graph, n, weight="ds")
        return _to_cells(np.array([reached.get(k, np.inf) for k in range(n)]), network, cells)

    peer, theirs = best_of(1, networkx_nearest)
    out.append(Ratio("nearest site of every cell", spec, "networkx", ours, peer, _agreement(mine, theirs)))

    ours, found = best_of(3, lambda: travel_times(network, cells, sites, LIMIT_DS))
    pairs = len(found.site)
    starts = np.flatnonzero(sites.edge >= 0)
    legs = (sites.from_u_ds[starts].astype(float), sites.from_v_ds[starts].astype(float))
    ends = (network.edge_uv[sites.edge[starts], 0], network.edge_uv[sites.edge[starts], 1])

    def scipy_pairs():
        matrix = csr_array((times.astype(float), heads, indptr), shape=(n, n))
        ways = [dijkstra(matrix, indices=end, limit=LIMIT_DS) for end in ends]
        count = 0
        for k in range(len(starts)):
            far = np.minimum(*(np.where(leg[k] < UNREACHABLE_DS, leg[k], np.inf) + way[k]
                               for leg, way in zip(legs, ways, strict=True))) + sites.walk_ds[starts[k]]
            count += int((_to_cells(far, network, cells) <= LIMIT_DS).sum())
        return count

    peer, theirs = best_of(1, scipy_pairs)
    out.append(Ratio("cells × sites within 30 min", spec, "scipy dijkstra", ours, peer,
                     f"{theirs / pairs:.2%} of pairs" if pairs else "no pairs"))  # the rest share an edge

    some = starts[:: max(1, len(starts) // NETWORKX_SITES)][:NETWORKX_SITES]
    peer, _ = best_of(1, lambda: [nx.single_source_dijkstra_path_length(
        graph, int(network.edge_uv[sites.edge[k], 0]), cutoff=LIMIT_DS, weight="ds") for k in some])
    out.append(Ratio("cells × sites within 30 min", spec, "networkx, roads only", ours, peer * len(starts) / len(some),
                     f"scaled up from {len(some)} sites"))
    return out


def snapping(measured: Measured) -> list[Ratio]:
    """Cells onto their nearest road: our tree of segments against shapely's tree of lines."""
    roads, network = measured.inputs.roads, measured.geography.networks[measured.mode]
    xy = measured.inputs.cells[["x", "y"]].to_numpy(float)
    usable = usable_edges(network)
    ours, joints = best_of(3, lambda: RoadIndex(roads, usable).locate(xy))
    lines = roads.edges.geometry.to_numpy()[usable]

    def strtree():
        points = shapely.points(xy)
        (_, hit), far = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
        shapely.line_locate_point(lines[hit], points)
        return far

    peer, far = best_of(1, strtree)
    return [Ratio("cells onto roads", measured.name, "shapely STRtree", ours, peer,
                  f"within {max(1e-9, float(np.abs(far - joints.walk_m).max())):.0e} m")]


def model(measured: Measured, limit_s: float) -> list[Ratio]:
    """The clinics' part of the model: ladders against one variable for every cell and site."""
    data = dataclasses.replace(measured.data, sub_centres=None, objectives=tuple(
        o for o in measured.data.objectives if o.name != "sub_centre_minutes"))
    clock = Clock()
    with Solver() as solver:
        _, report = clock("solve", solve_data, data, solver, time_limit_s=limit_s)
    assignments = sum(_assignments(data, ladder) for ladder in data.ladders)
    if assignments > MOST_ASSIGNMENTS:
        return [Ratio("plan", measured.name, "PuLP + HiGHS, x_ij", clock.seconds["solve"], None,
                      f"not attempted: {assignments:,} x_ij")]
    peer = clock("peer", solve_plainly, data, limit_s)
    proven = 0
    for mine, theirs in zip(report.stages, peer.stages, strict=False):
        if theirs.proven and mine.gap == 0:
            if round(mine.value * theirs.scale) != theirs.value:
                raise AssertionError(f"{measured.name}, {mine.name}: ours {mine.value * theirs.scale}, {theirs.value}")
            proven += 1
        else:
            break
    done = f"{proven} of {len(data.objectives)} stages proven, all equal"
    if peer.stopped:
        done += f"; stopped at {peer.stopped}"
    return [Ratio("plan", measured.name, "PuLP + HiGHS, x_ij", clock.seconds["solve"], clock.seconds["peer"], done,
                  at_least=bool(peer.stopped))]


def _assignments(data, ladder) -> int:
    """How many x_ij the plain model needs: pairs within the cell's no-harm limit, all where none holds."""
    limit = np.repeat(ladder.limit_ds, np.diff(ladder.indptr))
    return int(((ladder.ds <= limit) | (limit < 0) | (not data.holds("no_harm"))).sum())


def _with_source(indptr, heads, times, seeds, lead) -> csr_array:
    n = len(indptr) - 1
    return csr_array((np.concatenate([times.astype(float), lead]), np.concatenate([heads, seeds]),
                      np.append(indptr, len(heads) + len(seeds))), shape=(n + 1, n + 1))


def _to_cells(node_ds: np.ndarray, network, cells) -> np.ndarray:
    """Join every cell through the two ends of its edge (float, inf = no way); a site on the same edge is not seen."""
    on = cells.edge >= 0
    u, v = network.edge_uv[cells.edge].T
    legs = (np.where(leg < UNREACHABLE_DS, leg, np.inf) for leg in (cells.to_u_ds, cells.to_v_ds))
    ways = [leg + node_ds[end] for leg, end in zip(legs, (u, v), strict=True)]
    return np.where(on, np.minimum(*ways) + cells.walk_ds, np.inf)


def _agreement(mine: np.ndarray, theirs: np.ndarray) -> str:
    """Say how many cells have the very same time; a peer that finds a quicker way is an error."""
    if (theirs < mine).any():
        raise AssertionError("a peer found a quicker way")
    return f"{(theirs == mine).mean():.2%} of cells"  # the rest share an edge with their site
