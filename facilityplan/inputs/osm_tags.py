"""What OpenStreetMap's tags mean for a road: class, direction, bridge and posted speed."""

from __future__ import annotations

import re
from collections.abc import Mapping

ROAD_CLASSES = frozenset({
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service", "road", "track",
    "pedestrian", "footway", "path", "cycleway", "bridleway", "steps"})
NO_ENTRY = frozenset({"no", "private"})
SPEED = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?", re.IGNORECASE | re.ASCII)
KMH_PER_MPH = 1.609344
FORWARD, BOTH, BACKWARD = 1, 0, -1


def road_class(tags: Mapping[str, str]) -> str | None:
    """Return the class of a way that people or vehicles may use; None for anything else, closed and private ways."""
    highway = tags.get("highway")
    if highway not in ROAD_CLASSES or tags.get("access") in NO_ENTRY or tags.get("area") == "yes":
        return None
    return highway


def direction(tags: Mapping[str, str]) -> int:
    """Return FORWARD, BOTH or BACKWARD. Motorways and roundabouts are one way unless tagged otherwise."""
    said = (tags.get("oneway") or "").strip().lower()
    if said in ("yes", "true", "1"):
        return FORWARD
    if said in ("-1", "reverse"):
        return BACKWARD
    implied = tags.get("highway") == "motorway" or tags.get("junction") in ("roundabout", "circular")
    return FORWARD if implied and said not in ("no", "false", "0") else BOTH


def maxspeed_kmh(said: str | None) -> float:
    """Return the posted speed in km/h; NaN for none, ``walk``, ``RU:urban`` and the like. Of several, the lowest."""
    speeds = []
    for part in (said or "").split(";"):
        match = SPEED.fullmatch(part.strip())
        if match and float(match[1]) > 0:
            speeds.append(float(match[1]) * (KMH_PER_MPH if (match[2] or "").lower() == "mph" else 1.0))
    return min(speeds, default=float("nan"))


def is_bridge(said: str | None) -> bool:
    """Whether a ``bridge`` tag says that there is one."""
    return (said or "no").strip().lower() not in ("no", "false", "0", "")
