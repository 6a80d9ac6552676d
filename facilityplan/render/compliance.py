"""Every clause and its answer, as console, report and workbook show them; nothing where the config has no clauses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from facilityplan.errors import Text
from facilityplan.plan.clause_texts import STANDINGS, figure_text, target_text, verdict_text
from facilityplan.plan.types import Plan
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.sheets import Field, Writer
from facilityplan.render.words_clauses import CLAUSE_WORDS

VERDICTS = ("met", "not_met", "not_decidable")


def compliance_lines(plan: Plan) -> list[Text]:
    """Return one line of counts and one line a clause, for a console; none where there are no clauses."""
    if not plan.compliance:
        return []
    count = Counter(row["verdict"] for row in plan.compliance)
    shown = [(verdict_text(v, plan.data_basis), count[v]) for v in VERDICTS if count[v]]
    lines = [Text(f"条款 {len(plan.compliance)} 条：{'，'.join(f'{text.zh} {n}' for text, n in shown)}",
                  f"{len(plan.compliance)} clauses: {', '.join(f'{text.en} {n}' for text, n in shown)}")]
    return lines + [Text(f"  {row['clause']} {row['text_zh']}", f"  {row['clause']} {row['text_en']}")
                    for row in plan.compliance]


def compliance_section(plan: Plan, lang: str) -> Html | None:
    """Return the report's section: each clause with its figures, targets, basis, verdict and sentence."""
    if not plan.compliance:
        return None

    def say(key: str) -> str:
        return CLAUSE_WORDS[key].in_language(lang)

    heads = ("clause", "clause_asks", "clause_figure", "clause_target", "clause_basis", "clause_verdict")
    return tag("section", tag("h2", say("compliance")), tag("p", say("compliance_text"), class_="hint"),
               table([say(key) for key in heads], _rows(plan, lang)),
               tag("ul", *(tag("li", tag("b", row["clause"]), " ", data(_text(row, "text").in_language(lang)))
                           for row in plan.compliance)))


def _rows(plan: Plan, lang: str) -> Iterable[tuple[object, ...]]:
    """One row a measure; the clause stands beside its first."""
    for clause in plan.compliance:
        for k, row in enumerate(clause["measures"]):
            first = k == 0
            verdict = verdict_text(clause["verdict"], plan.data_basis).in_language(lang)
            yield (tag("b", data(clause["clause"])) if first else "",
                   data(_text(row, "name").in_language(lang)), data(figure_text(row).in_language(lang)),
                   data(target_text(row).in_language(lang)), basis_text(row["data_basis"]).in_language(lang),
                   tag("b", verdict) if first else "")


def write_compliance(writer: Writer, plan: Plan) -> None:
    """Write the sheet 合规对照, one row a measure; no sheet where there are no clauses."""
    if not plan.compliance:
        return
    rows = [(clause, row) for clause in plan.compliance for row in clause["measures"]]
    word = CLAUSE_WORDS

    def both(text: Text) -> str:
        return "\n".join(dict.fromkeys(text))

    writer.fill(writer.sheet_named(word["sheet_compliance"].in_language(writer.lang or "zh")), [
        Field(word["clause"], lambda r: r[0]["clause"]),
        Field(word["clause_verdict"], lambda r: both(verdict_text(r[0]["verdict"], plan.data_basis))),
        Field(word["clause_standing"], lambda r: both(STANDINGS[r[1]["standing"]])),
        Field(word["clause_asks"], lambda r: both(_text(r[1], "name"))),
        Field(word["clause_figure"], lambda r: both(figure_text(r[1]))),
        Field(word["clause_target"], lambda r: both(target_text(r[1]))),
        Field(word["clause_basis"], lambda r: both(basis_text(r[1]["data_basis"]))),
        Field(word["clause_needs"], lambda r: "; ".join(r[1]["needs"])),
        Field(word["clause_source"], lambda r: " ".join(filter(None, (r[0]["document"], r[0]["section"])))),
        Field(word["clause_sentence"], lambda r: both(_text(r[0], "text")) if r[1] is r[0]["measures"][0] else None,
              wide=True),
    ], rows)


def basis_text(basis: str) -> Text:
    """Return what a figure rests on, in words."""
    return CLAUSE_WORDS[f"clause_basis_{basis}"]


def _text(row: Mapping[str, Any], key: str) -> Text:
    return Text(row[f"{key}_zh"], row[f"{key}_en"])
