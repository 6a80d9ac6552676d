"""A plan as bytes: plan.json, the CSV tables, cells.parquet, refusals.csv. The same plan gives the same bytes.

cells.parquet keeps floats whole; the texts round them (`plan.texts`). The only clock reading is `solve.seconds`.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facilityplan.domain.columns import PLAN_CELLS, PLAN_FACILITIES, PLAN_STAFFING, PLAN_VILLAGES, REFUSALS
from facilityplan.model.types import StageResult
from facilityplan.plan.claims import BLOCK_KEYS
from facilityplan.plan.texts import basis_metadata, canonical_json, plain, records, sealed_manifest, table_csv
from facilityplan.plan.types import Plan

__all__ = ["cells_parquet", "facilities_csv", "files_of", "plan_json", "refusals_csv", "sealed_manifest",
           "villages_csv"]
SCHEMA_VERSION = 1
_ARROW = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def files_of(plan: Plan) -> dict[str, bytes]:
    """Return file name → content of the plan's data files."""
    return {"plan.json": plan_json(plan), "villages.csv": villages_csv(plan), "facilities.csv": facilities_csv(plan),
            "cells.parquet": cells_parquet(plan), "refusals.csv": refusals_csv(plan)}


def plan_json(plan: Plan) -> bytes:
    """Return `plan.json` (contract, version 1), UTF-8."""
    document = {
        "schema_version": SCHEMA_VERSION, "county": plan.county, "county_en": plan.county_en, "scenario": plan.scenario,
        "scenario_name": plan.scenario_name._asdict(), "data_basis": plan.data_basis,
        "standards": [{**s.model_dump(mode="json"), "binding": bool(plan.binding[s.id])} for s in plan.standards],
        "solve": {
            "status": plan.solve.status,
            "objectives": [stage_record(s) for s in plan.solve.stages],
            "seconds": plan.solve.seconds, "reproducible": plan.solve.reproducible,
            "model_size": dict(sorted(plan.solve.model_size.items())),
            "slacks": dict(sorted(plan.solve.slacks.items()))},
        "villages": records(PLAN_VILLAGES, plan.villages),
        "facilities": records(PLAN_FACILITIES, plan.facilities),
        "townships": townships(plan),
        **({"consortia": [dict(one) for one in plan.consortia]} if plan.consortia else {}),
        **{key: list(getattr(plan, key)) for key in BLOCK_KEYS if getattr(plan, key)},
        "metrics": dict(plan.metrics),
        "notes": [note._asdict() for note in plan.notes],
        "sources": [s.model_dump(mode="json", exclude_none=True) for s in plan.sources],
        "review_number": plan.review_number,
    }
    if plan.money is not None:
        document |= {"works": list(plan.money.works), "funding": list(plan.money.funding),
                     "capital_other": dict(plan.money.other)}
    if plan.verified is not None:
        document["verified"] = {"ok": plan.verified.ok, "checks": plan.verified.checks,
                                "failures": list(plan.verified.failures)}
    return canonical_json(plain(document))


def stage_record(stage: StageResult) -> dict[str, Any]:
    """Return one stage of the objective; parts and tolerance stand there only where the stage has them."""
    record = {"name": stage.name, "value": stage.value, "bound": stage.bound, "gap": stage.gap}
    if stage.parts:
        record["parts"] = [asdict(part) for part in stage.parts]
    if stage.tolerance:
        record["tolerance"] = asdict(stage.tolerance)
    return record


def townships(plan: Plan) -> list[dict[str, Any]]:
    """Return what is decided by township, sorted by name: sub-centre, hires, doctors in reserve, consortium if any, and
    its staff before and after."""
    decided = plan.decisions
    staff = {} if plan.staffing is None else {row["name"]: row for row in records(PLAN_STAFFING, plan.staffing)}
    names = sorted({*plan.villages["township"], *decided.catchments, *decided.hires, *decided.reserve,
                    *decided.consortia, *staff})
    return [{"name": name, "catchment_of": decided.catchments.get(name), "hires": int(decided.hires.get(name, 0)),
             "reserve": int(decided.reserve.get(name, 0)),
             **({"consortium": decided.consortia.get(name)} if decided.consortia else {}), **staff.get(name, {})}
            for name in names]


def villages_csv(plan: Plan) -> bytes:
    """Return `villages.csv`, one row a village, columns as in plan.json."""
    return table_csv(PLAN_VILLAGES, plan.villages, plan.data_basis)


def facilities_csv(plan: Plan) -> bytes:
    """Return `facilities.csv`, one row a facility that stands or is built, columns as in plan.json."""
    return table_csv(PLAN_FACILITIES, plan.facilities, plan.data_basis)


def refusals_csv(plan: Plan) -> bytes:
    """Return `refusals.csv`: every merger considered, made or not, and why not."""
    return table_csv(REFUSALS, plan.refusals, plan.data_basis)


def cells_parquet(plan: Plan) -> bytes:
    """Return `cells.parquet`; columns carry unit and names as metadata, the file its basis. No clock, no index."""
    fields = [pa.field(c.name, _ARROW[c.type], nullable=c.nullable,
                       metadata={"unit": c.unit, "en": c.en, "zh": c.zh}) for c in PLAN_CELLS]
    arrays = [pa.array(plan.cells[c.name].to_numpy(), type=_ARROW[c.type], from_pandas=True) for c in PLAN_CELLS]
    out = io.BytesIO()
    schema = pa.schema(fields, metadata=basis_metadata(plan.data_basis))
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), out, compression="zstd", version="2.6")
    return out.getvalue()
