"""Every word that an output shows, in both languages, once. Data (names, notes, credits) are not words.

They stand by page in `words_map`, `words_tables`, `words_report`, `words_paper` (what is printed: report, notices,
workbook), `words_services` and, for comparisons and robustness, `words_compare` and `words_robust`. A map page holds
WORDS, so what only paper says is kept out of it.
``{name}`` marks what is filled in: by `say` here, by ``t`` in draw.js.
"""

from __future__ import annotations

from facilityplan.config.schema import Standard
from facilityplan.domain.basis import NOTICES, VERDICTS
from facilityplan.errors import Text
from facilityplan.plan.types import Plan
from facilityplan.render.words_map import MAP_WORDS
from facilityplan.render.words_paper import PAPER_WORDS
from facilityplan.render.words_report import REPORT_WORDS
from facilityplan.render.words_tables import TABLE_WORDS

HTML_LANG = {"zh": "zh-CN", "en": "en"}

WORDS: dict[str, Text] = {**MAP_WORDS, **TABLE_WORDS, **REPORT_WORDS}
WORDS |= {f"banner_{basis}": text for basis, text in NOTICES.items()}
WORDS |= {f"verdict_{basis}_{'met' if met else 'not_met'}": verdict.text for (basis, met), verdict in VERDICTS.items()}
EVERY: dict[str, Text] = {**WORDS, **PAPER_WORDS}


def say(key: str, **values: object) -> Text:
    """Return a word with its marks filled in."""
    return Text(*(text.format(**values) for text in EVERY[key]))


def say_each(key: str, **values: Text) -> Text:
    """Return a word with its marks filled in by texts, each in its own language."""
    return Text(*(text.format(**{name: value[k] for name, value in values.items()})
                  for k, text in enumerate(EVERY[key])))


def county_name(plan: Plan) -> Text:
    """Return the county's name."""
    return Text(plan.county, plan.county_en)


def scenario_name(plan: Plan) -> Text:
    """Return the scenario's name."""
    return plan.scenario_name


def mode_name(mode: str) -> Text:
    """Return a travel mode's name; one that we do not know keeps its id."""
    return WORDS.get(f"mode_{mode}", Text(mode, mode))


def standard_text(standard: Standard) -> Text:
    """Return a standard in one line: name, mode, limit, whose minutes, which sites."""
    mode, group = mode_name(standard.mode), WORDS[f"group_{standard.group}"]
    return Text(*(template.format(name=name, mode=mode.in_language(lang), limit=standard.limit_min,
                                  group=group.in_language(lang))
                  for lang, template, name in zip(("zh", "en"), WORDS["standard_line"],
                                                  (standard.name, standard.name_en), strict=True)))
