"""A robustness run as a workbook: cases, mergers, centres and all else, exact figures, nothing that Excel could run."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from facilityplan.compare.robust import Case, Standing, price_and_decision
from facilityplan.compare.robust_document import RobustRecord
from facilityplan.domain.basis import NOTICES
from facilityplan.errors import Text
from facilityplan.render.robust_tables import (
    CENTRES,
    OTHERS,
    case_title,
    lost_in,
    mergers_kept,
    outcome,
    people_change,
    rule_names,
    stage_change,
    status_text,
)
from facilityplan.render.sheets import Field, Writer, new_book
from facilityplan.render.words import WORDS
from facilityplan.render.words_robust import robust_word


def render_robust_book(record: RobustRecord, *, lang: str = "zh") -> bytes:
    """Return ``robust.xlsx``. The same run gives the same bytes."""
    buffer = io.BytesIO()
    credits = " · ".join(source.credit for source in record.plan.sources)
    book = new_book(buffer, f"{record.plan.county} {robust_word('robust_title').zh}", credits)
    basis = record.plan.data_basis
    writer = Writer(book, " · ".join(NOTICES[basis]) if basis in NOTICES else "", lang)
    _notes(writer, record)
    writer.fill(_sheet(writer, "cases"), _case_fields(record), [record.robustness.base, *record.robustness.cases])
    for name, kinds in (("mergers", ("merger",)), ("centres", CENTRES), ("others", OTHERS)):
        found = record.robustness
        writer.fill(_sheet(writer, name), _standing_fields(record), [*found.of_base(*kinds), *found.that_come(*kinds)])
    book.close()
    return buffer.getvalue()


def _sheet(writer: Writer, name: str) -> Any:
    word = robust_word(f"robust_sheet_{name}")
    return writer.sheet_named(word.in_language(writer.lang) if writer.lang else " ".join(word))


def _notes(writer: Writer, record: RobustRecord) -> None:
    """Write the first sheet: what this is, how it was made, how marks read."""
    sheet, found = _sheet(writer, "notes"), record.robustness
    sheet.set_column(0, 0, 110)
    how = robust_word("robust_how", costs=f"{100 * record.costs:g}", speeds=f"{100 * record.speeds:g}",
                      cases=len(found.cases), planned=len(found.planned))
    writer.cell(sheet, 0, 0, " · ".join(robust_word("robust_title")), style=writer.title)
    if writer.banner:
        writer.cell(sheet, 1, 0, writer.banner, style=writer.banner_row)
    texts = [Text(*(f"{county} · {name}" for county, name in zip((record.plan.county, record.plan.county_en),
                                                                  record.scenario_name, strict=True))), how,
             robust_word("robust_cases_hint")]
    unproven = [case_title(case) for case in found.cases if not case.proven]
    texts.append(robust_word("robust_all_proven") if not unproven else Text(
        robust_word("robust_unproven", n=len(unproven), names="；".join(one.zh for one in unproven)).zh,
        robust_word("robust_unproven", n=len(unproven), names="; ".join(one.en for one in unproven)).en))
    for row, text in enumerate(texts, start=3):
        writer.cell(sheet, row, 0, "\n".join(text), style=writer.wrapped)


def _both(text: Text) -> str:
    """Return a text in both languages, once where they are the same; empty for nothing."""
    return " / ".join(dict.fromkeys(filter(None, text)))


def _case_fields(record: RobustRecord) -> Sequence[Field]:
    found = record.robustness

    def head(key: str) -> Text:
        return robust_word(f"robust_head_{key}")

    def figure(name: str) -> Callable[[Case], Any]:
        return lambda case: None if case.figures is None else getattr(case.figures, name)

    def share(case: Case) -> float | None:
        f = case.figures
        return None if f is None or not f.group_people else f.people_within / f.group_people

    def part(k: int) -> Callable[[Case], Any]:
        def of(case: Case) -> float | None:
            parts = price_and_decision(found.base, case)
            return None if parts is None or case is found.base else parts[k]
        return of

    def stage(case: Case) -> Any:
        change = stage_change(found.base, case)
        if change is None or case is found.base:
            return None
        return people_change(found.base, case) if change[0].startswith("uncovered") and 0 < abs(change[1]) < 10 \
            else change[1]

    return [
        Field(head("case"), lambda case: _both(robust_word("robust_base") if case is found.base else case_title(case))),
        Field(head("values"), lambda case: _both(case.values) or None),
        Field(head("status"), lambda case: _both(status_text(case))),
        Field(head("inside"), share, "0.0%"),
        Field(head("people"), lambda case: None if case is found.base else people_change(found.base, case)),
        Field(head("stage"), stage, "#,##0.0"),
        Field(head("annual"), figure("annual_cny"), "#,##0"),
        Field(head("by_price"), part(0), "#,##0"), Field(head("by_decision"), part(1), "#,##0"),
        Field(WORDS["figure_capital"], figure("capital_cny"), "#,##0"),
        Field(head("merged"), figure("merged"), "#,##0"),
        Field(head("kept"), lambda case: mergers_kept(found, case), "#,##0"),
        Field(head("sub_centres"), figure("sub_centres"), "#,##0"),
        Field(head("breaks"), lambda case: _both(rule_names(case)) or None, wide=True),
        Field(robust_word("robust_no_plan"),
              lambda case: "\n".join(_both(text) for text in case.without_plan) or None, wide=True),
        Field(head("set"), lambda case: "\n".join(case.overrides) or None, wide=True)]


def _standing_fields(record: RobustRecord) -> Sequence[Field]:
    def head(key: str) -> Text:
        return robust_word(f"robust_head_{key}")

    def by_case(case: Case) -> Callable[[Standing], str]:
        def of(one: Standing) -> str:
            what: str = outcome(one, case)
            return _both(robust_word(f"robust_mark_{'absent' if what == 'gone' and not one.in_base else what}"))
        return of

    return [
        Field(head("kind"), lambda one: _both(robust_word(f"robust_kind_{one.decision.kind}"))),
        Field(head("what"), lambda one: _both(record.subject(one.decision))),
        Field(WORDS["head_township"], lambda one: record.township(one.decision)),
        Field(head("to"), lambda one: record.target(one.decision)),
        Field(head("total"), lambda one: one.in_base),
        Field(head("held"), lambda one: len(one.held), "#,##0"),
        Field(head("of"), lambda one: one.of, "#,##0"),
        Field(head("verdict"),
              lambda one: _both(robust_word(f"robust_verdict_{one.verdict}")) if one.in_base else None),
        *(Field(case_title(case), by_case(case)) for case in record.robustness.cases),
        Field(head("lost_in"), lambda one: _both(lost_in(record, one)) if one.in_base else None, wide=True)]
