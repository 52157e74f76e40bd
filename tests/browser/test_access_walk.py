"""Every filter and dialog of every page and embed, in every language, before axe-core's rules.

A walk changes one control after the other, as a reader would, and asks after each.
"""

from __future__ import annotations

import pytest

from kumageo.labels import LOCALES

pytestmark = pytest.mark.access  # by `make access`: it takes longer than all other tests

LAYERS = ("municipalities", "evacuation", "congestion", "groundwater", "council")
PAGES = ("/", "/evacuation", "/congestion", "/groundwater", "/council")
KINDS = ("Selectbox", "MultiSelect", "Checkbox", "ButtonGroup", "TextInput", "DateInput")
WIDGETS = ", ".join(f'[data-testid="stMain"] [data-testid="st{kind}"]' for kind in KINDS)
N_LEAST = {"/": 6, "/evacuation": 9, "/congestion": 10, "/groundwater": 4, "/council": 7}


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("layer", LAYERS)
def test_an_embed_after_each_filter_and_dialog(visit, find_violations, layer, language):
    made = visit(width=1000, height=900)
    page = made.page
    page.goto(f"{made.address}/embed/{layer}?lang={language}")
    page.locator(".leaflet-container[data-areas]").wait_for()
    if page.locator(".embed-more").count():
        page.locator(".embed-more > summary").click()
    found = {}
    fields = page.locator("#embed-form").locator("input, select")
    for field in [field for field in fields.all() if field.is_visible()]:
        choose(field)
        page.wait_for_timeout(150)
        found[field.evaluate("one => one.outerHTML.slice(0, 60)")] = find_violations(page)
        let_go(field)
    page.locator("#embed-table > summary").click()
    page.locator("#embed-table tbody tr").first.wait_for()
    found["table"] = find_violations(page)
    page.locator("#embed-table .embed-open").first.click()
    page.locator(".leaflet-popup-content").wait_for()
    page.wait_for_timeout(400)  # it comes slowly
    found["popup"] = find_violations(page)
    for sheet in page.locator(".embed-sheet > summary").all():
        sheet.click()
        found["sheet"] = find_violations(page)
    if layer == "evacuation":
        page.locator("#embed-near button").last.click()
        page.locator("#embed-near li").first.wait_for()
        found["nearest"] = find_violations(page)
    assert len(found) >= 3
    assert [f"{name}: {one}" for name, listed in found.items() for one in listed] == []
    assert made.errors == []


def choose(field):
    """Change one field of an embed's form."""
    kind = field.get_attribute("type") or "select"
    if kind == "select":
        field.select_option(field.locator("option:enabled").last.get_attribute("value"))
    elif kind == "checkbox":
        field.check()
    elif kind == "range":
        field.press("ArrowLeft")
    else:
        field.fill("小")
        field.press("Enter")


def let_go(field):
    """Put a field back, so that something is left for the next and for the table."""
    kind = field.get_attribute("type") or "select"
    if kind == "select":
        field.select_option(index=0)
    elif kind == "checkbox":
        field.uncheck()
    elif kind == "search":
        field.fill("")
        field.press("Enter")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_after_each_filter_and_dialog(visit, find_violations, path, language):
    made = visit(width=1280, height=1200).open(f"{path}?lang={language}")
    made.settle()
    found = {}
    # What a change brings is walked too: the list is read again after each.
    number = 0
    while number < made.page.locator(WIDGETS).count():
        widget = made.page.locator(WIDGETS).nth(number)
        number += 1
        if not widget.is_visible():
            continue
        name = f"{number} {widget.inner_text()[:40]!r}"
        for state in change(made, widget):
            found[f"{name} {state}"] = find_violations(made.page)
    assert len(found) >= N_LEAST[path]
    assert [f"{name}: {one}" for name, listed in found.items() for one in listed] == []
    assert made.errors == []


def change(made, widget):
    """Change one widget of a page; say of each state on the way that it is there."""
    kind = widget.get_attribute("data-testid").removeprefix("st")
    if kind == "Checkbox":
        widget.locator("label").click()
    elif kind == "ButtonGroup":
        last = widget.get_by_role("radio").or_(widget.get_by_role("button")).last
        if last.is_disabled():
            return
        last.click()
    elif kind == "TextInput":
        widget.locator("input").fill("小")
        widget.locator("input").press("Enter")
    elif kind == "DateInput":
        widget.locator("button").last.click()
        made.settle()
        yield "open"
        made.page.keyboard.press("Escape")
    else:
        field = widget.locator("input")
        if field.is_disabled():
            return
        field.click()
        field.press("ArrowDown")  # opens a list of many, and moves in a list of one
        made.page.get_by_role("listbox").wait_for()
        yield "open"
        field.press("Enter")
    made.settle()
    yield "changed"
