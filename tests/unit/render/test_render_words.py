from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import facilityplan.render as render
from facilityplan.render.palette import ROAD_GROUPS, SYMBOLS
from facilityplan.render.report_who import ADDED
from facilityplan.render.words import WORDS as PLAN_WORDS
from facilityplan.render.words import mode_name, say
from facilityplan.render.words_clauses import CLAUSE_WORDS
from facilityplan.render.words_compare import COMPARE_WORDS
from facilityplan.render.words_map import MAP_WORDS
from facilityplan.render.words_paper import PAPER_WORDS
from facilityplan.render.words_report import REPORT_WORDS
from facilityplan.render.words_robust import ROBUST_WORDS
from facilityplan.render.words_services import OFFER_WORDS
from facilityplan.render.words_tables import TABLE_WORDS

PARTS = (MAP_WORDS, TABLE_WORDS, REPORT_WORDS, PAPER_WORDS, OFFER_WORDS, COMPARE_WORDS, CLAUSE_WORDS, ROBUST_WORDS)
assert len(set().union(*PARTS)) == sum(map(len, PARTS)), "a word stands twice"
WORDS = {**PLAN_WORDS, **PAPER_WORDS, **OFFER_WORDS, **COMPARE_WORDS, **CLAUSE_WORDS, **ROBUST_WORDS}
RENDER = Path(render.__file__).parent
SCRIPT = "\n".join(path.read_text("utf-8") for path in sorted((RENDER / "assets").glob("*.js")))
PAGE = "\n".join((RENDER / "assets" / name).read_text("utf-8") for name in ("map.html", "compare.html"))
SOURCES = [path for folder in (RENDER, RENDER.parent / "compare") for path in sorted(folder.glob("*.py"))
           if not path.name.startswith("words")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"language_zh", "language_en"}


def test_every_word_is_there_in_both_languages_with_the_same_marks():
    for key, text in WORDS.items():
        assert text.zh.strip() and text.en.strip(), key
        assert set(re.findall(r"\{(\w+)\}", text.zh)) == set(re.findall(r"\{(\w+)\}", text.en)), key
        if key not in SAME_IN_BOTH | {"colon"} and re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text.en)):
            assert CHINESE.search(text.zh), f"{key} has no Chinese"
            assert not CHINESE.search(text.en), f"{key} has Chinese in its English"


def test_every_word_is_used_and_every_word_used_exists():
    python = "\n".join(path.read_text("utf-8") for path in SOURCES)
    words = (RENDER / "words.py").read_text("utf-8")
    everything = python + words + SCRIPT + PAGE
    stems = re.findall(r"f?[\"']([a-z]+(?:_[a-z]+)*_)(?:\{|[\"'] ?\+)", everything)
    for key in WORDS:
        made = any(key.startswith(stem) for stem in stems)
        assert made or re.search(rf"[\"']{key}[\"']", everything), f"nobody uses the word {key}"
    used = set(re.findall(r"\bt\(\"(\w+)\"[,)]", SCRIPT)) | set(re.findall(r"data-(?:t|label)=\"(\w+)\"", PAGE))
    used |= {f"symbol_{key}" for key in SYMBOLS} | {f"added_{key}" for key in ADDED}
    used |= {f"verdict_{basis}_{end}" for basis in ("real", "synthetic", "assumed")
             for end in ("met", "not_met", "no_target")}
    assert used <= set(WORDS), used - set(WORDS)
    assert all(group.startswith("road_") for group, *_ in ROAD_GROUPS)


def test_the_page_skeleton_holds_no_words():
    class Texts(HTMLParser):
        def handle_data(self, data):
            assert not re.search(r"\w", data), f"an untranslated literal in map.html: {data.strip()!r}"

    Texts().feed(re.sub(r"<!--slot:\w+-->", "", PAGE))
    assert not re.search(r"(title|alt|placeholder|aria-label)=\"", PAGE)


def test_the_script_holds_no_words():
    code = re.sub(r"/\*.*?\*/|(?<![:\"])//[^\n]*", "", SCRIPT, flags=re.DOTALL)
    assert not CHINESE.search(code)
    for literal in re.findall(r"\"([^\"\n]*)\"", code):
        sentence = re.search(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b", literal)
        assert not sentence or "max-width" in literal, f"an untranslated literal in a script: {literal!r}"
    # No sink that would read text as markup.
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert sink not in code


def test_marks_are_filled_and_unknown_modes_keep_their_id():
    assert say("not_proven_line", gap="1.2 %").en == "Not proven optimal, gap 1.2 %"
    assert mode_name("ebike").en == "by e-bike"
    assert mode_name("hovercraft").zh == "hovercraft"
