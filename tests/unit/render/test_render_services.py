"""Service centres on the map: what a hospital hosts and for whom, and which hospital a village's township uses."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from facilityplan.render import render_map

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}"


def map_data(page: str) -> dict:
    return json.loads(re.search(r'<script[^>]*id="plan-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_a_hospital_says_what_it_hosts_and_a_village_what_it_uses(made):
    [record] = made.plan.centres
    host, towns = record["hosts"][0], record["by_host"][0]["townships"]
    plan = replace(made.plan, centres=({**record, "name": HOSTILE, "name_en": HOSTILE,
                                        "assignments": dict.fromkeys(towns[1:], host)},))
    page = render_map(plan, made.inputs)
    data = map_data(page)
    row = data["sites"]["id"].index(host)
    [[zh, en]] = data["sites"]["services"][row]
    assert zh == f"{HOSTILE}（资源共享中心：{'、'.join(towns)}）" and en.startswith(f"{HOSTILE} (shared centre: ")
    assert sum(map(len, data["sites"]["services"])) == 1
    [service] = data["centres"]
    assert service["type"] == ["资源共享中心", "shared centre"]
    wanted = [None if town == towns[0] else row for town in data["villages"]["township"]]
    assert service["host"] == wanted and None in wanted
    assert HOSTILE not in page


def test_a_plan_without_services_shows_none(made):
    data = map_data(render_map(replace(made.plan, centres=()), made.inputs))
    assert data["centres"] == [] and not any(data["sites"]["services"])
