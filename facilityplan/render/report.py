"""The report: one page without any script, in both languages, ready to print.

What a deputy county head reads in ten minutes comes first: question, answer, map, who is affected, what is decided,
money, risks, clauses, method, sources; the lists that back it follow as annexes.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from shapely.geometry.base import BaseGeometry

from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette, report_method, report_plan, report_who
from facilityplan.render.charts import Chart, change_chart, cost_chart, minutes_chart
from facilityplan.render.compliance import compliance_section
from facilityplan.render.consortia import consortia_section
from facilityplan.render.few import people
from facilityplan.render.figures import Figures
from facilityplan.render.fixed import by_stage_section, locked_section
from facilityplan.render.ground import ground
from facilityplan.render.groupings import groupings_section
from facilityplan.render.markup import Html, data, join, tag
from facilityplan.render.prices import prices_section
from facilityplan.render.report_money import MILLION, staff_and_money
from facilityplan.render.report_risks import risks
from facilityplan.render.services import service_sections
from facilityplan.render.staffing import staffing_section
from facilityplan.render.summary import group_weight, number, percent, proof_text, verdict_tone, verification_text
from facilityplan.render.voice import Voice, bar, bilingual_page
from facilityplan.render.words import EVERY, HTML_LANG, WORDS, county_name, scenario_name, standard_text
from facilityplan.render.works import works_section

MAIN = ("question", "answer", "report_map", "who_changes", "list_merges", "list_sub_centres", "staff_money", "risks",
        "method", "sources")  # what the contents at the top lead to; clauses and annexes besides


def render_report(plan: Plan, inputs: Inputs, *, lang: str = "zh", water: BaseGeometry | None = None) -> str:
    """Return ``report.html``: both languages in one file, ``lang`` shown first, no script and no request.

    ``water``: drawn behind the map, in the county CRS.
    """
    voice, figures = Voice(plan, inputs, lang), Figures(plan, inputs)
    charts = _draw(plan, voice)
    articles = {one: join(_sections(voice.in_language(one), figures, charts)) for one in HTML_LANG}
    title = f"{county_name(plan).in_language(lang)} · {WORDS['report_title'].in_language(lang)}"
    return bilingual_page(plan, title, articles, lang=lang, stored=ground(plan, inputs, figures.frame, water))


def _draw(plan: Plan, voice: Voice) -> dict[str, Chart]:
    """Draw every chart once; words come later, by language."""
    standard = plan.standards[0]
    words = {key: EVERY[f"chart_word_{key}"] for key in ("today", "plan", "minutes", "people")}
    words["limit"] = EVERY["chart_word_limit"]._replace(
        **{one: EVERY["chart_word_limit"].in_language(one).format(n=standard.limit_min) for one in ("zh", "en")})
    weight = group_weight(plan.cells, standard).to_numpy(float)
    before, after = (plan.cells[f"minutes_{when}"].mask(plan.cells[f"state_{when}"] == "beyond", np.inf).to_numpy(float)
                     for when in ("before", "after"))
    drawn = {"minutes": minutes_chart(before, after, weight, standard.limit_min, words)}
    towns = report_who.township_minutes(voice)
    if len(towns) > 1:
        names = [type(words["today"])(name, name) for name, *_ in towns]
        drawn["townships"] = change_chart(names, [row[1] for row in towns], [row[2] for row in towns], words)
    if plan.bill is not None and (lines := [line for line in plan.bill.lines if line.recurrent]):
        bars = [(words["today"], [line.before.value / MILLION for line in lines],
                 plan.bill.recurrent_before.low / MILLION, plan.bill.recurrent_before.high / MILLION),
                (words["plan"], [line.after.value / MILLION for line in lines], plan.bill.recurrent.low / MILLION,
                 plan.bill.recurrent.high / MILLION)]
        drawn["cost"] = cost_chart(bars, [EVERY[f"line_{line.key}"] for line in lines], EVERY["chart_word_money"])
    return drawn


def _sections(voice: Voice, figures: Figures, drawn: dict[str, Chart]) -> Iterable[Html]:
    """Yield the report from the question to the limits."""
    plan, lang = voice.plan, voice.lang
    charts = {key: chart.html(lang, voice.say(f"chart_{key}"), f"{key}-{lang}-") for key, chart in drawn.items()}
    yield tag("h1", data(voice.t(county_name(plan))), " ", voice.say("report_title"))
    yield tag("p", voice.say("scenario"), voice.say("colon"), data(voice.t(scenario_name(plan))), class_="subtitle")
    clauses = compliance_section(plan, lang)
    yield _contents(voice, clauses is not None)
    yield _question(voice)
    yield _answer(voice)
    yield _map(voice, figures)
    yield report_who.who_changes(voice, charts)
    yield from filter(None, [report_who.fairness(voice)])
    yield report_plan.merger_list(voice)
    yield from filter(None, [report_plan.services(voice)])
    yield report_plan.sub_centres(voice)
    yield from filter(None, [consortia_section(plan, lang), groupings_section(plan, lang)])
    yield from service_sections(plan, lang)
    yield from filter(None, [section(plan, lang) for section in (locked_section, works_section, by_stage_section)])
    yield staff_and_money(voice, charts)
    yield risks(voice)
    if clauses is not None:
        yield tag("div", clauses, id=voice.anchor("clauses"))
    yield from filter(None, [prices_section(plan, lang)])
    yield report_method.method(voice)
    yield report_method.sources(voice)
    yield tag("h2", voice.say("annexes"), class_="annexes", id=voice.anchor("annexes"))
    yield report_who.outside(voice)
    yield report_plan.no_clinic(voice)
    yield from filter(None, [staffing_section(plan, lang)])
    yield report_method.rules(voice)
    yield report_method.refusals(voice)
    yield report_method.notes(voice)
    yield report_method.limits(voice)


def _contents(voice: Voice, clauses: bool) -> Html:
    keys = [*MAIN[:-2], *(["clauses"] if clauses else []), *MAIN[-2:], "annexes"]
    return tag("nav", *(tag("a", voice.say(f"contents_{key}" if key == "report_map" else key),
                            href=f"#{voice.anchor(key)}") for key in keys), aria_label=voice.say("contents"))


def _question(voice: Voice) -> Html:
    before, after = voice.say("question_text", county="\x00").split("\x00")
    return voice.section("question", tag("p", before, data(voice.t(county_name(voice.plan))), after, class_="lead"))


def _answer(voice: Voice) -> Html:
    plan, head, tally = voice.plan, voice.head, voice.tally
    shares = [tag("div", tag("span", voice.say(key)), bar(share or 0.0, colour, head.target),
                  tag("b", percent(share)), class_="share")
              for key, share, colour in (("view_before", head.share_before, "#8fa3b5"),
                                         ("view_after", head.share_after, palette.BLUE))]
    target = voice.say("target_is", share=percent(head.target))
    lines = [(head.proven, voice.t(proof_text(head))),
             (head.verification == "verified", voice.t(verification_text(plan, head)))]
    if not plan.binding.get(plan.standards[0].id, True):
        lines.append((False, voice.say("does_not_bind")))
    if not plan.solve.reproducible:
        lines.append((False, voice.say("not_reproducible")))
    answer = voice.say("answer_text", kept=tally.kept, merged=tally.merged, built=tally.built,
                       sub_centres=tally.sub_centres, before=percent(head.share_before),
                       after=percent(head.share_after))
    further = list(report_who.circles(voice))[1:]
    return voice.section("answer", tag(
        "div", tag("h3", voice.say(head.verdict)), tag("p", data(voice.t(standard_text(plan.standards[0])))),
        *shares, None if head.target is None else tag("p", target, class_="hint"),
        *(report_who.circle(voice, *one, class_="further") for one in further),
        class_=f"verdict {verdict_tone(head)}".strip()),
        tag("p", answer, class_="lead"), _tiles(voice),
        tag("ul", *(tag("li", text, class_=None if good else "warn") for good, text in lines), class_="proof"))


def _tiles(voice: Voice) -> Html:
    """The figures that a meeting asks for first."""
    metrics, head, tally = voice.plan.metrics, voice.head, voice.tally
    before = {"minutes": metrics.get("mean_minutes_before"), "annual": metrics.get("annual_cost_cny_before")}
    doctors = [metrics.get(f"clinic_doctors_{when}") for when in ("before", "after")]
    tiles = [("figure_kept", f"{tally.kept:,}"), ("figure_merged", f"{tally.merged:,}"),
             ("figure_built", f"{tally.built:,}"), ("figure_sub_centres", f"{tally.sub_centres:,}"),
             ("figure_minutes", f"{number(before['minutes'])} → {number(metrics.get('mean_minutes_after'))}"),
             ("figure_outside", f"{people(head.people - head.inside_before)} → "
                                f"{people(head.people - head.inside_after)}"),
             ("tile_doctors", " → ".join(number(one, digits=0) for one in doctors)),
             ("tile_annual", f"{_million(before['annual'])} → {_million(metrics['annual_cost_cny'])}"),
             ("tile_capital", _million(metrics["capital_cost_cny"]))]
    return tag("div", *(tag("div", tag("b", figure), tag("span", voice.say(key)))
                        for key, figure in tiles), class_="tiles")


def _million(yuan: float | None) -> str:
    return "–" if yuan is None else number(yuan / MILLION, digits=2)


def _map(voice: Voice, figures: Figures) -> Html:
    plan = voice.plan
    review = voice.say("internal_map") if plan.review_number is None else None
    number_of = join([voice.say("review_number"), voice.say("colon"),
                      data(plan.review_number) if plan.review_number else voice.say("review_none")])
    credit = voice.listed(one.credit for one in plan.sources)
    return voice.section("report_map", tag("p", voice.say("report_map_text"), class_="hint"), tag(
        "figure", figures.county(voice.say("contents_report_map"), voice.say("km", n="{n}")),
        tag("div", figures.legend(voice.say, figures.whole()), figures.shades(voice.say), class_="legends"),
        tag("figcaption", join([review, " · " if review else None, number_of, " · ", credit]))))
