"""A finished run read back for the verifier: digests first, then the files against each other, then the claims."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from facilityplan.config.schema import Config
from facilityplan.domain.columns import (
    PLAN_CELLS,
    PLAN_FACILITIES,
    PLAN_STAFFING,
    PLAN_VILLAGES,
    REFUSALS,
    Column,
    csv_names,
    names,
)
from facilityplan.domain.decisions import Decisions, SiteDecision, Visit
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.claims import BLOCK_KEYS, Claims, Ledger, StageClaim
from facilityplan.plan.texts import as_csv_text, basis_metadata, read_csv, sealed_manifest, with_basis

MANIFEST = "manifest.json"
PAGES = ("map.html", "notices.html", "plan.gpkg", "plan.xlsx", "report.html")
MONEY_KEYS = ("works", "funding", "capital_other")
DATA_FILES = ("plan.json", "villages.csv", "facilities.csv", "cells.parquet", "refusals.csv")
RUN_FILES = (*DATA_FILES, *PAGES)


def read_run(folder: Path, config: Config, inputs: Inputs, ledger: Ledger) -> Claims | None:
    """Return the claims of the run in ``folder``, booking every check of its files; None where they cannot be read."""
    manifest = _read_json(folder / MANIFEST, ledger)
    if manifest is None or not check_manifest(folder, manifest, config, inputs, ledger):
        return None
    document = _read_json(folder / "plan.json", ledger)
    if document is None:
        return None
    try:
        villages = _table(PLAN_VILLAGES, document["villages"])
        facilities = _table(PLAN_FACILITIES, document["facilities"])
        _check_csv(folder / "villages.csv", PLAN_VILLAGES, document, ledger)
        _check_csv(folder / "facilities.csv", PLAN_FACILITIES, document, ledger)
        _check_document(document, manifest, ledger)
        return Claims(
            county=document["county"], data_basis=document["data_basis"], standards=tuple(document["standards"]),
            decisions=decisions_of(document), status=document["solve"]["status"],
            stages=tuple(StageClaim(**stage) for stage in document["solve"]["objectives"]),
            villages=villages, facilities=facilities, cells=_read_cells(folder / "cells.parquet", document, ledger),
            refusals=_read_refusals(folder / "refusals.csv", document, ledger), metrics=document["metrics"],
            consortia=tuple(document.get("consortia", ())),
            money={key: document[key] for key in MONEY_KEYS} if "works" in document else None,
            blocks={key: tuple(document[key]) for key in BLOCK_KEYS if key in document},
            staffing=_staffing(document["townships"]))
    except Exception as error:  # files so broken that they cannot be read must not pass
        ledger.check("files", False, f"the run's files cannot be read: {type(error).__name__}: {error}")
        return None


def check_manifest(folder: Path, manifest: Mapping[str, Any], config: Config, inputs: Inputs, ledger: Ledger) -> bool:
    """Book the checks of manifest.json itself, of every file's digest, of the inputs' digests and of the config.

    Returns whether the files that a plan needs are all there.
    """
    ledger.check("files", (folder / MANIFEST).read_bytes() == sealed_manifest(manifest),
                 f"{MANIFEST} was changed: its seal is broken or missing")
    listed, found = manifest.get("files"), sorted(p.name for p in folder.iterdir() if p.name != MANIFEST)
    if not ledger.check("files", isinstance(listed, dict), f"{MANIFEST} lists no files"):
        return False
    for name in sorted(set(listed) - set(found)):
        ledger.check("files", False, f"{name} is in {MANIFEST} but not in the folder")
    for name in found:
        if ledger.check("files", name in listed, f"{name} is in the folder but not in {MANIFEST}"):
            path = folder / name
            same = path.is_file() and not path.is_symlink() and _sha256(path) == listed[name]
            ledger.check("files", same, f"{name} was changed: its SHA-256 is not the one in {MANIFEST}")
    noted, given = manifest.get("inputs") or {}, dict(inputs.digests)
    ledger.same_keys("inputs", sorted(noted), sorted(given), "input files")
    for name in sorted(noted.keys() & given.keys()):
        ledger.check("inputs", noted[name] == given[name], f"input {name} is not the file that the run was made from")
    ledger.check("inputs", manifest.get("config") == config.model_dump(mode="json"), "the config is not the run's")
    strange = sorted(set(found) - set(RUN_FILES))
    ledger.check("files", not strange, f"a run leaves no such files: {strange}")
    absent = [name for name in PAGES if name not in found]
    ledger.check("files", not absent, f"the folder lacks {absent}")
    missing = [name for name in DATA_FILES if name not in found]
    return ledger.check("files", not missing, f"the folder lacks {missing}")


def decisions_of(document: Mapping[str, Any]) -> Decisions:
    """Rebuild the decisions from plan.json."""
    sites = {f["id"]: SiteDecision(Action(f["action"]), f["merged_into"], f["doctors"], f["sub_centre"], f["stage"],
                                   None if f["service"] is None else ServiceMode(f["service"]), f["served_from"],
                                   f["teams"])
             for f in document["facilities"]}
    townships = document["townships"]
    with_clinic = {f["village"] for f in document["facilities"] if f["service"] is not None}
    visits = {v["id"]: Visit(ServiceMode(v["mode"]), v["host"], v["stage"]) for v in document["villages"]
              if v["mode"] in (ServiceMode.CIRCUIT, ServiceMode.NEIGHBOUR) and v["id"] not in with_clinic}
    centres = document.get("centres", ())
    equipped: dict[str, list[str]] = {}
    for facility in document["facilities"]:
        for floor in filter(None, (facility["equipped"] or "").split(";")):
            equipped.setdefault(floor, []).append(facility["id"])
    return Decisions(
        sites=sites,
        catchments={t["name"]: t["catchment_of"] for t in townships if t["catchment_of"] is not None},
        hires={t["name"]: t["hires"] for t in townships}, reserve={t["name"]: t["reserve"] for t in townships},
        consortia={t["name"]: t["consortium"] for t in townships if t.get("consortium") is not None},
        works=tuple(w["id"] for w in document.get("works", ()) if w["done"]),
        work_years={w["id"]: w["stage"] for w in document.get("works", ()) if w["done"] and w.get("stage") is not None},
        visits=visits,
        centre_hosts={c["id"]: tuple(c["hosts"]) for c in centres},
        centre_of={c["id"]: dict(c["assignments"]) for c in centres},
        equipped={floor: tuple(sites) for floor, sites in sorted(equipped.items())})


def _check_document(document: Mapping[str, Any], manifest: Mapping[str, Any], ledger: Ledger) -> None:
    ledger.check("files", document.get("schema_version") == 1, "plan.json is not of schema_version 1")
    for key in ("villages", "facilities"):
        ids = [row["id"] for row in document[key]]
        ledger.check("files", ids == sorted(set(ids)), f"plan.json: {key} are not sorted by id, each once")
    said = document.get("verified") or {}
    ledger.check("files", said.get("ok") is True and said.get("checks", 0) > 0 and said.get("failures") == [],
                 "plan.json does not say that it was verified")
    if "scenario" in manifest:
        ledger.check("files", document.get("scenario") == manifest["scenario"],
                     f"plan.json is of scenario {document.get('scenario')}, {MANIFEST} of {manifest['scenario']}")


def _check_csv(path: Path, columns: tuple[Column, ...], document: Mapping[str, Any], ledger: Ledger) -> None:
    """A CSV says exactly what plan.json says, text for text, and on every row what the data rest on."""
    rows = document[path.stem]
    try:
        header, got = read_csv(path.read_bytes())
    except ValueError as error:
        ledger.check("files", False, f"{path.name} cannot be read: {error}")
        return
    ledger.check("files", header == csv_names(columns), f"{path.name}: columns are {header}")
    want = [list(map(as_csv_text, with_basis([row[name] for name in names(columns)], document["data_basis"])))
            for row in rows]
    ledger.check("files", len(got) == len(want), f"{path.name} has {len(got)} rows, plan.json {len(want)}")
    for k, (a, b) in enumerate(zip(got, want, strict=False)):
        ledger.check("files", a == b, lambda k=k, a=a, b=b: f"{path.name} row {k + 1} ({b[0]}) differs from plan.json: "
                     + str([(x, y) for x, y in zip(a, b, strict=False) if x != y][:3]))


def _table(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({c.name: pd.Series([row[c.name] for row in rows], dtype=object) for c in columns})


def _staffing(townships: list[Mapping[str, Any]]) -> pd.DataFrame | None:
    """Staff by township, None where plan.json has none."""
    told = [row for row in townships if "doctors_before" in row]
    return _table(PLAN_STAFFING, told) if told else None


def _read_cells(path: Path, document: Mapping[str, Any], ledger: Ledger) -> pd.DataFrame:
    table = pq.read_table(pa.BufferReader(path.read_bytes()))
    said = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    ledger.check("files", said == basis_metadata(document["data_basis"]), f"{path.name} says of its basis {said}")
    kinds = {"text": object, "integer": "int64", "number": "float64", "boolean": bool}
    if table.column_names != names(PLAN_CELLS):
        raise ValueError(f"{path.name}: columns are {table.column_names}")
    return pd.DataFrame({c.name: pd.Series(table[c.name].to_pylist(), dtype=kinds[c.type]) for c in PLAN_CELLS})


def _read_refusals(path: Path, document: Mapping[str, Any], ledger: Ledger) -> pd.DataFrame:
    header, rows = read_csv(path.read_bytes())
    if header != csv_names(REFUSALS):
        raise ValueError(f"{path.name}: columns are {header}")
    _, *basis = map(as_csv_text, with_basis([None], document["data_basis"]))
    ledger.check_rows("files", [row[1:3] == basis for row in rows],
                      lambda k: f"{path.name} row {k + 1} says of its basis {rows[k][1:3]}")
    parse = {"text": lambda t: t or None, "number": lambda t: float(t) if t else None,
             "boolean": {"true": True, "false": False}.__getitem__}
    return pd.DataFrame({c.name: pd.Series([parse[c.type](row[header.index(c.name)]) for row in rows], dtype=object)
                         for c in REFUSALS})


def _read_json(path: Path, ledger: Ledger) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        ledger.check("files", False, f"{path.name} cannot be read: {error}")
        return None
    if not ledger.check("files", isinstance(document, dict), f"{path.name} holds no JSON object"):
        return None
    return document


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
