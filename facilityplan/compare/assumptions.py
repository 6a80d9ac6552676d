"""Which assumptions a plan rests on, each of them changed: as `--set` texts, so that every case can be run again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from facilityplan.access.bridges import BridgeUse
from facilityplan.access.geography import modes_used, sub_centres_on
from facilityplan.compare.robust import CaseKind, Change
from facilityplan.config.base import Cost
from facilityplan.config.schema import Config, TravelMode
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs

COST_CHANGE, SPEED_CHANGE = 0.3, 0.2  # issue 5: unit costs ± 30 %, speeds ± 20 %
SLOWEST_KMH, FASTEST_KMH = 0.1, 200.0  # config.base.SpeedKmh
COST_NAMES = {
    "clinic_fixed": Text("卫生室运行费（固定）", "running a clinic, fixed"),
    "clinic_per_m2": Text("卫生室运行费（按面积）", "running a clinic, by area"),
    "doctor": Text("村医年支出", "a doctor's pay"),
    "build_clinic": Text("新建卫生室", "building a clinic"),
    "upgrade_sub_centre": Text("建成次中心", "making a sub-centre"),
    "merge_works": Text("并入承接机构的改造", "moving into the host"),
    "assumed_floor_area": Text("假定建筑面积", "assumed floor area"),
    "health_subsidy_per_person": Text("每服务一人的补助", "subsidy for a person"),
    "clinic_subsidy": Text("每个卫生室的补助", "subsidy for a clinic"),
    "circuit_team": Text("巡回队年费用", "a circuit team"),
    "circuit_vehicle": Text("巡回车辆", "a team's vehicle"),
    "posted_doctor": Text("驻村医生年费用", "a posted doctor"),
}
SIZES = ("assumed_floor_area",)  # sizes, not prices: left out where all prices change together
ALL_COSTS, WORKS = "costs", "rules.works"
BRIDGE = "bridge"
BRIDGE_REASON = Text("稳健性试验：使用最多的桥中断", "test of robustness: the most used bridge is lost")
_UNITS = (("CNY", "元"), ("year", "年"), ("person", "人"), ("m2", "平方米"))


@dataclass(frozen=True)
class Changed:
    """One assumption, changed one way."""

    assumption: str
    kind: CaseKind
    change: Change
    name: Text
    values: Text  # from what to what
    overrides: tuple[str, ...]

    @property
    def id(self) -> str:
        """Id of the case, such as costs.doctor.low."""
        return f"{self.assumption}.{self.change}"


def cost_cases(config: Config, inputs: Inputs, share: float) -> Iterator[Changed]:
    """Yield each assumed unit cost that the scenario uses, ``share`` less and more; then all of them together."""
    used = [name for name in costs_used(config, inputs) if getattr(config.costs, name).standing == "assumed"]
    works = [work for work in config.rules.works if work.capital.standing == "assumed" and work.capital.value > 0]
    for name in used:
        cost = getattr(config.costs, name)
        for change, factor in _ways(share):
            value = _price(cost, factor)
            unit = _unit(cost.unit)
            yield Changed(f"costs.{name}", "cost", change, COST_NAMES[name],
                          Text(*(f"{_number(cost.value)} → {_number(value)} {one}" for one in unit)),
                          (f"costs.{name}.value={_plain(value)}",))
    if works:
        for change, factor in _ways(share):
            yield Changed(WORKS, "cost", change, Text("各建设项目造价", "capital of the works"),
                          _percent(factor), tuple(_work(work.id, work.capital, factor) for work in works))
    prices = [name for name in used if name not in SIZES]
    if len(prices) + bool(works) > 1:
        for change, factor in _ways(share):
            texts = [f"costs.{name}.value={_plain(_price(getattr(config.costs, name), factor))}" for name in prices]
            texts += [_work(work.id, work.capital, factor) for work in works]
            yield Changed(ALL_COSTS, "cost", change, Text("全部假定单价一起", "all unit costs together"),
                          _percent(factor), tuple(texts))


def costs_used(config: Config, inputs: Inputs) -> tuple[str, ...]:
    """Return the unit costs that the scenario's plan can turn on, in the order of the config."""
    rules, facilities = config.rules, inputs.facilities
    money = bool(rules.works or rules.funding or rules.balance.form != "off")
    area_missing = bool((is_decided(facilities) & facilities["floor_area_m2"].isna().to_numpy(bool)).any())
    asked = {"build_clinic": bool(is_candidate(facilities).any()), "upgrade_sub_centre": sub_centres_on(config),
             "assumed_floor_area": area_missing, "health_subsidy_per_person": money, "clinic_subsidy": money,
             "circuit_team": rules.modes.circuit is not None, "circuit_vehicle": rules.modes.circuit is not None,
             "posted_doctor": rules.modes.posted is not None}
    return tuple(name for name, cost in config.costs
                 if isinstance(cost, Cost) and cost.value > 0 and asked.get(name, True))


def speed_cases(config: Config, share: float) -> Iterator[Changed]:
    """Yield the speeds of each mode in use, on every class of road and off the road, ``share`` slower and faster."""
    for mode_id in modes_used(config):
        mode = config.modes[mode_id]
        for change, factor in _ways(share):
            on_road = {name: _speed(kmh, factor) for name, kmh in mode.speeds_kmh.items()}
            off_road = _speed(mode.off_road_kmh, factor)
            table = "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_plain(kmh)}"
                                    for name, kmh in on_road.items()) + "}"
            texts = (f"modes.{mode_id}.speeds_kmh={table}", f"modes.{mode_id}.off_road_kmh={_plain(off_road)}")
            yield Changed(f"modes.{mode_id}", "speed", change,
                          Text(f"速度：{mode.name}", f"speed: {mode.name_en}"),
                          _speeds_text(mode, on_road, off_road), texts if on_road else texts[1:])


def bridge_case(config: Config, bridge: BridgeUse) -> Changed:
    """Return the roads without ``bridge``: it joins whatever the config closes already."""
    closed = [one.model_dump(mode="json", exclude_none=True) for one in config.inputs.roads.closed]
    closed.append({"lon": bridge.lon, "lat": bridge.lat, "what": "bridge", "reason": BRIDGE_REASON.zh,
                   "reason_en": BRIDGE_REASON.en})
    return Changed(BRIDGE, "bridge", "lost", Text("最常用的桥中断", "the bridge is lost"),
                   Text(f"桥位于 {bridge.lon:.5f}, {bridge.lat:.5f}", f"the bridge at {bridge.lon:.5f}, "
                        f"{bridge.lat:.5f}"),
                   (f"inputs.roads.closed={json.dumps(closed, ensure_ascii=False)}",))


def with_changes(overrides: Iterable[str], changes: Iterable[str]) -> tuple[str, ...]:
    """Return the user's own overrides with ``changes`` in place of those of the same settings, or of parts of them."""
    changes = tuple(changes)
    keys = {text.partition("=")[0].strip().removesuffix(".value") for text in changes}

    def stays(text: str) -> bool:
        key = text.partition("=")[0].strip()
        return not any(key == one or key.startswith(f"{one}.") for one in keys)

    return (*(text for text in overrides if stays(text)), *changes)


def _ways(share: float) -> tuple[tuple[Change, float], ...]:
    return ("low", 1 - share), ("high", 1 + share)


def _price(cost: Cost, factor: float) -> float:
    return round(cost.value * factor, 2)


def _work(work: str, capital: Cost, factor: float) -> str:
    return f"rules.works.{work}.capital.value={_plain(_price(capital, factor))}"


def _speed(kmh: float, factor: float) -> float:
    return float(np.clip(round(kmh * factor, 3), SLOWEST_KMH, FASTEST_KMH))


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _percent(factor: float) -> Text:
    change = round(100 * (factor - 1))
    return Text(*[f"{'+' if change > 0 else '−'}{abs(change)} %"] * 2)


def _unit(unit: str) -> Text:
    zh = unit
    for word, sign in _UNITS:
        zh = zh.replace(word, sign)
    return Text(zh, unit)


def _speeds_text(mode: TravelMode, on_road: dict[str, float], off_road: float) -> Text:
    def span(values: Iterable[float]) -> str:
        values = sorted(values)
        return f"{values[0]:g}" if values[0] == values[-1] else f"{values[0]:g}–{values[-1]:g}"

    foot = f"{mode.off_road_kmh:g} → {off_road:g} km/h"
    if not on_road:
        return Text(f"离路步行 {foot}", f"on foot off the road {foot}")
    road = f"{span(mode.speeds_kmh.values())} → {span(on_road.values())} km/h"
    return Text(f"道路 {road}；离路步行 {foot}", f"on roads {road}; on foot off the road {foot}")
