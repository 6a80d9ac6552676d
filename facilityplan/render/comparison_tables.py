"""The tables of a comparison, once, for report, workbook and map: title, headers, rows; texts still as pairs.

A cell is a `Text` (our words), a str (data), or a number with the unit of its column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from facilityplan.compare import Comparison, Pair, RunRecord
from facilityplan.compare.decisions import ABSENT
from facilityplan.compare.document import LEAST_CHANGE_MIN
from facilityplan.compare.figures import side_by_side
from facilityplan.compare.minutes import BANDS, GROUPS
from facilityplan.domain.kinds import ACTION_NAMES, MODE_NAMES, Action, ServiceMode
from facilityplan.errors import Text
from facilityplan.plan.clause_texts import verdict_text
from facilityplan.render.words import WORDS
from facilityplan.render.words_compare import COMPARE_WORDS

WORST_SHOWN = 10
BANDS_ALWAYS = frozenset({"less_to_2", "same", "more_to_2"})


@dataclass(frozen=True)
class Table:
    """One table. ``units`` by column: text, people, minutes, change, person_minutes, share, count, cny; "" = by row."""

    key: str
    title: Text
    headers: tuple[Text, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    row_units: tuple[str, ...] = ()  # where the unit differs by row
    empty: Text | None = None
    hint: Text | None = None


def word(key: str, **values: object) -> Text:
    """Return a word of either table with its marks filled in."""
    text = COMPARE_WORDS.get(key) or WORDS[key]
    return Text(*(part.format(**values) for part in text)) if values else text


def tables(comparison: Comparison) -> list[Table]:
    """Return every table in the order in which a meeting reads them."""
    found = [_figures(comparison)]
    base = comparison.base.label
    for pair in comparison.pairs:
        found += [_who(pair, base), _decisions(comparison, pair), _villages(comparison, pair)]
    return [*found, _worst(comparison), _flips(comparison)]


def _heads(*keys: str | Text) -> tuple[Text, ...]:
    return tuple(key if isinstance(key, Text) else word(key) for key in keys)


def _titled(key: str, pair: Pair, base: str) -> Text:
    text = word(key, label=base)
    return Text(f"{pair.run.label}：{text.zh}", f"{pair.run.label}: {text.en}")


def _figures(comparison: Comparison) -> Table:
    rows, units = [], []
    for figure in side_by_side(comparison.runs):
        known = [value for value in figure.before if value is not None]
        today = known[0] if known and all(value == known[0] for value in known) else None
        name = figure.name if figure.name else word(figure.key)
        rows.append((name, today, *figure.after))
        units.append(figure.unit)
    labels = tuple(word("head_run", label=run.label) for run in comparison.runs)
    return Table("figures", word("compare_figures"), (word("head_item"), word("compare_today"), *labels),
                 ("text",) + ("",) * (1 + len(labels)), tuple(rows), tuple(units))


def _who(pair: Pair, base: str) -> Table:
    title = _titled("compare_who", pair, base)
    if pair.cells is None:
        return Table("who", title, (), (), (), empty=word("compare_not_comparable"))
    count = {group: pair.cells.by_band(group) for group in GROUPS}
    shown = [band for band in BANDS if band in BANDS_ALWAYS or any(count[group][band] > 0 for group in GROUPS)]
    rows = tuple((word(f"band_{band}"), *(count[group][band] for group in GROUPS)) for band in shown)
    hint = word("compare_entering", n=f"{pair.cells.entering['all']:,.0f}", m=f"{pair.cells.leaving['all']:,.0f}")
    return Table("who", title, _heads("head_change", "who_all", "who_age65"), ("text", "people", "people"), rows,
                 hint=hint)


def decided(run: RunRecord, action: str, host: str | None, service: str | None, sub_centre: bool) -> Text:
    """Return a decision in words. ``host``: who takes a clinic over, or sends its doctors where it has a service."""
    if action == ABSENT:
        return word("decision_absent")
    name = run.facilities["name"].get(host, host)
    if service is not None:
        mode = MODE_NAMES[ServiceMode(service)]
        return Text(*(part.format(mode=mode.in_language(lang), host=name)
                      for lang, part in zip(("zh", "en"), word("decision_service"), strict=True)))
    if action == Action.CLOSE and host is not None:
        return word("decision_into", host=name)
    text = ACTION_NAMES[Action(action)]
    if sub_centre:
        more = word("decision_sub_centre")
        return Text(text.zh + more.zh, text.en + more.en)
    return text


def _decisions(comparison: Comparison, pair: Pair) -> Table:
    base, run = comparison.base, pair.run
    rows = tuple((row.name, row.township if isinstance(row.township, str) else "",
                  decided(base, row.action_base, row.host_base, row.service_base, row.sub_centre_base),
                  decided(run, row.action_run, row.host_run, row.service_run, row.sub_centre_run), row.person_minutes)
                 for row in _clean(pair.decisions))
    heads = _heads("head_facility", "head_township", word("head_decision", label=base.label),
                   word("head_decision", label=run.label), "head_person_minutes")
    return Table("decisions", _titled("compare_decisions", pair, base.label), heads,
                 ("text", "text", "text", "text", "person_minutes"), rows, empty=word("compare_no_decisions"),
                 hint=word("compare_decisions_hint"))


def _villages(comparison: Comparison, pair: Pair) -> Table:
    base, run, table = comparison.base, pair.run, pair.villages
    changed = table[(table["change_min"].abs() >= LEAST_CHANGE_MIN) | (table["mode_base"] != table["mode_run"])]
    weight = (changed["change_min"].fillna(0) * changed["people"]).abs()
    order = changed.assign(weight=weight).sort_values(["weight", "id"], ascending=[False, True])
    rows = tuple((row.name, row.township, row.people, row.minutes_base, row.minutes_run, row.change_min,
                  MODE_NAMES[ServiceMode(row.mode_base)], MODE_NAMES[ServiceMode(row.mode_run)])
                 for row in _clean(order))
    labels = base.label, run.label
    heads = _heads("head_village", "head_township", "head_people",
                   *(word("head_minutes_of", label=one) for one in labels), "head_change",
                   *(word("head_mode", label=one) for one in labels))
    return Table("villages", _titled("compare_villages", pair, base.label), heads,
                 ("text", "text", "people", "minutes", "minutes", "change", "text", "text"), rows,
                 empty=word("compare_no_villages"))


def _worst(comparison: Comparison) -> Table:
    rows = []
    for run in comparison.runs:
        grown = run.villages.assign(added=run.villages["minutes_after"] - run.villages["minutes_before"])
        grown = grown[grown["added"] >= LEAST_CHANGE_MIN]
        grown = grown.sort_values(["added", "people", "id"], ascending=[False, False, True]).head(WORST_SHOWN)
        rows += [(run.label, row.name, row.township, row.people, row.minutes_before, row.minutes_after, row.added)
                 for row in _clean(grown)]
    heads = _heads(Text("方案", "Plan"), "head_village", "head_township", "head_people", "head_minutes_before",
                   "head_minutes_after", "head_added")
    return Table("worst", word("compare_worst"), heads,
                 ("text", "text", "text", "people", "minutes", "minutes", "change"), tuple(rows),
                 empty=word("compare_no_villages"))


def _flips(comparison: Comparison) -> Table:
    rows = tuple((pair.run.label, flip.name, verdict_text(flip.base, comparison.base.document["data_basis"]),
                  verdict_text(flip.run, pair.run.document["data_basis"]))
                 for pair in comparison.pairs for flip in pair.flips)
    base = comparison.base.label
    return Table("flips", word("compare_flips"), (Text("方案", "Plan"), word("head_item"), Text(base, base),
                                                 Text("该方案", "that plan")),
                 ("text",) * 4, rows, empty=word("compare_no_flips"))


def _clean(table: pd.DataFrame) -> Iterable[Any]:
    """Rows with None for what is missing."""
    return table.astype(object).where(table.notna(), None).itertuples(index=False)


def printer(few: Callable[[float], str], number: Callable[..., str], percent: Callable[[float | None], str]
            ) -> Callable[[Any, str], str]:
    """Return how a value of a unit is printed on pages; "–" where there is none."""
    def show(value: Any, unit: str) -> str:
        if value is None:
            return "–"
        if unit == "people":
            return few(value)
        if unit == "share":
            return percent(value)
        if unit in ("change", "person_minutes"):
            digits = 1 if unit == "change" else 0
            text = f"{value:+,.{digits}f}"
            return "0" if float(text.replace(",", "")) == 0 else text
        return number(value, digits=2 if unit == "minutes" else 0)
    return show
