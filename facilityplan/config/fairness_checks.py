"""Checks of the stages of the objective, their tolerances, and the limits of fairness."""

from __future__ import annotations

from collections.abc import Iterator

from facilityplan.config.resolve import UNKNOWN, Path, View, fault_at
from facilityplan.domain.fairness import OF_A_STANDARD
from facilityplan.errors import Fault, Text


def standards_called(view: View) -> Iterator[Path]:
    """Yield the places of this block at which a standard is called by its id."""
    for n in view.keys("rules", "fairness"):
        yield ("rules", "fairness", n, "standard")
    for n in view.keys("objectives"):
        for k in view.keys("objectives", n, "weighted"):
            yield ("objectives", n, "weighted", k, "standard")


def measures(view: View) -> Iterator[Path]:
    """Yield where the measures of the objective stand: each stage that has one, each part of a weighted stage."""
    for n in view.keys("objectives"):
        parts = view.keys("objectives", n, "weighted")
        yield from (("objectives", n, "weighted", k) for k in parts)
        if not parts:
            yield ("objectives", n)


def objective_forms(view: View) -> Iterator[Fault]:
    """A stage has a measure or weighted parts; a measure stands once in a sum; kappa is Kolm–Pollak's."""
    for n in view.keys("objectives"):
        path: Path = ("objectives", n)
        kind, parts = view.value(*path, "minimise"), view.keys(*path, "weighted")
        if kind is UNKNOWN:
            continue
        if (kind is None) == (not parts):
            yield fault_at(
                view,
                "objective_form",
                path,
                Text(
                    "一级目标要么写 minimise，要么写 weighted",
                    "a stage of the objective has either minimise or weighted parts",
                ),
                Text("两者只留一个", "keep one of the two"),
            )
        if parts and isinstance(view.value(*path, "standard"), str):
            yield fault_at(
                view,
                "standard_not_used",
                (*path, "standard"),
                Text("加权目标的标准写在各项里", "the parts of a weighted stage name their standards themselves"),
                Text("把 standard 移到 weighted 的各项", "move standard into the parts of weighted"),
            )
        seen = set()
        for k in parts:
            part = tuple(view.value(*path, "weighted", k, key) for key in ("minimise", "standard", "kappa"))
            if UNKNOWN not in part and part in seen:
                yield fault_at(
                    view,
                    "duplicate_objective",
                    (*path, "weighted", k),
                    Text("这一项前面已经有了", "this part stands further up already"),
                    Text("合成一项，权重相加", "make one part of them and add the weights"),
                )
            seen.add(part)
    at = [(path, "minimise") for path in measures(view)]
    at += [(("rules", "fairness", n), "measure") for n in view.keys("rules", "fairness")]
    for path, key in at:
        if isinstance(view.value(*path, "kappa"), int | float) and view.value(*path, key) not in (
            "kolm_pollak",
            UNKNOWN,
        ):
            yield fault_at(
                view,
                "kappa_not_used",
                (*path, "kappa"),
                Text("kappa 只用于 kolm_pollak", "kappa belongs to kolm_pollak only"),
                Text("删去 kappa", "take kappa away"),
            )


def tolerances(view: View) -> Iterator[Fault]:
    """A tolerance is given once, and there is a later stage to use it."""
    stages = view.keys("objectives")
    for n in stages:
        path: Path = ("objectives", n, "tolerance")
        if not view.keys(*path):
            continue
        share, value = view.value(*path, "share"), view.value(*path, "value")
        if UNKNOWN in (share, value):
            continue
        if (share is None) == (value is None):
            yield fault_at(
                view,
                "tolerance_form",
                path,
                Text("容差写 share 或 value，只写一个", "a tolerance is a share or a value, one of the two"),
                Text("两者只留一个", "keep one of the two"),
            )
        if n == stages[-1]:
            yield fault_at(
                view,
                "tolerance_of_last",
                path,
                Text("最后一级的容差没有后面的目标可用", "no stage follows that could use the last stage's tolerance"),
                Text("删去这个容差", "take this tolerance away"),
            )
        if value is not None and view.value("objectives", n, "minimise") == "kolm_pollak":
            yield fault_at(
                view,
                "tolerance_form",
                (*path, "value"),
                Text("kolm_pollak 的容差只能写比例", "kolm_pollak takes a tolerance as a share only"),
                Text("改写 share", "write share instead"),
            )


def fairness_limits(view: View) -> Iterator[Fault]:
    """A limit of fairness is a number of minutes or today's figure, and stands once."""
    seen = set()
    for n in view.keys("rules", "fairness"):
        path: Path = ("rules", "fairness", n)
        limit, today = view.value(*path, "limit"), view.value(*path, "no_worse_than_today")
        if UNKNOWN not in (limit, today) and (limit is None) != (today is True):
            yield fault_at(
                view,
                "fairness_form",
                path,
                Text(
                    "公平性上限写分钟数 limit 或 no_worse_than_today: true，只写一个",
                    "a limit of fairness is a number of minutes or no_worse_than_today: true, one of the two",
                ),
                Text("两者只留一个", "keep one of the two"),
            )
        item = tuple(view.value(*path, key) for key in ("measure", "standard", "kappa", "no_worse_than_today"))
        if UNKNOWN not in item and item in seen:
            yield fault_at(
                view,
                "duplicate_entry",
                path,
                Text("这项上限前面已经有了", "this limit stands further up already"),
                Text("只留较严的一个", "keep the stricter one"),
            )
        seen.add(item)


def has_standard(kind: object) -> bool:
    """Does a stage of that name speak of one standard?"""
    return kind in OF_A_STANDARD
