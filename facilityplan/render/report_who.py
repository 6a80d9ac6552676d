"""The report's part on people: who gets farther, who leaves a circle, which township and village changes most."""

from __future__ import annotations

from collections.abc import Iterable

from facilityplan.config.schema import Standard
from facilityplan.errors import Text
from facilityplan.render import palette
from facilityplan.render.fairness import fairness_notes, fairness_rows
from facilityplan.render.few import is_few, people
from facilityplan.render.markup import Html, data, join, table, tag
from facilityplan.render.summary import further_standards, group_weight, leaving_text, number, percent, township_means
from facilityplan.render.voice import ROWS_SHOWN, Voice, bar
from facilityplan.render.words import standard_text

WORST_SHOWN = 10
TOWNSHIPS_SHOWN = 30
LEAST_ADDED_MIN = 0.05  # less would print as +0.0
ADDED = ("nearer", "same", "up_to_2", "up_to_5", "up_to_10", "over_10", "lost", "gained", "none")
ADDED_ALWAYS = frozenset({"same", "up_to_2", "up_to_5"})
ADDED_COLOURS = {"nearer": palette.GREEN, "same": palette.BLUE, "gained": palette.GREEN, "none": palette.MUTED}


def who_changes(voice: Voice, charts: dict[str, Html]) -> Html:
    """Return the section on what changes for whom. ``charts``: minutes and townships, drawn."""
    metrics = voice.plan.metrics
    added = metrics.get("added_minutes", {})
    total = sum(added.values()) or 1.0
    shown = [key for key in ADDED if added and (added.get(key, 0) > 0 or key in ADDED_ALWAYS)]
    rows = [(voice.say(f"added_{key}"),
             bar(0.0 if is_few(count) else count / total, ADDED_COLOURS.get(key, palette.ORANGE)),
             people(count), "–" if is_few(count) else percent(count / total))  # a share would give the figure away
            for key in shown for count in [added.get(key, 0.0)]]
    parts: list[object] = [tag("p", voice.say("who_changes_text"))]
    if rows:
        parts.append(table(["", "", voice.say("head_people"), voice.say("head_share")], rows, numbers=(2, 3)))
    parts += [circle(voice, *one) for one in circles(voice)]
    parts += [figure(charts.get("minutes"), voice.say("chart_minutes") + _without_way(voice))]
    groups = [(voice.say(key), people(block["group_people"]), percent(block["share_within_before"]),
               percent(block["share_within_after"]), number(block["mean_minutes_before"]),
               number(block["mean_minutes_after"]))
              for key in ("rural", "urban") if (block := metrics.get(key)) and block["group_people"] > 0]
    if groups:
        share = voice.say("figure_share")
        parts.append(table(["", voice.say("head_people"), f"{share} · {voice.say('head_before')}",
                            f"{share} · {voice.say('head_after')}", voice.say("head_minutes_before"),
                            voice.say("head_minutes_after")], groups, numbers=range(1, 6)))
    towns = len(township_means(voice.plan))
    cut = voice.say("chart_cut", n=TOWNSHIPS_SHOWN) if towns > TOWNSHIPS_SHOWN else ""
    parts += [figure(charts.get("townships"), voice.say("chart_townships") + cut),
              tag("h3", voice.say("worst_villages")), _worst(voice)]
    return voice.section("who_changes", *parts)


def _without_way(voice: Voice) -> str:
    """Return how many people the chart of minutes cannot place: no route leads them anywhere."""
    cells = voice.plan.cells
    weight = group_weight(cells, voice.plan.standards[0]).to_numpy(float)
    left = [float(weight[(cells[f"state_{when}"] == "unreachable").to_numpy(bool)].sum())
            for when in ("before", "after")]
    return voice.say("chart_no_route", before=people(left[0]), after=people(left[1])) if any(left) else ""


def figure(drawn: Html | None, said: str) -> Html | None:
    """Return a chart with its line of text; nothing where it was not drawn."""
    return None if drawn is None else tag("figure", drawn, tag("figcaption", said))


def circles(voice: Voice) -> Iterable[tuple[Standard, tuple[float | None, float | None], Text | None]]:
    """Yield each standard, its share inside before and after, and who leaves and enters."""
    plan, head = voice.plan, voice.head
    yield plan.standards[0], (head.share_before, head.share_after), leaving_text(plan.metrics)
    for one, block in further_standards(plan):
        yield one, (block["share_within_before"], block["share_within_after"]), leaving_text(block)


def circle(voice: Voice, standard: Standard, share: tuple[float | None, float | None], moves: Text | None,
           **attributes: object) -> Html:
    """Return one standard's line: share before and after, who leaves and who enters."""
    return tag("p", data(voice.t(standard_text(standard))), voice.say("colon"), percent(share[0]), " → ",
               tag("b", percent(share[1])),
               None if moves is None else join([voice.say("comma"), tag("b", voice.t(moves))]), **attributes)


def fairness(voice: Voice) -> Html | None:
    """Return the measures of fairness before and after; nothing where the config asks for none."""
    rows = [(data(voice.t(standard)), voice.t(measure), number(before, digits=2), number(after, digits=2))
            for standard, measure, before, after in fairness_rows(voice.plan)]
    if not rows:
        return None
    heads = ["head_standard", "head_item", "head_minutes_before", "head_minutes_after"]
    return voice.section("fairness", tag("p", voice.say("fairness_text")),
                         table([voice.say(key) for key in heads], rows, numbers=(2, 3)),
                         *(tag("p", data(voice.t(note)), class_="hint") for note in fairness_notes(voice.plan)))


def _worst(voice: Voice) -> Html:
    villages = voice.plan.villages
    grown = villages.assign(added=villages["minutes_after"] - villages["minutes_before"])
    grown = grown[grown["added"] >= LEAST_ADDED_MIN]
    grown = grown.sort_values(["added", "people", "id"], ascending=[False, False, True]).head(WORST_SHOWN)
    if grown.empty:
        return tag("p", voice.say("nobody_worse"))
    return table([voice.say(f"head_{key}") for key in ("village", "township", "people", "minutes_before",
                                                       "minutes_after", "added")],
                 ((data(row.name), data(row.township), people(row.people), number(row.minutes_before),
                   number(row.minutes_after), f"+{number(row.added)}")
                  for row in grown.itertuples(index=False)), numbers=range(2, 6))


def outside(voice: Voice) -> Html:
    """Return the villages with people outside the first circle, those with most of them first."""
    out = voice.plan.villages
    out = out[(out["people_out_before"] > 0) | (out["people_out_after"] > 0)]
    out = out.sort_values(["people_out_after", "people_out_before", "id"], ascending=[False, False, True])
    if out.empty:
        return voice.section("list_outside", tag("p", voice.say("nobody_outside")))
    return voice.section("list_outside", table(
        [voice.say(f"head_{key}") for key in ("village", "township", "people", "outside_before", "outside_after")],
        ((data(row.name), data(row.township), people(row.people), people(row.people_out_before),
          people(row.people_out_after)) for row in out.head(ROWS_SHOWN).itertuples(index=False)),
        numbers=range(2, 5)), voice.cut(len(out)))


def township_minutes(voice: Voice) -> list[tuple[str, float, float]]:
    """Return (township, people's mean minutes today, under the plan) of the townships that change most, those that get
    farthest first."""
    rows = [(name, *means) for name, means in township_means(voice.plan).items()]
    most = sorted(rows, key=lambda row: (-round(abs(row[2] - row[1]), 6), row[0]))[:TOWNSHIPS_SHOWN]
    return sorted(most, key=lambda row: (-round(row[2] - row[1], 6), row[0]))
