"""What a config says of facilities by id, held against the data: the id exists, and the site can be that."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from facilityplan.config.messages import meant
from facilityplan.config.schema import Config
from facilityplan.domain.kinds import FacilityKind
from facilityplan.domain.locks import NEEDS_HOST, OF_CANDIDATES, LockKind
from facilityplan.domain.sites import is_candidate, is_decided
from facilityplan.errors import Fault, Text


def check_locks(config: Config, facilities: pd.DataFrame) -> Iterable[Fault]:
    """Yield the faults of rules.locks: ids that no facility has, sites that cannot do what the lock says."""
    ids = facilities["id"].tolist()
    decided = dict(zip(ids, is_decided(facilities), strict=True))
    candidate = dict(zip(ids, is_candidate(facilities), strict=True))
    kinds = dict(zip(ids, facilities["kind"].astype(str), strict=True))
    for n, lock in enumerate(config.rules.locks):
        field = f"rules.locks.{n}"
        named = (("site", lock.site), ("host", lock.host))
        missing = [(key, i) for key, i in named if i is not None and i not in kinds]
        for key, i in missing:
            yield Fault("unknown_site", Text(f"没有编号为“{i}”的机构或备选点", f"no facility or site has the id “{i}”"),
                        meant(i, ids), field=f"{field}.{key}", id=i)
        if missing:
            continue
        if lock.do in OF_CANDIDATES and not candidate[lock.site]:
            yield Fault("lock_not_candidate", Text(f"“{lock.site}”是现有机构，{lock.do} 只用于备选点",
                                                   f"“{lock.site}” stands today; {lock.do} is for candidate sites"),
                        Text("改为 keep、close 或 merge_into", "write keep, close or merge_into"), field=field,
                        id=lock.site)
        elif lock.do == LockKind.KEEP and candidate[lock.site]:
            yield Fault("lock_candidate_kept", Text(f"“{lock.site}”是备选点，还不存在，无从保留",
                                                    f"“{lock.site}” is a candidate site: there is nothing to keep"),
                        Text("改为 build", "write build"), field=field, id=lock.site)
        elif lock.do not in OF_CANDIDATES and lock.do != LockKind.KEEP and not decided[lock.site]:
            yield Fault("lock_cannot_close",
                        Text(f"“{lock.site}”是医院、民营机构或备选点，方案不能关闭或合并它",
                             f"“{lock.site}” is a hospital, a private site or a candidate: no plan closes it"),
                        Text("删去这条锁定；民营机构和医院总是保留，备选点写 forbid",
                             "take the lock away: hospitals and private sites stay; for a candidate write forbid"),
                        field=field, id=lock.site)
        elif lock.do in NEEDS_HOST and not (decided[lock.host] or _hospital(kinds, candidate, lock.host)):
            yield Fault("lock_no_host", Text(f"“{lock.host}”不是公立卫生室（站）或乡镇卫生院，不能承接",
                                             f"“{lock.host}” is no public clinic or township hospital"),
                        Text("换一个承接机构", "name another host"), field=f"{field}.host", id=lock.host)


def _hospital(kinds: dict[str, str], candidate: dict[str, bool], site: str) -> bool:
    return kinds[site] == FacilityKind.TOWNSHIP_HOSPITAL and not candidate[site]
