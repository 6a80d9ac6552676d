"""The public names are a promise: adding one is a decision, losing one breaks somebody's script."""

import subprocess
import sys

import facilityplan

PUBLIC = {
    "Assessment", "Comparison", "Config", "FacilityPlanError", "Fault", "FaultyInput", "Infeasible", "Inputs",
    "LoadedConfig", "NoUsablePlan", "NotProven", "Plan", "RobustRun", "Run", "Text", "Verification",
    "VerificationFailed", "assess", "check", "compare_runs", "json_schema", "load_config", "robust", "run",
    "show_config", "verify",
}


def test_public_names_are_pinned():
    assert set(facilityplan.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(facilityplan, name).__name__ == name


def test_help_does_not_wait_for_the_geographic_libraries():
    code = ("import sys, facilityplan.cli\n"
            "try: facilityplan.cli.main(['--help'])\nexcept SystemExit: pass\n"
            "assert not {'geopandas', 'pulp', 'folium', 'numba'} & set(sys.modules), sorted(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
