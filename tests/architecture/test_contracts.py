"""The import contracts of pyproject.toml hold, and a breach would be seen."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "facilityplan"
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_import_contracts_hold():
    command = "from importlinter.cli import lint_imports_command as c; c()"
    result = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@cache
def imports() -> list[tuple[str, str]]:
    """Every (package of ours, library it imports)."""
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = ([a.name for a in node.names] if isinstance(node, ast.Import)
                     else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            found += [(path.relative_to(PACKAGE).parts[0], name.split(".")[0]) for name in names]
    return found


@pytest.mark.parametrize(("library", "home"), [("pulp", "model"), ("highspy", "model"), ("folium", "render"),
                                               ("pyvrp", "routes"),
                                               ("branca", "render")])
def test_one_home_for_each_library(library, home):
    importing = {package for package, name in imports() if name == library}
    assert importing <= {home}


def test_modules_stay_readable():
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) > 500}
    assert not long, "over 500 lines wants a reason"


def test_no_path_of_a_machine_and_no_index_in_the_repository():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    listed = listing.decode().split("\0")
    texts = [p for p in listed if p.endswith((".py", ".md", ".toml", ".txt", ".yaml", ".sh", "Makefile", "run"))]
    assert len(texts) > 20
    forbidden = re.compile("|".join(("/ro" + "ot/", "/ho" + "me/[a-z]+/", "pypi" + r"\.org", "registry" + r"\.npmjs",
                                     "--index" + "-url", "/wo" + "rk/")))
    found = {p: m.group() for p in texts if (m := forbidden.search((ROOT / p).read_text("utf-8", errors="replace")))}
    assert not found
