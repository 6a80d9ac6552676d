"""Compiled kernels: snapping to segments, shortest paths over CSR, and the joining of points to what was found.

All kernels live in this one file, because numba's cache notices changes of a function's own file only. Signatures are
explicit, so each is compiled once, at import, and read from the cache afterwards. Times are integer deciseconds; sums
are made in int64 and anything that reaches ``UNREACHABLE`` counts as no way, so nothing ever wraps.

A node's *state* is one int64, ``deciseconds << 32 | label``: comparing states compares times first and labels second,
which makes the lowest label win a tie exactly, through every kernel.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

UNREACHABLE = np.int64(2**31 - 1)
NO_STATE = np.int64(2**63 - 1)
LABEL = np.int64(2**32 - 1)
TIE_M = 1e-6  # edges this much farther than the nearest one count as equally near
END = 1e-9  # a joint this close to an edge's end, as a share of its length, is at the end
HALF = 0.5 + 1e-8  # round half up; the slack keeps exact halves from hanging on the last bit of a float


def compiled(*signature: str, inline: bool = False) -> Callable:
    """Compile for ``signature``; without a cache where neither the package nor the user's cache folder is writable."""
    options = {"nogil": True, "inline": "always" if inline else "never"}

    def decorate(function: Callable) -> Callable:
        try:
            return njit(*signature, cache=True, **options)(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            return njit(*signature, **options)(function)

    return decorate


def run(kernel: Callable, *arguments: object) -> object:
    """Call a kernel with arrays as its signature wants them: contiguous and writable.

    Arrays that come out of pandas or a memory map are often read-only, which numba takes for another type.
    """
    return kernel(*(np.require(a, requirements="CW") if isinstance(a, np.ndarray) else a for a in arguments))


# -- the heap: keys and nodes in two arrays, sizes kept by the caller ----------------------------------------------


@compiled("int64(int64[::1], int32[::1], int64, int64, int32)")
def _push(keys, nodes, size, key, node):
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if keys[parent] <= key:
            break
        keys[at] = keys[parent]
        nodes[at] = nodes[parent]
        at = parent
    keys[at] = key
    nodes[at] = node
    return size + 1


@compiled("int64(int64[::1], int32[::1], int64)")
def _drop_first(keys, nodes, size):
    size -= 1
    key = keys[size]
    node = nodes[size]
    at = 0
    child = 1
    while child < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at] = keys[child]
        nodes[at] = nodes[child]
        at = child
        child = 2 * at + 1
    keys[at] = key
    nodes[at] = node
    return size


@compiled("int64(int64[::1], int32[::1], int32[::1], int32[::1], int64[::1], int32[::1], int64, int64[::1], int32[::1],"
          "int64)")
def _settle(indptr, heads, arc_ds, node_limit, keys, nodes, size, state, touched, count):
    """Empty the heap. ``state`` must hold the seeds' states; nodes beyond their ``node_limit`` are left alone.

    Returns how many entries of ``touched`` are filled: every node whose state was set, the seeds (``count``) included.
    Each arc is relaxed once, so the heap never holds more than seeds + arcs.
    """
    while size > 0:
        key = keys[0]
        node = nodes[0]
        size = _drop_first(keys, nodes, size)
        if key != state[node]:
            continue
        ds = key >> 32
        label = key & LABEL
        for k in range(indptr[node], indptr[node + 1]):
            head = heads[k]
            onward = ds + arc_ds[k]
            if onward > node_limit[head]:
                continue
            new = (onward << 32) | label
            if new < state[head]:
                if state[head] == NO_STATE:
                    touched[count] = head
                    count += 1
                state[head] = new
                size = _push(keys, nodes, size, new, head)
    return count


@compiled("void(int64[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int64[::1],"
          "int32[::1], int64[::1], int32[::1])")
def settle_all(indptr, heads, arc_ds, seed_node, seed_ds, seed_label, node_limit, keys, nodes, state, touched):
    """Fill ``state`` from many seeds at once: every node's least time, and the lowest label that attains it.

    Seeds of ``UNREACHABLE`` deciseconds are ignored. Pass the reversed graph for times *to* the seeds. ``keys``,
    ``nodes`` (arcs + seeds long) and ``touched`` (nodes) are working space; ``state`` starts as NO_STATE.
    """
    size = 0
    count = 0
    for s in range(len(seed_node)):
        node = seed_node[s]
        if seed_ds[s] > node_limit[node]:
            continue
        key = (np.int64(seed_ds[s]) << 32) | seed_label[s]
        if key < state[node]:
            if state[node] == NO_STATE:
                touched[count] = node
                count += 1
            state[node] = key
            size = _push(keys, nodes, size, key, node)
    _settle(indptr, heads, arc_ds, node_limit, keys, nodes, size, state, touched, count)


# -- points and nodes ------------------------------------------------------------------------------------------------


@compiled("int64(float64, float64, int32, int32)")
def along_edge(start, end, forward_ds, backward_ds):
    """Return the time from one joint to another on one edge, straight along it; UNREACHABLE where not allowed."""
    step = end - start
    if abs(step) <= END:
        return np.int64(0)
    ds = forward_ds if step > 0 else backward_ds
    if ds >= UNREACHABLE:
        return UNREACHABLE
    return np.int64(np.floor(abs(step) * ds + HALF))


@compiled("void(int64[::1], int32[:, ::1], int32[::1], int32[::1], int32[::1], float64[::1], int32[::1], int32[::1],"
          "int32[::1], float64[::1], int32[::1], int64[::1], int32[::1], int32[::1], int32[::1])")
def join_nearest(state, edge_uv, forward_ds, backward_ds, edge, fraction, walk_ds, to_u_ds, to_v_ds,
                 site_fraction, site_walk_ds, edge_ptr, edge_sites, out_ds, out_label):
    """Fill each origin's least (time, label): by way of its edge's ends, or straight along an edge shared with a site.

    ``edge_ptr``, ``edge_sites`` list the sites by edge; a site's label is its position. (UNREACHABLE, -1) = no way.
    """
    for o in range(len(edge)):
        out_ds[o] = UNREACHABLE
        out_label[o] = -1
        e = edge[o]
        if e < 0:
            continue
        best = NO_STATE
        for side in range(2):
            s = state[edge_uv[e, side]]
            leg = to_u_ds[o] if side == 0 else to_v_ds[o]
            if s != NO_STATE and (s >> 32) + leg < UNREACHABLE:  # before it is shifted: a state has no room to spare
                best = min(best, s + (np.int64(leg) << 32))
        for k in range(edge_ptr[e], edge_ptr[e + 1]):
            j = edge_sites[k]
            ds = along_edge(fraction[o], site_fraction[j], forward_ds[e], backward_ds[e])
            if ds + site_walk_ds[j] < UNREACHABLE:
                best = min(best, ((ds + site_walk_ds[j]) << 32) | j)
        if best != NO_STATE and (best >> 32) + walk_ds[o] < UNREACHABLE:
            out_ds[o] = (best >> 32) + walk_ds[o]
            out_label[o] = best & LABEL


@compiled("int64(int64[::1], int32[::1], int32[::1], int32[::1], int32[:, ::1],"
          "int32[::1], int32[::1], int32[::1], float64[::1], int32[::1], int32[::1], int32[::1],"
          "float64[::1], int32[::1], int32[::1], int64[::1], int32[::1], int32[::1], int64[::1], int32[::1],"
          "int64[::1], int32[::1], int64[::1], int32[::1], int64[::1], int32[::1], int64[::1], int32[::1], int32[::1],"
          "int64)")
def times_within(indptr, heads, arc_ds, node_limit, edge_uv, forward_ds, backward_ds,
                 site_edge, site_fraction, site_walk_ds, site_from_u, site_from_v,
                 fraction, walk_ds, origin_limit,
                 node_ptr, node_origins, node_leg, edge_ptr, edge_origins,
                 keys, nodes, state, touched, best, seen, pointer, pair_origin, pair_ds, start):
    """Fill all pairs (origin, site) whose time is within the origin's limit: one bounded search for every site.

    ``indptr``, ``heads``, ``arc_ds`` are the reversed graph. ``node_ptr``, ``node_origins``, ``node_leg`` list the
    origins that can travel to a node and the time of that leg; ``edge_ptr``, ``edge_origins`` the origins by edge.
    Work follows what is reached, not origins x sites. The pairs of site j go to positions ``pointer[j]`` to
    ``pointer[j + 1]`` of ``pair_origin``, ``pair_ds``. Starts at site ``start``; returns the first site that did not
    fit (make room and come again), or the number of sites. The other arrays of the signature's last row are working
    space, left as found: ``state`` NO_STATE, ``best`` UNREACHABLE. No kernel allocates: numba takes longer to compile
    an allocation than a search.
    """
    pairs = pointer[start]
    for j in range(start, len(site_edge)):
        e = site_edge[j]
        count = 0
        found = 0
        if e >= 0:
            size = 0
            for side in range(2):
                lead = np.int64(site_from_u[j]) if side == 0 else np.int64(site_from_v[j])
                node = edge_uv[e, side]
                if lead >= UNREACHABLE or lead + site_walk_ds[j] > node_limit[node]:
                    continue
                key = (lead + site_walk_ds[j]) << 32
                if key < state[node]:
                    if state[node] == NO_STATE:
                        touched[count] = node
                        count += 1
                    state[node] = key
                    size = _push(keys, nodes, size, key, node)
            count = _settle(indptr, heads, arc_ds, node_limit, keys, nodes, size, state, touched, count)
            for t in range(count):
                node = touched[t]
                ds = state[node] >> 32
                for k in range(node_ptr[node], node_ptr[node + 1]):
                    o = node_origins[k]
                    if best[o] == UNREACHABLE:
                        seen[found] = o
                        found += 1
                    best[o] = min(best[o], ds + node_leg[k])
                state[node] = NO_STATE
            for k in range(edge_ptr[e], edge_ptr[e + 1]):
                o = edge_origins[k]
                ds = along_edge(fraction[o], site_fraction[j], forward_ds[e], backward_ds[e])
                if ds < UNREACHABLE:
                    if best[o] == UNREACHABLE:
                        seen[found] = o
                        found += 1
                    best[o] = min(best[o], ds + site_walk_ds[j])
            if pairs + found > len(pair_ds):
                for k in range(found):
                    best[seen[k]] = UNREACHABLE
                return j
            for k in range(found):
                o = seen[k]
                total = best[o] + walk_ds[o]
                best[o] = UNREACHABLE
                if total <= origin_limit[o]:
                    pair_origin[pairs] = o
                    pair_ds[pairs] = total
                    pairs += 1
        pointer[j + 1] = pairs
    return len(site_edge)


@compiled("void(int64[::1], int32[::1], int32[::1], int64[::1], int64[::1], int64[::1], int64[::1], int32[::1],"
          "int32[::1], int32[::1])")
def sort_by_origin(site_pointer, pair_origin, pair_ds, pointer, at, row, keys, nodes, site, ds):
    """Turn pairs listed by site into CSR by origin, each origin's sites in order of (time, site).

    ``pointer`` delimits the origins; ``at`` starts as a copy of it. ``row`` (pairs), ``keys``, ``nodes`` (sites + 1)
    are working space; ``site`` and ``ds`` are filled.
    """
    for j in range(len(site_pointer) - 1):
        for k in range(site_pointer[j], site_pointer[j + 1]):
            o = pair_origin[k]
            row[at[o]] = (np.int64(pair_ds[k]) << 32) | j
            at[o] += 1
    for o in range(len(pointer) - 1):
        size = 0
        for k in range(pointer[o], pointer[o + 1]):
            size = _push(keys, nodes, size, row[k], np.int32(0))
        for k in range(pointer[o], pointer[o + 1]):
            ds[k] = keys[0] >> 32
            site[k] = keys[0] & LABEL
            size = _drop_first(keys, nodes, size)


# -- snapping --------------------------------------------------------------------------------------------------------


@compiled("UniTuple(float64, 2)(float64[:, ::1], int64, float64, float64)")
def _foot(segments, s, x, y):
    """Return the distance of (x, y) to segment ``s`` and the metres from its start to the foot."""
    x0 = segments[s, 0]
    y0 = segments[s, 1]
    dx = segments[s, 2] - x0
    dy = segments[s, 3] - y0
    square = dx * dx + dy * dy
    t = 0.0
    if square > 0:
        t = min(max(((x - x0) * dx + (y - y0) * dy) / square, 0.0), 1.0)
    gap_x = x - (x0 + t * dx)
    gap_y = y - (y0 + t * dy)
    return np.sqrt(gap_x * gap_x + gap_y * gap_y), t * np.sqrt(square)


@compiled("void(float64[:, ::1], float64[:, ::1], int32[::1], float64[::1], float64[:, ::1], int64[::1], int64[::1],"
          "int64[::1], float64[::1], int32[::1], float64[::1], float64[::1])")
def nearest_segments(xy, segments, segment_edge, segment_start_m, boxes, level_start, waiting, waiting_level,
                     waiting_square, out_edge, out_along_m, out_far_m):
    """Fill each point's nearest edge, the metres along it to the foot, and the distance.

    ``segments`` and ``boxes`` hold x0, y0, x1, y1. The boxes form a tree, ``level_start`` delimits its levels from the
    leaves up to the root: box k of a level holds boxes 4k to 4k + 3 of the level below, a leaf segments 4k to 4k + 3.
    Edges within ``TIE_M`` of the nearest tie: the smallest id wins; on one edge the nearest foot wins, then the one
    that comes first along it. Points that follow each other should lie near each other: each starts from the last
    one's segment. ``waiting`` and its like (4 * levels + 4) are working space.
    """
    levels = len(level_start) - 1
    last = 0
    for p in range(len(xy)):
        x = xy[p, 0]
        y = xy[p, 1]
        near, _ = _foot(segments, last, x, y)
        rival = np.inf  # the nearest of all other edges
        edge = np.int32(-1)
        far = np.inf
        along = 0.0
        for pick in range(2):  # how near the nearest is; then, where another comes as near, which of them it is
            if pick == 1:
                if rival > near + TIE_M:
                    break
                edge = np.int32(2**31 - 1)
                far = np.inf
            reach = near + 2 * TIE_M
            waiting[0] = 0
            waiting_level[0] = levels - 1
            waiting_square[0] = 0.0
            size = 1
            while size > 0:
                size -= 1
                if waiting_square[size] > reach * reach:
                    continue
                level = waiting_level[size]
                first = 4 * waiting[size]
                if level > 0:
                    below = level_start[level - 1]
                    bottom = size
                    for c in range(first, min(first + 4, level_start[level] - below)):
                        dx = max(boxes[below + c, 0] - x, 0.0, x - boxes[below + c, 2])
                        dy = max(boxes[below + c, 1] - y, 0.0, y - boxes[below + c, 3])
                        square = dx * dx + dy * dy
                        if square > reach * reach:
                            continue
                        at = size  # the nearest child on top, to be looked into first
                        while at > bottom and waiting_square[at - 1] < square:
                            waiting[at] = waiting[at - 1]
                            waiting_square[at] = waiting_square[at - 1]
                            at -= 1
                        waiting[at] = c
                        waiting_square[at] = square
                        waiting_level[size] = level - 1
                        size += 1
                    continue
                for s in range(first, min(first + 4, len(segments))):
                    d, t = _foot(segments, s, x, y)
                    if d > reach:
                        continue
                    m = segment_start_m[s] + t
                    if pick == 1:
                        if d <= near + TIE_M and (segment_edge[s] < edge or (
                                segment_edge[s] == edge and (d < far or (d == far and m < along)))):
                            edge = segment_edge[s]
                            far = d
                            along = m
                    elif d < far or (d == far and segment_edge[s] == edge and m < along):
                        if segment_edge[s] != edge:
                            rival = min(rival, far)
                        edge = segment_edge[s]
                        far = d
                        along = m
                        last = s
                        near = min(near, d)
                        reach = near + 2 * TIE_M
                    elif segment_edge[s] != edge:
                        rival = min(rival, d)
        out_edge[p] = edge
        out_along_m[p] = along
        out_far_m[p] = far
