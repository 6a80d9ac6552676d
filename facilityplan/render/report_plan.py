"""The report's lists of decisions: mergers, visiting and posted service, villages without a clinic, sub-centres."""

from __future__ import annotations

from typing import Any

from facilityplan.domain.kinds import MODE_NAMES, NO_CLINIC_NAMES
from facilityplan.render.calendar import routes_table
from facilityplan.render.few import people
from facilityplan.render.markup import Html, data, table, tag
from facilityplan.render.mergers import Merger
from facilityplan.render.summary import modes_text, number, without_clinic
from facilityplan.render.voice import ROWS_SHOWN, Voice


def merger_list(voice: Voice) -> Html:
    """Return every merger: who goes where, how far, with what it saves."""
    found = voice.mergers
    if not found:
        return voice.section("list_merges", tag("p", voice.say("no_mergers")))

    def row(one: Merger) -> tuple[object, ...]:
        home: Any = one.village
        return (data(one.clinic.name), data(None if home is None else home.name), data(one.clinic.township),
                voice.name(one.clinic.merged_into), number(one.minutes),
                "–" if home is None else people(home.people),
                "–" if home is None else number(home.minutes_before),
                "–" if home is None else number(home.minutes_after))

    return voice.section("list_merges", table(
        [voice.say(f"head_{key}") for key in ("clinic", "village", "township", "host", "minutes_to_host", "people",
                                              "minutes_before", "minutes_after")],
        (row(one) for one in found[:ROWS_SHOWN]), numbers=range(4, 8)), voice.cut(len(found)))


def services(voice: Voice) -> Html | None:
    """Return who is served by circuit, neighbour or posted staff; nothing where none of them is offered."""
    line, plan = modes_text(voice.plan), voice.plan
    if line is None:
        return None
    rows = plan.villages[plan.villages["mode"].isin(["circuit", "neighbour", "posted"])]
    return voice.section("list_services", tag("p", voice.t(line)), table(
        [voice.say(f"head_{key}") for key in ("village", "township", "service_mode", "served_from", "days", "people",
                                              "minutes_after", "minutes_periodic")],
        ((data(row.name), data(row.township), voice.t(MODE_NAMES[row.mode]), voice.name(row.host),
          number(row.days_per_week, digits=0), people(row.people), number(row.minutes_after),
          number(row.minutes_periodic))
         for row in rows.head(ROWS_SHOWN).itertuples(index=False)), numbers=range(4, 8)), voice.cut(len(rows)),
        routes_table(voice))


def no_clinic(voice: Voice) -> Html:
    """Return the villages without a clinic of which none merged: who serves them, and why they have none."""
    listed = without_clinic(voice.plan)
    if listed.empty:
        return voice.section("list_no_clinic", tag("p", voice.say("every_village_served")))
    hospital = int(listed["here"].sum())
    return voice.section(
        "list_no_clinic", tag("p", voice.say("no_clinic_text", blank=len(listed) - hospital, hospital=hospital)),
        table([voice.say(f"head_{key}") for key in ("village", "township", "people", "served_by", "minutes_after",
                                                    "no_clinic_because")],
              ((data(row.name), data(row.township), people(row.people), voice.name(row.served_by),
                number(row.minutes_after), voice.t(NO_CLINIC_NAMES[row.no_clinic_because]))
               for row in listed.head(ROWS_SHOWN).itertuples(index=False)), numbers=(2, 4)),
        voice.cut(len(listed)))


def sub_centres(voice: Voice) -> Html:
    """Return the sub-centres with the townships and people of their catchments."""
    chosen = voice.plan.facilities[voice.plan.facilities["sub_centre"]]
    if chosen.empty:
        return voice.section("list_sub_centres", tag("p", voice.say("no_sub_centres")))
    catchments = dict(iter(voice.plan.villages.groupby("catchment_of")))
    rows = []
    for site in chosen.itertuples(index=False):
        group = catchments.get(site.id)
        towns = [] if group is None else sorted(set(group["township"]))
        rows.append((data(site.name), voice.listed(towns), people(0 if group is None else group["people"].sum())))
    return voice.section("list_sub_centres", table(
        [voice.say("list_sub_centres"), voice.say("head_catchment_townships"),
         voice.say("head_catchment_people")], rows, numbers=(2,)))
