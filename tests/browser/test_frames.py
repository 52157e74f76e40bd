"""Who may show the dashboard in a frame, and tiles that an administrator set."""


def frame_text(browser, outside_page, app):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{outside_page}/?{app}/healthz")
    page.wait_for_timeout(800)
    texts = [frame.evaluate("document.body?.innerText || ''") for frame in page.frames[1:]]
    context.close()
    return texts[0] if texts else ""


def test_another_origin_is_refused(browser, app, outside_page):
    assert "evacuation_sites" not in frame_text(browser, outside_page, app)


def test_an_origin_that_is_set_is_let_in(browser, outside_page, app_with):
    address = app_with(KUMAGEO_FRAME_ANCESTORS=f"'self' {outside_page}")
    assert "evacuation_sites" in frame_text(browser, outside_page, address)


def test_the_map_is_drawn_in_a_frame_of_another_origin_and_without_one(
    browser, visit, outside_page, app_with
):
    # 'self' is not among the sites that are set; the map's own frame must work all the same
    address = app_with(KUMAGEO_FRAME_ANCESTORS=outside_page)
    visit(address=address).open("/")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{outside_page}/?{address}/evacuation")
    dashboard = page.frame_locator("iframe").first
    inner = dashboard.frame_locator('iframe[title^="streamlit_folium"]')
    inner.locator(".leaflet-container[data-points]").wait_for(timeout=30_000)
    context.close()


def test_tiles_are_offered_with_their_credit_and_asked_for_only_when_chosen(visit, app_with):
    address = app_with(
        KUMAGEO_TILES="http://127.0.0.1:9/tiles/{z}/{x}/{y}.png", KUMAGEO_TILES_CREDIT="庁内タイル"
    )
    page = visit(address=address).open("/")
    assert page.map.locator(".kg-credits").get_by_text("庁内タイル").is_visible()
    assert not [url for url in page.requests if "/tiles/" in url]
    page.map.locator(".leaflet-control-layers").get_by_text("庁内タイル").click()
    page.page.wait_for_timeout(500)
    assert [url for url in page.requests if "/tiles/" in url]
