"""What the readers find wrong (faults) and what they assumed (notes), collected so that all is reported at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from facilityplan.errors import Fault, Text

SAME_FAULT_LIMIT = 1000  # faults of one code in one file that are listed one by one; the rest is counted


def fault(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, **where: object) -> Fault:
    """Return a Fault; ``where`` takes file, line, row, field and id."""
    return Fault(code, Text(zh, en), Text(remedy_zh, remedy_en), **where)  # type: ignore[arg-type]


class Findings:
    """Collector that every reader writes to; nothing is raised before all files have been read."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._left_out: Counter[tuple[str, str | None]] = Counter()
        self._counted: Counter[tuple[str, str | None]] = Counter()
        self._notes: list[Text] = []

    def extend(self, faults: Iterable[Fault]) -> bool:
        """Add ``faults``; return whether there were none."""
        clean = True
        for item in faults:
            clean = False
            key = (item.code, item.file)
            self._counted[key] += 1
            if self._counted[key] > SAME_FAULT_LIMIT:
                self._left_out[key] += 1
            else:
                self._faults.append(item)
        return clean

    def add(self, item: Fault) -> None:
        """Add one fault."""
        self.extend([item])

    def note(self, zh: str, en: str) -> None:
        """Add a note, once."""
        text = Text(zh, en)
        if text not in self._notes:
            self._notes.append(text)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault in the order found, then one line for each kind of which some were only counted."""
        rest = (fault(code, f"另有 {n} 处同类错误未逐一列出", f"{n} more of the same kind are not listed",
                      "先改正已列出的错误，再重新检查", "mend those listed, then check again", file=file)
                for (code, file), n in self._left_out.items())
        return (*self._faults, *rest)

    @property
    def notes(self) -> tuple[Text, ...]:
        """Every note in the order made."""
        return tuple(self._notes)


def some(names: Iterable[object], limit: int = 8) -> str:
    """Return the first ``limit`` names joined by commas, with an ellipsis where there are more; long ones are cut."""
    listed = [shown(n) for n in names]
    return ", ".join(listed[:limit]) + (" …" if len(listed) > limit else "")


def shown(value: object, limit: int = 60) -> str:
    """Return ``value`` fit for a message: printable and at most ``limit`` characters."""
    text = "".join(c if c.isprintable() else "�" for c in str(value)[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"
