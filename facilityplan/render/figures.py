"""The report's still maps: the county, and one township of it, with what is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from facilityplan.domain.kinds import FacilityKind
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.ground import (
    Box,
    Frame,
    arrow,
    coordinates,
    frame_of,
    labels,
    mark,
    scale_bar,
    use_ground,
)
from facilityplan.render.markup import Html, join, tag
from facilityplan.render.summary import merged_sites, site_symbol

DRAWN_LAST = ("private", "kept", "host", "posted", "hospital_left", "hospital", "neighbour", "circuit", "built",
              "merged", "hospital_works", "county_hospital", "sub_centre")  # the later ones lie on top
LEAST_WINDOW = 0.06  # of the county's longer side: a nearer view would show bare cells


@dataclass(frozen=True)
class Shown:
    """What one figure draws: sites by decision, mergers, and visits of staff."""

    sites: Sequence[str]
    moves: Sequence[tuple[str, str]]
    visits: Sequence[tuple[str, str]]


class Figures:
    """Draws windows of one plan's county; places are found once."""

    def __init__(self, plan: Plan, inputs: Inputs) -> None:
        self.plan, self.frame = plan, frame_of(inputs)
        self.at = coordinates(inputs, self.frame)
        self.symbol: dict[str, str] = site_symbol(plan.facilities, inputs).to_dict()
        self.village_at = dict(zip(inputs.villages["id"],
                                   self.frame.at(shapely.get_coordinates(inputs.villages.geometry)), strict=True))
        self.villages: dict[str, list[Any]] = {}
        for village in plan.villages.itertuples(index=False):
            self.villages.setdefault(village.township, []).append(village)
        self.names = dict(zip(plan.facilities["id"], plan.facilities["name"], strict=True))
        self._drawn: dict[str, tuple[Box, float, Html]] = {}
        merged = merged_sites(plan)
        self.moves = list(zip(merged["id"], merged["merged_into"], strict=True))
        served = plan.facilities.dropna(subset=["served_from"])
        self.visits = list(zip(served["id"], served["served_from"], strict=True))

    def county(self, title: str, km: str) -> Html:
        """Return the whole county: people by minutes, sites by decision, mergers, names of townships."""
        def draw() -> tuple[Box, float, Html]:
            window = (0.0, 0.0, self.frame.width, self.frame.height)
            return window, 17.0, join([*self._lines(self.moves, self.visits, 1.0), *self._sites(self.symbol, 0.8),
                                       *labels(self._town_places(), 17, window, 22, bold=True)])

        return self._svg("county", draw, title, km)

    def township(self, township: str, sites: Sequence[str], title: str, km: str) -> Html:
        """Return the window of one township: its villages by name, ``sites`` by decision, its mergers."""
        def draw() -> tuple[Box, float, Html]:
            villages, shown = self.villages[township], self.shown_in(sites)
            window = _window(np.array([self.village_at[v.id] for v in villages] + [self.at[i] for i in shown.sites]),
                             self.frame)
            unit = window[2] / 620  # one pixel where the figure is 620 wide
            order = sorted(villages, key=lambda v: (v.mode in ("keep", "none"), -v.people, v.id))
            names = [(str(v.name), *self.village_at[v.id]) for v in order]
            return window, 13 * unit, join([
                *self._lines(shown.moves, shown.visits, unit), *self._sites(shown.sites, 1.35 * unit),
                *labels(names, 13 * unit, window, 18 * unit, taken=self._taken(shown.sites, 4 * unit))])

        return self._svg(f"township {township}", draw, title, km)

    def whole(self) -> Shown:
        """Return what the county's figure shows."""
        return Shown(sorted(self.symbol), self.moves, self.visits)

    def shown_in(self, sites: Sequence[str]) -> Shown:
        """Return what the figure of a township with ``sites`` shows: who leaves them, and where to, outside too."""
        inside = set(sites)
        moves, visits = ([(a, b) for a, b in pairs if a in inside] for pairs in (self.moves, self.visits))
        return Shown(sorted({*inside, *(b for _, b in (*moves, *visits))}), moves, visits)

    def village(self, village: str, name: str, sites: Sequence[str], title: str, km: str) -> Html:
        """Return the surroundings of one village with the sites that matter to it, by name."""
        def draw() -> tuple[Box, float, Html]:
            at = self.village_at[village]
            shown = [i for i in sites if i in self.at]
            window = _window(np.array([at, *(self.at[i] for i in shown)]), self.frame)
            unit = window[2] / 620
            places = [(str(self.names[i]), *self.at[i]) for i in shown if i in self.names] + [(name, *at)]
            moves, visits = ([(a, b) for a, b in pairs if a in shown] for pairs in (self.moves, self.visits))
            return window, 13 * unit, join([
                *self._lines(moves, visits, unit),
                tag("circle", cx=f"{at[0]:.1f}", cy=f"{at[1]:.1f}", r=f"{3.2 * unit:.1f}", fill=palette.INK),
                *self._sites(shown, 1.7 * unit),
                *labels(places, 15 * unit, window, 25 * unit, taken=self._taken(shown, 7 * unit))])

        return self._svg(f"village {village}", draw, title, km)

    def _svg(self, key: str, draw: Callable[[], tuple[Box, float, Html]], title: str, km: str) -> Html:
        """Return a figure; what it draws has no words, so it is drawn once for both languages."""
        if key not in self._drawn:
            self._drawn[key] = draw()
        window, size, drawn = self._drawn[key]
        return tag("svg", use_ground(self.frame), drawn, scale_bar(self.frame, window, size, km), class_="map",
                   role="img", aria_label=title, viewBox=" ".join(f"{part:.1f}" for part in window))

    def _lines(self, moves: Iterable[tuple[str, str]], visits: Iterable[tuple[str, str]], unit: float
               ) -> list[Html | None]:
        """Return the arrows of mergers and of visiting staff."""
        return [*(arrow(self.at[a], self.at[b], palette.MERGE_LINE, unit) for a, b in moves),
                *(arrow(self.at[a], self.at[b], palette.SERVICE_LINE, unit, dashed=True) for a, b in visits)]

    def _sites(self, ids: Iterable[str], scale: float) -> list[Html]:
        chosen = sorted(ids, key=lambda i: (DRAWN_LAST.index(self.symbol[i]), i))
        return [mark(self.symbol[i], *self.at[i], scale) for i in chosen if i in self.at]

    def _taken(self, ids: Iterable[str], half: float) -> list[Box]:
        """Return the boxes of marks, so that no name hides one."""
        return [(float(self.at[i][0]) - half, float(self.at[i][1]) - half, 2 * half, 2 * half) for i in ids]

    def _town_places(self) -> list[tuple[str, float, float]]:
        """Names of townships at their hospital, else in the middle of their villages; those with most people first."""
        hospital: dict[str, str] = {}
        for site in self.plan.facilities.itertuples(index=False):
            if site.kind == FacilityKind.TOWNSHIP_HOSPITAL:
                hospital.setdefault(site.township, site.id)
        order = sorted(self.villages, key=lambda town: (-sum(v.people for v in self.villages[town]), town))
        found = []
        for town in order:
            middle = np.mean([self.village_at[v.id] for v in self.villages[town]], axis=0)
            x, y = self.at[hospital[town]] if town in hospital else middle
            found.append((str(town), float(x), float(y)))
        return found

    def legend(self, say: Callable[..., str], shown: Shown) -> Html:
        """Return the marks that a figure shows, with their words. ``say``: word by key."""
        used = {self.symbol[i] for i in shown.sites}
        present = [key for key in reversed(DRAWN_LAST) if key in used]
        items = [tag("li", _icon(mark(key, 9, 9, 0.85)), say(f"symbol_{key}")) for key in present]
        lines = [(palette.MERGE_LINE, "layer_merges", shown.moves),
                 (palette.SERVICE_LINE, "layer_services", shown.visits)]
        for colour, key, listed in lines:
            if listed:
                drawn = arrow(np.array([-4.0, 9.0]), np.array([24.0, 9.0]), colour, 0.9,
                              dashed=colour == palette.SERVICE_LINE)
                items.append(tag("li", _icon(drawn), say(key)))
        return tag("ul", *items, class_="legend")

    def shades(self, say: Callable[..., str]) -> Html:
        """Return the legend of minutes: the shades that are in use."""
        limit = self.plan.standards[0].limit_min
        used = set(palette.classify(self.plan.cells["minutes_after"].to_numpy(float),
                                    self.plan.cells["state_after"].to_numpy(object), limit).tolist())
        items = []
        for k, shade in enumerate(palette.minute_classes(limit), start=1):
            if k in used:
                swatch = tag("rect", x=1, y=3, width=16, height=12, fill=shade.colour, opacity="0.75")
                items.append(tag("li", _icon(swatch), _shade(say, shade)))
        return tag("ul", *items, class_="legend")


def _icon(drawn: Html | None) -> Html:
    return tag("svg", drawn, viewBox="0 0 18 18", aria_hidden="true")


def _shade(say: Callable[..., str], shade: palette.MinuteClass) -> str:
    low, high = (None if value is None else f"{value:g}" for value in (shade.low, shade.high))
    if low is None:
        return say("unreachable")
    if high is None:
        return say("more_than", low=low)
    return say("up_to", high=high) if shade.low == 0 else say("from_to", low=low, high=high)


def _window(points: np.ndarray, frame: Frame) -> Box:
    """Return a window of 4 : 3 round points with room for names, not wider than the drawing needs."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, LEAST_WINDOW * max(frame.width, frame.height))
    width = max(size[0] * 1.16, size[1] * 1.2 * 4 / 3)
    height = width * 3 / 4
    middle = (low + high) / 2
    return float(middle[0] - width / 2), float(middle[1] - height / 2), float(width), float(height)

