"""A process of its own that draws map and report while the caller writes the other files.

Drawing is a third of a small county's run and importing Folium a tenth. The process starts when a run starts, imports
while the roads are read, and then waits for plans. Same functions, same bytes; where it dies, the caller draws.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any

Job = Mapping[str, tuple[tuple[Any, ...], dict[str, Any]]]  # function of this package → its arguments


def draw(job: Job) -> dict[str, str]:
    """Call each function of ``facilityplan.render`` that ``job`` names; its page by its name."""
    from facilityplan import render

    return {name: getattr(render, name)(*positional, **named) for name, (positional, named) in job.items()}


class Aside:
    """The process, as a context: it ends with the block. It must not outlive a caller that was killed either: the end
    of its input ends it."""

    def __enter__(self) -> Aside:
        paths = os.pathsep.join(p for p in sys.path if p)
        self._process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, start_new_session=True,
                                         env={**os.environ, "PYTHONPATH": paths})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self, job: Job) -> None:
        """Hand over what is to be drawn; one job at a time."""
        self._job = job
        try:
            pickle.dump(job, self._pipe(self._process.stdin), protocol=5)
            self._pipe(self._process.stdin).flush()
        except OSError:
            self._process.kill()

    def pages(self) -> dict[str, str]:
        """Wait for the job and return its pages; an error of the drawing is raised here as it was there."""
        try:
            answer = pickle.load(self._pipe(self._process.stdout))
        except (EOFError, pickle.UnpicklingError):
            return draw(self._job)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    from facilityplan.render import charts, offline_folium, report  # noqa: F401  (the slow imports, while nobody waits)

    charts.warm_up()

    while True:
        try:
            job = pickle.load(sys.stdin.buffer)
        except (EOFError, pickle.UnpicklingError):
            return
        try:
            answer: object = draw(job)
        except Exception as error:  # it belongs to the caller, whatever it is
            answer = error
        with contextlib.suppress(BrokenPipeError):  # the caller was killed: nobody waits, and the next read ends this
            pickle.dump(answer, answers, protocol=5)
            answers.flush()


if __name__ == "__main__":
    _serve()
