"""The robust core on small records: what stays, moves, goes and comes, and what a case without a plan counts for."""

from dataclasses import replace

from facilityplan.compare.robust import (
    Case,
    CaseFigures,
    Decision,
    decisions_of,
    kept,
    price_and_decision,
    robust_core,
)
from facilityplan.domain.decisions import Decisions, SiteDecision, Visit
from facilityplan.domain.kinds import Action, ServiceMode
from facilityplan.errors import Text

FIGURES = CaseFigures(900.0, 910.0, 1000.0, 0.0, 500.0, 600.0, 50.0, 2, 1, 500.0, 50.0)


def merger(clinic, host):
    return Decision("merger", clinic, host)


def case(name, *decisions, figures=FIGURES, status="optimal"):
    return Case(name, name.partition(".")[0], "cost", "low", Text(name, name), Text("1", "1"), (), status,
                figures=figures, decisions=frozenset(decisions))


BASE = case("base", merger("a", "h"), merger("b", "h"), merger("c", "h"), Decision("sub_centre", "s"))


def standings(*cases):
    found = robust_core(BASE, cases)
    return found, {(s.decision.id, s.decision.to): s for s in found.standings}


def test_what_stays_moves_goes_and_comes():
    one = case("one.low", merger("a", "h"), merger("b", "i"), Decision("sub_centre", "s"))
    two = case("two.low", merger("a", "h"), merger("b", "h"), merger("d", "h"), Decision("sub_centre", "t"))
    found, by = standings(one, two)
    assert by["a", "h"].verdict == "always" and by["a", "h"].held == ("one.low", "two.low")
    assert by["b", "h"].verdict == "mostly" and by["b", "h"].moved == {"one.low": "i"} and not by["b", "h"].gone
    assert by["c", "h"].verdict == "never" and by["c", "h"].gone == ("one.low", "two.low")
    assert by["s", None].held == ("one.low",) and by["s", None].gone == ("two.low",)
    assert [s.decision.id for s in found.of_base("merger")] == ["a", "b", "c"]
    assert {s.decision for s in found.that_come("merger", "sub_centre")} == {
        merger("d", "h"), merger("b", "i"), Decision("sub_centre", "t")}
    assert kept(BASE, one, "merger") == 1 and kept(BASE, two, "merger") == 2


def test_a_case_without_a_plan_is_kept_and_counts_for_nothing_else():
    planless = case("two.high", figures=None, status="infeasible")
    found, by = standings(case("one.low", *BASE.decisions), planless)
    assert found.cases[1] is planless and found.planned == (found.cases[0],)
    assert all(s.of == 1 and s.verdict == "always" for s in by.values())
    _, alone = standings(planless)
    assert {s.verdict for s in alone.values()} == {"unknown"}
    assert planless.proven and not case("x.low", status="feasible").proven


def test_a_second_host_of_a_service_is_no_move_of_the_first():
    base = replace(BASE, decisions=frozenset({Decision("centre", "ecg", "h1"), Decision("centre", "ecg", "h2")}))
    found = robust_core(base, [case("one.low", Decision("centre", "ecg", "h1"))])
    by = {s.decision.to: s for s in found.standings}
    assert by["h1"].held == ("one.low",) and by["h2"].gone == ("one.low",) and not by["h2"].moved


def test_price_is_told_from_decision():
    changed = case("one.low", figures=replace(FIGURES, annual_cny=420.0, annual_base_plan_cny=450.0))
    assert price_and_decision(BASE, changed) == (-50.0, -30.0)
    assert price_and_decision(BASE, case("two.low", figures=None)) is None


def test_a_plan_is_taken_apart_into_its_decisions():
    plan = Decisions(
        sites={"a": SiteDecision(Action.CLOSE, merged_into="h"), "h": SiteDecision(Action.KEEP),
               "n": SiteDecision(Action.BUILD), "t": SiteDecision(Action.UPGRADE, sub_centre=True),
               "c": SiteDecision(Action.CLOSE, service=ServiceMode.CIRCUIT, served_from="t"),
               "p": SiteDecision(Action.KEEP, service=ServiceMode.POSTED, served_from="t")},
        catchments={"town": "t"}, hires={}, reserve={}, consortia={"town": "lead"}, works=("w",),
        visits={"v": Visit(ServiceMode.NEIGHBOUR, "h")}, centre_hosts={"ecg": ("x", "y")})
    assert decisions_of(plan) == {
        merger("a", "h"), Decision("build", "n"), Decision("sub_centre", "t"), Decision("circuit", "c", "t"),
        Decision("posted", "p", "t"), Decision("neighbour", "v", "h"), Decision("work", "w"),
        Decision("centre", "ecg", "x"), Decision("centre", "ecg", "y"), Decision("consortium", "town", "lead"),
        Decision("catchment", "town", "t")}
