"""What stays when the assumptions change, as a page to read and print: both languages in one file, no script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from facilityplan.compare.robust import KINDS, Case, Standing, price_and_decision
from facilityplan.compare.robust_document import RobustRecord
from facilityplan.errors import Text
from facilityplan.render.charts import Chart, Pair, tornado_chart
from facilityplan.render.few import is_few, people
from facilityplan.render.ground import frame_of, ground
from facilityplan.render.lists import listed
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.robust_map import legend, outcome_mark, robust_map
from facilityplan.render.robust_tables import (
    CENTRES,
    OTHERS,
    case_title,
    mergers_kept,
    outcome,
    people_change,
    rule_names,
    shares,
    status_text,
)
from facilityplan.render.summary import number
from facilityplan.render.voice import bilingual_page
from facilityplan.render.words import EVERY, HTML_LANG, WORDS
from facilityplan.render.words_robust import robust_word

MILLION = 1e6
LEAST_SHOWN = 3  # of what holds least, named in the answer
NAMES_SHOWN = 20


def render_robust_page(record: RobustRecord, *, lang: str = "zh") -> str:
    """Return ``robust.html``: both languages in one file, ``lang`` shown first, no script and no request."""
    charts = _draw(record)
    articles = {one: join(_Article(record, one).sections(charts)) for one in HTML_LANG}
    county = Text(record.plan.county, record.plan.county_en).in_language(lang)
    return bilingual_page(record.plan, f"{county} · {robust_word('robust_title').in_language(lang)}", articles,
                          lang=lang, stored=ground(record.plan, record.inputs, frame_of(record.inputs),
                                                   record.inputs.water))


def _draw(record: RobustRecord) -> dict[str, Chart]:
    """Draw the tornadoes once; words come later, by language."""
    found = record.robustness
    base = found.base
    assert base.figures is not None
    words = {key: robust_word(f"robust_chart_word_{key}") for key in ("low", "high", "lost", "no_plan", "same_plan")}

    def pairs(figure, hollow=lambda _: None) -> list[Pair]:
        return [Pair(bar.name, [(case.change or "lost", figure(case) if case.has_plan else None,
                                 hollow(case) if case.has_plan else None)
                                for case in sorted(bar.cases, key=lambda one: one.change != "high")])
                for bar in found.bars]

    within = base.figures.people_within

    def inside(case: Case) -> float:
        """People inside; a change of fewer than ten is not published, so it is drawn as none."""
        value = case.figures.people_within
        return within if is_few(abs(value - within)) else value

    def repriced(case: Case) -> float | None:
        value = case.figures.annual_base_plan_cny
        return value / MILLION if case.kind == "cost" else None

    drawn = {"people": tornado_chart(pairs(inside), within, robust_word("robust_chart_word_people"), words, whole=True),
             "cost": tornado_chart(pairs(lambda case: case.figures.annual_cny / MILLION, repriced),
                                   base.figures.annual_cny / MILLION, robust_word("robust_chart_word_money"), words)}
    if mergers := len(found.of_base("merger")):
        drawn["mergers"] = tornado_chart(pairs(lambda case: float(mergers_kept(found, case) or 0)), float(mergers),
                                         robust_word("robust_chart_word_mergers"), words, whole=True)
    return drawn


class _Article:
    """The page in one language."""

    def __init__(self, record: RobustRecord, lang: str) -> None:
        self.record, self.found, self.lang = record, record.robustness, lang
        self.number = {bar.assumption: k for k, bar in enumerate(self.found.bars, start=1)}

    def say(self, key: str, **values: object) -> str:
        return robust_word(key, **values).in_language(self.lang)

    def word(self, key: str) -> str:
        return WORDS[key].in_language(self.lang)

    def t(self, text: Text) -> str:
        return text.in_language(self.lang)

    def fill(self, key: str, **values: object) -> Html:
        """Return a word whose marks are filled with markup: names from data, kept apart."""
        parts = re.split(r"\{(\w+)\}", self.say(key))
        return join(values[part] if k % 2 else part for k, part in enumerate(parts))

    def section(self, key: str, *children: object) -> Html:
        return tag("section", tag("h2", self.say(key)), *children)

    def sections(self, charts: dict[str, Chart]) -> Iterable[Html]:
        """Yield the page from the answer to the commands."""
        record = self.record
        county = Text(record.plan.county, record.plan.county_en)
        yield tag("h1", data(self.t(county)), self.word("colon"), self.say("robust_title"))
        yield tag("p", self.word("scenario"), self.word("colon"), data(self.t(record.scenario_name)), class_="subtitle")
        yield self.answer()
        yield self.tornado(charts)
        yield self.map()
        yield self.bridge()
        yield self.section("robust_mergers", *self.outcomes("merger"))
        yield self.section("robust_centres", *self.outcomes(*CENTRES))
        yield from filter(None, [self.others()])
        yield self.come()
        yield self.cases()
        yield from filter(None, [self.no_plan()])
        yield self.repeat()

    def answer(self) -> Html:
        """Return what a meeting asks: how many stay, which, and how far the answer is proven."""
        found, record = self.found, self.record
        lines = []
        for kind in ("merger", *CENTRES):
            standings = found.of_base(kind)
            always = sum(one.verdict == "always" for one in standings)
            if standings:
                lines.append(tag("li", self.say(f"robust_always_{kind}", n=always, of=len(standings)),
                                 class_=None if always == len(standings) else "warn"))
            elif kind != "centre":
                lines.append(tag("li", self.say(f"robust_none_{kind}")))
        unproven = [case for case in found.cases if not case.proven]
        lines.append(tag("li", self.fill("robust_unproven", n=len(unproven), names=self.titles(unproven)),
                         class_="warn") if unproven else tag("li", self.say("robust_all_proven")))
        lines.append(tag("li", self.say("robust_verified")))
        if without := len(found.cases) - len(found.planned):
            lines.append(tag("li", self.say("robust_no_plan_n", n=without), class_="warn"))
        how = self.say("robust_how", costs=f"{100 * record.costs:g}", speeds=f"{100 * record.speeds:g}",
                       cases=len(found.cases), planned=len(found.planned))
        return self.section("robust_answer", tag("p", how), tag("ul", *lines, class_="proof"), *self.named())

    def named(self) -> Iterable[Html]:
        """Yield the mergers that stay everywhere by name, and those that hold least."""
        mergers = self.found.of_base("merger")
        always = [one for one in mergers if one.verdict == "always"]
        if always:
            names = [self.t(self.record.subject(one.decision)) for one in always[:NAMES_SHOWN]]
            yield tag("p", self.say("robust_stay_list"), listed(names, self.lang),
                      " …" if len(always) > NAMES_SHOWN else None)
        least = [one for one in reversed(mergers) if one.verdict != "always"][:LEAST_SHOWN]
        if least:
            between = WORDS["and_so"].in_language(self.lang)
            yield tag("p", self.say("robust_least_list"), *(join([
                between if k else None, data(self.t(self.record.subject(one.decision))),
                self.say("robust_least_item", n=len(one.held), of=one.of)]) for k, one in enumerate(least)))

    def titles(self, cases: Iterable[Case]) -> Html:
        return listed([self.t(case_title(case)) for case in cases], self.lang)

    def tornado(self, charts: dict[str, Chart]) -> Html:
        """Return the charts."""
        figures = []
        for key, chart in charts.items():
            title = self.say(f"robust_chart_{key}")
            hint = tag("figcaption", self.say("robust_chart_cost_hint")) if key == "cost" else None
            figures.append(tag("figure", tag("h3", title), chart.html(self.lang, title, f"robust-{key}-{self.lang}-"),
                               hint))
        return self.section("robust_tornado", tag("p", self.say("robust_tornado_text")), *figures)

    def map(self) -> Html:
        """Return the county with what stays."""
        county = self.t(Text(self.record.plan.county, self.record.plan.county_en))
        label = self.say("robust_map_label", county="\x00").replace("\x00", county)
        drawn = robust_map(self.record, label, EVERY["km"].in_language(self.lang))
        return self.section("robust_map", tag("figure", drawn, tag("div", legend(self.say, self.record, self.lang),
                                                                   class_="legends")))

    def bridge(self) -> Html:
        """Return which bridge was taken away, who uses it, and who is cut off."""
        bridge = self.record.bridge
        if bridge is None:
            key = "robust_bridge_unused" if self.record.has_bridges else "robust_bridge_none"
            return self.section("robust_bridge", tag("p", self.say(key)))
        road = (self.fill("robust_unnamed_road", road_class=data(bridge.road_class)) if bridge.road_name is None else
                self.fill("robust_named_road", name=data(bridge.road_name), road_class=data(bridge.road_class)))
        towns = join(part for k, (name, count) in enumerate(bridge.townships)
                     for part in (self.word("and_so") if k else None, data(name), f" {people(count)}"))
        text = self.fill("robust_bridge_text", people=people(bridge.people), road=road, lon=f"{bridge.lon:.5f}",
                         lat=f"{bridge.lat:.5f}", length=f"{bridge.length_m:,.0f}", towns=towns)
        lost = [case for case in self.found.cases if case.kind == "bridge" and case.figures is not None]
        base = self.found.base.figures
        cut_off = tag("p", self.say("robust_bridge_cut_off", n=people(max(
            0.0, lost[0].figures.people_unreachable - base.people_unreachable)))) if lost and base else None
        return self.section("robust_bridge", tag("p", text), cut_off)

    def outcomes(self, *kinds: str) -> Iterable[Html]:
        """Yield a table of decisions × assumptions: a mark for each case."""
        standings = self.found.of_base(*kinds)
        if not standings:
            yield tag("p", self.say("robust_nothing_decided"))
            return
        marks = tag("ul", *(tag("li", tag("svg", outcome_mark(one), viewBox="0 0 18 18", aria_hidden="true"),
                                self.say(f"robust_mark_{one}")) for one in ("held", "moved", "gone", "no_plan")),
                    class_="legend")
        key = tag("p", self.say("robust_key"), self.word("colon"), *(join([
            f"{'' if k == 1 else self.word('and_so')}{k} ", data(self.t(bar.name))])
            for k, bar in enumerate(self.found.bars, start=1)), class_="hint")
        heads = [self.say("robust_head_what"), self.word("head_township"), self.say("robust_head_to"),
                 self.say("robust_head_held"), *(str(k) for k in self.number.values())]
        yield marks
        yield key
        yield tag("div", table(heads, [self.outcome_row(one) for one in standings], numbers=[3]),
                  class_="outcomes")

    def outcome_row(self, one: Standing) -> list[object]:
        return [*self.decided(one), f"{len(one.held)}/{one.of}",
                *(self.marks(one, bar.cases) for bar in self.found.bars)]

    def decided(self, one: Standing) -> list[Html]:
        """Return what is decided, its township, and into or to what. What is no merger says so."""
        decision, record = one.decision, self.record
        name = data(self.t(record.subject(decision)))
        if decision.kind != "merger":
            name = join([self.say(f"robust_kind_{decision.kind}"), self.word("colon"), name])
        return [name, data(record.township(decision)), data(record.target(decision))]

    def marks(self, one: Standing, cases: tuple[Case, ...]) -> Html:
        """Return the marks of one assumption's cases, side by side: lowered, then raised."""
        said, drawn = [], []
        for k, case in enumerate(cases):
            what = outcome(one, case)
            said.append(self.say("robust_mark_line", way=self.say(f"robust_way_{case.change}"),
                                 mark=self.say(f"robust_mark_{what}")))
            drawn.append(outcome_mark(what, 9 + 16 * k))
        return tag("svg", *drawn, viewBox=f"0 0 {16 * len(cases) + 2} 18", class_="marks", role="img",
                   aria_label="; ".join(said))

    def others(self) -> Html | None:
        """Return how all other kinds of decision fare, one line a kind."""
        rows = []
        for kind in OTHERS:
            standings = self.found.of_base(kind)
            if standings:
                count = {verdict: sum(one.verdict == verdict for one in standings)
                         for verdict in ("always", "mostly", "seldom", "never")}
                rows.append((self.say(f"robust_kind_{kind}"), len(standings), count["always"], count["mostly"],
                             count["seldom"] + count["never"]))
        if not rows:
            return None
        heads = [self.say(f"robust_head_{key}") for key in ("kind", "total", "always", "mostly", "seldom")]
        return self.section("robust_others", table(heads, rows, numbers=range(1, 5)))

    def come(self) -> Html:
        """Return the mergers and centres that only cases have."""
        standings = self.found.that_come("merger", *CENTRES)
        if not standings:
            return self.section("robust_come", tag("p", self.say("robust_come_none")))
        title = {case.id: case for case in self.found.cases}
        rows = [(*self.decided(one), f"{len(one.held)}/{one.of}", self.titles(title[case] for case in one.held))
                for one in standings]
        heads = [self.say("robust_head_what"), self.word("head_township"), self.say("robust_head_to"),
                 self.say("robust_head_in"), self.say("robust_head_case")]
        return self.section("robust_come", table(heads, rows, numbers=[3]))

    def cases(self) -> Html:
        """Return every case with its figures."""
        cases = (self.found.base, *self.found.cases)
        told = any(case.status != "optimal" for case in cases)  # else the answer has said it of all of them
        heads = [self.say(f"robust_head_{key}") for key in (
            "case", "values", *(["status"] if told else []), "inside", "people", "merged", "kept", "sub_centres",
            "breaks")]
        money = [self.say(f"robust_head_{key}") for key in ("case", "annual", "by_price", "by_decision")]
        return self.section(
            "robust_cases", tag("div", table(heads, [self.case_row(case, told) for case in cases],
                                           numbers=range(2 + told, 7 + told)),
                                class_="cases"),
            tag("h3", self.say("robust_chart_cost")), tag("p", self.say("robust_cases_hint"), class_="hint"),
            tag("div", table([*money, self.word("figure_capital")], [self.money_row(case) for case in cases],
                             numbers=range(1, 5)), class_="cases"))

    def case_name(self, case: Case) -> Html:
        """Return a case's number and name."""
        if case is self.found.base:
            return tag("b", self.say("robust_base"))
        return join([f"{self.number[case.assumption]} ", data(self.t(case_title(case)))])

    def case_row(self, case: Case, told: bool) -> list[object]:
        """``told``: is there a column of how it was solved."""
        figures, base = case.figures, self.found.base
        first = [self.case_name(case), data(self.t(case.values)) if case.values.zh else "–",
                 *([self.t(status_text(case))] if told else [])]
        if figures is None:
            return [*first, *["–"] * 6]
        return [*first, shares(case),
                "–" if case is base else people_change(base, case), str(figures.merged),
                str(mergers_kept(self.found, case)), str(figures.sub_centres), self.t(rule_names(case)) or "–"]

    def money_row(self, case: Case) -> list[object]:
        figures, parts = case.figures, price_and_decision(self.found.base, case)
        if figures is None or parts is None:
            return [self.case_name(case), *["–"] * 4]
        split = ["–", "–"] if case is self.found.base else [signed(part) for part in parts]
        return [self.case_name(case), number(figures.annual_cny, digits=0), *split,
                number(figures.capital_cny, digits=0)]

    def no_plan(self) -> Html | None:
        """Return the cases without a plan, with the rules that conflict."""
        without = [case for case in self.found.cases if not case.has_plan]
        if not without:
            return None
        return self.section("robust_no_plan", *(tag("div", tag("h3", data(self.t(case_title(case)))), tag("ul", *(
            tag("li", data(self.t(text))) for text in case.without_plan))) for case in without))

    def repeat(self) -> Html:
        """Return the commands that make each case a run of its own."""
        rows = [(data(self.t(case_title(case))), tag("code", data(self.record.command(case))))
                for case in self.found.cases]
        return self.section("robust_repeat", tag("p", self.say("robust_repeat_text")), tag("details", tag(
            "summary", self.say("robust_head_set")), table([self.say("robust_head_case"), self.say("robust_head_set")],
                                                          rows)))


def signed(value: float) -> str:
    """Return whole yuan with a sign; "0" for nothing."""
    return "0" if round(value) == 0 else f"{'+' if value > 0 else '−'}{abs(value):,.0f}"


assert {*OTHERS, *CENTRES, "merger"} == set(KINDS), "every kind of decision has its place on the page"
