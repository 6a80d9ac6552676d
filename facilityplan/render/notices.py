"""Pages to print and hand out: one for each township, one for each village whose people will be served otherwise.

Drafts, and they say so: who moves where, how far, how often somebody is there; what only the county can fill in is left
blank. Both languages in one file, no script and no request, a sheet of A4 for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from shapely.geometry.base import BaseGeometry

from facilityplan.domain.kinds import CLINIC_KINDS, MODE_NAMES, Action, ServiceMode
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render.calendar import Coming, Key, comings, comings_text
from facilityplan.render.few import people
from facilityplan.render.figures import Figures
from facilityplan.render.ground import ground
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.summary import number, proof_text, township_means, verification_text
from facilityplan.render.voice import Voice, bilingual_page
from facilityplan.render.words import HTML_LANG, county_name, mode_name, scenario_name

TOLD_MIN = 0.05  # a smaller change of a village's mean would print as none
VISITS = {str(ServiceMode.CIRCUIT), str(ServiceMode.NEIGHBOUR)}
BLANKS = ("notice_from", "notice_contact", "notice_phone", "notice_seal")


@dataclass(frozen=True)
class Changes:
    """What a village's notice tells. ``sites``: its clinics that close, are visited, posted to or built."""

    row: int  # of the village in the plan's table
    village: Any
    sites: tuple[Any, ...]
    used_before: str | None  # the facility that most of its people use today; None where none is in reach


def changed_villages(plan: Plan) -> list[Changes]:
    """Return the villages that get a notice: a clinic of theirs changes, or most people will go to another site."""
    used = _most_used(plan)
    clinics: dict[str, list[Any]] = {}
    for site in plan.facilities.itertuples(index=False):
        told = site.action in (Action.CLOSE, Action.BUILD) or pd.notna(site.service)
        if told and site.kind in {str(kind) for kind in CLINIC_KINDS} and pd.notna(site.village):
            clinics.setdefault(site.village, []).append(site)
    found = []
    for row, village in enumerate(plan.villages.itertuples(index=False)):
        sites = tuple(clinics.get(village.id, ()))
        before = used.get(village.id)
        moved = before != village.served_by and pd.notna(village.served_by) and _differs(village)
        if sites or moved or village.mode in VISITS:
            found.append(Changes(row, village, sites, before))
    return found


def _differs(village: Any) -> bool:
    before, after = village.minutes_before, village.minutes_after
    return bool(pd.isna(before) != pd.isna(after) or abs(before - after) >= TOLD_MIN)


def _most_used(plan: Plan) -> dict[str, str]:
    """Return village → the facility that most of its people use today; ties go to the first by id."""
    cells = plan.cells.dropna(subset=["site_before"])
    total = cells.groupby(["village", "site_before"], sort=True)["people"].sum().reset_index()
    total = total.sort_values(["village", "people", "site_before"], ascending=[True, False, True])
    return dict(total.drop_duplicates("village")[["village", "site_before"]].itertuples(index=False, name=None))


def render_notices(plan: Plan, inputs: Inputs, *, lang: str = "zh", water: BaseGeometry | None = None) -> str:
    """Return ``notices.html``, ``lang`` shown first. ``water``: drawn behind the maps, in the county CRS."""
    voice, figures, changes = Voice(plan, inputs, lang), Figures(plan, inputs), changed_villages(plan)
    facts = _Facts(plan, figures)
    articles = {one: join(_pages(voice.in_language(one), figures, facts, changes)) for one in HTML_LANG}
    title = f"{county_name(plan).in_language(lang)} · {voice.say('notices_title')}"
    return bilingual_page(plan, title, articles, lang=lang, stored=ground(plan, inputs, figures.frame, water))


def _pages(voice: Voice, figures: Figures, facts: _Facts, changes: list[Changes]) -> Iterable[Html]:
    plan = voice.plan
    towns = sorted(set(plan.villages["township"]))
    by_town: dict[str, list[Changes]] = {}
    for one in changes:
        by_town.setdefault(one.village.township, []).append(one)
    yield tag("h1", data(voice.t(county_name(plan))), " · ", voice.say("notices_title"))
    yield tag("p", voice.say("scenario"), voice.say("colon"), data(voice.t(scenario_name(plan))), class_="subtitle")
    yield tag("p", voice.say("notices_text", n=f"{len(changes):,}"))
    yield tag("p", _proof(voice), class_=None if voice.head.proven else "draft")
    yield table([voice.say("head_township"), voice.say("notices_head")], (
        (tag("a", data(town), href=f"#town-{k}-{voice.lang}"),
         voice.listed(one.village.name for one in by_town[town]) if town in by_town else "–")
        for k, town in enumerate(towns)))
    yield tag("p", voice.say("sources"), voice.say("colon"), voice.listed(
        f"{one.credit} ({one.licence})" for one in plan.sources), class_="hint")
    for k, town in enumerate(towns):
        yield _township(voice, figures, facts, town, f"town-{k}-{voice.lang}")
        for one in by_town.get(town, []):
            yield _notice(voice, figures, one, facts.week)


def _proof(voice: Voice) -> str:
    """Return what is proven of the plan, its gap where it was stopped, and what the verifier said."""
    said = (proof_text(voice.head), verification_text(voice.plan, voice.head))
    return voice.say("semicolon").join(voice.t(one) for one in said)


def _draft(voice: Voice) -> Html:
    """Return the line over every sheet: a draft, of a plan so far proven."""
    return tag("p", f"{voice.say('notice_draft')} · {_proof(voice)}", class_="draft")


class _Facts:
    """Rows and sums by township, made once for both languages' pages."""

    def __init__(self, plan: Plan, figures: Figures) -> None:
        self.means = township_means(plan)
        self.week = comings(plan)
        self.villages = figures.villages
        self.sites: dict[str, list[str]] = {}
        for site, town in zip(plan.facilities["id"], plan.facilities["township"], strict=True):
            self.sites.setdefault(town, []).append(site)
        self.staff = {} if plan.staff is None else {row.township: row for row in plan.staff.itertuples(index=False)}
        self.years = bool(plan.villages["stage"].notna().any())


def _township(voice: Voice, figures: Figures, facts: _Facts, town: str, anchor: str) -> Html:
    villages = facts.villages[town]
    ids = [i for i in facts.sites.get(town, []) if i in figures.at]
    staff = facts.staff.get(town)
    keys = [figures.symbol[i] for i in ids]
    tally = {key: sum(k in group for k in keys) for key, group in (
        ("figure_kept", ("kept", "host", "posted")), ("figure_merged", ("merged",)), ("figure_built", ("built",)))}
    tiles = [("people", people(sum(village.people for village in villages))),
             ("township_villages", f"{len(villages):,}"),
             *((key, f"{n:,}") for key, n in tally.items()),
             ("figure_minutes", " → ".join(number(mean) for mean in facts.means.get(town, (None, None))))]
    if staff is not None:
        tiles.append(("tile_doctors", f"{staff.before:,} → {staff.after:,}"))
    heads = ["head_village", "head_people", "head_service_mode", "head_goes_to", "head_days", "head_minutes_before",
             "head_minutes_after", *(["year"] if facts.years else [])]
    rows = [(data(row.name), people(row.people), voice.t(MODE_NAMES[row.mode]), _goes_to(voice, row),
             number(row.days_per_week, digits=0) if row.days_per_week else "–", number(row.minutes_before),
             number(row.minutes_after), *([number(row.stage, digits=0).replace(",", "")] if facts.years else []))
            for row in villages]
    return tag("section", _draft(voice), tag("h2", data(town)), _tiles(voice, tiles), tag(
        "figure", figures.township(town, ids, town, voice.say("km", n="{n}")),
        figures.legend(voice.say, figures.shown_in(ids))),
        table([voice.say(key) for key in heads], rows, numbers=(1, 4, 5, 6, 7)), class_="sheet", id=anchor)


def _tiles(voice: Voice, tiles: Iterable[tuple[str, str]]) -> Html:
    return tag("div", *(tag("div", tag("b", figure), tag("span", voice.say(key))) for key, figure in tiles),
               class_="tiles")


def _goes_to(voice: Voice, village: Any) -> Html:
    """Return where a village's people go: its host, those who visit, else the site that most of them use."""
    return voice.name(village.host if pd.notna(village.host) else village.served_by)


def _notice(voice: Voice, figures: Figures, one: Changes, week: Mapping[Key, list[Coming]]) -> Html:
    village, plan = one.village, voice.plan
    standard = plan.standards[0]
    mode = voice.t(mode_name(standard.mode))
    facts = [("notice_people", people(village.people)),
             ("notice_goes", _goes_to(voice, village)),
             ("notice_minutes", join([number(village.minutes_after), " ", voice.say("unit_minutes"), " ", voice.say(
                 "notice_now", n=number(village.minutes_before))])),
             ("notice_p90", f"{number(village.minutes_after_p90)} {voice.say('unit_minutes')}"),
             ("notice_open", voice.say("notice_days", n=village.days_per_week) if village.mode in VISITS
              else voice.say("notice_full_time"))]
    if when := week.get(("village", village.id)):
        facts.append(("notice_when", comings_text(when, voice.lang)))
    if pd.notna(village.minutes_periodic) and village.mode in VISITS:
        facts.insert(3, ("minutes_periodic", number(village.minutes_periodic)))
    places = [site.id for site in one.sites]
    places += [i for i in (village.host, village.served_by, one.used_before) if isinstance(i, str)]
    return tag(
        "section", _draft(voice),
        tag("h2", voice.say("notice_title")), tag("p", voice.fill("notice_to", village=data(village.name),
                                                                  township=data(village.township)), class_="to"),
        *(tag("p", line, class_="lead") for line in _told(voice, one)),
        tag("table", tag("tbody", *(tag("tr", tag("th", voice.say(key, mode=mode), scope="row"), tag("td", value))
                                    for key, value in facts)), class_="facts"),
        tag("figure", figures.village(village.id, village.name, list(dict.fromkeys(places)),
                                      voice.say("contents_report_map"), voice.say("km", n="{n}"))),
        tag("dl", *(join([tag("dt", voice.say(key)), tag("dd")]) for key in BLANKS), class_="blanks"),
        class_="sheet notice", id=f"village-{one.row}-{voice.lang}")


def _told(voice: Voice, one: Changes) -> Iterable[Html]:
    """Say in a sentence each what happens to every clinic of the village, and to those who go elsewhere."""
    for site in one.sites:
        values = {"clinic": data(site.name), "host": voice.name(site.merged_into),
                  "base": voice.name(site.served_from), "n": str(one.village.days_per_week)}
        key = site.service if pd.notna(site.service) else "merge" if site.action == Action.CLOSE else "build"
        year = f"{int(site.stage)}" if pd.notna(site.stage) else None
        said = voice.fill(f"notice_{key}", **values)
        yield said if year is None else join([voice.fill("notice_year", year=year), said])
    if not one.sites and one.village.mode in VISITS:
        yield voice.fill("notice_visited", base=voice.name(one.village.host), n=str(one.village.days_per_week))
    elif not one.sites:
        yield voice.fill("notice_moved", before=voice.name(one.used_before), after=voice.name(one.village.served_by))
