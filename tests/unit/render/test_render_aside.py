"""The drawing process gives what drawing here gives; its death costs time, not the result."""

import pytest

from facilityplan.render.aside import Aside, draw


@pytest.fixture(scope="module")
def job(made):
    return {"render_report": ((made.plan, made.inputs), {}), "render_map": ((made.plan, made.inputs), {"lang": "en"})}


@pytest.fixture(scope="module")
def drawn(job):
    return draw(job)


@pytest.fixture(scope="module")
def aside():
    with Aside() as one:
        yield one


def test_the_process_draws_the_same_pages_as_this_one_does_and_draws_again(aside, job, drawn):
    for _ in range(2):
        aside.begin(job)
        assert aside.pages() == drawn


def test_pages_come_all_the_same_when_the_process_was_killed(job, drawn):
    with Aside() as aside:
        aside._process.kill()
        aside._process.wait()
        aside.begin(job)
        assert aside.pages() == drawn


def test_an_error_of_the_drawing_is_raised_as_it_was(aside):
    aside.begin({"render_nothing": ((), {})})
    with pytest.raises(AttributeError, match="render_nothing"):
        aside.pages()


def test_the_process_ends_with_its_block():
    with Aside() as aside:
        process = aside._process
    assert process.poll() is not None
