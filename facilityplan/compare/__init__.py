"""Differences between finished plans: what is decided otherwise, who gains or loses minutes, what carries it."""

from facilityplan.compare.comparison import Comparison, Pair, compare_runs
from facilityplan.compare.record import RunRecord, read_record

__all__ = ["Comparison", "Pair", "RunRecord", "compare_runs", "read_record"]
