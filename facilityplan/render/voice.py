"""What every section of the report and of the notices is handed: the plan, a language, and how to say things in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy

from facilityplan.errors import Text
from facilityplan.inputs.tables import Inputs
from facilityplan.plan.types import Plan
from facilityplan.render import palette
from facilityplan.render.lists import listed
from facilityplan.render.markup import Html, data, join, tag
from facilityplan.render.mergers import Merger, mergers
from facilityplan.render.page import asset, policy
from facilityplan.render.summary import Counts, Headline, counts, headline
from facilityplan.render.words import EVERY, HTML_LANG, WORDS, say

ROWS_SHOWN = 200


class Voice:
    """One plan in one language."""

    def __init__(self, plan: Plan, inputs: Inputs, lang: str) -> None:
        self.plan, self.inputs, self.lang = plan, inputs, lang
        self.head: Headline = headline(plan)
        self.names = dict(zip(inputs.facilities["id"], inputs.facilities["name"], strict=True))
        self.mergers: list[Merger] = mergers(plan)
        self.tally: Counts = counts(plan, inputs)

    def in_language(self, lang: str) -> Voice:
        """Return the same in another language; what was counted is shared."""
        other = copy(self)
        other.lang = lang
        return other

    def say(self, key: str, **values: object) -> str:
        """Return a word with its marks filled in."""
        return say(key, **values).in_language(self.lang)

    def fill(self, key: str, **values: object) -> Html:
        """Return a word whose marks are filled with markup: names from data, kept apart."""
        parts = re.split(r"\{(\w+)\}", EVERY[key].in_language(self.lang))
        return join(values[part] if k % 2 else part for k, part in enumerate(parts))

    def t(self, text: Text) -> str:
        """Return a text of both languages in this one."""
        return text.in_language(self.lang)

    def section(self, key: str, *children: object, **attributes: object) -> Html:
        """Return a section under the heading ``key``, which its anchor carries too."""
        return tag("section", tag("h2", self.say(key)), *children, id=self.anchor(key), **attributes)

    def anchor(self, key: str) -> str:
        """Return the id of a section in this language."""
        return f"{key.replace('_', '-')}-{self.lang}"

    def cut(self, total: int, shown: int = ROWS_SHOWN) -> Html | None:
        """Return the remark that a list goes on in the workbook; None where it is whole."""
        return tag("p", self.say("cut_list", n=shown), class_="hint") if total > shown else None

    def listed(self, names: Iterable[str]) -> Html:
        """Return names from data, one after another."""
        return listed(names, self.lang)

    def name(self, site: object) -> Html:
        """Return the name of a facility by its id."""
        return data(self.names.get(site))


def bar(share: float, colour: str, target: float | None = None) -> Html:
    """Return a share as a bar, ``target`` as an upright mark on it."""
    parts = [tag("rect", x=0, y=0, width=200, height=12, rx=3, fill="#e3e7ea"),
             tag("rect", x=0, y=0, width=f"{200 * min(1.0, share):.2f}", height=12, rx=3, fill=colour)]
    if target is not None:
        parts.append(tag("rect", x=f"{200 * target - 1:.2f}", y=0, width=2, height=12, fill=palette.INK))
    return tag("svg", *parts, viewBox="0 0 200 12", preserveAspectRatio="none", aria_hidden="true")


def bilingual_page(plan: Plan, title: str, articles: dict[str, Html], *, lang: str, stored: Html | None = None) -> str:
    """Return a page that holds both languages and switches between them without a script. ``stored``: hidden parts
    that both use."""
    style = asset("report.css") + _margins(plan)
    radios = [tag("input", type="radio", name="language", id=f"lang-{one}", class_="language",
                  aria_label=WORDS[f"language_{one}"].in_language(lang), checked="checked" if one == lang else None)
              for one in HTML_LANG]
    switch = tag("div", *(tag("label", WORDS[f"language_{one}"].in_language(lang), for_=f"lang-{one}", lang=code)
                          for one, code in HTML_LANG.items()), class_="languages")
    head = join([tag("meta", charset="utf-8"),
                 tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                 Html(f'<meta http-equiv="Content-Security-Policy" content="{policy([style], [])}">'),
                 tag("title", title), Html(f"<style>{style}</style>")])
    banner = None if plan.data_basis == "real" else tag(
        "p", *(tag("span", text, lang=HTML_LANG[one])
               for one, text in zip(HTML_LANG, WORDS[f"banner_{plan.data_basis}"], strict=True)), id="banner")
    body = join([banner, stored, *radios, tag("main", switch, *(
        tag("article", articles[one], lang=code) for one, code in HTML_LANG.items()))])
    return f'<!DOCTYPE html>\n<html lang="{HTML_LANG[lang]}">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


def _margins(plan: Plan) -> str:
    """Return the rules that print the notice at the head of every page. Our own words only: nothing from data."""
    if plan.data_basis == "real":
        return ""
    said = EVERY[f"banner_{plan.data_basis}"]
    return "".join(f'@page {one} {{ @top-center {{ content: "{said.in_language(one)}"; }} }}' for one in HTML_LANG)
