"""The report: one page without any script, in both languages, ready to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from facilityplan.config.schema import Standard
from facilityplan.domain.kinds import MODE_NAMES, NO_CLINIC_NAMES
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.compliance import compliance_section
from facilityplan.render.consortia import consortia_section
from facilityplan.render.fairness import fairness_notes, fairness_rows
from facilityplan.render.fixed import by_stage_section, locked_section
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.page import asset, policy
from facilityplan.render.services import service_sections
from facilityplan.render.summary import (
    Headline,
    any_given,
    counts,
    further_standards,
    headline,
    is_few,
    leaving_text,
    merged_sites,
    minutes_to_host,
    modes_text,
    number,
    people,
    percent,
    proof_text,
    stage_rows,
    verdict_tone,
    verification_text,
    without_clinic,
)
from facilityplan.render.words import HTML_LANG, WORDS, county_name, say, scenario_name, standard_text
from facilityplan.render.workbook import overview_rows
from facilityplan.render.works import works_section

ROWS_SHOWN = 200
WORST_SHOWN = 10
LEAST_ADDED_MIN = 0.05  # less would print as +0.0
ADDED = ("nearer", "same", "up_to_2", "up_to_5", "up_to_10", "over_10", "lost", "gained", "none")
ADDED_ALWAYS = frozenset({"same", "up_to_2", "up_to_5"})
ADDED_COLOURS = {"nearer": palette.GREEN, "same": palette.BLUE, "gained": palette.GREEN, "none": palette.MUTED}
SLACK_UNITS = {"recurrent_budget": "unit_cny", "capital_budget": "unit_cny", "funding_amount": "unit_cny",
               "no_debt": "unit_cny", "balance": "unit_cny", "doctor_capacity": "unit_people",
               "stage_capital": "unit_cny", "stage_recurrent": "unit_cny", "stage_doctors": "unit_doctors",
               "hires": "unit_doctors", "sub_centre_load": "unit_people",
               "consortium_balance": "unit_people", "consortium_limit": "unit_minutes",
               "sub_centre_min_people": "unit_people", "sub_centre_spread": "unit_minutes",
               "centre_load": "unit_people", "centre_share": "unit_people", "attribute_people": "unit_people",
               "attribute_sites": "unit_sites"}
SLACK_BINDS = 1e-6  # what is left of a rule, in its own unit, at or under which it binds


def render_report(plan: Plan, inputs: Inputs, *, lang: str = "zh") -> str:
    """Return ``report.html``: both languages in one file, ``lang`` shown first, no script and no request."""
    style = asset("report.css")
    title = f"{county_name(plan).in_language(lang)} · {WORDS['report_title'].in_language(lang)}"
    radios = [tag("input", type="radio", name="language", id=f"lang-{one}", class_="language",
                  aria_label=WORDS[f"language_{one}"].in_language(lang), checked="checked" if one == lang else None)
              for one in HTML_LANG]
    switch = tag("div", *(tag("label", WORDS[f"language_{one}"].in_language(lang), for_=f"lang-{one}", lang=code)
                          for one, code in HTML_LANG.items()), class_="languages")
    articles = [tag("article", *_Report(plan, inputs, one).sections(), lang=HTML_LANG[one]) for one in HTML_LANG]
    head = join([tag("meta", charset="utf-8"),
                 tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                 Html(f'<meta http-equiv="Content-Security-Policy" content="{policy([style], [])}">'),
                 tag("title", title), Html(f"<style>{style}</style>")])
    banner = None if plan.data_basis == "real" else tag(
        "p", *(tag("span", text, lang=HTML_LANG[one])
               for one, text in zip(HTML_LANG, WORDS[f"banner_{plan.data_basis}"], strict=True)), id="banner")
    body = join([banner, *radios, tag("main", switch, *articles)])
    return f'<!DOCTYPE html>\n<html lang="{HTML_LANG[lang]}">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


class _Report:
    """The sections in one language."""

    def __init__(self, plan: Plan, inputs: Inputs, lang: str) -> None:
        self.plan, self.inputs, self.lang = plan, inputs, lang
        self.head: Headline = headline(plan)
        self.names = dict(zip(inputs.facilities["id"], inputs.facilities["name"], strict=True))

    def say(self, key: str, **values: object) -> str:
        return say(key, **values).in_language(self.lang)

    def t(self, text: Text) -> str:
        return text.in_language(self.lang)

    def sections(self) -> Iterable[Html]:
        """Yield the report from the question to the limits."""
        scenario = data(self.t(scenario_name(self.plan)))
        yield tag("h1", data(self.t(county_name(self.plan))), " ", self.say("report_title"))
        yield tag("p", self.say("scenario"), self.say("colon"), scenario, class_="subtitle")
        yield self._answer()
        yield from filter(None, [compliance_section(self.plan, self.lang)])
        yield self._who_changes()
        yield from self._fairness()
        yield self._outside()
        yield self._mergers()
        yield from self._services()
        yield from filter(None, [section(self.plan, self.lang) for section in (
            locked_section, works_section, by_stage_section)])
        yield self._without_clinic()
        yield self._sub_centres()
        yield from filter(None, [consortia_section(self.plan, self.lang)])
        yield from service_sections(self.plan, self.lang)
        yield self._staff_and_money()
        yield self._rules()
        yield self._refusals()
        yield self._method()
        yield self._sources_and_limits()

    def _section(self, key: str, *children: object) -> Html:
        return tag("section", tag("h2", self.say(key)), *children)

    def _answer(self) -> Html:
        plan, head, tally = self.plan, self.head, counts(self.plan, self.inputs)
        shares = [tag("div", tag("span", self.say(key)), _bar(share or 0.0, colour, head.target),
                      tag("b", percent(share)), class_="share")
                  for key, share, colour in (("view_before", head.share_before, "#8fa3b5"),
                                             ("view_after", head.share_after, palette.BLUE))]
        target = self.say("target_is", share=percent(head.target))
        lines = [(head.proven, self.t(proof_text(head))),
                 (head.verification == "verified", self.t(verification_text(plan, head)))]
        if not plan.binding.get(plan.standards[0].id, True):
            lines.append((False, self.say("does_not_bind")))
        if not plan.solve.reproducible:
            lines.append((False, self.say("not_reproducible")))
        answer = self.say("answer_text", kept=tally.kept, merged=tally.merged, built=tally.built,
                          sub_centres=tally.sub_centres, before=percent(head.share_before),
                          after=percent(head.share_after))
        question = self.say("question_text", county="\x00").split("\x00")
        return join([
            self._section("question", tag("p", question[0], data(self.t(county_name(plan))), *question[1:])),
            self._section("answer", tag(
                "div", tag("h3", self.say(head.verdict)), tag("p", data(self.t(standard_text(plan.standards[0])))),
                *shares, None if head.target is None else tag("p", target, class_="hint"),
                *(self._circle(*circle, class_="further") for circle in list(self._circles())[1:]),
                class_=f"verdict {verdict_tone(head)}".strip()),
                tag("ul", *(tag("li", text, class_=None if good else "warn") for good, text in lines), class_="proof"),
                tag("p", answer))])

    def _who_changes(self) -> Html:
        metrics = self.plan.metrics
        added = metrics.get("added_minutes", {})
        total = sum(added.values()) or 1.0
        shown = [key for key in ADDED if added and (added.get(key, 0) > 0 or key in ADDED_ALWAYS)]
        rows = [(self.say(f"added_{key}"),
                 _bar(0.0 if is_few(count) else count / total, ADDED_COLOURS.get(key, palette.ORANGE), None),
                 people(count), self._share(count, total)) for key in shown for count in [added.get(key, 0.0)]]
        parts: list[object] = [tag("p", self.say("who_changes_text"))]
        if rows:
            parts.append(table(["", "", self.say("head_people"), self.say("head_share")], rows, numbers=(2, 3)))
        parts += [self._circle(*circle) for circle in self._circles()]
        groups = [(self.say(key), people(block["group_people"]), percent(block["share_within_before"]),
                   percent(block["share_within_after"]), number(block["mean_minutes_before"]),
                   number(block["mean_minutes_after"]))
                  for key in ("rural", "urban") if (block := metrics.get(key)) and block["group_people"] > 0]
        if groups:
            share = self.say("figure_share")
            parts.append(table(["", self.say("head_people"), f"{share} · {self.say('head_before')}",
                                f"{share} · {self.say('head_after')}", self.say("head_minutes_before"),
                                self.say("head_minutes_after")], groups, numbers=range(1, 6)))
        parts.append(tag("h3", self.say("worst_villages")))
        parts.append(self._worst())
        return self._section("who_changes", *parts)

    def _circles(self) -> Iterable[tuple[Standard, tuple[float | None, float | None], Text | None]]:
        """Yield each standard, its share inside before and after, and who leaves and enters."""
        yield self.plan.standards[0], (self.head.share_before, self.head.share_after), leaving_text(self.plan.metrics)
        for one, block in further_standards(self.plan):
            yield one, (block["share_within_before"], block["share_within_after"]), leaving_text(block)

    def _circle(self, standard: Standard, share: tuple[float | None, float | None], moves: Text | None,
                **attributes: object) -> Html:
        return tag("p", data(self.t(standard_text(standard))), self.say("colon"), percent(share[0]), " → ",
                   tag("b", percent(share[1])),
                   None if moves is None else join([self.say("comma"), tag("b", self.t(moves))]), **attributes)

    def _share(self, count: float, total: float) -> str:
        return "–" if is_few(count) else percent(count / total)  # a share would give the figure away

    def _fairness(self) -> Iterable[Html]:
        """The measures of fairness before and after; nothing where the config asks for none."""
        rows = [(data(self.t(standard)), self.t(measure), number(before, digits=2), number(after, digits=2))
                for standard, measure, before, after in fairness_rows(self.plan)]
        if rows:
            heads = ["head_standard", "head_item", "head_minutes_before", "head_minutes_after"]
            yield self._section("fairness", tag("p", self.say("fairness_text")),
                                table([self.say(key) for key in heads], rows, numbers=(2, 3)),
                                *(tag("p", data(self.t(note)), class_="hint") for note in fairness_notes(self.plan)))

    def _worst(self) -> Html:
        villages = self.plan.villages
        grown = villages.assign(added=villages["minutes_after"] - villages["minutes_before"])
        grown = grown[grown["added"] >= LEAST_ADDED_MIN]
        grown = grown.sort_values(["added", "people", "id"], ascending=[False, False, True]).head(WORST_SHOWN)
        if grown.empty:
            return tag("p", self.say("nobody_worse"))
        return table([self.say(f"head_{key}") for key in ("village", "township", "people", "minutes_before",
                                                          "minutes_after", "added")],
                     ((data(row.name), data(row.township), people(row.people), number(row.minutes_before),
                       number(row.minutes_after), f"+{number(row.added)}")
                      for row in grown.itertuples(index=False)), numbers=range(2, 6))

    def _cut(self, total: int) -> Html | None:
        return tag("p", self.say("cut_list", n=ROWS_SHOWN), class_="hint") if total > ROWS_SHOWN else None

    def _outside(self) -> Html:
        out = self.plan.villages
        out = out[(out["people_out_before"] > 0) | (out["people_out_after"] > 0)]
        out = out.sort_values(["people_out_after", "people_out_before", "id"], ascending=[False, False, True])
        if out.empty:
            return self._section("list_outside", tag("p", self.say("nobody_outside")))
        return self._section("list_outside", table(
            [self.say(f"head_{key}") for key in ("village", "township", "people", "outside_before", "outside_after")],
            ((data(row.name), data(row.township), people(row.people), people(row.people_out_before),
              people(row.people_out_after)) for row in out.head(ROWS_SHOWN).itertuples(index=False)),
            numbers=range(2, 5)), self._cut(len(out)))

    def _services(self) -> Iterable[Html]:
        """Who is served by circuit, neighbour or posted staff; nothing where none of them is offered."""
        line, plan = modes_text(self.plan), self.plan
        if line is None:
            return
        rows = plan.villages[plan.villages["mode"].isin(["circuit", "neighbour", "posted"])]
        yield self._section("list_services", tag("p", self.t(line)), table(
            [self.say(f"head_{key}") for key in ("village", "township", "service_mode", "served_from", "days", "people",
                                                 "minutes_after", "minutes_periodic")],
            ((data(row.name), data(row.township), self.t(MODE_NAMES[row.mode]),
              data(self.names.get(row.host)), number(row.days_per_week, digits=0), people(row.people),
              number(row.minutes_after), number(row.minutes_periodic))
             for row in rows.head(ROWS_SHOWN).itertuples(index=False)), numbers=range(4, 8)), self._cut(len(rows)))

    def _mergers(self) -> Html:
        plan = self.plan
        merged = merged_sites(plan)
        if merged.empty:
            return self._section("list_merges", tag("p", self.say("no_mergers")))
        minutes, villages = minutes_to_host(plan), plan.villages.set_index("id")

        def row(site: Any) -> tuple[object, ...]:
            home = villages.loc[site.village] if site.village in villages.index else None
            return (data(site.name), data(None if home is None else home["name"]), data(site.township),
                    data(self.names.get(site.merged_into)),
                    number(minutes.get(site.id)), people(home["people"]) if home is not None else "–",
                    number(home["minutes_before"]) if home is not None else "–",
                    number(home["minutes_after"]) if home is not None else "–")

        return self._section("list_merges", table(
            [self.say(f"head_{key}") for key in ("clinic", "village", "township", "host", "minutes_to_host", "people",
                                                 "minutes_before", "minutes_after")],
            (row(site) for site in merged.head(ROWS_SHOWN).itertuples(index=False)), numbers=range(4, 8)),
            self._cut(len(merged)))

    def _without_clinic(self) -> Html:
        listed = without_clinic(self.plan)
        if listed.empty:
            return self._section("list_no_clinic", tag("p", self.say("every_village_served")))
        hospital = int(listed["here"].sum())
        return self._section(
            "list_no_clinic", tag("p", self.say("no_clinic_text", blank=len(listed) - hospital, hospital=hospital)),
            table([self.say(f"head_{key}") for key in ("village", "township", "people", "served_by", "minutes_after",
                                                       "no_clinic_because")],
                  ((data(row.name), data(row.township), people(row.people), data(self.names.get(row.served_by)),
                    number(row.minutes_after), self.t(NO_CLINIC_NAMES[row.no_clinic_because]))
                   for row in listed.head(ROWS_SHOWN).itertuples(index=False)), numbers=(2, 4)),
            self._cut(len(listed)))

    def _sub_centres(self) -> Html:
        chosen = self.plan.facilities[self.plan.facilities["sub_centre"]]
        if chosen.empty:
            return self._section("list_sub_centres", tag("p", self.say("no_sub_centres")))
        catchments = dict(iter(self.plan.villages.groupby("catchment_of")))
        rows = []
        for site in chosen.itertuples(index=False):
            group = catchments.get(site.id)
            towns = [] if group is None else sorted(set(group["township"]))
            listed = join(part for k, town in enumerate(towns) for part in ("、" if k else None, data(town)))
            rows.append((data(site.name), listed, people(0 if group is None else group["people"].sum())))
        return self._section("list_sub_centres", table(
            [self.say("list_sub_centres"), self.say("head_catchment_townships"),
             self.say("head_catchment_people")], rows, numbers=(2,)))

    def _staff_and_money(self) -> Html:
        wanted = ("figure_clinics", "figure_clinic_doctors", "figure_reserve", "figure_hires", "figure_annual",
                  "figure_capital")
        rows = [(self.say(key), number(before, digits=0), number(after, digits=0), self.say(unit))
                for key, before, after, unit, _ in overview_rows(self.plan, self.inputs, self.head) if key in wanted]
        return self._section("staff_money", table(
            [self.say(f"head_{key}") for key in ("item", "before", "after", "unit")], rows, numbers=(1, 2)),
            tag("p", self.say("cost_caution"), class_="hint"))

    def _rules(self) -> Html:
        slacks = self.plan.solve.slacks
        if not slacks:
            return self._section("rules_bound", tag("p", self.say("no_slacks")))
        ordered = sorted(slacks.items(), key=lambda pair: (pair[1] > SLACK_BINDS, list(RULE_NAMES).index(pair[0])
                                                           if pair[0] in RULE_NAMES else len(RULE_NAMES), pair[0]))
        rows = [(self.t(RULE_NAMES[rule]) if rule in RULE_NAMES else data(rule),
                 tag("span", self.say("binds"), class_="binds") if left <= SLACK_BINDS
                 else self.say("slack_left", n=f"{left:,.6g}{self._slack_unit(rule)}")) for rule, left in ordered]
        return self._section("rules_bound", tag("p", self.say("rules_bound_text")),
                             table([self.say("head_rule"), self.say("head_slack")], rows))

    def _slack_unit(self, rule: str) -> str:
        return f" {self.say(SLACK_UNITS[rule])}" if rule in SLACK_UNITS else ""

    def _refusals(self) -> Html:
        refused = self.plan.refusals[~self.plan.refusals["accepted"].astype(bool)]
        if refused.empty:
            return self._section("refused", tag("p", self.say("no_refusals")))
        rows = []
        for rule, group in refused.groupby("rule", sort=False):
            first = group.sort_values(["clinic", "host"]).iloc[0]
            example = join([data(self.names.get(first["clinic"])), " → ", data(self.names.get(first["host"])),
                            self._figures(first)])
            rows.append((len(group), self.t(RULE_NAMES[rule]) if rule in RULE_NAMES else data(rule), f"{len(group):,}",
                         f"{group['clinic'].nunique():,}", example))
        rows.sort(key=lambda row: (-row[0], str(row[1])))
        return self._section("refused", tag("p", self.say("refused_text")), table(
            [self.say("head_rule"), self.say("head_pairs"), self.say("figure_clinics"), self.say("head_example")],
            (row[1:] for row in rows), numbers=(1, 2)))

    def _figures(self, row: pd.Series) -> str:
        if pd.isna(row["figure"]) or pd.isna(row["limit"]):
            return ""
        return " " + self.say("figure_against_limit", figure=f"{row['figure']:,.6g}", limit=f"{row['limit']:,.6g}")

    def _method(self) -> Html:
        stages = [(str(rank), data(self.t(row.name)), number(row.value, digits=row.digits),
                   number(row.bound, digits=row.digits), self.t(row.gap))
                  for rank, row in enumerate(stage_rows(self.plan), start=1)]
        return self._section(
            "method", tag("p", self.say("method_text")),
            tag("h3", self.say("stages")),
            table(["", *(self.say(f"head_{key}") for key in ("stage", "value", "bound", "gap"))], stages,
                  numbers=(2, 3, 4)),
            tag("p", self.say("stages_given"), class_="hint") if any_given(self.plan) else None)

    def _sources_and_limits(self) -> Html:
        plan = self.plan
        notes = [*(standard_text(one) for one in plan.standards), *plan.notes]
        limits = [] if plan.data_basis == "real" else [f"limit_{plan.data_basis}"]
        limits += ["limit_times", "limit_small"] + ([] if self.head.proven else ["limit_unproven"])
        sources = [tag("li", data(one.name), self.say("colon"), data(one.credit), " (", data(one.licence), ")")
                   for one in plan.sources]
        return join([self._section("notes", tag("ul", *(tag("li", data(self.t(note))) for note in notes))),
                     self._section("limits", tag("ul", *(tag("li", self.say(key)) for key in limits))),
                     self._section("sources", tag("ul", *sources))])


def _bar(share: float, colour: str, target: float | None) -> Html:
    parts = [tag("rect", x=0, y=0, width=200, height=12, rx=3, fill="#e3e7ea"),
             tag("rect", x=0, y=0, width=f"{200 * min(1.0, share):.2f}", height=12, rx=3, fill=colour)]
    if target is not None:
        parts.append(tag("rect", x=f"{200 * target - 1:.2f}", y=0, width=2, height=12, fill=palette.INK))
    return tag("svg", *parts, viewBox="0 0 200 12", preserveAspectRatio="none", aria_hidden="true")
