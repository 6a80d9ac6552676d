"""Seconds of wall time by name, in the order in which they were taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class Clock:
    """Times calls: ``clock("read", read_inputs, config, root)`` returns the result and keeps the seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Call ``work``, add its seconds to ``name``, return its result."""
        begun = time.perf_counter()
        result = work(*given, **named)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
        return result


def best_of(times: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least seconds of several calls, and the last result."""
    least, result = float("inf"), None
    for _ in range(times):
        clock = Clock()
        result = clock("it", work)
        least = min(least, clock.seconds["it"])
    return least, result
