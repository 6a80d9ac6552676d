"""Differences between finished plans: what is decided otherwise, who gains or loses minutes, what carries it."""

from facilityplan.compare.comparison import Comparison, Pair, comparison_of
from facilityplan.compare.record import RunRecord, read_record

__all__ = ["Comparison", "Pair", "RunRecord", "comparison_of", "read_record"]
