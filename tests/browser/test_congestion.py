"""What a visitor sees and does on the page 渋滞, in a real browser."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
DRAWN = {"corridors": 5, "stations": 13, "bottlenecks": 6}
LINK = {"hour": "7", "day": "holiday", "measure": "large_pct", "station": "9110030"}
EAST_END = "z=15&lon=130.87719&lat=32.87558"  # on 国道57号, away from stations and labels
# Where a click in the middle opens which popup, and what it says.
POPUPS = {
    "bottleneck": (
        "z=16&lon=130.80617&lat=32.860916",
        (
            *("津久礼", "主要渋滞箇所（2024年12月追加）", "2024-12-16", "信号待ち2回以上"),
            "バス停「津久礼（菊陽バイパス）」で代用",
        ),
    ),
    "corridor": (EAST_END, ("国道57号", "道路（概略線形）", "線形の確かさ", "高い")),
}
ROLES = {
    *("button", "checkbox", "combobox", "link", "listbox", "radio", "searchbox", "slider"),
    *("spinbutton", "switch", "tab", "textbox"),
}
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
# Tables scroll in themselves, and a chart cuts off what is too wide for it.
TOO_WIDE = """() => [...document.querySelectorAll('.stMain *')].filter((one) => {
    const { width, right } = one.getBoundingClientRect();
    const scrolls = one.closest('[data-testid="stTable"], [data-testid="stDataFrame"], svg');
    return width && right > innerWidth + 1 && !scrolls;
}).map((one) => one.className)"""
CHART_WORDS = """() => [
    ...document.querySelectorAll('[data-testid="stVegaLiteChart"] svg')
].flatMap(
    (chart) => [...chart.querySelectorAll('text')].map((one) => (
        [one.textContent, one.getBoundingClientRect().right, chart.getBoundingClientRect().right]
    ))
)"""
SIZES = [(1920, 1080), (1280, 800), (390, 844), (320, 640)]


class Roads:
    """The page 渋滞, opened in a visit; what it sends to the server is counted."""

    def __init__(self, visit, path="", **wanted):
        self.visit, self.page, self.map = visit, visit.page, visit.map
        self.sent = []
        self.page.on("websocket", self._count_sent)
        visit.open(f"/congestion{path}")
        visit.wait_for_counts(**(wanted or DRAWN))
        visit.settle()

    def _count_sent(self, socket):
        socket.on("framesent", self._count)

    def _count(self, frame):
        self.sent.append(frame)

    @property
    def query(self):
        found = parse_qs(urlsplit(self.page.url).query)
        return {name: value for name, (value,) in found.items()}

    @property
    def slider(self):
        return self.map.get_by_role("slider", name="時間")

    @property
    def hour(self):
        return self.map.locator(".kg-hour").inner_text()

    @property
    def sentence(self):
        return self.map.locator(".kg-sentence").inner_text()

    @property
    def legend(self):
        return self.map.locator(".kg-legend").inner_text()

    @property
    def road_labels(self):
        return self.map.locator(".kg-road-name").all_inner_texts()

    @property
    def area(self):
        return self.map.locator(".leaflet-container").bounding_box()

    def select(self, name, value):
        self.find_list(name).select_option(value)

    def find_list(self, name):
        """Find a list on the map; its label holds the list, so it has no text of its own."""
        return self.map.get_by_role("combobox", name=name, exact=True)

    def choose(self, label, option):
        """Choose an option of a list of the page, and wait until the page has run."""
        box = self.page.get_by_role("combobox", name=label, exact=True)
        box.click()
        box.press("ArrowDown")
        self.page.get_by_role("option", name=option).click()
        self.page.wait_for_timeout(200)
        self.visit.settle()

    def click_middle(self):
        area = self.area
        x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
        self.page.mouse.click(x, y)

    def colour_in_the_middle(self):
        area = self.area
        x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
        clip = {"x": round(x) - 1, "y": round(y) - 1, "width": 3, "height": 3}
        picture = Image.open(io.BytesIO(self.page.screenshot(clip=clip))).convert("RGB")
        return "rgb({}, {}, {})".format(*picture.getpixel((1, 1)))

    def list_colours(self):
        return self.map.locator(".kg-mark.kg-road").evaluate_all(
            "marks => marks.map((mark) => getComputedStyle(mark).backgroundColor)"
        )

    def wait_for_query(self, **wanted):
        for _ in range(100):
            if {name: self.query.get(name) for name in wanted} == wanted:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"expected {wanted} in the address, got {self.query}")


@pytest.fixture
def roads(visit):
    def open_page(path="", width=1280, height=800, **options):
        return Roads(visit(width, height, **options), path)

    return open_page


SEEN = {}  # of each page that is only looked at, what was there


@pytest.fixture
def look(roads):
    """Open a page once for all tests that only look at it, and note what is there."""

    def note(path="", width=1280, height=800):
        key = (path, width, height)
        if key not in SEEN:
            page = roads(path, width, height)
            widths = [frame.evaluate(WIDTHS) for frame in (page.page, page.map.locator("body"))]
            container = page.map.locator(".leaflet-container")
            SEEN[key] = {
                "area": page.area,
                "footer": page.map.locator(".kg-footer").bounding_box(),
                "edges": list_boxes(container),
                "boxes": list_boxes(page.map.locator(".kg-name span")),
                "road_labels": page.road_labels,
                "sentence": page.sentence,
                "measured": container.get_attribute("data-measured"),
                "widths": widths,
                "too_wide": page.page.evaluate(TOO_WIDE),
                "chart_words": page.page.evaluate(CHART_WORDS),
            }
        return SEEN[key]

    return note


@pytest.fixture
def popup(roads):
    """Open a popup once, by a click on its feature in the middle of the map."""

    def note(kind):
        if kind not in SEEN:
            page = roads(f"?{POPUPS[kind][0]}")
            page.click_middle()
            opened = page.map.locator(".kg-popup")
            opened.wait_for(timeout=5_000)
            box = opened.bounding_box()
            SEEN[kind] = {"text": opened.inner_text(), "box": box, "area": page.area}
        return SEEN[kind]

    return note


def list_boxes(locator):
    return locator.evaluate_all(
        """spans => spans.map((span) => {
            const { left, top, right, bottom } = span.getBoundingClientRect();
            return { text: span.textContent, left, top, right, bottom };
        })"""
    )


def find_overlaps(boxes):
    return [
        (one["text"], other["text"])
        for number, one in enumerate(boxes)
        for other in boxes[:number]
        if one["left"] < other["right"]
        and other["left"] < one["right"]
        and one["top"] < other["bottom"]
        and other["top"] < one["bottom"]
    ]


def find_nameless(page):
    """Return the role of each control without a name, in the page and in its frames."""
    session = page.context.new_cdp_session(page)
    frames = [session.send("Page.getFrameTree")["frameTree"]]
    n_controls, nameless = 0, []
    while frames:
        tree = frames.pop()
        frames += tree.get("childFrames", [])
        answer = session.send("Accessibility.getFullAXTree", {"frameId": tree["frame"]["id"]})
        for node in answer["nodes"]:
            role = node.get("role", {}).get("value")
            if role in ROLES and not node["ignored"]:
                n_controls += 1
                if not node.get("name", {}).get("value", "").strip():
                    nameless.append(role)
    return n_controls, nameless


def test_the_page_opens_with_everything_drawn_and_asks_nobody_else(roads):
    page = roads()
    assert page.visit.counts() == DRAWN
    assert page.map.locator(".leaflet-container").get_attribute("data-measured") == "1"
    assert page.visit.outside == []
    assert page.visit.errors == []
    for name in ("map.js", "labels.js", "features.js", "traffic.js", "map.css"):
        assert [url for url in page.visit.requests if url.endswith(f"/{name}")], name
    assert page.page.get_by_text("29,796 台", exact=True).is_visible()
    assert page.page.get_by_text("平日38日の平均").is_visible()
    assert "国道57号は2,348台" in page.sentence
    assert "ほかの4路線は未計測です" in page.sentence
    labels = page.road_labels
    assert sum(label.endswith("未計測") for label in labels) == 4
    assert [label for label in labels if label.startswith("国道57号 2,348台/時（上り")]
    credited = page.map.locator(".kg-credits").inner_text()
    assert "国土交通省API機能による交通量（参考値）を加工" in credited
    for text in (page.sentence, page.legend, *labels):
        assert "km/h" not in text
    measures = page.find_list("色と太さ").locator("option").all_inner_texts()
    assert len(measures) == 5
    n_controls, nameless = find_nameless(page.page)
    assert n_controls > 40
    assert nameless == []


def test_the_hour_is_changed_by_keyboard_without_a_run_of_the_page(roads):
    page = roads(f"?{EAST_END}")
    colours = page.list_colours()
    assert len(set(colours)) == 5
    assert page.colour_in_the_middle() == colours[3]  # 2,348 vehicles: 1,500 to 2,500
    n_sent = len(page.sent)
    page.slider.focus()
    page.page.keyboard.press("ArrowRight")
    assert page.hour == "18時台"
    assert page.slider.get_attribute("aria-valuetext") == "18時台"
    assert "18時台、国道57号は2,115台" in page.sentence
    assert page.query["hour"] == "18"
    for _ in range(15):
        page.page.keyboard.press("ArrowLeft")
    page.page.wait_for_timeout(500)  # time in which a run of the page would be asked for
    assert page.hour == "3時台"
    assert page.query["hour"] == "3"
    assert page.map.locator(".leaflet-container").get_attribute("data-hour") == "3"
    assert page.colour_in_the_middle() == colours[0]
    assert len(page.sent) == n_sent
    assert page.visit.errors == []


def test_play_goes_through_the_hours_and_stops(roads):
    page = roads("?hour=23")
    n_sent = len(page.sent)
    page.map.get_by_role("button", name="再生").click()
    stop = page.map.get_by_role("button", name="停止")
    assert stop.get_attribute("aria-pressed") == "true"
    assert page.map.locator(".kg-sentence").get_attribute("aria-live") == "off"
    page.map.get_by_text("0時台", exact=True).wait_for(timeout=5_000)  # from 23 on to 0
    page.map.get_by_text("1時台", exact=True).wait_for(timeout=5_000)
    assert page.query["hour"] == "1"
    stop.click()
    play = page.map.get_by_role("button", name="再生")
    assert play.get_attribute("aria-pressed") == "false"
    assert page.map.locator(".kg-sentence").get_attribute("aria-live") == "polite"
    hour = page.hour
    page.page.wait_for_timeout(1_800)
    assert page.hour == hour
    assert len(page.sent) == n_sent


def test_day_period_and_measure_change_words_legend_and_address(roads):
    page = roads()
    n_sent = len(page.sent)
    page.select("曜日", "holiday")
    assert "の日曜・祝日（8日の平均）の17時台" in page.sentence
    page.select("期間", "after")
    assert page.sentence.startswith("地震の後（7月29日から）の日曜・祝日（")
    page.select("色と太さ", "large_pct")
    assert page.legend.startswith("大型車の割合（%）")
    assert [label for label in page.road_labels if re.match(r"国道57号 \d+%（上り", label)]
    wanted = {"hour": "17", "day": "holiday", "period": "after", "measure": "large_pct"}
    assert page.query == wanted
    page.select("色と太さ", "split_pct")
    assert page.legend.startswith("多い向きの割合（%）")
    page.page.wait_for_timeout(300)
    assert len(page.sent) == n_sent
    page.page.get_by_role("radio", name="土曜").click()  # the first run since the page opened
    page.wait_for_query(chart="saturday")
    page.visit.settle()
    assert page.query == {**wanted, "measure": "split_pct", "chart": "saturday"}
    assert page.legend.startswith("多い向きの割合（%）")
    assert page.visit.errors == []


def test_a_class_of_days_without_readings_is_said(look):
    seen = look("?day=obon")
    assert "のお盆に、24時間そろった観測日がありません。" in seen["sentence"]
    assert seen["measured"] == "0"


def test_a_road_without_such_days_is_not_one_of_the_others(look):
    assert "ほかの4路線は未計測です" in look("?day=obon")["sentence"]


def check_screen(page, hour="7"):
    """Check that map, words and address are those of the link, at this hour."""
    shown = {"day": "holiday", "measure": "large_pct", "hour": hour}
    assert page.find_list("曜日").input_value() == shown["day"]
    assert page.find_list("色と太さ").input_value() == shown["measure"]
    assert page.slider.input_value() == hour
    assert page.hour == f"{hour}時台"
    assert f"の日曜・祝日（8日の平均）の{hour}時台、国道57号は" in page.sentence
    assert page.legend.startswith("大型車の割合（%）")
    assert {name: page.query.get(name) for name in shown} == shown


def open_link(roads):
    return roads("?" + "&".join(f"{name}={value}" for name, value in LINK.items()))


def test_a_link_reproduces_the_screen_and_stays_through_other_choices(roads):
    page = open_link(roads)
    check_screen(page)
    assert page.query == LINK
    assert "9110030" in page.page.get_by_role("combobox", name="観測点").input_value()
    page.choose("観測点", re.compile("9310140"))  # a run of the whole page
    page.wait_for_query(station="9310140")
    check_screen(page)
    page.page.get_by_role("radio", name="土曜").click()  # a run of the charts alone
    page.wait_for_query(chart="saturday")
    page.visit.settle()
    check_screen(page)
    page.choose("観測点", re.compile("9310130"))
    page.page.wait_for_function("!location.search.includes('station')")
    check_screen(page)
    assert page.visit.errors == []
    again = roads("?" + urlsplit(page.page.url).query)
    check_screen(again)
    assert again.query == page.query
    assert again.sentence == page.sentence


@pytest.mark.parametrize("run", ["page", "charts"])
def test_what_is_changed_on_the_map_of_a_link_stays_in_the_address(roads, run):
    page = open_link(roads)
    page.slider.focus()
    page.page.keyboard.press("ArrowRight")
    page.page.wait_for_timeout(300)
    assert page.query["hour"] == "8"
    if run == "page":
        page.choose("観測点", re.compile("9310140"))
        page.wait_for_query(station="9310140")
    else:
        page.page.get_by_role("radio", name="土曜").click()
        page.wait_for_query(chart="saturday")
        page.visit.settle()
    check_screen(page, "8")


def test_the_download_of_hours_follows_the_periods(roads):
    page = roads()
    page.page.get_by_role("spinbutton", name="month, 前の期間 start date").click()
    page.page.keyboard.press("ArrowUp")
    page.page.get_by_role("heading", name="渋滞", exact=True).click()
    page.wait_for_query(before="2026-06-25..2026-07-27")
    page.visit.settle()
    wanted = "before=2026-06-25..2026-07-27"
    page.page.locator(f'a[href*="/download/hours.csv?{wanted}"]').wait_for()


def test_a_buffer_is_drawn_and_counted(roads):
    page = roads("?hour=7")
    assert "選んだ距離の範囲" not in page.legend
    page.choose("周りにあるもの", "セミコンテクノパーク")
    page.choose("距離", "3,000 m")
    page.wait_for_query(around="semicon", radius="3000", hour="7")
    numbers = page.page.locator(".st-key-buffer").inner_text()
    for words in ("指定緊急避難場所（か所）\n18", "指定避難所（か所）\n20", "観測井（か所）\n0"):
        assert words in numbers.replace("\n\n", "\n")
    assert "選んだ距離の範囲" in page.legend
    drawn = page.map.locator(".leaflet-container").evaluate(
        """() => {
            const layers = Object.values(window.map_div._layers);
            const places = layers.filter((one) => ["circle", "square"].includes(one.options.shape));
            const areas = layers.filter((one) => one.options.fillOpacity === 0.06 && one.getBounds);
            return [places.length, areas.length > 0, window.map_div.getBounds().toBBoxString()];
        }"""
    )
    assert drawn[:2] == [38, True]
    # three kilometres to each side are on the map
    west, south, east, north = map(float, drawn[2].split(","))
    assert (west < 130.8127, south < 32.8589, east > 130.8768, north > 32.9130) == (True,) * 4
    assert page.hour == "7時台"
    page.choose("周りにあるもの", "選ばない")
    page.page.wait_for_function("!location.search.includes('around')")
    assert "選んだ距離の範囲" not in page.legend
    assert page.visit.errors == []


def test_a_click_on_a_station_selects_it(roads):
    page = roads("?z=14&lon=130.7572925&lat=32.82019899&hour=7")
    page.click_middle()
    page.wait_for_query(station="9310140", hour="7")
    page.visit.settle()
    assert "9310140" in page.page.get_by_role("combobox", name="観測点").input_value()
    assert page.page.get_by_text("44,772 台", exact=True).is_visible()
    assert page.visit.errors == []


@pytest.mark.parametrize("kind", POPUPS)
def test_a_click_on_a_bottleneck_or_a_road_says_what_it_is(popup, kind):
    for words in POPUPS[kind][1]:
        assert words in popup(kind)["text"]


@pytest.mark.parametrize("kind", POPUPS)
def test_a_popup_is_wide_enough_to_be_read_and_fits_the_map(popup, kind):
    seen = popup(kind)
    assert seen["box"]["width"] >= 240
    assert seen["box"]["height"] <= seen["area"]["height"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_layout_holds(look, width, height):
    seen = look(width=width, height=height)
    area = seen["area"]
    share = area["height"] / height
    assert share >= (0.6 if width > 640 else 0.4), share
    if width <= 640:
        assert area["width"] >= width - 32
    assert seen["footer"]["y"] >= area["y"] + area["height"] - 1  # never over the map
    assert seen["too_wide"] == []
    for scrolled, shown in seen["widths"]:
        assert scrolled <= shown


@pytest.mark.parametrize(
    ("width", "height"),
    [
        *SIZES[:3],
        pytest.param(*SIZES[3]),
    ],
)
def test_no_word_of_a_chart_is_cut_off(look, width, height):
    words = look(width=width, height=height)["chart_words"]
    if {"上り", "後の期間", "7月28日 地震"} - {text for text, *_ in words}:
        pytest.fail("the charts are not drawn")
    assert [text for text, right, edge in words if right > edge + 1] == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_label_stands_over_another(look, width, height):
    boxes = look(width=width, height=height)["boxes"]
    assert len(boxes) >= 8
    assert find_overlaps(boxes) == []


@pytest.mark.parametrize(
    ("width", "height"),
    [
        *SIZES[:2],
        pytest.param(*SIZES[2]),
    ],
)
def test_the_measured_road_has_its_label(look, width, height):
    labels = look(width=width, height=height)["road_labels"]
    assert [label for label in labels if label.startswith("国道57号 2,348台/時")]


@pytest.mark.parametrize(("width", "height"), SIZES[2:])
def test_no_label_is_cut_off_by_the_edge_of_the_map(look, width, height):
    seen = look(width=width, height=height)
    (edge,) = seen["edges"]
    cut = [
        box["text"]
        for box in seen["boxes"]
        if box["left"] < edge["right"] < box["right"] or box["left"] < edge["left"] < box["right"]
    ]
    assert cut == []


def test_failed_data_is_said_on_the_map(visit):
    page = visit()
    page.page.route("**/data/corridors*", lambda route: route.abort())
    page.page.goto(page.address + "/congestion")
    page.map.get_by_text("地図のデータを読み込めませんでした").wait_for(timeout=30_000)


def test_a_link_that_asks_for_speeds_that_nobody_measured_shows_volumes(visit):
    page = visit().open("/congestion?measure=speed_kmh")
    page.map.locator(".kg-controls select").first.wait_for()
    page.page.wait_for_timeout(500)
    assert not page.map.get_by_text("地図のデータを読み込めませんでした").is_visible()
    assert page.errors == []


def test_speeds_that_are_published_can_be_chosen(visit, app_with, publish_speeds, tmp_path):
    geodata = tmp_path / "geodata"
    shutil.copytree(ROOT / "geodata", geodata, ignore=shutil.ignore_patterns(".lock", "raw"))
    publish_speeds(geodata)
    address = app_with(KUMAGEO_GEODATA=str(geodata))
    page = Roads(visit(address=address), f"?hour=7&measure=speed_kmh&{EAST_END}")
    colours = page.list_colours()
    assert "国道57号の7時台の平均速度は15.1 km/hです。" in page.sentence
    assert page.legend.startswith("平均速度（測った区間）（km/h）")
    # 10 to 20 km/h
    assert page.colour_in_the_middle() == colours[1]
    assert page.page.get_by_role("heading", name="速度と旅行時間の指標").is_visible()
    page.slider.focus()
    for _ in range(4):
        page.page.keyboard.press("ArrowLeft")
    assert page.hour == "3時台"
    assert "km/h" not in page.sentence  # nothing was measured at night
    for _ in range(9):
        page.page.keyboard.press("ArrowRight")
    assert re.search(r"国道57号の12時台の平均速度は60(\.\d)? km/hです。", page.sentence)
    assert page.colour_in_the_middle() == colours[4]  # over 40 km/h: the last of the legend
    assert page.visit.errors == []
