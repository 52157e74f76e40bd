"""The surface of levels in a real browser: it is drawn, and a click on it answers."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def surface(app_with, visit, tmp_path):
    """Open the part 水位の面 of an app with simulated readings."""
    address = app_with(KUMAGEO_READINGS=str(tmp_path / "readings.sqlite3"), KUMAGEO_DEMO="1")
    page = visit(address=address)
    page.page.goto(f"{address}/groundwater?part=surface&surface=unstated&on=2025-10-01")
    frame = page.page.frame_locator('iframe[title^="streamlit_folium"]').last
    frame.locator(".leaflet-container[data-surface]").wait_for(timeout=120_000)
    return page, frame


def test_it_is_drawn_and_a_click_answers(surface):
    page, frame = surface
    container = frame.locator(".leaflet-container")
    told = json.loads(container.get_attribute("data-surface"))
    assert told["wells"] >= 8
    assert told["contours"] >= 1
    picture = frame.locator("img.kg-picture")
    expect(picture).to_have_attribute("alt", "水位の面（標高 m）")
    assert picture.evaluate("image => image.naturalWidth") > 50
    # In the middle it has a colour, in its corner none: only the hull of the wells is covered.
    alphas = picture.evaluate(
        """image => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const paper = canvas.getContext("2d");
          paper.drawImage(image, 0, 0);
          return [[0.5, 0.5], [0, 0]].map(([x, y]) => paper.getImageData(
            Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data[3]);
        }"""
    )
    assert alphas == [255, 0]
    assert frame.locator(".kg-contour").count() >= 1
    assert frame.locator(".kg-stamp").inner_text() == "模擬データ"
    legend = frame.locator(".kg-legend")
    expect(legend).to_contain_text("水位の面（標高 m）")
    expect(legend).to_contain_text(re.compile(r"\d+〜\d+ m"))

    container.scroll_into_view_if_needed()
    area = container.bounding_box()
    page.page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    said = page.page.locator(".st-key-surface-place")
    expect(said).to_contain_text(re.compile(r"この場所の推定：標高 \d+\.\d\d m。"), timeout=30_000)
    page.page.wait_for_url(re.compile(r"[?&]at=130\.\d+"), timeout=15_000)
    frame.locator(".kg-here").wait_for(timeout=15_000)
    # The second map leaves the view of the first in peace.
    assert "z=" not in page.page.url
    assert page.errors == []
    assert page.outside == []
