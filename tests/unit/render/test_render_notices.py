"""Sheets by township and notices by village: nobody who is served otherwise is left out, and names stay names."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from sample_plan import sample

from facilityplan.plan.types import Verification
from facilityplan.render import render_notices
from facilityplan.render.escape import visible
from facilityplan.render.figures import Figures
from facilityplan.render.notices import changed_villages
from facilityplan.render.report_who import township_minutes
from facilityplan.render.summary import headline, proof_text, verification_text
from facilityplan.render.voice import Voice
from facilityplan.render.words import EVERY


@pytest.fixture(scope="module")
def page(made):
    return render_notices(made.plan, made.inputs)


def article(page, lang):
    return re.search(rf'<article lang="{lang}">(.*?)</article>', page, re.DOTALL)[1]


def notices(page, lang):
    return re.findall(r'<section class="sheet notice".*?</section>', article(page, lang), re.DOTALL)


def test_every_township_has_its_sheet_and_every_changed_village_its_notice(made, page):
    plan = made.plan
    towns = sorted(set(plan.villages["township"]))
    for lang in ("zh-CN", "en"):
        text = article(page, lang)
        assert len(re.findall(r'<section class="sheet" ', text)) == len(towns)
        told = notices(page, lang)
        merged = plan.facilities[plan.facilities["action"].isin(["close", "build"])]
        assert len(told) == len(changed_villages(plan)) >= merged["village"].nunique()
        for site in merged.itertuples(index=False):
            assert any(f"<bdi>{site.name}</bdi>" in one for one in told)
        assert all("not an official notice" in one or "非正式公告" in one for one in told)
    village = plan.villages.set_index("id").loc[merged["village"].iloc[0]]
    assert f"{village['minutes_after']:,.1f}" in "".join(notices(page, "en"))


def test_whoever_is_visited_is_told_by_whom_and_how_often(made):
    plan = made.plan
    villages, sites = plan.villages.copy(), plan.facilities.copy()
    clinic = sites[(sites["action"] == "close")].iloc[0]
    row = sites.index[sites["id"] == clinic["id"]][0]
    base = sites.loc[sites["kind"] == "township_hospital", "id"].iloc[0]
    sites.loc[row, ["merged_into", "service", "served_from"]] = [None, "circuit", base]
    home = villages.index[villages["id"] == clinic["village"]][0]
    villages.loc[home, ["mode", "host"]] = ["circuit", base]
    villages.loc[home, "days_per_week"], villages.loc[home, "minutes_periodic"] = 2, 3.25
    page = render_notices(replace(plan, villages=villages, facilities=sites), made.inputs)
    (told,) = [one for one in notices(page, "en") if f"<bdi>{clinic['name']}</bdi> is no longer" in one]
    assert "comes on 2 days a week" in told and "in the village 2 days a week" in told and ">3.2<" in told
    assert f"<bdi>{sites.set_index('id').loc[base, 'name']}</bdi>" in told


def test_a_village_whose_people_go_elsewhere_is_told_even_where_nothing_of_its_own_changes(made):
    plan = made.plan
    quiet = {v.village.id for v in changed_villages(plan)}
    villages, cells = plan.villages.copy(), plan.cells.copy()
    row = next(k for k, i in enumerate(villages["id"]) if i not in quiet)
    villages.loc[row, ["served_by", "minutes_before", "minutes_after"]] = ["H0040", 4.0, 6.0]
    cells.loc[cells["village"] == villages["id"][row], "site_before"] = "C0000"
    changed = replace(plan, villages=villages, cells=cells)
    told = {v.village.id: v for v in changed_villages(changed)}
    assert told[villages["id"][row]].used_before == "C0000" and set(told) == quiet | {villages["id"][row]}


def test_names_are_text_and_few_people_are_not_counted_out(evil, made):
    page = render_notices(evil.plan, evil.inputs)
    shown = set(re.findall(r"<bdi>(.*?)</bdi>", page))
    for one in changed_villages(evil.plan):
        assert any(visible(one.village.name)[:5] in re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), text)
                   for text in shown)
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\{\{|\$\{|`|<script|<img", body)
    villages = made.plan.villages.assign(people=4.2)
    few = render_notices(replace(made.plan, villages=villages), made.inputs)
    assert "&#60;&#160;10" in few and ">4<" not in article(few, "en")


def test_the_same_plan_gives_the_same_bytes_and_opens_in_the_language_asked_for(made, page):
    assert render_notices(made.plan, made.inputs) == page
    english = render_notices(made.plan, made.inputs, lang="en")
    assert re.search(r'id="lang-en"[^>]*checked', english) and not re.search(r'id="lang-en"[^>]*checked', page)
    assert article(english, "en") == article(page, "en")


def test_a_run_stopped_by_the_clock_shows_its_gap_on_the_cover_and_on_every_sheet():
    stopped = sample(status="feasible", gap=0.0123)
    page = render_notices(stopped.plan, stopped.inputs)
    for lang, said in (("zh-CN", "差距"), ("en", "Not proven optimal, gap 1.23")):
        text = unescape(article(page, lang))
        sheets = re.findall(r'<section class="sheet.*?</section>', text, re.DOTALL)
        assert len(sheets) > 5 and all(said in one and "1.23" in one for one in sheets)
        assert said in text.split("<section")[0]


def test_a_verified_plan_says_so_on_every_sheet_and_a_failed_one_too(made, page):
    failed = replace(made.plan, verified=Verification(False, 14, ("x",)))
    for text, said in ((page, proof(made.plan)), (render_notices(failed, made.inputs), proof(failed))):
        sheets = re.findall(r'<section class="sheet.*?</section>', unescape(article(text, "en")), re.DOTALL)
        assert sheets and all(said in one for one in sheets)
    assert proof(failed) != proof(made.plan)


def proof(plan):
    return f"{proof_text(headline(plan)).en}; {verification_text(plan, headline(plan)).en}"


def test_the_key_of_a_township_lists_what_its_figure_shows_hosts_outside_included(made):
    plan = made.plan
    figures = Figures(plan, made.inputs)
    town_of = dict(zip(plan.facilities["id"], plan.facilities["township"], strict=True))
    other = next(i for i, symbol in figures.symbol.items() if symbol == "county_hospital")
    guest = next(clinic for clinic, _ in figures.moves if town_of[clinic] != town_of[other])
    mine = [i for i, town in town_of.items() if town == town_of[guest]]
    figures.moves = [(guest, other)]
    away = next(town for town in sorted(set(town_of.values())) if town != town_of[guest])
    say = {key: f"[{key}]" for key in EVERY}.get

    def key_of(sites):
        return re.findall(r"\[(\w+)\]", unescape(figures.legend(say, figures.shown_in(sites))))

    assert f"symbol_{figures.symbol[other]}" in key_of(mine) and "layer_merges" in key_of(mine)
    quiet = [i for i, town in town_of.items() if town == away and i != guest]
    assert "layer_merges" not in key_of(quiet)
    assert set(key_of(quiet)) == {f"symbol_{figures.symbol[i]}" for i in quiet}
    assert "layer_merges" in re.findall(r"\[(\w+)\]", unescape(figures.legend(say, figures.whole())))


def test_report_and_notices_give_a_township_the_same_mean(made, page):
    text = unescape(article(page, "en"))
    rows = township_minutes(Voice(made.plan, made.inputs, "en"))
    assert len(rows) > 1
    for town, before, after in rows:
        sheet = text.split(f"<h2><bdi>{town}</bdi></h2>")[1].split("</section>")[0]
        assert f"<b>{before:.1f} → {after:.1f}</b>" in sheet
