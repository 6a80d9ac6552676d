"""Whole files go to one worker, so those that take longest come first: none is left alone with one at the end."""

from __future__ import annotations

import pickle

import pytest

from facilityplan.demo import DemoCounty, generate, load_place

LONGEST_FIRST = ("test_demo_places.py", "test_services_together.py", "test_browser_map.py", "test_demo_realism.py")


def pytest_collection_modifyitems(items):
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@pytest.fixture(scope="session")
def demo_county(tmp_path_factory, worker_id):
    """Return a function: (place, seed, None = the one that ships) → county; workers share what one has generated."""
    shared, made = tmp_path_factory.getbasetemp().parent, {}

    def county(place: str, seed: int | None = None) -> DemoCounty:
        place_, of_run = load_place(place), shared / f"county-{place}-{seed}.pickle"
        if (place, seed) in made:
            return made[place, seed]
        if worker_id != "master" and of_run.exists():
            made[place, seed] = pickle.loads(of_run.read_bytes())
            return made[place, seed]
        made[place, seed] = generate(place_, place_.default_seed if seed is None else seed)
        if worker_id != "master":  # the folder is of this run alone
            part = of_run.with_suffix(f".{worker_id}")
            part.write_bytes(pickle.dumps(made[place, seed]))
            part.replace(of_run)
        return made[place, seed]

    return county
