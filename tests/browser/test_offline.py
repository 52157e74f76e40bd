"""No page asks any other host for anything, whatever a visitor does there."""

import urllib.request

import pytest


def walk_overview(page):
    page.open("/?m=43404&compare=43216")
    page.settle()
    page.page.get_by_text("表で見る").click()
    page.page.get_by_test_id("stDataFrame").last.wait_for()
    page.page.get_by_role("combobox", name="色分けする指標").click()
    page.page.get_by_role("combobox", name="色分けする指標").press_sequentially("データ連携")
    page.page.get_by_role("option", name="くまもとデータ連携基盤への参加").click()
    page.page.get_by_text("に当てはまるのは").wait_for()
    page.map.locator(".leaflet-control-zoom-in").click()
    page.map.locator(".leaflet-container").click(position={"x": 200, "y": 200})
    page.settle()


def walk_evacuation(page):
    page.open("/evacuation?point=130.82,32.88")
    page.settle()
    page.page.get_by_role("button", name="洪水").click()
    page.settle()
    page.page.get_by_text("一覧を表で見る").click()
    page.page.get_by_test_id("stDataFrame").wait_for()
    page.page.get_by_text("登録した市町村の区域の外にある施設").click()
    page.page.get_by_text("登録した市町村と、座標が指す場所の市町村が食い違う").wait_for()
    page.page.get_by_label("名前・住所で探す").fill("小学校")
    page.page.get_by_label("名前・住所で探す").press("Enter")
    page.page.get_by_text("「小学校」を名前か住所に含む").wait_for()
    page.map.locator(".leaflet-container").click(position={"x": 200, "y": 200})
    page.settle()


@pytest.mark.parametrize("walk", [walk_overview, walk_evacuation])
def test_no_request_leaves_the_machine(visit, walk):
    page = visit()
    walk(page)
    assert any("/data/" in url for url in page.requests)
    assert any(url.startswith("ws://") for url in page.requests)
    assert page.outside == []
    assert page.errors == []


def test_the_recorder_sees_a_request_that_leaves(visit):
    page = visit()
    page.page.route("http://example.invalid/**", lambda route: route.fulfill(body=""))
    page.page.goto("about:blank")
    page.page.set_content('<img src="http://example.invalid/dot.png">')
    page.page.wait_for_timeout(300)
    assert page.outside == ["http://example.invalid/dot.png"]


def test_the_browser_itself_refuses_other_hosts(visit):
    page = visit().open("/")
    refused = page.page.evaluate(
        "fetch('http://127.0.0.2:9/').then(() => 'went', error => error.message)"
    )
    assert refused != "went"
    assert any("Content Security Policy" in error for error in page.errors)


def test_headers_of_the_running_app(app):
    for path in ("/", "/evacuation", "/healthz", "/data/evacuation_sites.geojson", "/nothing.png"):
        request = urllib.request.Request(app + path, headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"]
