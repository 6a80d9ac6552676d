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


def test_one_scenario_never_takes_what_another_left(tmp_path):
    write_run(tmp_path / "no_harm", "one")
    (tmp_path / "no_harm").rename(tmp_path / ".no_harm.ab12.0.old")
    RunFolder(tmp_path / "no")
    assert not (tmp_path / "no").exists()
    RunFolder(tmp_path / "no_harm")
    assert (tmp_path / "no_harm" / "plan.json").read_text() == "one"


def test_two_runs_at_once_leave_one_whole_run(tmp_path):
    path = tmp_path / "default"
    write_run(path, "one")
    with RunFolder(path).replacing() as late:
        (late / "plan.json").write_text("late")
        (late / "manifest.json").write_text('{"files": {"plan.json": ""}}')
        write_run(path, "early")
    assert (path / "plan.json").read_text() == "late"
    assert [p.name for p in tmp_path.iterdir()] == ["default"]


def _write_many(path, begin):
    begin.wait(20)
    for _ in range(50):
        write_run(path, "x" * 1000)


def test_many_runs_at_once_never_fail_nor_tear(tmp_path):
    path = tmp_path / "default"
    context = multiprocessing.get_context("spawn")
    begin = context.Barrier(3)
    crowd = [context.Process(target=_write_many, args=(path, begin)) for _ in range(3)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert [one.exitcode for one in crowd] == [0, 0, 0]
    assert (path / "plan.json").read_text() == "x" * 1000
    assert [p.name for p in tmp_path.iterdir()] == ["default"]


def test_a_full_disk_is_told_as_such_and_leaves_the_earlier_run(tmp_path):
    path = tmp_path / "default"
    write_run(path, "one")
    with pytest.raises(FaultyInput, match="free space"), RunFolder(path).replacing():
        raise OSError(28, "No space left on device")
    assert (path / "plan.json").read_text() == "one"


def test_a_file_where_a_folder_should_be_is_told_before_the_work(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FaultyInput, match="another folder"):
        RunFolder(tmp_path / "out" / "default")


def test_what_a_run_killed_long_ago_left_is_swept_and_a_fresh_one_is_not(tmp_path):
    for name, age in (("old", 200_000), ("young", 60)):
        left = tmp_path / f".default.{name}.new"
        left.mkdir()
        os.utime(left, (time.time() - age,) * 2)
    RunFolder(tmp_path / "default")
    assert [p.name for p in tmp_path.iterdir()] == [".default.young.new"]


def test_a_writer_that_fails_on_a_full_disk_is_told_as_a_full_disk(tmp_path, monkeypatch):
    write_run(tmp_path / "default", "one")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 0}))
    with pytest.raises(FaultyInput, match="free space"), RunFolder(tmp_path / "default").replacing():
        raise RuntimeError("Failed to commit transaction")
    assert (tmp_path / "default" / "plan.json").read_text() == "one"
