"""From a bare Python 3.11 to a finished demo or test run: the one entry behind `make`, on any system.

Usage: python3 .ci/bootstrap.py demo|test|check|campaign|benchmark|regenerate|pictures [further arguments]
It makes .venv beside the project (or the folder named in FACILITYPLAN_VENV), installs the package with the pinned
versions of .ci/constraints.txt, and runs the command in it. It uses the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
COMMANDS = {
    "demo": [["-m", "facilityplan", "run", "configs/deqing.yaml"]],
    "test": [["-m", "pytest"]],
    "check": [["-c", "from importlinter.cli import lint_imports_command as c; c()"],
              ["-m", "ruff", "check", "facilityplan", "tests", ".ci"]],
    "campaign": [["-m", "pytest", "-m", "campaign"]],
    "benchmark": [["-m", "tests.benchmark"]],
    "pictures": [[".ci/pictures.py"]],
    "regenerate": [["-m", "facilityplan.demo", place, f"data/{place}"]
                   for place in ("deqing", "small", "xiaoyi", "chizhou")],
}


def environment(extra: str) -> Path:
    """Make the virtual environment if need be, install what the command needs, and return its python."""
    folder = ROOT / os.environ.get("FACILITYPLAN_VENV", ".venv")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = folder / f".installed{extra.replace('[', '-').replace(']', '')}"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    if not python.exists():
        print(f"making {folder.name} with Python {sys.version.split()[0]} …", flush=True)
        venv.create(folder, with_pip=True)
    print("installing facilityplan and its pinned dependencies …", flush=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", CONSTRAINTS, "-e", f"{ROOT}{extra}"], check=True, cwd=ROOT)
    stamp.write_text(wanted)
    return python


def main(arguments: list[str]) -> int:
    """Run one of COMMANDS; return its exit code."""
    if sys.version_info < (3, 11):
        print("facilityplan needs Python 3.11 or newer · 需要 Python 3.11 或更高版本", file=sys.stderr)
        return 2
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    name, further = arguments[0], arguments[1:]
    python = environment("" if name in {"demo", "regenerate"} else "[test]")
    for command in COMMANDS[name]:
        code = subprocess.run([python, *command, *further], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
