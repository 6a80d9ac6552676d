"""What a plan claims, and the ledger in which the verifier books every check of a claim.

The verifier sees a plan only through `Claims`, whether it comes from memory or from the files of a finished run.
This module imports nothing of the solver's side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from facilityplan.domain.decisions import Decisions

# Keys of plan.json that are there only where their block is on.
BLOCK_KEYS = ("centres", "attributes", "catchments", "groupings", "compliance", "prices", "routes", "circuit_weeks",
              "calendar")
SHOWN_PER_RULE = 20  # failures of one rule that are spelled out; the rest are counted


@dataclass(frozen=True)
class Verification:
    """The verifier's word: ``ok`` only where at least one check ran and none failed."""

    ok: bool
    checks: int
    failures: tuple[str, ...]  # spelled out, SHOWN_PER_RULE of a rule at most; the last lines say how many were not
    failed: int = 0  # checks that failed, spelled out or not
    folder_checks: int = 0  # of ``checks``, those of a run folder's files, which a plan in memory does not have

    @property
    def plan_checks(self) -> int:
        """Checks of the plan itself: as many for a finished run as for the same plan before it was written."""
        return self.checks - self.folder_checks

    def __post_init__(self) -> None:
        if not self.failed:  # one line each, unless the ledger says otherwise
            object.__setattr__(self, "failed", len(self.failures))


@dataclass(frozen=True)
class StageClaim:
    """One stage of the objective as the plan reports it; None where there is no figure."""

    name: str
    value: float | None
    bound: float | None
    gap: float | None
    parts: Sequence[Mapping[str, Any]] = ()  # of a weighted stage: name, weight, value
    tolerance: Mapping[str, float] | None = None  # best, allowed, used

    @property
    def best(self) -> float:
        """The value that the bound speaks of: what later stages gave away is not held against it."""
        return self.value - (self.tolerance or {}).get("used", 0.0)


@dataclass(frozen=True)
class Claims:
    """Everything a plan says about itself. Tables follow domain.columns (PLAN_VILLAGES, PLAN_FACILITIES, …)."""

    county: str
    data_basis: str
    standards: tuple[Mapping[str, Any], ...]  # id, mode, limit_min, kinds, opening, group, target_share, binding
    decisions: Decisions
    status: str
    stages: tuple[StageClaim, ...]
    villages: pd.DataFrame
    facilities: pd.DataFrame
    cells: pd.DataFrame
    refusals: pd.DataFrame | None
    metrics: Mapping[str, Any]
    consortia: tuple[Mapping[str, Any], ...] = ()
    money: Mapping[str, Any] | None = None  # works, funding, capital_other as in plan.json; None = not told
    blocks: Mapping[str, Any] = field(default_factory=dict)  # further keys of plan.json: centres, attributes, …
    staffing: pd.DataFrame | None = None  # PLAN_STAFFING


class PlanLike(Protocol):
    """The parts of `plan.types.Plan` that the verifier reads."""

    county: str
    data_basis: Any
    standards: Any
    binding: Mapping[str, bool]
    decisions: Decisions
    solve: Any
    villages: pd.DataFrame
    facilities: pd.DataFrame
    cells: pd.DataFrame
    refusals: pd.DataFrame
    metrics: Mapping[str, Any]
    consortia: tuple[Mapping[str, Any], ...]
    staffing: pd.DataFrame | None


def claims_of(plan: PlanLike) -> Claims:
    """Return the claims of a plan in memory."""
    return Claims(
        county=plan.county, data_basis=str(plan.data_basis),
        standards=tuple({**s.model_dump(mode="json"), "binding": plan.binding.get(s.id)} for s in plan.standards),
        decisions=plan.decisions, status=plan.solve.status,
        stages=tuple(StageClaim(s.name, s.value, s.bound, s.gap, tuple(map(asdict, s.parts)),
                                asdict(s.tolerance) if s.tolerance else None) for s in plan.solve.stages),
        villages=plan.villages, facilities=plan.facilities, cells=plan.cells, refusals=plan.refusals,
        metrics=plan.metrics, consortia=plan.consortia, money=money_claim(plan),
        blocks={key: getattr(plan, key) for key in BLOCK_KEYS if getattr(plan, key, ())}, staffing=plan.staffing)


def money_claim(plan: Any) -> Mapping[str, Any] | None:
    """Return what a plan in memory says of works and money, as plan.json holds it."""
    money = getattr(plan, "money", None)
    if money is None:
        return None
    return {"works": list(money.works), "funding": list(money.funding), "capital_other": money.other}


@dataclass
class Ledger:
    """Counts checks and keeps failures, each naming its rule, the id, the figure and the limit."""

    checks: int = 0
    failures: list[str] = field(default_factory=list)
    ran: dict[str, int] = field(default_factory=dict)  # rule → checks done under its name
    folder_checks: int = 0  # done before `end_of_folder` was called
    _failed: dict[str, int] = field(default_factory=dict)

    def check(self, rule: str, ok: bool, text: str | Callable[[], str]) -> bool:
        """Book one check; ``text`` says what is wrong where it is not ``ok``."""
        self.checks += 1
        self.ran[rule] = self.ran.get(rule, 0) + 1
        if not ok:
            self._fail(rule, text() if callable(text) else text)
        return bool(ok)

    def check_rows(self, rule: str, ok: np.ndarray, text: Callable[[int], str]) -> None:
        """Book one check for every row of the bool array ``ok``; ``text(row)`` says what is wrong with a row."""
        ok = np.asarray(ok, dtype=bool)
        self.checks += len(ok)
        self.ran[rule] = self.ran.get(rule, 0) + len(ok)
        for row in np.flatnonzero(~ok).tolist():
            self._fail(rule, text(row) if self._failed.get(rule, 0) < SHOWN_PER_RULE else "")

    def same_keys(self, rule: str, got: Iterable[str], wanted: Iterable[str], what: str) -> bool:
        """Book a check that two lists of ids are the same, each id once; say which are missing, extra or double."""
        got, wanted = list(got), list(wanted)
        double = sorted({i for i in got if got.count(i) > 1}) if len(set(got)) < len(got) else []
        missing, extra = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
        return self.check(rule, not (double or missing or extra),
                          lambda: f"{what}: missing {missing[:5]}, not expected {extra[:5]}, listed twice {double[:5]}")

    def note_rule(self, rule: str) -> None:
        """Enter a rule that applies but had no row to look at, so that `ran` shows it was not forgotten."""
        self.ran.setdefault(rule, 0)

    def end_of_folder(self) -> None:
        """Say that the checks so far were of a run folder's files, and that those of the plan follow."""
        self.folder_checks = self.checks

    def _fail(self, rule: str, text: str) -> None:
        count = self._failed[rule] = self._failed.get(rule, 0) + 1
        if count <= SHOWN_PER_RULE:
            self.failures.append(f"{rule}: {text}")

    def verdict(self) -> Verification:
        """Return the verification; rules with more failures than are shown say how many."""
        more = [f"{rule}: {count - SHOWN_PER_RULE} more of {count} failed checks" for rule, count
                in self._failed.items() if count > SHOWN_PER_RULE]
        failures = (*self.failures, *more)
        return Verification(ok=self.checks > 0 and not failures, checks=self.checks, failures=failures,
                            failed=sum(self._failed.values()), folder_checks=self.folder_checks)


def figure(value: Any) -> str:
    """Write a figure for a failure: short, exact enough to find it again; "nothing" for a missing one."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "nothing"
    return f"{value:.10g}" if isinstance(value, (float, np.floating)) else str(value)


def listed(values: Sequence[Any], most: int = 5) -> str:
    """Write the first few of a list."""
    return ", ".join(map(str, values[:most])) + (" …" if len(values) > most else "")
