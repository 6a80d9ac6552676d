"""Kinds of facility, site and decision, with their names in both languages."""

from __future__ import annotations

from enum import StrEnum

from facilityplan.errors import Text


class FacilityKind(StrEnum):
    """What a facility is."""

    VILLAGE_CLINIC = "village_clinic"
    STATION = "station"
    TOWNSHIP_HOSPITAL = "township_hospital"
    COUNTY_HOSPITAL = "county_hospital"


class Status(StrEnum):
    """Whether a facility stands today or is a site where one could be built."""

    EXISTING = "existing"
    CANDIDATE = "candidate"


class Ownership(StrEnum):
    """Public sites may be merged; private ones count but cannot be closed."""

    PUBLIC = "public"
    PRIVATE = "private"


class UnitKind(StrEnum):
    """Villages and communities are both planning units."""

    VILLAGE = "village"
    COMMUNITY = "community"


class ServiceMode(StrEnum):
    """How a village is served under the plan (contract: villages[].mode)."""

    KEEP = "keep"
    MERGE = "merge"
    CIRCUIT = "circuit"
    NEIGHBOUR = "neighbour"
    POSTED = "posted"
    NONE = "none"


class NoClinic(StrEnum):
    """Why a village has no clinic of its own under the plan, though none of its clinics merged."""

    HOSPITAL_HERE = "hospital_here"
    NO_CANDIDATE_SITE = "no_candidate_site"
    CANDIDATE_NOT_BUILT = "candidate_not_built"


class Action(StrEnum):
    """What happens to a facility (contract: facilities[].action)."""

    KEEP = "keep"
    CLOSE = "close"
    UPGRADE = "upgrade"
    BUILD = "build"
    REBUILD = "rebuild"
    RELOCATE = "relocate"


CLINIC_KINDS = frozenset({FacilityKind.VILLAGE_CLINIC, FacilityKind.STATION})
HOSPITAL_KINDS = frozenset({FacilityKind.TOWNSHIP_HOSPITAL, FacilityKind.COUNTY_HOSPITAL})

KIND_NAMES = {
    FacilityKind.VILLAGE_CLINIC: Text("村卫生室", "village clinic"),
    FacilityKind.STATION: Text("社区卫生服务站", "community health station"),
    FacilityKind.TOWNSHIP_HOSPITAL: Text("乡镇卫生院", "township hospital"),
    FacilityKind.COUNTY_HOSPITAL: Text("县级医院", "county hospital"),
}
MODE_NAMES = {
    ServiceMode.KEEP: Text("保留", "keep"),
    ServiceMode.MERGE: Text("合并", "merge"),
    ServiceMode.CIRCUIT: Text("巡回", "circuit"),
    ServiceMode.NEIGHBOUR: Text("邻村延伸", "neighbour"),
    ServiceMode.POSTED: Text("驻村", "posted"),
    ServiceMode.NONE: Text("不设室", "none"),
}
NO_CLINIC_NAMES = {
    NoClinic.HOSPITAL_HERE: Text("医院或卫生院在本村", "a hospital stands there"),
    NoClinic.NO_CANDIDATE_SITE: Text("现无卫生室，也无备选点", "none today, no candidate site"),
    NoClinic.CANDIDATE_NOT_BUILT: Text("有备选点，本方案不建", "candidate site not built"),
}
ACTION_NAMES = {
    Action.KEEP: Text("保留", "keep"),
    Action.CLOSE: Text("关闭", "close"),
    Action.UPGRADE: Text("升级", "upgrade"),
    Action.BUILD: Text("新建", "build"),
    Action.REBUILD: Text("改扩建", "rebuild"),
    Action.RELOCATE: Text("迁建", "relocate"),
}
