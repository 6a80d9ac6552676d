from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from sample_plan import sample

from facilityplan.config.base import Cost
from facilityplan.plan.bill import Amount, Bill, Line
from facilityplan.render import render_report, report_who
from facilityplan.render.escape import visible
from facilityplan.render.ground import NAME_LENGTH
from facilityplan.render.markup import Html, data, join, tag
from facilityplan.render.summary import township_means
from facilityplan.render.voice import Voice

VOID = {"meta", "input", "br", "rect"}


class Reader(HTMLParser):
    """Reads a page, checks that every element is closed, and keeps texts and tags by language."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.bdi, self.svg, self.prose = [], [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, name, attributes):
        self.tags.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.tags.append((name, dict(attributes)))

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, text):
        if self.open and self.open[-1] != "style":
            (self.bdi if "bdi" in self.open else self.texts).append(text)
            if self.open[-1] == "text":
                self.svg.append(text)
            elif "bdi" not in self.open:
                self.prose.append(text)


@pytest.fixture(scope="module")
def report(made):
    return render_report(made.plan, made.inputs)


def test_the_report_is_one_page_without_scripts_or_requests(report):
    reader = Reader(report)
    names = {name for name, _ in reader.tags}
    assert not names & {"script", "img", "link", "iframe", "object"}
    assert "://" not in re.sub(r"<style>.*?</style>", "", report, flags=re.DOTALL)
    policy = next(a["content"] for n, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "script-src 'none'" in policy
    assert not any(key.startswith("on") or key == "style" for _, attributes in reader.tags for key in attributes)
    assert [a.get("lang") for n, a in reader.tags if n == "article"] == ["zh-CN", "en"]


def test_each_language_speaks_its_own(made, report):
    parts = re.findall(r'<article lang="[\w-]+">(.*?)</article>', report, re.DOTALL)
    zh, en = (" ".join(Reader(part).prose) for part in parts)
    drawn_zh, drawn_en = (Reader(part).svg for part in parts)  # names in figures are data
    assert not re.search(r"[\u4e00-\u9fff]", en)
    foreign = {text for text in drawn_en if re.search(r"[\u4e00-\u9fff]", text)}
    assert foreign == set(made.plan.villages["township"])
    assert not re.search(r"[A-Za-z]{2,}", "".join(drawn_zh))
    assert "map.html" in zh, "a file"
    assert set(re.findall(r"[A-Za-z]{2,}", zh.replace("map.html", ""))) <= {
        "CNY", "plan", "json", "CSV", "Parquet", "GeoPackage"}
    for heading in ("问题", "结论", "对谁有变化", "合并清单", "次中心", "人员与经费", "事先定下的安排", "分年实施",
                    "各乡镇人员",
                    "起约束作用的规则", "未采纳的合并", "方法", "局限", "数据来源"):
        assert heading in zh
    assert parts[0].count("<section") == parts[1].count("<section") == 22
    assert parts[0].count("<tr>") == parts[1].count("<tr>")


def test_it_answers_what_was_asked(made, report):
    reader = Reader(report)
    text = " ".join(reader.texts)
    assert "Demo not met" in text and "演示未达标" in text and "Proven optimal" in text
    assert "演示数据" in text and "Demonstration" in text
    merged = made.plan.facilities[made.plan.facilities["action"] == "close"]
    for name in merged["name"]:
        assert name in reader.bdi
    assert "binds" in text and "3 doctors left" in text
    refused = made.plan.refusals[~made.plan.refusals["accepted"]]
    for count in refused.groupby("rule").size():
        assert f"{count:,}" in reader.texts


def test_an_unproven_plan_says_so_in_the_answer_and_in_the_limits():
    one = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    text = " ".join(Reader(render_report(one.plan, one.inputs)).texts)
    assert "未证明最优，差距 4.21\u00a0%" in text and "Not proven optimal, gap 4.21\u00a0%" in text
    assert "This plan is not proven optimal" in text and "Proven optimal" not in text
    assert "Stopped by the clock" in text


def test_the_language_that_opens_is_the_one_asked_for(made):
    for lang in ("zh", "en"):
        inputs = [a for n, a in Reader(render_report(made.plan, made.inputs, lang=lang)).tags if n == "input"]
        assert [a["id"] for a in inputs if "checked" in a] == [f"lang-{lang}"]


def test_the_same_plan_gives_the_same_bytes(made, report):
    assert render_report(made.plan, made.inputs) == report


def test_names_are_text_whatever_they_hold(evil):
    page = render_report(evil.plan, evil.inputs)
    reader = Reader(page)
    assert "script" not in {name for name, _ in reader.tags}
    merged = evil.plan.facilities[evil.plan.facilities["action"] == "close"]
    for name in (*merged["name"], *merged["township"], evil.plan.county):
        assert visible(name) in reader.bdi, name[:40]
    drawn = [name for name in reader.svg if len(name) > 1]
    assert {name[:NAME_LENGTH] for name in map(visible, evil.plan.villages["township"])} & {
        name.removesuffix("…") for name in drawn}, "townships stand on the map"
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "62710561" not in page and not re.search(r"\{\{|\$\{|`|<script|<img", body)


def test_few_people_are_not_counted_out(made):
    villages = made.plan.villages.assign(people_out_after=0.0, people_out_before=0.0)
    villages.loc[0, "people_out_after"] = 4.2
    page = render_report(replace(made.plan, villages=villages), made.inputs)
    name = made.plan.villages["name"][0]
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page) if f"{name}</bdi>" in row and "&#60;" in row)
    assert re.findall(r'number">([^<]+)<', row)[1:] == ["0", "&#60;&#160;10"]


def test_a_share_does_not_give_few_people_away(made):
    added = {**made.plan.metrics["added_minutes"], "over_10": 3.0}
    page = render_report(replace(made.plan, metrics={**made.plan.metrics, "added_minutes": added}), made.inputs)
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page) if "10 分钟以上" in row)
    assert re.findall(r'number">([^<]+)<', row) == ["&#60;&#160;10", "–"] and 'width="0.00"' in row


def test_it_says_who_leaves_and_enters_each_circle(made):
    walking = made.plan.standards[0].model_copy(update={"id": "walk", "name": "步行圈", "name_en": "walking circle"})
    block = {"share_within_before": 0.41, "share_within_after": 0.40, "people_leaving_circle": 1_367.0,
             "people_entering_circle": 4.0}
    plan = replace(made.plan, standards=(*made.plan.standards, walking), binding={"circle": True, "walk": True},
                   metrics={**made.plan.metrics, "walk": block})
    text = "".join(Reader(render_report(plan, made.inputs)).texts)
    assert "1,367 人出圈，<\u00a010 人入圈" in text and "0 人出圈，0 人入圈" in text
    assert "1,367 people leave this circle, <\u00a010 enter it" in text


def test_villages_without_a_clinic_are_explained(made):
    villages = made.plan.villages.assign(no_clinic_because=None)
    villages.loc[[2, 5], ["mode", "served_by"]] = ["none", "H0040"]
    villages.loc[2, "no_clinic_because"], villages.loc[5, "no_clinic_because"] = "hospital_here", "no_candidate_site"
    page = render_report(replace(made.plan, villages=villages), made.inputs)
    text = " ".join(Reader(page).texts)
    assert "空白村 1 个" in text and "另有 1 个村没有卫生室" in text and "none today, no candidate site" in text
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page) if villages["name"][5] in row and "备选点" in row)
    assert made.plan.facilities.set_index("id").loc["H0040", "name"] in row
    without = replace(made.plan, villages=made.plan.villages.assign(no_clinic_because=None))
    assert "Every village has a clinic" in render_report(without, made.inputs)


def test_stages_stand_in_their_order_and_say_what_they_rest_on():
    one = sample(status="feasible", gap=0.0421, villages=9, cells=100, road_edges=40)
    page = render_report(one.plan, one.inputs)
    rows = [row for row in re.findall(r"<tr>.*?</tr>", page) if "人·分钟最少" in row or "费用最低" in row]
    assert ["以上级所得为前提" in row for row in rows] == [False, True]
    assert "given the stage above" in page and "they do not prove the plan" in page
    proven = sample(villages=9, cells=100, road_edges=40)
    assert "given the stage above" not in render_report(proven.plan, proven.inputs)


def test_contents_lead_to_sections_that_are_there(report):
    tags = Reader(report).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids)), "an id stands twice"
    links = [a["href"] for name, a in tags if name in ("a", "use")]
    assert len(links) > 20 and all(link.startswith("#") and link[1:] in ids for link in links)


def test_the_bill_shows_both_ends_of_its_range_and_what_is_saved(made):
    cost = Cost(value=100, unit="CNY/year")
    lines = (Line("doctors", True, cost, 5, 4, Amount(350, 500, 650), Amount(280, 400, 520)),
             Line("build", False, cost, None, 2, Amount(), Amount(140, 200, 260)))
    bill = Bill(lines, Amount(350, 500, 650), Amount(280, 400, 520), Amount(140, 200, 260), {}, {}, True, 1000)
    page = render_report(replace(made.plan, bill=bill), made.inputs, lang="en")
    text = "".join(Reader(page).texts)
    assert "280 – 520" in text and "140 – 260" in text
    assert "saves CNY 100 a year; with every unit cost at its low or its high end, 70 to 130" in text
    assert "Unit costs are assumed" in text and "CNY million a year" in text


def test_risks_are_this_plan_s_own(made):
    text = "".join(Reader(render_report(made.plan, made.inputs)).texts)
    clinics = made.plan.facilities
    alone = clinics[(clinics["kind"] == "village_clinic") & (clinics["doctors"] == 1)]
    assert f"{len(alone)} of " in text and "have a single doctor" in text
    assert "These rules have nothing left" in text and "annual recurrent budget" in text
    assert "people travel more than 10 minutes longer" not in text


def test_markup_escapes_all_but_its_own():
    assert tag("p", "<b>", Html("<i></i>"), None, 3) == "<p>&#60;b&#62;<i></i>3</p>"
    assert tag("a", class_="x", for_="y", data_k='"', title=None) == '<a class="x" for="y" data-k="&#34;"></a>'
    assert join(["a", data(None)]) == "a<bdi>–</bdi>"


@pytest.mark.parametrize(("shown", "cut"), [(2, True), (30, False)])
def test_a_chart_of_some_townships_says_that_they_are_those_that_change_most(made, monkeypatch, shown, cut):
    monkeypatch.setattr(report_who, "TOWNSHIPS_SHOWN", shown)
    page = render_report(made.plan, made.inputs)
    assert (f"the {shown} that change most" in page) is cut and (f"变化最大的 {shown} 个乡镇" in page) is cut
    means = township_means(made.plan)
    drawn = report_who.township_minutes(Voice(made.plan, made.inputs, "en"))
    least = min(abs(after - before) for _, before, after in drawn)
    assert all(abs(b - a) <= least + 1e-6 for name, (a, b) in means.items() if name not in {one[0] for one in drawn})


def test_the_chart_of_minutes_says_how_many_it_cannot_place(made):
    cells = made.plan.cells
    gone = {when: round(cells.loc[cells[f"state_{when}"] == "unreachable", "people"].sum()) for when in
            ("before", "after")}
    page = unescape(render_report(made.plan, made.inputs))
    assert gone["before"] >= 10
    assert f"without those who have no route to any site: {gone['before']} people today, {gone['after']} under" in page
    reached = replace(made.plan, cells=cells.assign(state_before="value", state_after="value"))
    assert "no route to any site:" not in render_report(reached, made.inputs)


def test_people_beyond_the_horizon_are_in_the_last_column_of_the_chart(made):
    cells = made.plan.cells.copy()
    cells.loc[cells["state_after"] == "beyond", "people"] = 5_000.0
    cells.loc[cells["state_after"] == "beyond", "people_65"] = 800.0
    far = render_report(replace(made.plan, cells=cells), made.inputs)
    lost = cells.assign(state_before=cells["state_before"].replace("beyond", "unreachable"),
                        state_after=cells["state_after"].replace("beyond", "unreachable"))
    assert charts(far)[0] != charts(render_report(replace(made.plan, cells=lost), made.inputs))[0]


def charts(page):
    return re.findall(r'<svg[^>]*class="chart".*?</svg>', page, re.DOTALL)
