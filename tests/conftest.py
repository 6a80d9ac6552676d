"""Whole files go to one worker, so those that take longest come first: none is left alone with one at the end."""

from __future__ import annotations

LONGEST_FIRST = ("test_demo_places.py", "test_services_together.py", "test_browser_map.py", "test_demo_realism.py")


def pytest_collection_modifyitems(items):
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
