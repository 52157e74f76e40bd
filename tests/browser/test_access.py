"""Pages, briefing and embeds before the rules of WCAG 2.1 A and AA, as axe-core reads them.

In every language in the first state, and in Japanese after filters and with all that unfolds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kumageo.labels import LOCALES

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
RUN = """async rules => {
    const only = { type: 'tag', values: rules };
    const { violations, passes } = await axe.run(document, { runOnly: only });
    return {
        n_passes: passes.length,
        found: violations.flatMap(({ id, nodes }) => nodes.map(
            ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`
        )),
    };
}"""
PAGES = {
    "overview": "/",
    "evacuation": "/evacuation",
    "congestion": "/congestion",
    "groundwater": "/groundwater",
    "council": "/council",
}
STATES = (
    "/?m=43100&compare=43404&indicator=groundwater_area&region=kikuchi",
    "/evacuation?hazard=flood,tsunami&mode=all&m=43100&point=130.741,32.789",
    "/congestion?around=semicon&radius=3000&hour=8&measure=large_pct",
    "/groundwater?well=w001&part=facts",
    "/council?region=kikuchi&topics=kikuchi_groundwater",
)
EMBEDS = ("municipalities", "evacuation", "congestion", "groundwater", "council")
EMBED_STATES = (
    "/embed/municipalities?m=43404&indicator=density_per_km2",
    "/embed/evacuation?hazard=flood&m=43100#point=130.741,32.789",
    "/embed/congestion?hour=8",
    "/embed/groundwater?region=kikuchi",
    "/embed/council?region=kikuchi",
)


def check(page):
    """Return what axe finds on a page and in its frames; it must have looked at something."""
    for frame in page.frames:
        frame.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate(RUN, list(RULES))
    assert answer["n_passes"] > 10
    return answer["found"]


def with_language(path, language):
    return path if language == "ja" else f"{path}?lang={language}"


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_rules(visit, name, language):
    page = visit().open(with_language(PAGES[name], language))
    page.settle()
    wanted = {"easy": "ja", "zh-TW": "zh-Hant-TW"}.get(language, language)
    assert page.page.locator("html").get_attribute("lang") == wanted
    assert check(page.page) == []


@pytest.mark.parametrize("path", STATES)
def test_a_page_keeps_the_rules_with_all_that_unfolds(visit, path):
    page = visit().open(path)
    page.settle()
    assert check(page.page) == []
    for toggle in page.page.locator('[data-testid="stCheckbox"] label').all():
        toggle.click()
        page.settle()
    assert check(page.page) == []


@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_rules_when_it_is_narrow(visit, name, width):
    page = visit(width=width, height=800).open(PAGES[name])
    page.settle()
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.page.evaluate(wide) <= 0
    assert check(page.page) == []


def wait_for_embed(page):
    page.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)
    page.wait_for_function("document.getElementById('embed-words').textContent !== ''")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("layer", EMBEDS)
def test_an_embed_keeps_the_rules(visit, layer, language):
    page = visit().page
    page.goto(visit().address + with_language(f"/embed/{layer}", language))
    wait_for_embed(page)
    assert check(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", EMBED_STATES)
def test_an_embed_keeps_the_rules_when_something_is_chosen(visit, path, scheme):
    made = visit(width=390, height=800, color_scheme=scheme)
    made.page.goto(made.address + path)
    wait_for_embed(made.page)
    made.page.locator("#embed-table > summary").click()
    made.page.locator("#embed-table tbody tr").first.wait_for()
    assert check(made.page) == []


@pytest.mark.parametrize("language", LOCALES)
def test_a_briefing_keeps_the_rules(visit, language):
    made = visit()
    query = "" if language == "ja" else f"&lang={language}"
    made.page.goto(f"{made.address}/briefing?region=kikuchi{query}")
    made.page.locator("#state[data-ready]").wait_for(timeout=60_000)
    assert check(made.page) == []
    made.page.keyboard.press("End")
    assert check(made.page) == []


def test_the_check_can_fail(visit):
    page = visit().page
    page.set_content(
        "<html><head><title>x</title></head><body><img src='data:,'><p style='color:#aaa;"
        "background:#fff'>pale</p><button></button><a href='#'>x</a><h1>x</h1><ul><li>x</ul>"
        "<label>x <input></label></body></html>"
    )
    found = " ".join(check(page))
    for rule in ("html-has-lang", "image-alt", "color-contrast", "button-name"):
        assert f"{rule}:" in found
