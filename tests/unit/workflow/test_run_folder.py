"""A run folder is replaced whole or not at all, and nothing of the user's is ever lost."""

import json
import multiprocessing
import os
import signal
import time

import pytest

from facilityplan.errors import FaultyInput
from facilityplan.runfolder import RunFolder, sha256_of


def write_run(path, text):
    with RunFolder(path).replacing() as target:
        (target / "plan.json").write_text(text)
        (target / "manifest.json").write_text(json.dumps({"files": {"plan.json": sha256_of(target / "plan.json")}}))


def test_a_second_run_takes_the_place_of_the_first(tmp_path):
    path = tmp_path / "out" / "default"
    write_run(path, "one")
    write_run(path, "two")
    assert (path / "plan.json").read_text() == "two"
    assert [p.name for p in path.parent.iterdir()] == ["default"], "nothing is left beside it"


def test_a_failed_run_leaves_the_earlier_one_untouched(tmp_path):
    path = tmp_path / "default"
    write_run(path, "one")
    with pytest.raises(RuntimeError), RunFolder(path).replacing() as target:
        (target / "plan.json").write_text("half")
        raise RuntimeError
    assert (path / "plan.json").read_text() == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["default"]


def test_a_folder_with_other_files_is_refused_before_any_work(tmp_path):
    write_run(tmp_path / "default", "one")
    (tmp_path / "default" / "minutes of the meeting.docx").write_text("precious")
    with pytest.raises(FaultyInput, match="minutes of the meeting"):
        RunFolder(tmp_path / "default")
    assert (tmp_path / "default" / "minutes of the meeting.docx").read_text() == "precious"


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "default").write_text("a file")
    with pytest.raises(FaultyInput, match="not a run's"):
        RunFolder(tmp_path / "default")


def test_killed_between_the_renames_the_earlier_run_comes_back(tmp_path):
    write_run(tmp_path / "default", "one")
    (tmp_path / "default").rename(tmp_path / ".default.old")
    RunFolder(tmp_path / "default")
    assert (tmp_path / "default" / "plan.json").read_text() == "one"


def _write_slowly(path, started):
    with RunFolder(path).replacing() as target:
        (target / "plan.json").write_text("half")
        started.set()
        time.sleep(30)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_process_leaves_the_earlier_run_untouched(tmp_path):
    path = tmp_path / "default"
    write_run(path, "one")
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=_write_slowly, args=(path, started))
    process.start()
    assert started.wait(20)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert (path / "plan.json").read_text() == "one"
    write_run(path, "two")
    assert (path / "plan.json").read_text() == "two"
