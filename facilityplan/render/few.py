"""Figures of fewer than ten people are not published: what every page and sheet writes in their place."""

from __future__ import annotations

import pandas as pd

from facilityplan.domain.rules import OBJECTIVE

FEW_PEOPLE = 10  # figures under this are not printed in published outputs
# rules and stages whose figure is a number of people
COUNTS_PEOPLE = frozenset({"host_size", "doctor_capacity", "sub_centre_load", "patient_overload",
                           "uncovered", "overload"})
MAY_COUNT_PEOPLE = COUNTS_PEOPLE | {OBJECTIVE}  # a refusal does not say which stage got worse


def is_few(count: float) -> bool:
    """Is it somebody, but so few that the figure is not published?"""
    return 0 < count < FEW_PEOPLE and round(count, 6) > 0


def people(count: float) -> str:
    """Write a number of people for a published page: whole, thousands parted, under ten as "< 10"."""
    if is_few(count):
        return f"<\u00a0{FEW_PEOPLE}"
    return f"{round(count):,}"


def public_people(count: float | None) -> float | str | None:
    """Return a number of people as a published table holds it: whole, and "< 10" in place of one under ten."""
    if count is None or pd.isna(count):
        return None
    return people(count) if is_few(count) else float(round(count))


def counts_people(name: str) -> bool:
    """Is the figure of a rule or stage a number of people? "uncovered[circle]" names its standard too."""
    return name.partition("[")[0] in COUNTS_PEOPLE


def few_or_none(name: str, value: float) -> str | None:
    """Return the text in place of a rule's or stage's figure that counts out few people; None where it may be shown.

    A difference is one too: "< 10" for fewer than ten more, "> -10" for fewer than ten less.
    """
    if name.partition("[")[0] not in MAY_COUNT_PEOPLE or not is_few(abs(value)):
        return None
    return f">\u00a0-{FEW_PEOPLE}" if value < 0 else people(value)
