"""What a plan looks like: map, workbook, report, GeoPackage. The only package that imports Folium.

The functions load on first use, so that a run that writes no map pays nothing for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"Limits": "mapdata",
          "render_comparison_book": "comparison_book", "render_comparison_map": "comparison_map",
          "render_comparison_report": "comparison_report",
          "render_map": "map", "render_notices": "notices", "render_report": "report",
          "render_robust_book": "robust_book", "render_robust_page": "robust_page", "render_workbook": "workbook",
          "write_geopackage": "geopackage"}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
