"""Small pages by function calls: every text child and attribute is escaped, only `Html` passes as it is."""

from __future__ import annotations

from collections.abc import Iterable

from facilityplan.render.escape import html_attr, html_text

VOID = frozenset({"input", "meta", "br", "col", "rect", "line"})


class Html(str):
    """Markup that we wrote. A plain str is text and gets escaped."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """Return an element. ``class_`` and ``for_`` lose their underscore, other ``_`` become ``-``; None is left out."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{html_attr(value)}"'
                      for key, value in attributes.items() if value is not None)
    if name in VOID:
        return Html(f"<{name}{written}/>" if name in ("rect", "line") else f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Html:
    """Return the children one after another, texts escaped; None is nothing."""
    return Html("".join(child if isinstance(child, Html) else html_text(child)
                        for child in children if child is not None))


def data(text: object) -> Html:
    """Return a text from data, kept apart from the direction of its surroundings."""
    return tag("bdi", "–" if text is None else text)


def table(headers: Iterable[str], rows: Iterable[Iterable[object]], *, numbers: Iterable[int] = ()) -> Html:
    """Return a table; ``numbers`` are the columns set to the right."""
    right = set(numbers)

    def cells(name: str, row: Iterable[object], **attributes: object) -> Html:
        return tag("tr", *(tag(name, value, class_="number" if k in right else None, **attributes)
                           for k, value in enumerate(row)))

    return tag("div", tag("table", tag("thead", cells("th", headers, scope="col")),
                          tag("tbody", *(cells("td", row) for row in rows))), class_="wide")
