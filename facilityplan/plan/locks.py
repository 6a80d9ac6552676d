"""What was fixed in advance, as the plan's tables and notes say it."""

from __future__ import annotations

from facilityplan.config.schema import Config
from facilityplan.domain.locks import lock_text
from facilityplan.domain.rules import RULES
from facilityplan.errors import Text


def lock_texts(config: Config) -> dict[str, Text]:
    """Return what is fixed about each site and why, by facility id; nothing where the scenario drops locks."""
    found: dict[str, list[Text]] = {}
    if "locks" in config.rules.without:
        return {}
    for lock in config.rules.locks:
        found.setdefault(lock.site, []).append(lock_text(lock.do, lock.host, lock.reason, lock.reason_en))
    return {site: Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts)) for site, texts in found.items()}


def lock_notes(config: Config) -> list[Text]:
    """Return one note for each lock that overrides host rules."""
    notes = []
    for lock in config.rules.locks if "locks" not in config.rules.without else ():
        if lock.override:
            zh, en = ("、".join(RULES[r].zh for r in lock.override), "; ".join(RULES[r].en for r in lock.override))
            notes.append(Text(f"{lock.site} 并入 {lock.host} 是事先定下的（{lock.reason}），不受以下规则限制：{zh}",
                              f"{lock.site} into {lock.host} was fixed in advance ({lock.reason_en or lock.reason}) "
                              f"and overrides: {en}"))
    return notes
