"""The oracle's own reading of fairness, weighted stages and tolerances, and configs that ask for them at random.

Nothing here is taken from facilityplan.model: the worst tenth is sorted out person by person, Kolm–Pollak summed cell
by cell from `config/fairness.py`'s description.
"""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

MEASURES = ("mean_minutes", "max_minutes", "worst_decile", "kolm_pollak")
RULES = {m: f"{m}_limit" for m in MEASURES}
FAR = 2**31 - 1


def ask_for_fairness(config, seed: int, chance: float = 1.0):
    """The same config with stages, weights, tolerances and limits of fairness at random; untouched with 1 - chance."""
    rng = random.Random(f"fairness {seed}")
    if rng.random() >= chance:
        return config
    ids = [s.id for s in config.standards]
    raw = config.model_dump(mode="json")

    def measure(kinds):
        kind = rng.choice(kinds)
        of_standard = kind in (*MEASURES, "uncovered", "person_minutes")
        kappa = rng.choice([None, None, 0.05, 0.3]) if kind == "kolm_pollak" else None
        return {"minimise": kind, "standard": rng.choice([None, *ids]) if of_standard else None, "kappa": kappa}

    stages = [measure(MEASURES[1:]) for _ in range(rng.randint(0, 2))]
    if rng.random() < 0.4:
        kinds = [*MEASURES[1:], "uncovered", "person_minutes", "cost", "changes", "sub_centre_minutes"]
        parts = {str(p): p for p in (measure(kinds) for _ in range(rng.randint(1, 3)))}.values()
        # a sum of more than some 10^9 units is beyond what a solver in floats can prove to the unit
        weights = {"cost": [0.001, 0.01, 0.05]}
        stages.append(
            {"weighted": [{**p, "weight": rng.choice(weights.get(p["minimise"], [1, 2.5, 0.125, 3]))} for p in parts]}
        )
    stages = [*raw["objectives"][: rng.randint(0, 3)], *stages] or raw["objectives"][:1]
    rng.shuffle(stages)
    for stage in stages[:-1]:
        if rng.random() < 0.35:
            share = {"share": rng.choice([0.01, 0.1, 0.5])}
            value = {"value": rng.choice([0, 0.5, 3, 100, 60_000.5])}
            stage["tolerance"] = share if stage.get("minimise") == "kolm_pollak" else rng.choice([share, value])
    limits = []
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        kind = rng.choice(MEASURES)
        today = rng.random() < 0.4
        limits.append(
            {
                "measure": kind,
                "standard": rng.choice([None, *ids]),
                "limit": None if today else rng.choice([8, 20.5, 45, 90, 150]),
                "no_worse_than_today": today,
                "per_township": rng.random() < 0.3,
                "kappa": rng.choice([None, 0.02]) if kind == "kolm_pollak" else None,
            }
        )
    raw["objectives"], raw["rules"]["fairness"] = stages, limits
    raw["rules"]["without"] += [rule for rule in RULES.values() if rng.random() < 0.05]
    return type(config).model_validate(raw)


def counted(oracle, standard):
    known = vars(oracle).setdefault("known_cells", {})
    if standard.id not in known:
        known[standard.id] = _counted(oracle, standard)
    return known[standard.id]


def _counted(oracle, standard):
    """Cells of the group for whom some site that counts, open or not, candidates too, is within four hours.

    A candidate site of a hospital that no work leads to can never open.
    """
    kinds = {str(k) for k in standard.kinds}
    never = set(oracle.sites) - {*oracle.decided, *oracle.candidates, *oracle.permanent, *oracle.hospitals}
    never -= {w.to for w in oracle.rules.works}
    sites = [i for i, row in oracle.sites.items() if row["kind"] in kinds and i not in never]
    times = oracle.times[standard.id]
    return [
        c
        for c in oracle.cells
        if oracle.weight(standard, c) > 0 and any(times.get((c["cell"], i), FAR) <= 240 * 600 for i in sites)
    ]


def today_minutes(oracle, standard):
    ds = oracle.access.today[standard.id].ds
    return {c["cell"]: min(240, -(-int(ds[k]) // 600)) for k, c in enumerate(oracle.cells)}


def served_today(oracle, standard):
    ds = oracle.access.today[standard.id].ds
    return {c["cell"] for k, c in enumerate(oracle.cells) if int(ds[k]) <= 240 * 600}


def curve(oracle, standard, kappa):
    known = vars(oracle).setdefault("known_curves", {})
    if (standard.id, kappa) not in known:
        known[standard.id, kappa] = _curve(oracle, standard, kappa)
    return known[standard.id, kappa]


def _curve(oracle, standard, kappa):
    """(φ by minute in 1/100,000, divisor): straight on from where φ has grown ten-thousandfold."""
    cells, today = counted(oracle, standard), today_minutes(oracle, standard)
    if kappa is None:
        served = [c for c in cells if c["cell"] in served_today(oracle, standard)]
        up = sum(oracle.weight(standard, c) * today[c["cell"]] for c in served)
        down = sum(oracle.weight(standard, c) * today[c["cell"]] ** 2 for c in served)
        exact = Decimal(math.floor(Fraction(up, down) * 10**6 + Fraction(1, 2))) / 10**6 if down else Decimal(1)
        kappa = min(Decimal(1), max(Decimal("0.001"), exact))
    kappa = Decimal(str(kappa))
    with localcontext() as context:
        context.prec = 60
        bend = min(240, math.floor(Decimal(10_000).ln() / kappa))
        phi = [int((10**5 * (kappa * m).exp()).to_integral_value(ROUND_HALF_UP)) for m in range(bend + 1)]
        slope = int((10**5 * kappa * (kappa * bend).exp()).to_integral_value(ROUND_HALF_UP))

        def at(minutes):
            minutes = Fraction(minutes)
            if minutes > bend:
                return phi[bend] + slope * (minutes - bend)
            return Fraction(10**5 * (kappa * minutes.numerator / Decimal(minutes.denominator)).exp())

    phi += [phi[bend] + slope * (m - bend) for m in range(bend + 1, 241)]
    total, divisor = sum(oracle.weight(standard, c) * phi[today[c["cell"]]] for c in cells), 10**5
    while total > 10**7 * divisor:
        divisor *= 10
    return phi, divisor, at


def of_cells(oracle, kind, standard, cells, minutes, kappa):
    people = [(minutes[c["cell"]], oracle.weight(standard, c)) for c in cells]
    if not people:
        return 0
    if kind == "mean_minutes":
        return sum(m * w for m, w in people)
    if kind == "max_minutes":
        return max(m for m, _ in people)
    if kind == "kolm_pollak":
        phi, divisor, _ = curve(oracle, standard, kappa)
        return sum(math.floor(Fraction(w * phi[m], divisor) + Fraction(1, 2)) for m, w in people)
    left, total = Fraction(sum(w for _, w in people), 10), Fraction(0)
    for m, w in sorted(people, reverse=True):
        taken = min(left, w)
        total += taken * m
        left -= taken
    return int(10 * total)


def charged(oracle, standard, near):
    return {c["cell"]: min(240, -(-near[standard.id, c["cell"]] // 600)) for c in oracle.cells}


def measure(oracle, kind, standard, near, kappa):
    """One measure of the whole county, in model units."""
    return of_cells(oracle, kind, standard, counted(oracle, standard), charged(oracle, standard, near), kappa)


def obeyed(oracle, near) -> bool:
    """Does a plan obey every limit of fairness that is in force?"""
    for rule in oracle.rules.fairness:
        if not oracle.holds(RULES[rule.measure]):
            continue
        s = oracle.config.standard(rule.standard)
        cells, after, today = counted(oracle, s), charged(oracle, s, near), today_minutes(oracle, s)
        places = [None] + (sorted({v["township"] for v in oracle.villages.values()}) if rule.per_township else [])
        for place in places:
            own = [c for c in cells if place is None or oracle.villages[c["village"]]["township"] == place]
            value = of_cells(oracle, rule.measure, s, own, after, rule.kappa)
            people = sum(oracle.weight(s, c) for c in own)
            if rule.no_worse_than_today:
                most = of_cells(oracle, rule.measure, s, own, today, rule.kappa)
            elif rule.measure == "max_minutes":
                most = Fraction(str(rule.limit))
            elif rule.measure == "kolm_pollak":
                _, divisor, at = curve(oracle, s, rule.kappa)
                most = math.floor(at(str(rule.limit)) * people / divisor)
            else:
                most = Fraction(str(rule.limit)) * people
            if value > most:
                return False
    return True


def unit(oracle, o) -> Fraction:
    """Plan units of one model unit inside a weighted sum."""
    if o.minimise == "kolm_pollak":
        return Fraction(curve(oracle, oracle.config.standard(o.standard), o.kappa)[1], 10**6)
    known = {"worst_decile": Fraction(1, 100), "max_minutes": Fraction(1), "cost": Fraction(1), "changes": Fraction(1),
             "capital": Fraction(1)}
    return known.get(o.minimise, Fraction(1, 10))


def staged(oracle, o, value):
    """A stage: one measure in model units, or the weighted sum of several in the plan's units."""
    if not o.weighted:
        return value(o)
    return sum(Fraction(str(p.weight)) * unit(oracle, p) * value(p) for p in o.weighted)


def allowance(oracle, o, best):
    if o.tolerance is None:
        return 0
    if o.tolerance.share is not None:
        # a share of a sum of whole units is rounded down to a whole unit
        given = Fraction(str(o.tolerance.share)) * abs(best)
        return given if o.weighted else math.floor(given)
    if o.weighted:
        return Fraction(str(o.tolerance.value))
    s = oracle.config.standard(o.standard)
    per = sum(oracle.weight(s, c) for c in counted(oracle, s)) if o.minimise == "worst_decile" else 1 / unit(oracle, o)
    return math.floor(Fraction(str(o.tolerance.value)) * per)


def lexicographic(oracle, plans):
    """The values of the plan that stage after stage leaves, tolerances used and unneeded ones taken back."""
    if not plans:
        return None
    objectives = oracle.config.objectives
    for k, o in enumerate(objectives):
        best = min(p[k] for p in plans)
        plans = {p for p in plans if p[k] <= best + allowance(oracle, o, best)}
    for k, o in enumerate(objectives):
        if o.tolerance is not None:
            best = min(p[k] for p in plans)
            plans = {p for p in plans if p[k] == best}
    (values,) = plans
    return values
