"""The error tree: every error says what is wrong, where it is and what to do, in both languages.

FacilityPlanError                    exit code
├── FaultyInput        config or data is wrong; carries every Fault found at once   1
├── UsageError         the command line itself is wrong                              2
├── Infeasible         proven: no plan obeys all rules; names the rules in conflict  3
├── NoUsablePlan       the solver stopped or failed without a plan                   4
├── NotProven          a plan exists but is unproven, under --require-optimal        5
└── VerificationFailed the independent verifier found the plan wrong                 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Text(NamedTuple):
    """One message in both languages."""

    zh: str
    en: str

    def in_language(self, lang: str) -> str:
        """Return the text in ``lang`` ("zh" or "en")."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a config or a data file: what, where, and what to do about it."""

    code: str  # stable short name such as "duplicate_id"; tests and scripts rely on it
    what: Text
    remedy: Text
    file: str | None = None
    line: int | None = None  # 1-based line in a text file
    column: int | None = None  # 1-based column in a text file
    row: int | None = None  # 1-based data row of a table, header not counted
    field: str | None = None  # column of a table or dotted path of a config key
    id: str | None = None  # id of the village, facility, cell or road concerned

    def where(self) -> str:
        """Return ``file:line:column row R field F id I`` with the parts that are known."""
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p is not None)
        parts = [place] if place else []
        parts += [f"{key} {value}" for key, value in (("row", self.row), ("field", self.field), ("id", self.id))
                  if value is not None]
        return " ".join(parts)

    def in_language(self, lang: str) -> str:
        """Return the fault as one line: where: what — remedy."""
        where = self.where()
        head = f"{where}: " if where else ""
        return f"{head}{self.what.in_language(lang)} — {self.remedy.in_language(lang)}"


class FacilityPlanError(Exception):
    """Root of the tree. ``exit_code`` is what the command line returns."""

    exit_code = 1

    def __init__(self, message: Text, faults: Sequence[Fault] = ()) -> None:
        self.message = message
        super().__init__()
        self.locate(faults)

    def locate(self, faults: Sequence[Fault]) -> None:
        """Take ``faults`` for the error's own: the same ones, with the places that were found out since."""
        self.faults = tuple(faults)
        self.args = (self.message.en + "".join(f"\n  {f.in_language('en')}" for f in self.faults),)

    def in_language(self, lang: str) -> str:
        """Return the message and every fault, one a line."""
        return "\n".join([self.message.in_language(lang), *(f"  {f.in_language(lang)}" for f in self.faults)])


class FaultyInput(FacilityPlanError):
    """A config or data file is wrong. Carries every fault found, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        n = len(faults)
        super().__init__(Text(f"发现 {n} 处错误：", f"{n} fault{'s' if n != 1 else ''} found:"), faults)


class UsageError(FacilityPlanError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class Infeasible(FacilityPlanError):
    """Proven: no plan obeys all the rules. ``rules`` holds the ids of the rules in conflict (domain.rules)."""

    exit_code = 3

    def __init__(self, message: Text, rules: Sequence[str] = (), faults: Sequence[Fault] = ()) -> None:
        self.rules = tuple(rules)
        super().__init__(message, faults)


class NoUsablePlan(FacilityPlanError):
    """The solver stopped, or failed, before it had any plan."""

    exit_code = 4


class NotProven(FacilityPlanError):
    """A usable plan exists but is not proven optimal, and --require-optimal was given."""

    exit_code = 5


class VerificationFailed(FacilityPlanError):
    """The independent verifier found the plan to be wrong."""
