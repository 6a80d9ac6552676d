"""What the READMEs say exists: commands, settings, configs, pictures, folders, rules, columns, exit codes."""

from __future__ import annotations

import re
import shlex
import struct
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from facilityplan import cli, errors
from facilityplan.config import load_config
from facilityplan.domain import columns
from facilityplan.domain.rules import DROPPABLE, RULES

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh.md")
DOCUMENTS = [ROOT / name for name in (*READMES, "configs/README.md", "data/README.md", "facilityplan/README.md",
                                      "maps/README.md", "tests/README.md")]
PICTURE_LIMIT = 250_000


def text(name: str | Path) -> str:
    return (ROOT / name).read_text("utf-8")


def code_lines(document: str) -> list[str]:
    """Lines of fenced blocks and the insides of code spans, comments cut off."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", document, re.S | re.M)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", document, flags=re.S | re.M))
    lines = [line for block in blocks for line in block.splitlines()] + spans
    return [re.split(r"\s{2,}#|\s{4,}", line.strip())[0].strip() for line in lines if line.strip()]


def commands(document: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in code_lines(document) if line.startswith("facilityplan ")]


EXAMPLES = sorted({(path.relative_to(ROOT).as_posix(), shlex.join(words)) for path in DOCUMENTS
                   for words in commands(path.read_text("utf-8"))})


@pytest.mark.parametrize(("document", "line"), EXAMPLES)
def test_every_example_is_a_command_with_a_config_and_settings_that_exist(document, line):
    words = shlex.split(line)
    assert words[0] in cli.COMMANDS, f"{document} names a command that is not there"
    if len(words) == 1 or "<" in line:  # `facilityplan schema` alone, or a pattern with placeholders
        return
    options = cli._parser("en").parse_args(words)
    if "config" not in options:
        return
    scenarios = options.scenario if isinstance(options.scenario, list) else [options.scenario]
    for scenario in scenarios or [None]:
        load_config(ROOT / options.config, scenario=scenario, overrides=options.set)


def test_the_examples_are_found():
    named = {shlex.split(line)[0] for document, line in EXAMPLES if document == "README.md"}
    assert named == set(cli.COMMANDS), "the README shows every command that there is"


def test_both_readmes_show_the_same_commands():
    english, chinese = (commands(text(name)) for name in READMES)
    assert english == chinese
    make = [set(re.findall(r"^(?:make|python3|py) .*?\w(?=\s{2,}|$)", text(name), re.M)) for name in READMES]
    assert make[0] == make[1] >= {"make demo", "make test", "python3 .ci/bootstrap.py demo",
                                  r"py .ci\bootstrap.py demo"}


def test_both_readmes_show_the_same_figures():
    english, chinese = (Counter(re.findall(r"\d[\d,.]*\d|\d", "\n".join(
        line for line in text(name).splitlines() if line.startswith("|")))) for name in READMES)
    assert english == chinese
    assert len(english) > 50


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_pictures_and_configs_exist(document):
    written = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", written):
        assert (document.parent / target).exists(), target
    for target in re.findall(r"\bconfigs/[\w.]+\.yaml", written):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("name", READMES)
def test_the_picture_is_a_small_screenshot_that_is_committed(name):
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text(name))
    assert pictures
    for picture in pictures:
        data = (ROOT / picture).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (1400, 900)
        assert len(data) < PICTURE_LIMIT
        assert subprocess.run(["git", "check-ignore", "-q", picture], cwd=ROOT, check=False).returncode != 0


def test_every_top_level_folder_has_a_readme():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    folders = {name.split("/")[0] for name in listing.split("\0") if "/" in name and not name.startswith(".")}
    assert folders >= {"configs", "data", "facilityplan", "maps", "tests"}
    for folder in folders:
        assert (ROOT / folder / "README.md").is_file(), folder
        assert all(f"({folder}/README.md)" in text(name) for name in READMES), f"the READMEs do not lead to {folder}"


def test_the_test_command_is_what_ci_runs():
    ci = text(".ci/run").splitlines()
    assert all(re.search(r"^make test\b", text(name), re.M) for name in READMES)
    assert [line.strip() for line in ci if line.strip()][-1] == "make test"
    assert "make demo" in ci
    for target in re.findall(r"`?\bmake ([a-z-]+)", "\n".join(code_lines("".join(text(d) for d in DOCUMENTS)))):
        assert re.search(rf"^{target}:", text("Makefile"), re.M), target


@pytest.mark.parametrize("name", READMES)
def test_the_exit_codes_are_those_of_the_errors(name):
    def tree(kind):
        return {kind.exit_code}.union(*(tree(sub) for sub in kind.__subclasses__()))

    listed = {int(code) for code in re.findall(r"^\| (\d) \|", text(name), re.M)}
    assert listed == {0} | tree(errors.FacilityPlanError)


@pytest.mark.parametrize("name", READMES)
def test_what_is_not_built_is_not_shown(name):
    assert not re.search(r"facilityplan (init|import|frontier|locate|batch|serve)\b", text(name))
    assert not re.search(r"\bTODO\b|\bTBD\b", text(name))


def test_the_package_readme_lists_every_package_and_rule():
    written = text("facilityplan/README.md")
    packages = {p.parent.name for p in (ROOT / "facilityplan").glob("*/__init__.py")}
    modules = {p.name for p in (ROOT / "facilityplan").glob("*.py") if not p.name.startswith("__")}
    assert [p for p in packages if f"`{p}/`" not in written] == []
    assert [m for m in modules if f"`{m}`" not in written] == []
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| .+? \| .+? \|$", written, re.M))
    assert rows == {rule: names.zh for rule, names in RULES.items()}
    assert all(f"`{rule}`" in written.splitlines()[-1] for rule in set(RULES) - DROPPABLE)


def test_the_configs_readme_lists_every_column_and_config():
    written = text("configs/README.md")
    for table in ("villages", "facilities", "roads", "adjacency"):
        listed = re.findall(rf"^\| {table} \| `(\w+)` \| [^|]+ \| [^|]*(required|optional) ", written, re.M)
        declared = [(c.name, "required" if c.required else "optional") for c in columns.TABLES[table]]
        assert listed == declared, table
    for path in (ROOT / "configs").iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in written, path.name


def test_the_tests_readme_lists_every_folder_and_marker():
    written = text("tests/README.md")
    folders = {p.parents[0].relative_to(ROOT / "tests").parts[0] for p in (ROOT / "tests").rglob("test_*.py")}
    options = tomllib.loads(text("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    for name in {f"{f}/" for f in folders} | {m.split(":")[0] for m in options["markers"]}:
        assert f"`{name}`" in written, name
