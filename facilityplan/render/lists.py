"""Lists inside a sentence, parted as the language does it."""

from __future__ import annotations

from collections.abc import Iterable

from facilityplan.render.markup import Html, data, join
from facilityplan.render.words import WORDS


def listed(names: Iterable[object], lang: str) -> Html:
    """Return names from data, one after another, on a page."""
    between = WORDS["and_so"].in_language(lang)
    return join(part for k, one in enumerate(names) for part in (between if k else None, data(one)))


def listed_text(names: Iterable[str], lang: str | None) -> str:
    """Return names as the cell of a sheet; a book without a language of its own lists them the Chinese way."""
    return WORDS["and_so"].in_language(lang or "zh").join(names)
