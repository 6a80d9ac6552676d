"""The plan: what the decisions come to, its files, and the independent verifier."""

from facilityplan.plan.build import build_plan
from facilityplan.plan.types import Plan, Verification
from facilityplan.plan.verify import verify_plan, verify_run
from facilityplan.plan.write import plan_json

__all__ = ["Plan", "Verification", "build_plan", "plan_json", "verify_plan", "verify_run"]
