"""A robustness run as one record for pages and sheets, and as one JSON document for programs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from facilityplan.access.bridges import BridgeUse
from facilityplan.compare.robust import KINDS, Case, Decision, Robustness, Standing, kept, price_and_decision
from facilityplan.config.schema import Config
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.consortia import site_townships
from facilityplan.plan.texts import canonical_json, plain
from facilityplan.plan.types import Plan

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class RobustRecord:
    """Everything that the outputs of one robustness run show."""

    config_path: str  # as the user named it
    scenario: str
    scenario_name: Text
    config: Config
    inputs: Inputs
    plan: Plan  # the base's
    robustness: Robustness
    bridge: BridgeUse | None
    has_bridges: bool  # is any road marked as a bridge
    costs: float  # share by which unit costs were changed
    speeds: float
    overrides: tuple[str, ...]  # the user's own

    @cached_property
    def _facility(self) -> Mapping[str, tuple[str, str | None]]:
        table = self.inputs.facilities
        return dict(zip(table["id"], zip(table["name"], site_townships(self.inputs), strict=True), strict=True))

    @cached_property
    def _village(self) -> Mapping[str, tuple[str, str | None]]:
        table = self.inputs.villages
        return dict(zip(table["id"], zip(table["name"], table["township"], strict=True), strict=True))

    def subject(self, decision: Decision) -> Text:
        """Return the name of what is decided about."""
        for known in ((w.id, Text(w.name, w.name_en)) for w in self.config.rules.works):
            if decision.kind == "work" and known[0] == decision.id:
                return known[1]
        for service in self.config.rules.centres:
            if decision.kind == "centre" and service.id == decision.id:
                return Text(service.name, service.name_en)
        name, _ = self._place(decision)
        return Text(name, name)

    def target(self, decision: Decision) -> str | None:
        """Return the name of the host, sub-centre, lead or hospital."""
        return None if decision.to is None else self.facility(decision.to)

    def facility(self, site: str) -> str:
        """Return a facility's name."""
        return self._facility.get(site, (site, None))[0]

    def township(self, decision: Decision) -> str | None:
        """Return the township of what is decided about, where it has one."""
        return self._place(decision)[1]

    def _place(self, decision: Decision) -> tuple[str, str | None]:
        return self._facility.get(decision.id) or self._village.get(decision.id) or (decision.id, None)

    def command(self, case: Case) -> str:
        """Return the command that makes a case's run: plan, map, report and all."""
        words = ["facilityplan", "run", self.config_path, "-s", self.scenario]
        for text in case.overrides:
            words += ["--set", text]
        return shlex.join([*words, "-o", f"{self.scenario}.{case.id}"])


def robust_json(record: RobustRecord) -> bytes:
    """Return ``robust.json``."""
    return canonical_json(plain(document(record)))


def document(record: RobustRecord) -> dict[str, Any]:
    """Return a robustness run as plain values; no clock in it."""
    found, bridge = record.robustness, record.bridge
    return {
        "schema_version": SCHEMA_VERSION, "county": record.plan.county, "scenario": record.scenario,
        "scenario_name": record.scenario_name._asdict(), "data_basis": record.plan.data_basis,
        "changes": {"unit_costs": record.costs, "speeds": record.speeds},
        "bridge": None if bridge is None else {
            "lon": bridge.lon, "lat": bridge.lat, "road_name": bridge.road_name, "road_class": bridge.road_class,
            "length_m": bridge.length_m, "people": bridge.people,
            "townships": [{"name": name, "people": people} for name, people in bridge.townships]},
        "roads_have_bridges": record.has_bridges,
        "base": _case(record, found.base),
        "cases": [_case(record, case) for case in found.cases],
        "cases_with_plan": len(found.planned),
        "core": {kind: [_standing(record, one) for one in found.of_base(kind)] for kind in KINDS
                 if found.of_base(kind)},
        "come": {kind: [_standing(record, one) for one in found.that_come(kind)] for kind in KINDS
                 if found.that_come(kind)},
    }


def _case(record: RobustRecord, case: Case) -> dict[str, Any]:
    base = record.robustness.base
    parts = price_and_decision(base, case)
    return {
        "id": case.id, "assumption": case.assumption, "kind": case.kind, "change": case.change,
        "name": case.name._asdict(), "values": case.values._asdict(), "set": list(case.overrides),
        "command": record.command(case), "status": case.status, "gap": case.gap, "verifier_checks": case.checks,
        "objectives": [{"name": name, "value": value} for name, value in case.stages],
        "figures": None if case.figures is None else asdict(case.figures),
        "annual_change": None if parts is None else {"by_price_cny": parts[0], "by_decision_cny": parts[1]},
        "without_plan": [text._asdict() for text in case.without_plan],
        "base_plan_breaks": list(case.base_breaks),
        "decisions": {kind: {"stay": kept(base, case, kind),
                             "go": _ids(base.decisions - case.decisions, kind),
                             "come": _ids(case.decisions - base.decisions, kind)}
                      for kind in KINDS if any(d.kind == kind for d in base.decisions | case.decisions)}
        if case.has_plan else None}


def _ids(decisions: frozenset[Decision], kind: str) -> list[dict[str, str | None]]:
    return [{"id": d.id, "to": d.to} for d in sorted(decisions, key=lambda d: d.order) if d.kind == kind]


def _standing(record: RobustRecord, one: Standing) -> dict[str, Any]:
    decision = one.decision
    return {"id": decision.id, "name": record.subject(decision)._asdict(), "township": record.township(decision),
            "to": decision.to, "to_name": record.target(decision), "verdict": one.verdict, "held": len(one.held),
            "of": one.of, "lost_in": [{"case": case, "to": to} for case, to in sorted(one.moved.items())]
            + [{"case": case, "to": None} for case in one.gone]}
