"""Where routes do not fit, the plan is solved once more with corrected hours; what is kept, and what is said."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from types import SimpleNamespace

import pytest
import small_county as small

from facilityplan.access import compute_access, prepare_geography
from facilityplan.errors import Infeasible, Text
from facilityplan.model import CorrectedHours
from facilityplan.model.gather import planning_data
from facilityplan.model.gather_modes import with_corrected_hours
from facilityplan.model.types import SolveReport, StageResult, ToleranceUse
from facilityplan.plan import fitting
from facilityplan.routes import CircuitWeek, Place, Week

MODES = {"circuit": {"max_people": 2_000, "max_minutes": 60, "days_per_week": 2, "visit_minutes_fixed": 30,
                     "visit_minutes_per_100": 5, "team_minutes_week": 1_000, "max_teams_per_base": 2,
                     "doctors_per_team": 1, "max_doctor_share": 0.5}}
CONFIG = small.config(modes=MODES)


def place(name: str) -> Place:
    return Place(name, name, None, "circuit", "T02")


def week(*left: str, alone: int = 1) -> Week:
    places = tuple(map(place, left))
    return Week(circuits=(CircuitWeek("T02", 1, 600 * 200, 0, 600 * 100, 600 * 400, places,
                                      {p.key: 600 * alone for p in places}),))


def report(*values: float, bounds: tuple[float, ...] = (), best: float | None = None) -> SolveReport:
    stages = [StageResult("cost", v, b, 0.0, 0.1) for v, b in zip(values, bounds or values, strict=True)]
    if best is not None:
        stages[0] = dataclasses.replace(stages[0], bound=best, tolerance=ToleranceUse(best, 9.0, values[0] - best))
    return SolveReport("optimal", tuple(stages), 0.1, True)


FIRST = report(100.0, 7.0)


def solved(monkeypatch, weeks, second=("again", FIRST)):
    calls = []

    def solve(*args):
        calls.append(args[4] if len(args) > 4 else None)
        if len(calls) == 2 and isinstance(second, Exception):
            raise second
        return ("first", FIRST) if len(calls) == 1 else second

    monkeypatch.setattr(fitting, "solve_plan", solve)
    monkeypatch.setattr(fitting, "week_of", lambda *args: weeks[len(calls) - 1])
    return calls, fitting.solve_and_route(CONFIG, None, None, None, lambda _: None)


def test_weeks_that_fit_are_left_alone(monkeypatch):
    calls, (decisions, _, _, note) = solved(monkeypatch, [week()])
    assert calls == [None] and decisions == "first" and note is None


def test_solved_again_with_the_hours_that_routes_have_shown(monkeypatch):
    calls, (decisions, told, found, note) = solved(monkeypatch, [week("C09"), week()])
    assert calls[1] == CorrectedHours({"T02": Fraction(1_000, 500)}, frozenset())
    assert (decisions, told, found) == ("again", FIRST, week()) and "corrected hours" in note.en


@pytest.mark.parametrize(("first", "again", "worse", "gap"), [
    (report(100.0, 7.0), report(100.0, 7.0), None, 0.0),  # as good as what is proven best without corrections
    (report(100.0, 7.0), report(100.0, 8.0), 1, 1 / 8),
    (report(100.0, 7.0), report(125.0, 3.0), 0, 25 / 125),  # what follows a worse stage is bounded by nothing
    (report(100.0, 7.0, bounds=(90.0, 7.0)), report(100.0, 7.0), 0, 10 / 100),
    (report(105.0, 7.0, best=100.0), report(103.0, 7.0, best=100.0), None, 0.0),
    (report(105.0, 7.0, best=100.0), report(103.0, 7.0, best=102.0), 0, 2 / 102)])
def test_what_corrected_hours_cost_is_a_gap_and_nothing_is_called_optimal(monkeypatch, first, again, worse, gap):
    told = fitting.as_asked(first, again)
    if worse is None:
        assert told == again
        return
    assert told.status == "feasible" and told.stages[worse].gap == pytest.approx(gap)
    assert told.stages[worse].bound == first.stages[worse].bound
    assert [s for k, s in enumerate(told.stages) if k != worse] == [
        s for k, s in enumerate(again.stages) if k != worse]
    _, (_, of_run, *_) = solved(monkeypatch, [week("C09"), week()], ("again", report(101.0, 7.0)))
    assert of_run.status == "feasible" and of_run.stages[0].bound == 100.0


def test_a_place_that_no_day_is_long_enough_for_is_forbidden(monkeypatch):
    calls, _ = solved(monkeypatch, [week("C09", alone=300), week()])
    assert calls[1] == CorrectedHours({}, frozenset({("T02", ("site", "C09"))}))


@pytest.mark.parametrize(("weeks", "second"), [
    ([week("C09"), week("C09", "C10")], ("again", FIRST)),
    ([week("C09")], Infeasible(Text("无", "none")))])
def test_the_first_plan_stands_where_the_second_is_no_better(monkeypatch, weeks, second):
    _, (decisions, _, found, note) = solved(monkeypatch, weeks, second)
    assert decisions == "first" and len(found.unscheduled) == 1 and "first" in note.en


def test_plans_in_years_are_solved_once(monkeypatch):
    monkeypatch.setattr(fitting, "solve_plan", lambda *_: ("first", FIRST))
    monkeypatch.setattr(fitting, "week_of", lambda *_: week("C09"))
    config = SimpleNamespace(rules=SimpleNamespace(stages=[1]))
    assert fitting.solve_and_route(config, None, None, None, lambda _: None)[3] is None


def test_corrected_hours_are_what_the_model_charges():
    inputs = small.county()
    geography = prepare_geography(CONFIG, inputs)
    data = planning_data(CONFIG, inputs, compute_access(CONFIG, inputs, geography))
    pairs = data.modes.circuit.pairs
    corrected = CorrectedHours({"T02": Fraction(3, 2)}, frozenset({("T11", ("village", "V12"))}))
    other = with_corrected_hours(data, corrected)
    t02 = pairs.site == data.site_ids.index("T02")
    v12 = data.modes.target_village[pairs.target] == data.village_ids.index("V12")
    never = ~t02 & v12 & (data.modes.target_site[pairs.target] < 0)
    assert t02.sum() > 3 and never.sum() == 1
    charged = other.modes.circuit.pairs.minutes
    assert (charged[t02] == -(-pairs.minutes[t02] * 3 // 2)).all()
    assert charged[never] > 1_000 * data.modes.circuit.max_teams.max()
    assert (charged[~t02 & ~never] == pairs.minutes[~t02 & ~never]).all()
    assert with_corrected_hours(dataclasses.replace(data, modes=None), CorrectedHours()).modes is None
