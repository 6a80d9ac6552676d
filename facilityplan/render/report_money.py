"""The report's part on money and staff: what it costs today and under the plan, between which ends, who is paid."""

from __future__ import annotations

from facilityplan.plan.bill import ENDS, Amount, Bill
from facilityplan.render.markup import Html, table, tag
from facilityplan.render.report_who import figure
from facilityplan.render.summary import number
from facilityplan.render.voice import Voice
from facilityplan.render.workbook import overview_rows

MILLION = 1e6


def staff_and_money(voice: Voice, charts: dict[str, Html]) -> Html:
    """Return the section: figures before and after, then the bill with its ranges."""
    wanted = ("figure_clinics", "figure_clinic_doctors", "figure_reserve", "figure_hires", "figure_annual",
              "figure_capital")
    rows = [(voice.say(key), number(before, digits=0), number(after, digits=0), voice.say(unit))
            for key, before, after, unit, _ in overview_rows(voice.plan, voice.inputs, voice.head, voice.tally)
            if key in wanted]
    parts: list[object] = [table([voice.say(f"head_{key}") for key in ("item", "before", "after", "unit")], rows,
                                 numbers=(1, 2))]
    bill = voice.plan.bill
    if bill is not None:
        parts += [figure(charts.get("cost"), voice.say("chart_cost")), tag("h3", voice.say("bill_title")),
                  _bill(voice, bill), tag("p", voice.say("bill_saving", **_saving(bill))),
                  tag("p", voice.say("note_ranges"), class_="hint")]
    parts.append(tag("p", voice.say("cost_caution"), class_="hint"))
    return voice.section("staff_money", *parts)


def _bill(voice: Voice, bill: Bill) -> Html:
    rows: list[tuple[object, ...]] = []
    for recurrent, total, before in ((True, bill.recurrent, bill.recurrent_before), (False, bill.capital, None)):
        lines = [line for line in bill.lines if line.recurrent is recurrent]
        for line in lines:
            rows.append((voice.say(f"line_{line.key}"), _times(line.count_before), _times(line.count_after),
                         number(line.before.value, digits=0) if recurrent else "–",
                         number(line.after.value, digits=0), ends(line.after)))
        key = "bill_recurrent" if recurrent else "bill_capital"
        rows.append((tag("b", voice.say(key)), "", "", "–" if before is None else number(before.value, digits=0),
                     tag("b", number(total.value, digits=0)), ends(total)))
    heads = ("head_line", "head_count_before", "head_count_after", "head_amount_before", "head_amount_after",
             "head_range")
    return table([voice.say(key) for key in heads], rows, numbers=range(1, 6))


def _times(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"


def ends(amount: Amount) -> str:
    """Return both ends of a range."""
    return f"{number(amount.low, digits=0)} – {number(amount.high, digits=0)}"


def _saving(bill: Bill) -> dict[str, str]:
    """Return what the plan saves a year at both ends of its prices and between them; less than nothing is a cost."""
    found = {end: getattr(bill.recurrent_before, end) - getattr(bill.recurrent, end) for end in ENDS}
    low, high = sorted((found["low"], found["high"]))
    return {"value": number(found["value"], digits=0), "low": number(low, digits=0), "high": number(high, digits=0)}
