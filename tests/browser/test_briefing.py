"""The briefing on the screen of a hall: keys, buttons, focus, type and boxes in a real browser."""

from __future__ import annotations

import csv
import re
import shutil
import tomllib
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.servers import serve_app

GEODATA = Path(__file__).resolve().parents[2] / "geodata"
AREAS = tomllib.loads((GEODATA / "council/areas.toml").read_text(encoding="utf-8"))["area"]
TOPICS = tomllib.loads((GEODATA / "council/topics.toml").read_text(encoding="utf-8"))["topic"]
IDS = [area["id"] for area in AREAS]
SIZES = [(1920, 1080), (1280, 720)]
MIN_PX = 24
N_COUNCILS, N_BOUNDARIES = 11, 49  # 44 municipalities, and the five wards of 熊本市
KIKUCHI = [
    "菊池地域のすがた",
    *(topic["title"] for topic in TOPICS if topic["region"] == "kikuchi"),
]
# What the map holds now: areas of the subject, and marks; the land around it is no subject.
ON_MAP = """() => {
    const map = window[document.querySelector('.folium-map').id];
    const found = { areas: new Set(), marks: 0 };
    map.eachLayer((layer) => {
        if (layer instanceof L.CircleMarker) found.marks += 1;
        else if (layer.features) found.marks += layer.features.length;
        else if (layer.feature?.properties?.code) found.areas.add(layer.feature.properties.code);
    });
    const { lng, lat } = map.getCenter();
    return { areas: found.areas.size, marks: found.marks, centre: [lng, lat] };
}"""
MEASURE = """() => {
    const shown = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const box = (one) => {
        const { left, top, right, bottom } = one.getBoundingClientRect();
        return [left, top, right, bottom];
    };
    const name = (one) => one.tagName.toLowerCase()
        + (one.id ? '#' + one.id : '') + [...one.classList].map((c) => '.' + c).join('');
    const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
    const boxes = (selector) => all(selector).map((one) => [one.textContent, box(one)]);
    const isCut = (one) => one.scrollHeight > one.clientHeight + 1
        || one.scrollWidth > one.clientWidth + 1;
    const slide = document.querySelector('.slide:not([hidden])');
    const small = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const parent = walk.currentNode.parentElement;
        if (!walk.currentNode.textContent.trim() || !shown(parent)) continue;
        if (parent.closest('script, style')) continue;
        const size = parseFloat(getComputedStyle(parent).fontSize);
        if (size < 24) small.push([name(parent.parentElement), size]);
    }
    const sheets = all('select, button, input').filter(
        (one) => parseFloat(getComputedStyle(one).fontSize) < 24 && one.type !== 'range'
    );
    return {
        title: document.title,
        parts: ['header', '#text', '#map .folium-map', '#map .kg-footer', 'body > footer'].map(
            (selector) => [selector, box(document.querySelector(selector))]
        ),
        blocks: [...slide.children].map((one) => [name(one), box(one)]),
        cells: boxes('.slide:not([hidden]) .figures > div'),
        wide: [...slide.querySelectorAll('*')].filter(
            (one) => one.getBoundingClientRect().right > slide.getBoundingClientRect().right + 1
        ).map((one) => one.textContent),
        cutText: [slide, document.querySelector('header .deck')].filter(isCut).map(name),
        cutLegend: isCut(document.querySelector('#map .kg-footer')),
        page: [document.documentElement.scrollHeight, innerHeight],
        small: [...small, ...sheets.map((one) => [name(one), 0])],
        labels: boxes('.kg-name span'),
        controls: boxes('.leaflet-control'),
    };
}"""
FOCUS = """() => {
    const one = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return [one.dataset.act ?? one.tagName, outlineStyle, parseFloat(outlineWidth)];
}"""


class Deck:
    """A briefing that has loaded."""

    def __init__(self, visit, path):
        self.visit, self.page = visit, visit.page
        self.page.goto(visit.address + path)
        self.page.wait_for_selector("#state[data-ready]", timeout=60_000)

    @property
    def title(self):
        return self.page.locator(".slide:visible h1").inner_text()

    @property
    def number(self):
        return self.page.locator("#number").inner_text()

    @property
    def hash(self):
        return self.page.evaluate("location.hash")

    @property
    def n_slides(self):
        return self.page.locator(".slide").count()

    @property
    def is_black(self):
        return self.page.locator("#blackout").is_visible()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def act(self, name):
        self.page.locator(f"[data-act={name}]").click()
        return self

    def at(self, number):
        assert self.number == f"{number} / {self.n_slides}"
        assert self.hash == f"#{number}"
        assert self.page.title() == f"{number}. {self.title}"
        return self

    def wait_for_map(self, layer):
        """Wait until the map holds what the layer of a slide draws; return what it holds."""
        n_areas = N_COUNCILS if layer == "council" else N_BOUNDARIES
        for _ in range(100):
            found = self.page.evaluate(ON_MAP)
            if found["areas"] == n_areas:
                return found
            self.page.wait_for_timeout(50)
        pytest.fail(f"{self.title}: expected {n_areas} areas, got {found}")


@pytest.fixture
def open_deck(visit):
    def open_page(query="region=kikuchi", hash_="", **options):
        made = visit(**{"width": 1920, "height": 1080, **options})
        return Deck(made, f"/briefing?{query}{hash_}")

    return open_page


def keep(held, route):
    """Hold a request back. The browser's driver takes no method of a list."""
    held.append(route)


def overlap(one, other):
    """Return by how many pixels two boxes lie over one another."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return min(width, height)


def find_overlaps(boxes, slack=1.0):
    return [
        (name, other_name)
        for (name, box), (other_name, other) in combinations(boxes, 2)
        if overlap(box, other) > slack
    ]


def measure_deck(page, address, query):
    """Return the measures of each slide."""
    page.goto(f"{address}/briefing?{query}")
    page.wait_for_selector("#state[data-ready]", timeout=60_000)
    found = []
    for _ in range(page.locator(".slide").count()):
        page.wait_for_timeout(150)
        found.append(page.evaluate(MEASURE))
        page.keyboard.press("ArrowRight")
    return found


@pytest.fixture(scope="module")
def measured(browser, app):
    """Step once through the deck of an area at a size; the measures are kept."""
    kept = {}

    def measure(size, region_id):
        if (size, region_id) not in kept:
            viewport = {"width": size[0], "height": size[1]}
            context = browser.new_context(
                viewport=viewport, locale="ja-JP", reduced_motion="reduce"
            )
            kept[size, region_id] = measure_deck(context.new_page(), app, f"region={region_id}")
            context.close()
        return kept[size, region_id]

    return measure


def check_text(slides, size):
    """Parts stay in the window and apart; nothing of a slide is cut or over another."""
    for slide in slides:
        title = slide["title"]
        assert slide["cutText"] == [], title
        assert slide["wide"] == [], title
        assert slide["page"][0] <= slide["page"][1], title
        assert find_overlaps(slide["parts"]) == [], title
        assert find_overlaps(slide["blocks"]) == [], title
        assert find_overlaps(slide["cells"]) == [], title
        for name, (left, top, right, bottom) in slide["parts"]:
            assert (left, top) >= (0, 0), (title, name)
            assert right <= size[0] + 1, (title, name)
            assert bottom <= size[1] + 1, (title, name)
            assert right - left > 0, (title, name)
            assert bottom - top > 0, (title, name)


class TestKeys:
    @pytest.mark.parametrize(
        ("forward", "back"),
        [
            ("ArrowRight", "ArrowLeft"),
            ("PageDown", "PageUp"),
            ("Space", "ArrowUp"),
            ("ArrowDown", "Backspace"),
            ("Enter", "ArrowLeft"),
        ],
    )
    def test_one_key_one_slide(self, open_deck, forward, back):
        deck = open_deck().at(1)
        assert deck.n_slides == len(KIKUCHI) == 5
        for number, title in enumerate(KIKUCHI[1:], start=2):
            assert deck.press(forward).at(number).title == title
        deck.press(forward).at(5)  # the last one stays
        for number in (4, 3, 2, 1):
            assert deck.press(back).at(number).title == KIKUCHI[number - 1]
        deck.press(back).at(1)
        assert deck.visit.errors == []
        assert deck.visit.outside == []

    def test_home_and_end(self, open_deck):
        deck = open_deck()
        deck.press("End").at(5)
        deck.press("Home").at(1)

    def test_black_and_back(self, open_deck):
        deck = open_deck().press("ArrowRight")
        for key in ("b", "B", "."):
            assert deck.press(key).is_black
            deck.at(2)
            button = deck.page.locator("[data-act=black]")
            assert button.get_attribute("aria-pressed") == "true"
            colour = "one => getComputedStyle(one).backgroundColor"
            assert deck.page.locator("#blackout").evaluate(colour) == "rgb(0, 0, 0)"
            assert not deck.press(key).is_black
            assert button.get_attribute("aria-pressed") == "false"
        deck.press("b", "ArrowRight").at(3)
        assert not deck.is_black

    def test_black_covers_everything(self, open_deck):
        deck = open_deck().press("b")
        for x, y in ((5, 5), (960, 30), (500, 500), (1500, 500), (300, 1050), (1915, 1075)):
            top = deck.page.evaluate(f"document.elementFromPoint({x}, {y}).id")
            assert top == "blackout", (x, y)

    def test_a_click_or_touch_brings_the_screen_back(self, open_deck):
        deck = open_deck().act("black")
        assert deck.is_black
        deck.page.mouse.click(960, 540)
        assert not deck.is_black

    def test_other_keys_and_combinations_do_nothing(self, open_deck):
        deck = open_deck().press("ArrowRight")
        deck.press("x", "Tab", "Control+ArrowRight", "Alt+ArrowDown", "Escape", "5").at(2)

    def test_a_focused_button_keeps_enter_and_space(self, open_deck):
        deck = open_deck()
        deck.page.locator("[data-act=last]").focus()
        deck.press("Space").at(5)
        deck.page.locator("[data-act=first]").focus()
        deck.press("Enter").at(1)

    def test_the_map_keeps_its_arrows(self, open_deck):
        deck = open_deck()
        deck.page.locator(".leaflet-container").focus()
        deck.press("ArrowRight").at(1)

    def test_the_map_has_no_controls_of_its_own_but_the_zoom(self, open_deck):
        deck = open_deck(hash_="#2").at(2)
        deck.wait_for_map("congestion")
        assert not deck.page.locator("#map input[type=range]").is_visible()
        assert deck.page.locator("#map .leaflet-control-zoom").is_visible()


class TestButtons:
    def test_they_do_as_the_keys(self, open_deck):
        deck = open_deck()
        deck.act("next").at(2)
        deck.act("last").at(5)
        deck.act("previous").at(4)
        deck.act("first").at(1)
        assert deck.visit.errors == []

    def test_at_the_ends_one_is_off(self, open_deck):
        deck = open_deck()
        # Not switched off: a button that is would lose the focus.
        off = "one => one.getAttribute('aria-disabled') === 'true'"
        ends = [("ArrowLeft", "previous", "next"), ("End", "next", "previous")]
        for key, ended, other in ends:
            deck.press(key)
            assert deck.page.locator(f"[data-act={ended}]").evaluate(off)
            assert not deck.page.locator(f"[data-act={other}]").evaluate(off)

    def test_each_is_large_enough_for_a_finger(self, open_deck):
        for size in SIZES:
            deck = open_deck(width=size[0], height=size[1])
            for button in deck.page.locator("body > footer :is(button, a)").all():
                box = button.bounding_box()
                assert box["height"] >= 44
                assert box["width"] >= 44

    def test_a_swipe_turns_the_slide(self, open_deck):
        deck = open_deck(has_touch=True)
        swipe = """([from, to]) => {
            const target = document.querySelector('#text');
            const touch = (x) => [new Touch({ identifier: 1, target, clientX: x, clientY: 300 })];
            const fire = (type, options) => target.dispatchEvent(
                new TouchEvent(type, { bubbles: true, ...options }));
            fire('touchstart', { touches: touch(from), changedTouches: touch(from) });
            fire('touchend', { touches: [], changedTouches: touch(to) });
        }"""
        deck.page.evaluate(swipe, [500, 300])
        deck.at(2)
        deck.page.evaluate(swipe, [500, 480])
        deck.at(2)
        deck.page.evaluate(swipe, [300, 500])
        deck.at(1)


class TestAddress:
    def test_a_link_opens_its_slide(self, open_deck):
        assert open_deck(hash_="#3").at(3).title == KIKUCHI[2]

    @pytest.mark.parametrize(
        ("hash_", "number"),
        [("#0", 1), ("#-2", 1), ("#99", 5), ("#x", 1), ("#2<script>", 2), ("#1e9", 1)],
    )
    def test_any_other_opens_one_that_exists(self, open_deck, hash_, number):
        deck = open_deck(hash_=hash_).at(number)
        assert deck.visit.errors == []

    def test_a_changed_hash_turns_the_slide(self, open_deck):
        deck = open_deck()
        deck.page.evaluate("location.hash = '#4'")
        deck.page.wait_for_function("document.title.startsWith('4.')")
        deck.at(4)

    def test_the_query_stays(self, open_deck):
        deck = open_deck("topics=kikuchi_town,aso_farming").press("ArrowRight")
        assert "?topics=kikuchi_town,aso_farming" in deck.page.url
        assert deck.page.locator("body > footer a").get_attribute("href") == (
            "/council?topics=kikuchi_town%2Caso_farming"
        )


class TestFocus:
    def test_tab_goes_to_every_control_and_is_seen(self, open_deck):
        deck = open_deck().press("ArrowRight")
        seen = []
        for _ in range(30):
            deck.press("Tab")
            name, style, width = deck.page.evaluate(FOCUS)
            if name == "BODY":
                break
            assert style != "none", name
            assert width >= 3, name
            seen.append(name)
        for act in ("first", "previous", "next", "last", "black", "full"):
            assert act in seen

    def test_it_stays_on_the_button_that_is_pressed(self, open_deck):
        deck = open_deck()
        deck.page.locator("[data-act=next]").focus()
        deck.press("Enter", "Enter").at(3)
        assert deck.page.evaluate(FOCUS)[0] == "next"

    def test_it_is_not_lost_at_the_last_slide(self, open_deck):
        deck = open_deck(hash_="#4")
        deck.page.locator("[data-act=next]").focus()
        deck.press("Enter").at(5)
        deck.page.wait_for_timeout(300)
        assert deck.page.evaluate(FOCUS)[0] != "BODY"
        assert not deck.page.evaluate("document.activeElement.disabled")

    def test_hidden_slides_cannot_be_reached(self, open_deck):
        deck = open_deck()
        hidden = deck.page.locator(".slide[hidden] a")
        assert hidden.count() == 4
        assert deck.page.locator(".slide a:visible").count() == 1


class TestWithoutServer:
    @pytest.mark.parametrize("query", ["region=kikuchi", "region=yatsushiro", "all"])
    def test_every_slide_works_when_the_server_is_stopped(self, visit, tmp_path, query):
        if query == "all":
            query = f"topics={','.join(topic['id'] for topic in TOPICS)}"
        layers = {f"topic-{one['id']}": one.get("layer", "council") for one in TOPICS}
        by_title = {one["title"]: one.get("layer", "council") for one in TOPICS}
        assert len(layers) == len(TOPICS)
        with serve_app(log=tmp_path / "log.txt") as address:
            made = visit(width=1280, height=720, address=address, reduced_motion="reduce")
            deck = Deck(made, f"/briefing?{query}")
            n_requests = len(made.requests)
        for _ in range(2):  # forward, and from the beginning again
            titles = []
            for number in range(1, deck.n_slides + 1):
                deck.at(number)
                titles.append(deck.title)
                found = deck.wait_for_map(by_title.get(deck.title, "council"))
                if by_title.get(deck.title) in ("evacuation", "congestion", "groundwater"):
                    assert found["marks"] > 0, deck.title
                deck.press("ArrowRight")
            assert len(titles) == deck.n_slides
            deck.press("Home")
        assert made.errors == []
        assert made.requests[n_requests:] == []
        assert made.outside == []

    def test_the_server_was_stopped(self, tmp_path, visit):
        with serve_app(log=tmp_path / "log.txt") as address:
            made = visit(address=address)
        with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
            made.page.goto(f"{address}/healthz")

    def test_the_page_says_when_it_is_ready_and_not_before(self, visit, app):
        made = visit(width=1280, height=720)
        held = []
        made.page.route("**/data/observation_wells*", partial(keep, held))
        made.page.goto(f"{app}/briefing?region=kikuchi")
        made.page.wait_for_timeout(1500)
        state = made.page.locator("#state")
        assert state.inner_text() == "読み込み中…"
        held[0].continue_()
        made.page.wait_for_selector("#state[data-ready]")
        assert state.inner_text() == "準備完了"

    def test_the_page_says_when_something_did_not_come(self, visit, app):
        made = visit(width=1280, height=720)
        made.page.route("**/data/observation_wells*", lambda route: route.abort())
        made.page.goto(f"{app}/briefing?region=kikuchi")
        made.page.get_by_text("読み込めませんでした。開き直してください。").wait_for()
        assert made.page.locator("#state[data-ready]").count() == 0

    def test_slides_passed_before_the_data_came_are_drawn_later(self, visit, app):
        made = visit(width=1280, height=720, reduced_motion="reduce")
        held = []
        made.page.route("**/data/*", partial(keep, held))
        made.page.goto(f"{app}/briefing?region=kikuchi")
        made.page.wait_for_timeout(1000)
        made.page.keyboard.press("End")
        made.page.wait_for_timeout(200)
        for route in held:
            route.continue_()
        made.page.unroute("**/data/*")
        made.page.wait_for_selector("#state[data-ready]")
        made.page.keyboard.press("Home")
        made.page.wait_for_timeout(1000)
        assert made.page.evaluate(ON_MAP)["areas"] == N_COUNCILS


class TestMap:
    def test_it_flies_to_the_area(self, open_deck):
        deck = open_deck("topics=kikuchi_town,amakusa_inbound")
        places = {}
        with (GEODATA / "raw/municipalities.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                place = (float(row["office_lon"]), float(row["office_lat"]))
                places.setdefault(row["region_id"], []).append(place)
        for number, region_id in ((2, "kikuchi"), (4, "amakusa")):
            while deck.hash != f"#{number}":
                deck.press("ArrowRight")
            deck.page.wait_for_timeout(1300)
            bounds = deck.page.evaluate(
                "window[document.querySelector('.folium-map').id].getBounds().toBBoxString()"
            )
            west, south, east, north = map(float, bounds.split(","))
            for lon, lat in places[region_id]:
                assert west < lon < east
                assert south < lat < north
            assert east - west < 1.5  # degrees: the prefecture is 1.4 wide

    def test_marks_are_those_of_the_slide(self, open_deck):
        deck = open_deck("region=hitoyoshi_kuma", reduced_motion="reduce").press("ArrowRight")
        found = deck.wait_for_map("evacuation")
        named = deck.page.locator(".slide:visible .figures dd").first.inner_text()
        assert found["marks"] == int(re.sub(r"\D", "", named))

    def test_the_clock_tells_the_time(self, open_deck):
        assert re.fullmatch(r"\d{1,2}:\d{2}", open_deck().page.locator("#clock").inner_text())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
class TestLayout:
    @pytest.mark.parametrize("region_id", IDS)
    def test_nothing_of_a_slide_is_cut_or_over_another(self, measured, size, region_id):
        check_text(measured(size, region_id), size)

    @pytest.mark.parametrize("region_id", IDS)
    def test_legend_and_credits_are_whole(self, measured, request, size, region_id):
        cut = [slide["title"] for slide in measured(size, region_id) if slide["cutLegend"]]
        assert cut == []

    @pytest.mark.parametrize("region_id", IDS)
    def test_type_is_large_enough_to_read_at_three_metres(self, measured, size, region_id):
        for slide in measured(size, region_id):
            small = [one for one in slide["small"] if "zoom" not in one[0]]
            assert small == [], slide["title"]

    def test_the_signs_of_the_zoom_are_as_large(self, measured, size):
        assert [one for one in measured(size, "kumamoto")[0]["small"] if "zoom" in one[0]] == []

    @pytest.mark.parametrize("region_id", IDS)
    def test_no_name_on_the_map_lies_over_another(self, measured, size, region_id):
        for slide in measured(size, region_id):
            assert slide["labels"], slide["title"]
            assert find_overlaps(slide["labels"], slack=3) == [], slide["title"]

    def test_no_name_lies_below_a_control(self, measured, size):
        hidden = [
            (slide["title"], label[0])
            for region_id in IDS
            for slide in measured(size, region_id)
            for label in slide["labels"]
            for control in slide["controls"]
            if overlap(label[1], control[1]) > 3
        ]
        assert hidden == []


@pytest.fixture
def geodata(tmp_path):
    copy = tmp_path / "geodata"
    shutil.copytree(GEODATA, copy, ignore=shutil.ignore_patterns(".lock", "raw"))
    return copy


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("length", [60, 300])
def test_a_long_title_is_held(geodata, app_with, visit, size, length):
    path = geodata / "council" / "topics.toml"
    text = path.read_text(encoding="utf-8")
    title = ("地域の将来像をともに描き" * 30)[:length]
    path.write_text(text.replace('title = "地下水の保全"', f'title = "{title}"'), encoding="utf-8")
    address = app_with(KUMAGEO_GEODATA=str(geodata))
    made = visit(width=size[0], height=size[1], reduced_motion="reduce")
    slides = measure_deck(made.page, address, "topics=kikuchi_groundwater")
    assert slides[1]["title"] == f"2. {title}"
    check_text(slides, size)


def test_the_measures_can_fail(open_deck):
    deck = open_deck("region=kumamoto", reduced_motion="reduce", width=1280, height=720)
    size = (1280, 720)
    check_text([deck.page.evaluate(MEASURE)], size)
    for change in (
        "document.querySelector('.slide h1').textContent = '長'.repeat(900)",
        "document.querySelector('.figures').style.marginTop = '-80px'",
        "document.querySelector('header .deck').textContent = '長'.repeat(200)",
    ):
        deck.page.reload()
        deck.page.wait_for_selector("#state[data-ready]")
        deck.page.evaluate(change)
        with pytest.raises(AssertionError):
            check_text([deck.page.evaluate(MEASURE)], size)
    deck.page.evaluate("document.querySelector('.sources').style.fontSize = '23px'")
    small = deck.page.evaluate(MEASURE)["small"]
    assert any(size_px == 23 for _, size_px in small)
