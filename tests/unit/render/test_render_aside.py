"""The drawing process gives what drawing here gives; its death costs time, not the result."""

import pytest

from facilityplan.render.aside import Aside, draw


@pytest.fixture
def job(made):
    return {"render_report": ((made.plan, made.inputs), {}), "render_map": ((made.plan, made.inputs), {"lang": "en"})}


def test_the_process_draws_the_same_pages_as_this_one_does_and_draws_again(job):
    with Aside() as aside:
        for _ in range(2):
            aside.begin(job)
            assert aside.pages() == draw(job)


def test_pages_come_all_the_same_when_the_process_was_killed(job):
    with Aside() as aside:
        aside._process.kill()
        aside._process.wait()
        aside.begin(job)
        assert aside.pages() == draw(job)


def test_an_error_of_the_drawing_is_raised_as_it_was():
    with Aside() as aside:
        aside.begin({"render_nothing": ((), {})})
        with pytest.raises(AttributeError, match="render_nothing"):
            aside.pages()


def test_the_process_ends_with_its_block():
    with Aside() as aside:
        process = aside._process
    assert process.poll() is not None
