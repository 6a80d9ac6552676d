"""The report's last part: which rules bound, what was refused, how the plan was found, notes, limits and sources."""

from __future__ import annotations

from typing import Any

from facilityplan.domain.rules import RULE_NAMES
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.mergers import figures
from facilityplan.render.summary import any_given, stage_rows
from facilityplan.render.voice import Voice
from facilityplan.render.words import standard_text

SLACK_UNITS = {"recurrent_budget": "unit_cny", "capital_budget": "unit_cny", "funding_amount": "unit_cny",
               "no_debt": "unit_cny", "balance": "unit_cny", "doctor_capacity": "unit_people",
               "stage_capital": "unit_cny", "stage_recurrent": "unit_cny", "stage_doctors": "unit_doctors",
               "hires": "unit_doctors", "patient_overload": "unit_people", "doctor_minimum": "unit_doctors",
               "fill_posts": "unit_doctors", "sub_centre_load": "unit_people",
               "consortium_balance": "unit_people", "consortium_limit": "unit_minutes",
               "sub_centre_min_people": "unit_people", "sub_centre_spread": "unit_minutes",
               "centre_load": "unit_people", "centre_share": "unit_people", "attribute_people": "unit_people",
               "attribute_sites": "unit_sites"}
SLACK_BINDS = 1e-6  # what is left of a rule, in its own unit, at or under which it binds


def rules(voice: Voice) -> Html:
    """Return what each rule has left."""
    slacks = voice.plan.solve.slacks
    if not slacks:
        return voice.section("rules_bound", tag("p", voice.say("no_slacks")))
    ordered = sorted(slacks.items(), key=lambda pair: (pair[1] > SLACK_BINDS, list(RULE_NAMES).index(pair[0])
                                                       if pair[0] in RULE_NAMES else len(RULE_NAMES), pair[0]))
    rows = [(voice.t(RULE_NAMES[rule]) if rule in RULE_NAMES else data(rule),
             tag("span", voice.say("binds"), class_="binds") if left <= SLACK_BINDS
             else voice.say("slack_left", n=f"{left:,.6g}{_unit(voice, rule)}")) for rule, left in ordered]
    return voice.section("rules_bound", tag("p", voice.say("rules_bound_text")),
                         table([voice.say("head_rule"), voice.say("head_slack")], rows))


def _unit(voice: Voice, rule: str) -> str:
    return f" {voice.say(SLACK_UNITS[rule])}" if rule in SLACK_UNITS else ""


def refusals(voice: Voice) -> Html:
    """Return how many mergers each rule refused, with an example."""
    groups: dict[str, list[Any]] = {}
    for pair in voice.plan.refusals.sort_values(["clinic", "host"], kind="stable").itertuples(index=False):
        if not pair.accepted:
            groups.setdefault(pair.rule, []).append(pair)
    if not groups:
        return voice.section("refused", tag("p", voice.say("no_refusals")))
    rows = []
    for rule, group in groups.items():
        first = group[0]
        example = join([voice.name(first.clinic), " → ", voice.name(first.host), " ", voice.t(figures(first)).strip()])
        rows.append((len(group), voice.t(RULE_NAMES[rule]) if rule in RULE_NAMES else data(rule), f"{len(group):,}",
                     f"{len({pair.clinic for pair in group}):,}", example))
    rows.sort(key=lambda row: (-row[0], str(row[1])))
    return voice.section("refused", tag("p", voice.say("refused_text")), table(
        [voice.say("head_rule"), voice.say("head_pairs"), voice.say("figure_clinics"), voice.say("head_example")],
        (row[1:] for row in rows), numbers=(1, 2)))


def method(voice: Voice) -> Html:
    """Return how times and plan were found, and each stage of the objective with its proof."""
    stages = [(str(rank), data(voice.t(row.name)), row.printed(row.value),
               row.printed(row.bound), voice.t(row.gap))
              for rank, row in enumerate(stage_rows(voice.plan), start=1)]
    return voice.section(
        "method", tag("p", voice.say("method_text")), tag("h3", voice.say("stages")),
        table(["", *(voice.say(f"head_{key}") for key in ("stage", "value", "bound", "gap"))], stages,
              numbers=(2, 3, 4)),
        tag("p", voice.say("stages_given"), class_="hint") if any_given(voice.plan) else None)


def notes(voice: Voice) -> Html:
    """Return the notes and assumptions of the data and the plan."""
    said = [*(standard_text(one) for one in voice.plan.standards), *voice.plan.notes]
    return voice.section("notes", tag("ul", *(tag("li", data(voice.t(note))) for note in said)))


def limits(voice: Voice) -> Html:
    """Return what the plan cannot tell, whatever its figures."""
    keys = [] if voice.plan.data_basis == "real" else [f"limit_{voice.plan.data_basis}"]
    keys += ["limit_times", "limit_small"] + ([] if voice.head.proven else ["limit_unproven"])
    return voice.section("limits", tag("ul", *(tag("li", voice.say(key)) for key in keys)))


def sources(voice: Voice) -> Html:
    """Return who must be credited."""
    return voice.section("sources", tag("ul", *(
        tag("li", data(one.name), voice.say("colon"), data(one.credit), " (", data(one.licence), ")",
            None if one.date is None else voice.say("comma"), None if one.date is None else data(one.date))
        for one in voice.plan.sources)))
