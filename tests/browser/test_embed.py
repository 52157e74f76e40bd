"""The embeds in a real browser: what is drawn, said and listed, by mouse, keys and messages.

Expected numbers come from the raw files by the csv module; distances by pyproj.
"""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from babel.numbers import format_decimal
from pyproj import Geod

from kumageo.labels import LOCALES

RAW = Path(__file__).resolve().parents[2] / "geodata" / "raw"
LAYERS = ("municipalities", "evacuation", "congestion", "groundwater", "council")
SECONDS = 15_000
WAIT_MS = 50
POINT = (130.741, 32.789)


def read_raw(name):
    with (RAW / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sites():
    return read_raw("evacuation_sites.csv")


@pytest.fixture(scope="module")
def shelters():
    return read_raw("evacuation_shelters.csv")


@pytest.fixture(scope="module")
def regions():
    return {row["code"]: row["region_id"] for row in read_raw("municipalities.csv")}


class Embed:
    """An embed that is open, and what can be seen of it."""

    def __init__(self, visit, path):
        self.visit, self.page = visit, visit.page
        self.page.goto(visit.address + path)
        self.wait()

    def wait(self):
        self.page.locator(".leaflet-container[data-areas]").wait_for(timeout=SECONDS)
        return self

    def wait_for(self, expression, argument=None):
        """Ask again and again: Playwright's own wait runs text, which the policy forbids."""
        for _ in range(SECONDS // WAIT_MS):
            if self.page.evaluate(expression, argument):
                return
            self.page.wait_for_timeout(WAIT_MS)
        pytest.fail(f"not in time: {expression}, {argument}")

    def wait_for_counts(self, **wanted):
        self.wait_for(
            "wanted => { const now = JSON.parse("
            "document.querySelector('.leaflet-container').dataset.points || '{}');"
            " return Object.entries(wanted).every(([name, n]) => now[name] === n); }",
            wanted,
        )

    def wait_for_words(self, *parts):
        self.wait_for(
            "parts => parts.every(part =>"
            " document.getElementById('embed-words').textContent.includes(part))",
            list(parts),
        )

    def wait_for_query(self, **wanted):
        self.wait_for(
            "wanted => { const now = new URLSearchParams(location.search);"
            " return Object.entries(wanted).every(([name, value]) => now.get(name) === value); }",
            wanted,
        )

    @property
    def words(self):
        return self.page.locator("#embed-words").text_content()

    @property
    def query(self):
        return {name: value for name, (value,) in parse_qs(urlsplit(self.page.url).query).items()}

    def choose(self, name, value):
        self.page.locator(f"#embed-form [name={name}]").select_option(value)

    def check(self, value):
        self.page.locator(f"#embed-form input[value={value}]").check()

    def open_table(self):
        self.page.locator("#embed-table > summary").click()
        self.page.locator("#embed-table table").wait_for(timeout=SECONDS)

    def rows(self):
        return self.page.locator("#embed-table tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
        )


@pytest.fixture
def open_embed(visit):
    def open_path(path, **options):
        return Embed(visit(**options), path)

    return open_path


@pytest.mark.parametrize("layer", LAYERS)
def test_each_embed_draws_speaks_and_asks_nobody_else(open_embed, layer):
    embed = open_embed(f"/embed/{layer}")
    embed.wait_for("document.getElementById('embed-words').textContent.length > 10")
    assert embed.visit.outside == []
    assert embed.visit.errors == []  # a breach of the policy would be one
    assert embed.page.context.cookies() == []
    assert not [url for url in embed.visit.requests if url.startswith("ws")]
    assert embed.page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("width", [320, 390, 500])
@pytest.mark.parametrize("layer", LAYERS)
def test_nothing_is_wider_than_a_small_screen(open_embed, layer, width):
    embed = open_embed(f"/embed/{layer}", width=width, height=568)
    for sheet in embed.page.locator(".embed-sheet > summary").all():
        sheet.click()
    embed.page.locator("#embed-table > summary").click()
    embed.page.locator("#embed-table table").wait_for()
    if embed.page.locator(".embed-more").count():
        embed.page.locator(".embed-more > summary").click()
    assert embed.page.evaluate("document.documentElement.scrollWidth") <= width
    box = embed.page.locator(".leaflet-container").bounding_box()
    assert box["width"] >= width - 26
    assert box["height"] >= 318


def test_the_map_is_most_of_the_frame_on_a_desktop(open_embed):
    embed = open_embed("/embed/evacuation", width=1280, height=800)
    assert embed.page.locator("#embed-map").bounding_box()["height"] >= 0.6 * 800


def test_the_first_view_weighs_little(visit):
    page = visit()
    session = page.page.context.new_cdp_session(page.page)
    session.send("Network.enable")
    session.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": "gzip"}})
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    embed = Embed(page, "/embed/evacuation")
    embed.wait_for_counts(site=1761, shelter=1338)
    page.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 7
    assert sum(sizes) < 135_000


@pytest.mark.parametrize(("language", "locale"), [(code, LOCALES[code][0]) for code in LOCALES])
def test_numbers_are_written_as_babel_writes_them(open_embed, language, locale):
    embed = open_embed(f"/embed/council?lang={language}")
    for value, decimals in [(0, 0), (7.06, 1), (999, 0), (1000, 0), (-1234.5, 1), (1234567.891, 2)]:
        written = embed.page.evaluate("pair => kumageo.number(...pair)", [value, decimals])
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
        assert written == format_decimal(value, pattern, locale)


def test_the_published_figures_of_groundwater_stand_below_the_map(open_embed):
    embed = open_embed("/embed/groundwater")
    sheet = embed.page.locator(".embed-sheet")
    sheet.locator("summary").click()
    rows = sheet.locator("tbody tr")
    assert rows.count() == len(read_raw("groundwater_facts.csv"))
    assert rows.nth(1).locator("td").first.inner_text() == "33 本"
    assert rows.nth(1).locator("td").last.inner_text() == "熊本市（2024年11月5日）"


def test_paper_shows_the_middle_of_the_map(open_embed):
    embed = open_embed("/embed/evacuation", width=1280, height=800)
    drawn = embed.page.locator(".folium-map").bounding_box()
    embed.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    embed.page.emulate_media(media="print")
    embed.page.set_viewport_size({"width": 700, "height": 1000})
    printed = embed.page.locator(".folium-map").bounding_box()
    size = (printed["width"], printed["height"])
    assert size == pytest.approx((drawn["width"], drawn["height"]))
    assert printed["x"] + printed["width"] / 2 == pytest.approx(350, abs=2)
    assert embed.page.evaluate("document.documentElement.scrollWidth") <= 700


class TestEvacuation:
    def test_the_pointer_names_and_opens_what_lies_below_it(self, open_embed, sites, shelters):
        """Of all sites that one is taken which is farthest from any other facility."""
        places = [(float(row["lon"]), float(row["lat"])) for row in (*sites, *shelters)]
        lonely = max(
            range(len(sites)),
            key=lambda at: sorted(math.dist(places[at], other) for other in places)[1],
        )
        lon, lat = places[lonely]
        embed = open_embed(f"/embed/evacuation?z=13&lon={lon}&lat={lat}")
        embed.wait_for_counts(site=len(sites))
        box = embed.page.locator(".leaflet-container").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        embed.page.mouse.move(x, y)
        tip = embed.page.locator(".leaflet-tooltip")
        tip.wait_for()
        assert tip.text_content() == sites[lonely]["name"]
        embed.page.mouse.move(x + 60, y)
        tip.wait_for(state="hidden")
        embed.page.mouse.click(x, y)
        popup = embed.page.locator(".kg-popup")
        popup.get_by_text(sites[lonely]["address"]).wait_for()
        assert popup.locator("h3").text_content() == sites[lonely]["name"]
        assert "point" not in embed.page.url  # what is pressed is the site, not the ground

    def test_every_site_and_shelter_is_drawn(self, open_embed, sites, shelters):
        embed = open_embed("/embed/evacuation")
        embed.wait_for_counts(site=len(sites), shelter=len(shelters))
        assert f"{len(sites) + len(shelters):,}か所" in embed.words

    def test_filters_change_map_sentence_legend_and_address(self, open_embed, sites, regions):
        embed = open_embed("/embed/evacuation")
        n_flood = sum(row["flood"] == "1" for row in sites)
        embed.check("flood")
        embed.wait_for_counts(site=n_flood, shelter=0)
        embed.wait_for_words(f"{n_flood:,}か所", "洪水")
        embed.wait_for_query(hazard="flood")
        embed.choose("region", "aso")
        of_area = [row for row in sites if regions[row["municipality_code"]] == "aso"]
        n_both = sum(row["flood"] == "1" for row in of_area)
        embed.wait_for_counts(site=n_both)
        embed.wait_for_words(f"{len(of_area):,}か所のうち", f"{n_both:,}か所", "阿蘇地域")
        embed.wait_for_query(hazard="flood", region="aso")
        legend = embed.page.locator("#kg-legend").text_content()
        assert f"{n_both:,}か所" in legend
        assert "指定避難所" not in legend.replace("指定緊急避難場所", "")

    def test_any_and_all_hazards(self, open_embed, sites):
        embed = open_embed("/embed/evacuation?hazard=flood,landslide&mode=all")
        n_all = sum(row["flood"] == row["landslide"] == "1" for row in sites)
        embed.wait_for_counts(site=n_all)
        embed.page.locator(".embed-more > summary").click()
        embed.choose("mode", "any")
        n_any = sum("1" in (row["flood"], row["landslide"]) for row in sites)
        embed.wait_for_counts(site=n_any)
        assert "mode" not in embed.query

    def test_a_search_looks_in_addresses_too(self, open_embed, sites, shelters):
        embed = open_embed("/embed/evacuation?q=" + quote("菊陽町原水"))
        rows = [("site", row) for row in sites] + [("shelter", row) for row in shelters]
        found = [kind for kind, row in rows if "菊陽町原水" in f"{row['name']}\n{row['address']}"]
        assert found
        embed.wait_for_counts(site=found.count("site"), shelter=found.count("shelter"))
        embed.wait_for_words("「菊陽町原水」")

    def test_nothing_found_is_said(self, open_embed):
        embed = open_embed("/embed/evacuation?q=zzzz")
        embed.wait_for_words("条件に合う施設はありません")

    def test_an_area_narrows_the_municipalities(self, open_embed, regions):
        embed = open_embed("/embed/evacuation?region=aso&m=43423")
        offered = embed.page.locator("#embed-form [name=m] option:not([disabled])").evaluate_all(
            "all => all.map(one => one.value).filter(Boolean)"
        )
        assert sorted(offered) == sorted(code for code, one in regions.items() if one == "aso")
        embed.choose("region", "amakusa")
        embed.wait_for_query(region="amakusa")
        assert "m" not in embed.query

    def test_the_table_lists_what_is_shown_and_more_on_request(self, open_embed, sites):
        embed = open_embed("/embed/evacuation?kind=site")
        embed.wait_for_counts(site=len(sites), shelter=0)
        embed.open_table()
        rows = embed.rows()
        assert len(rows) == 200
        first = sites[0]
        assert rows[0][0] == first["name"]
        assert rows[0][3] == first["address"]
        embed.page.locator("#embed-table > div > button").click()
        embed.wait_for("document.querySelectorAll('#embed-table tbody tr').length === 400")
        embed.choose("region", "aso")
        embed.wait_for("document.querySelectorAll('#embed-table tbody tr').length < 200")

    def test_addresses_are_asked_for_only_when_needed(self, open_embed, sites):
        embed = open_embed("/embed/evacuation")
        embed.wait_for_counts(site=len(sites))
        assert not [url for url in embed.visit.requests if "facility_details" in url]
        embed.open_table()
        assert len([url for url in embed.visit.requests if "facility_details" in url]) == 1

    def test_a_row_opens_its_place_and_gets_the_focus_back(self, open_embed, sites):
        embed = open_embed("/embed/evacuation?m=43404&kind=site")
        embed.open_table()
        button = embed.page.locator("#embed-table tbody button").first
        name = button.text_content()
        button.press("Enter")
        popup = embed.page.locator(".leaflet-popup-content")
        popup.wait_for()
        (row,) = [
            one for one in sites if one["name"] == name and one["municipality_code"] == "43404"
        ]
        popup.get_by_text(row["address"]).wait_for()
        assert embed.page.get_by_role("button", name="閉じる").is_visible()
        assert "指定の一覧です" in popup.text_content()
        embed.wait_for(
            "document.activeElement === document.querySelector('.leaflet-popup-content')"
        )
        embed.page.keyboard.press("Escape")
        embed.wait_for(
            "name => document.activeElement.textContent === name &&"
            " document.activeElement.tagName === 'BUTTON'",
            name,
        )

    def test_a_link_to_a_facility_opens_it(self, open_embed, sites):
        row = sites[700]
        embed = open_embed(f"/embed/evacuation?facility={row['id']}")
        embed.page.locator(".leaflet-popup-content").get_by_text(row["address"]).wait_for()

    def test_a_view_in_the_address_is_shown_and_kept(self, open_embed):
        embed = open_embed("/embed/evacuation?z=12&lon=130.7&lat=32.8")
        embed.wait_for_counts(site=1761)
        assert embed.query == {"z": "12", "lon": "130.7", "lat": "32.8"}
        embed.page.locator(".leaflet-container").focus()
        embed.page.keyboard.press("+")
        embed.wait_for_query(z="13")


class TestNearest:
    def nearest(self, rows, n=5):
        geod = Geod(ellps="GRS80")
        places = {}
        for row in rows:
            lon, lat = float(row["lon"]), float(row["lat"])
            key = (row["name"], lon, lat)
            places.setdefault(key, geod.inv(*POINT, lon, lat)[2])
        return sorted((metres, name) for (name, _, _), metres in places.items())[:n]

    def items(self, embed):
        embed.page.locator("#embed-near li").nth(4).wait_for(timeout=SECONDS)
        return embed.page.locator("#embed-near li").evaluate_all(
            "items => items.map(item => [item.querySelector('button').textContent,"
            " item.querySelector('.embed-far').textContent])"
        )

    def check(self, items, expected):
        assert [name for name, _ in items] == [name for _, name in expected]
        for (_, text), (metres, _) in zip(items, expected, strict=True):
            said = int(re.match(r"([\d,]+) m", text)[1].replace(",", ""))
            assert said == pytest.approx(metres, abs=1.5)
            walk, frail = (int(found) for found in re.findall(r"(\d+)分", text))
            assert walk == -(-said // 60) or abs(said % 60) < 2
            assert frail in {-(-said * 2 // 60), -(-said * 2 // 60) + 1, -(-said * 2 // 60) - 1}

    def test_the_nearest_for_a_hazard(self, open_embed, sites):
        lon, lat = POINT
        embed = open_embed(f"/embed/evacuation?hazard=flood#point={lon},{lat}")
        rows = [row for row in sites if row["flood"] == "1"]
        expected = self.nearest(rows)
        self.check(self.items(embed), expected)
        assert embed.page.locator(".leaflet-container").get_attribute("data-nearest") == "5"
        assert embed.page.locator(".kg-rank").all_text_contents() == list("12345")
        embed.wait_for_words("いちばん近いのは", expected[0][1])
        assert "距離は直線です" in embed.page.locator("#embed-near").text_content()

    def test_the_reader_s_place_stays_in_the_browser(self, open_embed, sites):
        lon, lat = POINT
        embed = open_embed(
            "/embed/evacuation?hazard=flood",
            geolocation={"longitude": lon, "latitude": lat},
            permissions=["geolocation"],
        )
        embed.wait_for_counts(site=sum(row["flood"] == "1" for row in sites))
        n_requests = len(embed.visit.requests)
        embed.page.get_by_role("button", name="現在地から探す").click()
        self.check(self.items(embed), self.nearest([r for r in sites if r["flood"] == "1"]))
        assert "130.7" not in embed.page.url
        assert len(embed.visit.requests) == n_requests
        embed.page.get_by_role("button", name="地点を消す").click()
        embed.page.locator("#embed-near li").first.wait_for(state="detached")
        assert embed.page.locator(".kg-rank").count() == 0

    def test_a_press_on_the_map_stands_where_no_browser_sends_it(self, open_embed):
        embed = open_embed("/embed/evacuation?z=11&lon=130.70&lat=32.80")
        embed.wait_for_counts(site=1761)
        embed.page.locator(".leaflet-container").click(position={"x": 30, "y": 400})
        embed.page.locator("#embed-near h2, #embed-near .embed-alert").first.wait_for()
        assert "point" not in embed.query
        assert re.search(r"#point=130\.\d+%2C32\.\d+|#point=130\.\d+,32\.\d+", embed.page.url)
        reopened = embed.page.url
        embed.page.goto("about:blank")
        embed.page.goto(reopened)
        embed.wait()
        embed.page.locator("#embed-near h2, #embed-near .embed-alert").first.wait_for()

    def test_without_a_hazard_one_is_asked_for(self, open_embed):
        embed = open_embed(f"/embed/evacuation#point={POINT[0]},{POINT[1]}")
        embed.page.locator("#embed-near .embed-alert").wait_for()
        assert "災害の種類を選んでいません" in embed.page.locator("#embed-near").text_content()

    def test_a_point_outside_is_told(self, open_embed):
        embed = open_embed("/embed/evacuation#point=139.7,35.6")
        embed.page.locator("#embed-near .embed-alert").wait_for()
        assert "熊本県の範囲にありません" in embed.page.locator("#embed-near").text_content()

    def test_the_middle_of_the_map_can_be_asked_about_by_keys(self, open_embed):
        embed = open_embed("/embed/evacuation?z=13&lon=130.741&lat=32.789&hazard=flood")
        embed.page.get_by_role("button", name="地図の真ん中から探す").press("Enter")
        assert len(self.items(embed)) == 5

    def test_a_refused_place_is_told(self, open_embed):
        embed = open_embed("/embed/evacuation", permissions=[])
        embed.page.get_by_role("button", name="現在地から探す").click()
        embed.page.get_by_text("現在地を使えませんでした").wait_for(timeout=SECONDS)


class TestOthers:
    def test_an_indicator_and_a_municipality(self, open_embed):
        rows = {row["code"]: row for row in read_raw("municipalities.csv")}
        embed = open_embed("/embed/municipalities?m=43404")
        embed.wait_for_words(f"{int(rows['43404']['population']):,}人", "45市町村")
        embed.choose("indicator", "data_platform_member")
        n_yes = sum(row["data_platform_member"] in {"1", "true"} for row in rows.values())
        embed.wait_for_words(f"当てはまるのは{n_yes}市町村")
        embed.wait_for_query(indicator="data_platform_member", m="43404")
        embed.open_table()
        assert len(embed.rows()) == 45

    def test_an_area_is_chosen_by_a_press_on_the_map(self, open_embed):
        embed = open_embed("/embed/municipalities?z=11&lon=131.08&lat=32.95")
        embed.page.locator(".leaflet-container").click(position={"x": 640, "y": 250})
        embed.wait_for("new URLSearchParams(location.search).get('m') !== null")
        chosen = embed.page.locator("#embed-form [name=m]").input_value()
        assert embed.query["m"] == chosen
        assert chosen

    def test_the_hour_of_the_roads(self, open_embed):
        embed = open_embed("/embed/congestion?hour=7")
        embed.wait_for_words("7時台", "国道57号")
        embed.open_table()
        assert len(embed.rows()) == 13
        slider = embed.page.locator("#kg-controls input[type=range]")
        slider.focus()
        slider.press("ArrowRight")
        embed.wait_for_query(hour="8")
        embed.wait_for_words("8時台")
        embed.page.locator("#embed-table caption").get_by_text("8時台").wait_for()
        embed.choose("region", "kikuchi")
        embed.wait_for_query(hour="8", region="kikuchi")

    def test_the_wells_of_a_place(self, open_embed):
        wells = read_raw("observation_wells.csv")
        embed = open_embed("/embed/groundwater")
        embed.wait_for_words(f"観測井{len(wells)}本", "階級は示していません")
        embed.choose("region", "kumamoto")
        embed.wait_for_query(region="kumamoto")
        embed.open_table()
        n_shown = int(re.search(r"観測井(\d+)本", embed.words)[1])
        assert 0 < n_shown < len(wells)
        assert len(embed.rows()) == n_shown

    def test_the_topics_of_an_area(self, open_embed):
        embed = open_embed("/embed/council")
        embed.page.locator("#embed-topics").get_by_text("一覧から地域を選ぶと").wait_for()
        embed.choose("region", "kikuchi")
        embed.wait_for_words("菊池地域")
        n_topics = embed.page.locator("#embed-topics li").count()
        assert f"議題{n_topics}件" in embed.words
        embed.open_table()
        assert len(embed.rows()) == n_topics


def test_the_links_keep_what_is_chosen(open_embed):
    embed = open_embed("/embed/evacuation")
    embed.check("flood")
    embed.wait_for_query(hazard="flood")
    full = embed.page.locator("#embed-full")
    assert urlsplit(full.get_attribute("href")).path == "/evacuation"
    assert full.evaluate("link => link.search") == "?hazard=flood"
    assert full.get_attribute("rel") == "noopener"


def test_by_keys_alone(open_embed):
    embed = open_embed("/embed/evacuation")
    embed.wait_for_counts(site=1761)
    embed.page.keyboard.press("Tab")
    assert embed.page.evaluate("document.activeElement.className") == "embed-skip"
    seen = []
    for _ in range(80):
        embed.page.keyboard.press("Tab")
        place = embed.page.evaluate(
            "(() => { const now = document.activeElement; const style = getComputedStyle(now);"
            " return [now.name || now.id || now.className || now.tagName, style.outlineStyle,"
            " now.tagName]; })()"
        )
        if place[2] == "BODY":
            break
        seen.append(place)
    names = [name for name, _, _ in seen]
    for name in ("hazard", "region", "m", "embed-full"):
        assert name in names, names
    assert any(name.startswith("map_") for name in names), names  # the map itself
    assert all(style != "none" for _, style, _ in seen), seen


def test_a_choice_of_colours_and_movement(open_embed):
    dark = open_embed("/embed/evacuation", color_scheme="dark", reduced_motion="reduce")
    ground = dark.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(22, 25, 29)"


# ---- frames of other sites --------------------------------------------------------------------


def test_a_frame_of_a_site_that_is_not_set_stays_empty(visit, outside_page, app):
    page = visit()
    page.page.goto(f"{outside_page}/?{app}/embed/evacuation")
    page.page.wait_for_function("document.readyState === 'complete'")
    frame = page.page.frames[1]
    assert "chrome-error" in frame.url or frame.locator("#embed-map").count() == 0
    assert any("frame-ancestors" in error for error in page.errors)


def test_a_frame_that_is_allowed_speaks_and_listens(visit, outside_page, app_with):
    address = app_with(KUMAGEO_FRAME_ANCESTORS=f"'self' {outside_page}")
    page = visit()
    page.page.goto(f"{outside_page}/?{address}/embed/evacuation")
    frame = page.page.frame_locator("iframe")
    frame.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)
    page.page.wait_for_function("told.some(one => one.height > 500)", timeout=SECONDS)
    frame.locator("input[value=flood]").check()
    page.page.wait_for_function(
        "told.some(one => one.type === 'kumamoto-map' && one.query === 'hazard=flood')",
        timeout=SECONDS,
    )
    post = (
        "query => document.querySelector('iframe').contentWindow.postMessage("
        "{ type: 'kumamoto-map-set', query }, '*')"
    )
    page.page.evaluate(post, "region=aso&hazard=landslide")
    frame.locator("#embed-words", has_text="阿蘇地域").wait_for(timeout=SECONDS)
    assert frame.locator("input[value=landslide]").is_checked()
    assert not frame.locator("input[value=flood]").is_checked()
    said = frame.locator("#embed-words").text_content()
    for bad in ("region=<script>", "m=99999", "theme=1", "region=aso&region=aso", "z=9"):
        page.page.evaluate(post, bad)
    page.page.evaluate(post, "region=aso&hazard=landslide&kind=site")
    page.page.wait_for_function("told.at(-1).query?.includes('kind=site')", timeout=SECONDS)
    assert frame.locator("#embed-words").text_content() == said
    assert json.loads(page.page.evaluate("JSON.stringify(told.map(one => one.type))")) == [
        "kumamoto-map"
    ] * page.page.evaluate("told.length")


def test_where_any_site_may_frame_none_is_told_anything(visit, outside_page, app_with):
    address = app_with(KUMAGEO_FRAME_ANCESTORS="*")
    page = visit()
    page.page.goto(f"{outside_page}/?{address}/embed/evacuation")
    frame = page.page.frame_locator("iframe")
    frame.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)
    frame.locator("input[value=flood]").check()
    frame.locator("#embed-words", has_text="洪水").wait_for(timeout=SECONDS)
    page.page.evaluate(
        "document.querySelector('iframe').contentWindow.postMessage("
        "{ type: 'kumamoto-map-set', query: 'region=aso' }, '*')"
    )
    frame.locator("input[value=landslide]").check()
    frame.locator("#embed-words", has_text="土砂災害").wait_for(timeout=SECONDS)
    assert "阿蘇" not in frame.locator("#embed-words").text_content()
    assert page.page.evaluate("told.length") == 0
