"""Measure sizes × phases, and our parts against their peers: ``python -m tests.benchmark [--json FILE]``.

Counties: the shipped configs, where their data are. Synthetic: planning data of 40, 150 and 400 villages, the larger
two again without the no-harm and same-township rules ("free"), which leaves more to decide. Peers run in the same
process on the same data and must agree. ``results.json`` beside this file holds one measured result; refresh it on a
machine with nothing else to do by

    make benchmark                                             # prints only
    .venv/bin/python -m tests.benchmark --json tests/benchmark/results.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmark import peers
from tests.benchmark.phases import measure_county, measure_synthetic, warm_up
from tests.benchmark.specs import COUNTIES, SYNTHETIC

PACKAGES = ("pulp", "highspy", "numpy", "scipy", "numba", "networkx", "shapely", "pandas", "geopandas")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, print tables, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", action="append", help="a spec by name; may be repeated")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each plan of the comparison (60)")
    parser.add_argument("--remark", help="what a reader must know of the circumstances; written with the figures")
    given = parser.parse_args(arguments)
    figures = measure(given.only, given.limit)
    if given.remark:
        figures = {"remark": given.remark, **figures}
    print(tables(figures))
    if given.json:
        text = json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False)
        given.json.write_text(text + "\n", encoding="utf-8")
    return 0


def measure(only: Sequence[str] | None = None, limit_s: float = 60.0) -> dict[str, Any]:
    """Return every figure of the specs named (all where none is), free of machine names and paths."""
    runs, ratios, skipped = {}, [], []
    warm_up()
    for spec in (*COUNTIES, *SYNTHETIC):
        if only and spec.name not in only:
            continue
        if spec in COUNTIES:
            if not spec.there:
                skipped.append(spec.name)
                continue
            run = measure_county(spec)
            ratios += peers.travel(run) + peers.snapping(run)
        else:
            run = measure_synthetic(spec)
        ratios += peers.model(run, limit_s)
        runs[spec.name] = run.record()
    return {"cores": os.cpu_count(), "solver_threads": 1,
            "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
            "runs": runs, "against_peers": [r.record() for r in ratios], "skipped": skipped}


def tables(figures: dict[str, Any]) -> str:
    """Return the figures as plain tables."""
    runs = figures["runs"]
    phases = list(dict.fromkeys(p for run in runs.values() for p in run["seconds"]))
    wide = max([len("phase"), *map(len, phases)])
    columns = [max(len(name), 8) for name in runs]
    head = f"{figures['cores']} cores, solver on one thread, Python {figures['versions']['python']}"
    lines = [*([figures["remark"]] if "remark" in figures else []), head, "",
             "seconds".ljust(wide) + "".join(f"  {n:>{w}}" for n, w in zip(runs, columns, strict=True))]
    for phase in phases:
        cells = [run["seconds"].get(phase) for run in runs.values()]
        lines.append(phase.ljust(wide) + "".join(
            f"  {'–' if c is None else f'{c:.2f}':>{w}}" for c, w in zip(cells, columns, strict=True)))
    for name, run in runs.items():
        size = ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in run["size"].items())
        lines += ["", f"{name}: {size}"]
        lines += [f"  {s['stage']:<24} {s['value']:>16,.1f}  gap {s['gap']:.4%}  {s['seconds']:.2f} s"
                  for s in run["stages"]]
    lines += ["", "against peers (ratio: how many times as long the peer takes)"]
    for r in figures["against_peers"]:
        peer, ratio = "–", "–"
        if r["peer_s"] is not None:
            peer, ratio = f"{r['peer_s']:.3f}", f"{'≥ ' if r['at_least'] else ''}{r['ratio']:.1f}"
        lines.append(f"  {r['task']:<28} {r['spec']:<20} {r['peer']:<22} {r['ours_s']:>9.4f} s {peer:>9} s "
                     f"{ratio:>7}  {r['agree']}")
    if figures["skipped"]:
        lines += ["", f"skipped, data not on this machine: {', '.join(figures['skipped'])}"]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
