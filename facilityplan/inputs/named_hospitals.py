"""Hospitals that the rules of service centres name, held against the facilities that stand."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from facilityplan.config.schema import Config
from facilityplan.domain.attributes import of_kinds
from facilityplan.domain.kinds import Status
from facilityplan.errors import Fault
from facilityplan.inputs.findings import fault, shown, some


def check_service_hosts(config: Config, facilities: pd.DataFrame) -> Iterable[Fault]:
    """Yield unknown_hospital: a service requires or forbids a hospital that is none of its kinds, or does not stand."""
    for service in config.rules.centres:
        stands = (facilities["status"] != Status.CANDIDATE).to_numpy(bool)
        hosts = facilities.loc[of_kinds(facilities, service.kinds) & stands, "id"].tolist()
        for key in ("required", "forbidden"):
            for name in getattr(service, key):
                if name not in hosts:
                    yield fault("unknown_hospital", f"{shown(name)} 不是可承担“{shown(service.name)}”的现有医院",
                                f"{shown(name)} is no existing hospital that may host {shown(service.name_en)}",
                                f"可用：{some(sorted(hosts))}", f"it can be: {some(sorted(hosts))}",
                                field=f"rules.centres.{service.id}.{key}", id=shown(name))
