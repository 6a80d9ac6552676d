"""Make the pictures kept in maps/: `make pictures`. Needs Chromium and a CJK font, and no network.

The demonstration county is planned afresh in a temporary folder; its map, a comparison, report, notices and the page of
assumptions are opened at desktop and phone width in both languages. deqing.png and deqing.en.png are the map;
contact.png is all on one sheet.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from facilityplan import workflow
from facilityplan.comparing import compare_runs
from facilityplan.domain.basis import NOTICES
from facilityplan.render import palette
from facilityplan.robustness import robust

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
from browser_sizes import DESKTOP, PHONE  # noqa: E402  (screens and flags of the browser tests)
from conftest import FLAGS, chromium_path  # noqa: E402

MAPS = ROOT / "maps"
SCENARIOS = ("default", "small_villages")
SCREENS = {"desktop": DESKTOP, "phone": PHONE}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
PICTURE_COLOURS = 256
SHEET_BYTES = 950_000
SHEET_WIDTHS = (1800, 1650, 1500, 1350, 1200)  # the widest that stays under SHEET_BYTES
SHEET_STYLE = """
body { margin: 0; padding: 24px; font: 15px/1.4 system-ui, "Noto Sans CJK SC", sans-serif; color: #1d2733; }
h1 { font-size: 22px; margin: 0 0 4px; } p { margin: 0 0 14px; color: #55616e; }
.row { display: flex; gap: 16px; margin-bottom: 18px; }
figure { margin: 0; } figcaption { margin-bottom: 4px; color: #55616e; }
img { display: block; height: 430px; border: 1px solid #c5ccd2; border-radius: 6px; }
"""


def main() -> int:
    """Plan, compare, open and draw; return 0, or 1 where there is no Chromium."""
    chromium = chromium_path()
    if chromium is None:
        print("no Chromium: set FACILITYPLAN_CHROMIUM or install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        out = Path(folder)
        workflow.run(ROOT / "configs" / "deqing.yaml", scenarios=SCENARIOS, out=out)
        compare_runs([out / name for name in SCENARIOS], out=out / "compared")
        stays = robust(ROOT / "configs" / "deqing.yaml", out=out).folder
        pages = {"map 地图": out / "default" / "map.html", "compare 比较": out / "compared" / "map.html",
                 "differences 差异": out / "compared" / "report.html", "report 报告": out / "default" / "report.html",
                 "notices 告知单": out / "default" / "notices.html", "robust 假定": stays / "robust.html"}
        browser = running.chromium.launch(executable_path=chromium, args=FLAGS)
        shots = {(page, screen, lang): picture(browser, path, screen, lang)
                 for page, path in pages.items() for screen in SCREENS for lang in LANGUAGES}
        first = next(iter(pages))
        for lang, name in (("zh", "deqing.png"), ("en", "deqing.en.png")):
            (MAPS / name).write_bytes(small(shots[first, "desktop", lang]))
        (MAPS / "contact.png").write_bytes(contact_sheet(browser, pages, shots))
        browser.close()
    for name in ("deqing.png", "deqing.en.png", "contact.png"):
        print(f"{MAPS / name}: {(MAPS / name).stat().st_size / 1000:.0f} kB")
    return 0


def picture(browser: Browser, path: Path, screen: str, lang: str) -> bytes:
    """Return what a page shows first as PNG, of the notices the first one; on paper a radio button has the language."""
    context = browser.new_context(viewport=SCREENS[screen], locale=LANGUAGES[lang], offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    if page.locator("#map_facilityplan, #grounds").count():
        page.wait_for_selector("html[data-ready]", state="attached")
    else:
        page.check(f"#lang-{lang}", force=True)
        notice = page.locator(f"article[lang|={lang}] .notice")
        if notice.count():
            notice.first.evaluate("node => node.scrollIntoView()")
    page.wait_for_timeout(500)
    shot = page.screenshot()
    context.close()
    return shot


def contact_sheet(browser: Browser, pages: dict[str, Path], shots: dict[tuple[str, str, str], bytes]) -> bytes:
    """Lay the pictures out by page, a row each, as the widest PNG under SHEET_BYTES."""
    rows = "".join(
        '<div class="row">' + "".join(
            f"<figure><figcaption>{page} · {lang} · {SCREENS[screen]['width']} px</figcaption>"
            f'<img src="data:image/png;base64,{base64.b64encode(shots[page, screen, lang]).decode()}"></figure>'
            for screen in SCREENS for lang in LANGUAGES) + "</div>" for page in pages)
    context = browser.new_context(viewport={"width": SHEET_WIDTHS[0], "height": 900}, offline=True)
    page = context.new_page()
    notice = " · ".join(NOTICES["synthetic"])
    page.set_content(f"<style>{SHEET_STYLE}</style><h1>facilityplan</h1><p>{notice}</p>{rows}")
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    context.close()
    for width in SHEET_WIDTHS:
        sheet = whole.resize((width, round(whole.height * width / whole.width)), Image.Resampling.LANCZOS)
        png = packed(sheet)
        if len(png) < SHEET_BYTES:
            break
    return png


def small(shot: bytes) -> bytes:
    """Pack a screenshot."""
    return packed(Image.open(io.BytesIO(shot)))


def packed(image: Image.Image) -> bytes:
    """Return a PNG of at most PICTURE_COLOURS colours, those of the symbols among them.

    The few pixels of a sub-centre would not earn a place of their own.
    """
    own = sorted({palette.rgb(colour) for one in palette.SYMBOLS.values() for colour in (one.fill, one.stroke)}
                 | {palette.rgb(one.colour) for one in palette.minute_classes(15)})
    image = image.convert("RGB")
    common = image.quantize(PICTURE_COLOURS - len(own)).getpalette()[: 3 * (PICTURE_COLOURS - len(own))]
    chosen = Image.new("P", (1, 1))
    chosen.putpalette([*(part for colour in own for part in colour), *common])
    out = io.BytesIO()
    image.quantize(palette=chosen, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
