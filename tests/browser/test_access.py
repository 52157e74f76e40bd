"""Pages, briefing and embeds before the rules of WCAG 2.1 A and AA, as axe-core reads them.

In the first state, with all that unfolds, and narrow; test_access_walk.py changes every filter.
Japanese belongs to `make test`, all other languages to `make access`.
"""

from __future__ import annotations

import pytest

from kumageo.labels import BASE_LANGUAGE, LOCALES

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


LANGUAGES = [
    code if code == BASE_LANGUAGE else pytest.param(code, marks=pytest.mark.access)
    for code in LOCALES
]


def with_language(path, language):
    return path if language == "ja" else f"{path}?lang={language}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_rules(visit, find_violations, name, language):
    page = visit().open(with_language(PAGES[name], language))
    page.settle()
    wanted = {"easy": "ja", "zh-TW": "zh-Hant-TW"}.get(language, language)
    assert page.page.locator("html").get_attribute("lang") == wanted
    assert find_violations(page.page) == []


@pytest.mark.parametrize("path", STATES)
def test_a_page_keeps_the_rules_with_all_that_unfolds(visit, find_violations, path):
    page = visit().open(path)
    page.settle()
    assert find_violations(page.page) == []
    for toggle in page.page.locator('[data-testid="stCheckbox"] label').all():
        toggle.click()
        page.settle()
    assert find_violations(page.page) == []


@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_rules_when_it_is_narrow(visit, find_violations, name, width):
    page = visit(width=width, height=800).open(PAGES[name])
    page.settle()
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.page.evaluate(wide) <= 0
    assert find_violations(page.page) == []


def wait_for_embed(page):
    page.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)
    page.locator("#embed-words:not(:empty)").wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layer", EMBEDS)
def test_an_embed_keeps_the_rules(visit, find_violations, layer, language):
    page = visit().page
    page.goto(visit().address + with_language(f"/embed/{layer}", language))
    wait_for_embed(page)
    assert find_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", EMBED_STATES)
def test_an_embed_keeps_the_rules_when_something_is_chosen(visit, find_violations, path, scheme):
    made = visit(width=390, height=800, color_scheme=scheme)
    made.page.goto(made.address + path)
    wait_for_embed(made.page)
    made.page.locator("#embed-table > summary").click()
    made.page.locator("#embed-table tbody tr").first.wait_for()
    assert find_violations(made.page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_briefing_keeps_the_rules(visit, find_violations, language):
    made = visit()
    query = "" if language == "ja" else f"&lang={language}"
    made.page.goto(f"{made.address}/briefing?region=kikuchi{query}")
    made.page.locator("#state[data-ready]").wait_for(timeout=60_000)
    assert find_violations(made.page) == []
    made.page.keyboard.press("End")
    assert find_violations(made.page) == []


def test_the_check_can_fail(visit, find_violations):
    page = visit().page
    page.set_content(
        "<html><head><title>x</title></head><body><img src='data:,'><p style='color:#aaa;"
        "background:#fff'>pale</p><button></button><a href='#'>x</a><h1>x</h1><ul><li>x</ul>"
        "<label>x <input></label></body></html>"
    )
    found = " ".join(find_violations(page))
    for rule in ("html-has-lang", "image-alt", "color-contrast", "button-name"):
        assert f"{rule}:" in found
