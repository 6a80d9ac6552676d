"""Folium without its network, its randomness and its habit of running data as templates.

Folium 0.20 renders a child's text and then parses the result as a Jinja template again, so that a village named
``{{ … }}`` runs; it loads ten files from the network; and it names elements at random. Here children are rendered as
raw text, nothing is linked, and elements are named by what they are. No text from data is ever handed to Folium: it
gets numbers, images and our own names only, and the data travel in one JSON block (`escape.json_for_script`).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files

import folium
from branca.element import Element, Figure
from folium.map import CustomPane, FeatureGroup
from folium.raster_layers import ImageOverlay

from facilityplan.render.page import asset, policy


class RawText(Element):
    """Text that is printed as it is, never parsed as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: object) -> str:
        """Return the text."""
        return self.text


class RawRendering:
    """Mixin for Folium's elements: macros run once on our own template, their output is never parsed again."""

    def render(self, **kwargs: object) -> None:
        """Put the element's parts into its figure, its children's after them. Headers (links, styles) are dropped."""
        page = self.get_root()
        for part in ("html", "script"):
            macro = getattr(self._template.module, part, None)
            if macro is not None:
                getattr(page, part).add_child(RawText(macro(self, kwargs)), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)


class OfflineMap(RawRendering, folium.Map):
    """A Leaflet map without tiles."""


class OfflineImage(RawRendering, ImageOverlay):
    """An image on the map."""


class OfflineGroup(RawRendering, FeatureGroup):
    """A layer that the page's script fills."""


class OfflinePane(RawRendering, CustomPane):
    """A pane of the map."""


def place(element: Element, parent: Element, key: str) -> Element:
    """Put ``element`` into ``parent`` under a fixed name: Folium's own is random, and ours is the script's handle."""
    element._id = key
    return element.add_to(parent, name=element.get_name())


class Page(Figure):
    """A page from our own skeleton. Slots ``<!--slot:name-->`` are filled in one pass, so data cannot open a slot.

    The content security policy allows the page's own styles and scripts by their hashes, and no request at all but for
    ``images``, the origin of a background map, where the config names one.
    """

    def __init__(self, skeleton: str, slots: dict[str, str], styles: list[str], scripts: list[str], lang: str,
                 images: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.skeleton, self.slots, self.styles, self.scripts, self.lang = skeleton, slots, styles, scripts, lang
        self.images = images

    def render(self, **kwargs: object) -> str:
        """Return the whole page."""
        for child in self._children.values():
            child.render(**kwargs)
        texts = {part: "\n".join(child.text for child in getattr(self, part)._children.values()
                                 if isinstance(child, RawText)) for part in ("html", "script")}
        # Leaflet first, then what Folium wrote, then the page's own script.
        scripts = [self.scripts[0], texts["script"], *self.scripts[1:]]
        elements = "\n".join(f"<script>{code}</script>" for code in scripts)
        slots = {**self.slots, "map": texts["html"], "scripts": elements}
        body = re.sub(r"<!--slot:(\w+)-->", lambda match: slots[match.group(1)], self.skeleton)
        styles = "\n".join(f"<style>{style}</style>" for style in self.styles)
        return (f'<!DOCTYPE html>\n<html lang="{self.lang}">\n<head>\n<meta charset="utf-8">\n'
                f'<meta http-equiv="Content-Security-Policy" content="{policy(self.styles, scripts, self.images)}">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                f'<meta name="referrer" content="no-referrer">\n{self.slots["title"]}\n{styles}\n</head>\n'
                f"<body>\n{body}\n</body>\n</html>\n")


@cache
def leaflet() -> tuple[str, str]:
    """Return Leaflet's style and script with its images inside and nothing left to fetch."""
    folder = files("facilityplan.render").joinpath("assets", "leaflet")

    def inline(match: re.Match) -> str:
        image = folder.joinpath("images", match.group(1)).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(image).decode('ascii')})"

    style = re.sub(r"url\(images/([\w.-]+\.png)\)", inline, asset("leaflet/leaflet.css"))
    return style, re.sub(r"\n?//# sourceMappingURL=.*\s*$", "\n", asset("leaflet/leaflet.js"))
