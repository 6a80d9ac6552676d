"""A comparison as a page to read and print: both languages in one file, no script, no request."""

from __future__ import annotations

from facilityplan.compare import Comparison
from facilityplan.domain.basis import NOTICES
from facilityplan.errors import Text
from facilityplan.render.comparison_tables import Table, printer, tables, word
from facilityplan.render.few import people
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.page import asset, policy
from facilityplan.render.summary import number, percent
from facilityplan.render.words import HTML_LANG, WORDS

ROWS_SHOWN = 60
SHOW = printer(people, number, percent)


def render_comparison_report(comparison: Comparison, *, lang: str = "zh") -> str:
    """Return the comparison's ``report.html``."""
    style = asset("report.css")
    county = Text(comparison.base.document["county"], comparison.base.document["county_en"])
    radios = [tag("input", type="radio", name="language", id=f"lang-{one}", class_="language",
                  aria_label=WORDS[f"language_{one}"].in_language(lang), checked="checked" if one == lang else None)
              for one in HTML_LANG]
    switch = tag("div", *(tag("label", WORDS[f"language_{one}"].in_language(lang), for_=f"lang-{one}", lang=code)
                          for one, code in HTML_LANG.items()), class_="languages")
    articles = [tag("article", *_sections(comparison, county, one), lang=code) for one, code in HTML_LANG.items()]
    head = join([tag("meta", charset="utf-8"),
                 tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                 Html(f'<meta http-equiv="Content-Security-Policy" content="{policy([style], [])}">'),
                 tag("title", f"{county.in_language(lang)} · {word('compare_title').in_language(lang)}"),
                 Html(f"<style>{style}</style>")])
    body = join([banner(comparison), *radios, tag("main", switch, *articles)])
    return f'<!DOCTYPE html>\n<html lang="{HTML_LANG[lang]}">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


def banner(comparison: Comparison) -> Html | None:
    """Return the notice of every basis that is not real data, in both languages; None where all is real."""
    bases = sorted({run.document["data_basis"] for run in comparison.runs} & set(NOTICES))
    if not bases:
        return None
    return tag("header", *(tag("span", text, lang=HTML_LANG[one]) for basis in bases
                      for one, text in zip(HTML_LANG, NOTICES[basis], strict=True)), id="banner")


def _sections(comparison: Comparison, county: Text, lang: str) -> list[Html]:
    def say(key: str, **values: object) -> str:
        return word(key, **values).in_language(lang)

    parts = [tag("h1", data(county.in_language(lang)), " ", say("compare_title")),
             tag("p", say("compare_report_hint", label=comparison.base.label), class_="subtitle"),
             tag("ul", *(tag("li", tag("b", run.label), " ", data(run.name.in_language(lang)), " · ",
                             say("compare_proven" if run.document["solve"]["status"] == "optimal"
                                 else "compare_not_proven")) for run in comparison.runs), class_="runs")]
    if comparison.caveats:
        parts.append(tag("section", tag("h2", say("compare_caveats")),
                         tag("ul", *(tag("li", data(text.in_language(lang)), class_="warn")
                                     for text in comparison.caveats), class_="proof")))
    return parts + [_section(one, lang) for one in tables(comparison)]


def _section(one: Table, lang: str) -> Html:
    heading = tag("h2", one.title.in_language(lang))
    if not one.rows:
        return tag("section", heading, tag("p", one.empty.in_language(lang)))
    rows = [[_cell(value, unit or one.row_units[k], lang) for value, unit in zip(row, one.units, strict=True)]
            for k, row in enumerate(one.rows[:ROWS_SHOWN])]
    numbers = [k for k, unit in enumerate(one.units) if unit != "text"]
    more = tag("p", WORDS["cut_list"].in_language(lang).format(n=ROWS_SHOWN), class_="hint") \
        if len(one.rows) > ROWS_SHOWN else None
    hint = tag("p", one.hint.in_language(lang), class_="hint") if one.hint else None
    return tag("section", heading, hint, table([h.in_language(lang) for h in one.headers], rows, numbers=numbers), more)


def _cell(value: object, unit: str, lang: str) -> object:
    if isinstance(value, Text):
        return data(value.in_language(lang))
    return data(value) if unit == "text" else SHOW(value, unit)
