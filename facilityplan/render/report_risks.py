"""The report's risks: what could make this plan worse than it looks, each with its own figure. Nothing general."""

from __future__ import annotations

from collections.abc import Iterable

from facilityplan.domain.kinds import CLINIC_KINDS
from facilityplan.domain.rules import RULE_NAMES
from facilityplan.render.calendar import unscheduled_risk
from facilityplan.render.few import is_few, people
from facilityplan.render.markup import Html, data, join, tag
from facilityplan.render.report_method import SLACK_BINDS
from facilityplan.render.summary import further_standards, number
from facilityplan.render.voice import Voice
from facilityplan.render.words import standard_text

OVER_NORM = 1.0 + 1e-9


def risks(voice: Voice) -> Html:
    """Return the section; it says so where none of the risks that we look for is there."""
    found = list(_found(voice))
    if not found:
        return voice.section("risks", tag("p", voice.say("risk_none")))
    return voice.section("risks", tag("p", voice.say("risks_text"), class_="hint"),
                         tag("ul", *(tag("li", one) for one in found), class_="risks"))


def _found(voice: Voice) -> Iterable[object]:
    plan, metrics = voice.plan, voice.plan.metrics
    if not voice.head.proven:
        yield voice.say("limit_unproven")
    if not plan.solve.reproducible:
        yield voice.say("not_reproducible")
    if not plan.binding.get(plan.standards[0].id, True):
        yield voice.say("does_not_bind")
    for standard, block in further_standards(plan):
        leave, enter = block.get("people_leaving_circle", 0.0), block.get("people_entering_circle", 0.0)
        if leave > enter and not is_few(leave - enter):
            yield join([data(voice.t(standard_text(standard))), voice.say("colon"),
                        voice.say("risk_leaving", leave=people(leave), enter=people(enter))])
    added = metrics.get("added_minutes", {})
    far = added.get("over_10", 0.0) + added.get("lost", 0.0)
    if far > 0:
        yield voice.say("risk_far", n=people(far))
    if metrics.get("blank_villages"):
        yield voice.say("risk_blank", n=f"{metrics['blank_villages']:,}")
    if (left := unscheduled_risk(voice)) is not None:
        yield left
    yield from _staff(voice)
    yield from _money(voice)


def _staff(voice: Voice) -> Iterable[object]:
    """One doctor alone, too many people for a doctor, doctors who must first be hired."""
    plan = voice.plan
    sites = plan.facilities
    clinics = sites[sites["kind"].isin([str(k) for k in CLINIC_KINDS]) & sites["people_served"].notna()
                    & (sites["doctors"].fillna(0) > 0)]
    alone = int((clinics["doctors"] == 1).sum())
    if alone:
        yield voice.say("risk_one_doctor", n=f"{alone:,}", all=f"{len(clinics):,}")
    norm = plan.bill.norm_people_per_doctor if plan.bill else None
    if norm and len(clinics):
        load = clinics["people_served"].astype(float) / clinics["doctors"].astype(float)
        over = load > norm * OVER_NORM
        if over.any():
            worst = clinics.loc[load.idxmax()]
            yield join([voice.say("risk_load", n=f"{int(over.sum()):,}", norm=f"{norm:,.0f}"), data(worst["name"]),
                        voice.say("risk_load_worst", n=people(float(load.max())))])
    if plan.metrics.get("hires"):
        yield voice.say("risk_hires", n=f"{plan.metrics['hires']:,}")
    if plan.staff is not None and (gone := int(plan.staff["retired"].sum() - plan.staff["hired"].sum())) > 0:
        yield voice.say("risk_retire", n=f"{gone:,}", before=number(plan.metrics["clinic_doctors_before"], digits=0),
                        after=number(plan.metrics["clinic_doctors_after"], digits=0))


def _money(voice: Voice) -> Iterable[object]:
    plan = voice.plan
    if plan.bill is not None and plan.bill.assumed:
        yield voice.say("risk_assumed_costs")
    unknown = plan.metrics.get("institutions_without_balance")
    if unknown:
        yield voice.say("balance_unknown", n=f"{unknown:,}")
    tight = [rule for rule, left in plan.solve.slacks.items() if left <= SLACK_BINDS and rule in RULE_NAMES]
    if tight:
        order = list(RULE_NAMES)
        named = [voice.t(RULE_NAMES[rule]) for rule in sorted(tight, key=order.index)]
        yield voice.say("risk_no_room", rules=voice.say("semicolon").join(named))
