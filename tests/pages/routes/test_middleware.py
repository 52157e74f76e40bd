"""Headers of every answer, and Streamlit's index page as readers in Japan need it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.testclient import TestClient

from kumageo.labels import Labels
from kumageo.settings import read_settings
from layers.assets import SCRIPTS, STYLES
from pages.routes.assets import STYLE_URL
from pages.routes.middleware import IndexPage, PublicHeaders, write_policy

TILES = {
    "KUMAGEO_TILES": "https://tiles.example.jp/{z}/{x}/{y}.png",
    "KUMAGEO_TILES_CREDIT": "背景図",
}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
HTML = (
    '<!DOCTYPE html><html lang="en"><head><title>Streamlit</title>'
    '<link\n rel="preload" href="f.woff2" as="font" crossorigin /></head><body>本文</body></html>'
)
MENDED = "くまもと地図ダッシュボード"
TEXTS = Labels("ja", {"app.title": MENDED})
ENGLISH = Labels("en", {"app.title": "Map & more"})


def pieces():
    content = HTML.encode()
    yield from (content[at : at + 7] for at in range(0, len(content), 7))


def packed(_request):
    return PlainTextResponse("x", headers={"content-encoding": "x"})


def answer_echo(request):
    """Show which headers reach the application."""
    return JSONResponse(dict(request.headers))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A fake application of HTML pages under the middleware."""
    page = tmp_path_factory.mktemp("site") / "index.html"
    page.write_text(HTML, encoding="utf-8")
    app = Starlette(
        routes=[
            Route("/", lambda _: HTMLResponse(HTML, headers={"etag": '"x"', "last-modified": "y"})),
            Route("/stream", lambda _: StreamingResponse(pieces(), media_type="text/html")),
            Route("/file", lambda _: FileResponse(page)),
            Route("/text", lambda _: PlainTextResponse(HTML)),
            Route("/json", lambda _: JSONResponse({"title": "<title>Streamlit</title>"})),
            Route("/plain", lambda _: HTMLResponse("<p>Streamlit</p>", status_code=404)),
            Route("/echo", answer_echo, methods=["GET", "POST"]),
            Route("/echo.json", answer_echo),
            Route("/component/x/index.html", lambda _: HTMLResponse(HTML)),
            Route("/empty", lambda _: HTMLResponse("")),
        ]
    )
    return TestClient(IndexPage(app, [TEXTS]))


def directives(policy):
    return dict(part.split(" ", 1) for part in policy.split("; "))


# ---- headers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/data/evacuation_sites.geojson",
        "/data/unknown.geojson",
        "/download/evacuation.csv?m=43404",
        "/download/evacuation.csv?m=99999",
        "/download/evacuation.csv?facility=E0",
        "/data/evacuation_sites.geojson?v=000000000000",
        "/component/streamlit_folium.st_folium/index.html",
        "/nowhere",
        STYLE_URL,
        SCRIPTS[0][1],
    ],
)
def test_every_answer_carries_the_headers(client, path):
    for method in ("GET", "HEAD", "POST"):
        headers = client.request(method, path).headers
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert headers.get_list("referrer-policy") == ["strict-origin-when-cross-origin"]
        (policy,) = headers.get_list("content-security-policy")
        assert directives(policy)["frame-ancestors"] == "'self'"


def test_an_answer_from_the_cache_carries_them_too(client):
    address = "/data/evacuation_sites.geojson"
    known = client.get(address).headers["etag"]
    answer = client.get(address, headers={"if-none-match": known})
    assert answer.status_code == 304
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/data/evacuation_sites.geojson", "/download/evacuation.csv"]
)
def test_a_failure_carries_the_headers_a_plain_sentence_and_a_record(client, geodata, caplog, path):
    (geodata / "processed" / "evacuation_sites" / "published.json").unlink()
    answer = client.get(path)
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert directives(answer.headers["content-security-policy"])["frame-ancestors"] == "'self'"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    number = re.fullmatch(
        "答えを作れませんでした。時間をおいて試してください。"
        "続くときは管理者に記録番号 ([0-9a-f]{8}) をお知らせください。",
        answer.text,
    )[1]
    (record,) = [record for record in caplog.records if record.name == "kumamoto.routes"]
    assert number in record.getMessage()
    assert path in record.getMessage()
    assert record.exc_info is not None


@pytest.mark.parametrize(
    "path", ["/healthz", "/data/evacuation_sites.geojson", "/download/evacuation.csv"]
)
def test_a_failure_tells_nothing_of_the_machine(client, geodata, path):
    (geodata / "processed" / "evacuation_sites" / "published.json").unlink()
    text = client.get(path).text
    for detail in ("Traceback", "kumageo", str(geodata), "published.json"):
        assert detail not in text


@pytest.mark.parametrize(
    ("ancestors", "of_map"),
    [
        ("'none'", "'self'"),
        ("'self'", "'self'"),
        ("'self' https://www.pref.example.jp", "'self' https://www.pref.example.jp"),
        ("https://*.example.jp", "'self' https://*.example.jp"),
        ("*", "'self' *"),
    ],
)
def test_who_may_frame_the_pages_is_a_setting_and_our_page_always_frames_its_map(
    build, ancestors, of_map
):
    framed = TestClient(build({"KUMAGEO_FRAME_ANCESTORS": ancestors}))
    expected = {
        "/healthz": ancestors,
        "/": ancestors,
        "/components": ancestors,
        "/x/component/index.html": ancestors,
        "/component/streamlit_folium.st_folium/index.html": of_map,
        "/component/streamlit_folium.st_folium/static/main.js": of_map,
    }
    for path, who in expected.items():
        (policy,) = framed.get(path).headers.get_list("content-security-policy")
        assert directives(policy)["frame-ancestors"] == who, path


def test_the_map_differs_only_in_who_frames_it():
    settings = read_settings({**TILES, "KUMAGEO_FRAME_ANCESTORS": "'none'"})
    page, of_map = (directives(write_policy(settings, is_map=flag)) for flag in (False, True))
    assert page.pop("frame-ancestors") == "'none'"
    assert of_map.pop("frame-ancestors") == "'self'"
    assert page == of_map


@pytest.mark.parametrize("ancestors", ["'none'", "https://www.pref.example.jp"])
def test_a_failure_is_framed_by_whom_the_setting_names(build, geodata, monkeypatch, ancestors):
    monkeypatch.setenv("KUMAGEO_FRAME_ANCESTORS", ancestors)
    (geodata / "processed" / "evacuation_sites" / "published.json").unlink()
    app = build({"KUMAGEO_FRAME_ANCESTORS": ancestors})
    answer = TestClient(app, raise_server_exceptions=False).get("/healthz")
    assert answer.status_code == 500
    policy = directives(answer.headers["content-security-policy"])
    assert policy["frame-ancestors"] == ancestors


def test_the_policy_allows_nobody_but_us():
    policy = directives(write_policy(read_settings({})))
    assert "http" not in str(policy)
    assert "*" not in str(policy)
    for name in ("default-src", "connect-src", "base-uri", "form-action", "frame-ancestors"):
        assert policy[name] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["script-src"] == "'self' 'unsafe-inline' 'unsafe-eval' blob:"


def test_a_tile_server_that_is_set_may_give_pictures_and_nothing_else():
    policy = directives(write_policy(read_settings(TILES)))
    assert policy["img-src"].split() == ["'self'", "data:", "blob:", "https://tiles.example.jp"]
    assert [name for name, value in policy.items() if "example" in value] == ["img-src"]


def test_websockets_pass_untouched():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["type"], send))

    import asyncio

    async def send(_message):
        pass

    for wrapped in (PublicHeaders(app, "x", "y"), IndexPage(app, [TEXTS])):
        asyncio.run(wrapped({"type": "websocket", "headers": []}, None, send))
    assert seen == [("websocket", send)] * 2


# ---- the index page -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/stream", "/file"])
def test_an_html_page_is_mended(site, path):
    answer = site.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.text.startswith('<!DOCTYPE html><html lang="ja"><head>')
    assert f"<title>{MENDED}</title>" in answer.text
    assert "Streamlit</title>" not in answer.text
    assert 'as="font"' not in answer.text
    assert answer.text.endswith("<body>本文</body></html>")
    assert answer.text.count(f'<link rel="stylesheet" href="{STYLE_URL}">') == 1
    assert answer.text.index(STYLE_URL) < answer.text.index("</head>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "transfer-encoding" not in answer.headers


def test_what_maps_need_is_fetched_beforehand_and_from_us(site):
    text = site.get("/", headers=BROWSER).text
    prefetched = re.findall(r'<link rel="prefetch" href="([^"]+)">', text)
    for _, url in (*SCRIPTS, *STYLES):
        assert url in prefetched
    assert all(url.startswith("/") and not url.startswith("//") for url in prefetched)


def test_a_page_that_changed_is_not_taken_for_the_old_one(site):
    headers = site.get("/", headers=BROWSER).headers
    assert "etag" not in headers
    assert "last-modified" not in headers
    sent = site.get(
        "/echo", headers={**BROWSER, "if-none-match": '"x"', "if-modified-since": "y"}
    ).json()
    assert not sent.keys() & {"if-none-match", "if-modified-since", "accept-encoding"}


@pytest.mark.parametrize("path", ["/text", "/json"])
@pytest.mark.parametrize("headers", [BROWSER, {"accept": "*/*"}])
def test_what_is_no_html_stays_as_it_is(site, path, headers):
    answer = site.get(path, headers=headers)
    assert "<title>Streamlit</title>" in answer.text
    assert MENDED not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_other_requests_keep_their_headers(site):
    kept = {"accept": "application/json", "if-none-match": '"x"', "if-modified-since": "y"}
    for method, path in (("GET", "/echo.json"), ("POST", "/echo")):
        sent = site.request(method, path, headers=kept).json()
        assert kept.items() <= sent.items()
        assert "accept-encoding" in sent


def test_the_page_of_a_component_stays_as_it_is(site):
    answer = site.get("/component/x/index.html", headers=BROWSER)
    assert answer.text == HTML
    assert int(answer.headers["content-length"]) == len(HTML.encode())


def test_status_and_strange_pages_are_kept(site):
    answer = site.get("/plain", headers=BROWSER)
    assert (answer.status_code, answer.text) == (404, "<p>Streamlit</p>")
    assert site.get("/empty", headers=BROWSER).text == ""


@pytest.mark.parametrize("path", ["/", "/stream", "/file"])
def test_head_is_answered(site, path):
    answer = site.head(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_head_does_not_claim_another_length_than_get(site):
    whole = site.get("/file", headers=BROWSER).headers["content-length"]
    assert site.head("/file", headers=BROWSER).headers.get("content-length", whole) == whole


@pytest.mark.parametrize("headers", [{"accept": "*/*"}, {"accept": ""}])
def test_readers_that_take_anything_get_the_mended_page(site, headers):
    assert f"<title>{MENDED}</title>" in site.get("/", headers=headers).text


def test_the_real_index_page_of_streamlit_is_mended():
    app = Starlette(routes=[Route("/", lambda _: FileResponse(INDEX))])
    answer = TestClient(IndexPage(app, [TEXTS])).get("/", headers=BROWSER)
    original = INDEX.read_text(encoding="utf-8")
    assert '<html lang="en">' in original
    assert re.findall(r"<html[^>]*>", answer.text) == ['<html lang="ja">']
    assert re.findall(r"<title>[^<]*</title>", answer.text) == [f"<title>{MENDED}</title>"]
    assert not re.search(r'as="font"', answer.text)
    assert STYLE_URL in answer.text
    assert answer.text.count("</head>") == 1
    scripts = re.findall(r"<script[^>]*src=[^>]*>", original)
    assert scripts
    assert re.findall(r"<script[^>]*src=[^>]*>", answer.text) == scripts
    assert len(gzip.compress(answer.content)) < 20_000


@pytest.mark.parametrize(
    ("query", "language", "title"),
    [
        ("?lang=en", "en", "Map &amp; more"),
        ("?m=43100&lang=en", "en", "Map &amp; more"),
        ("", "ja", MENDED),
        ("?lang=xx", "ja", MENDED),
        ("?lang=%22%3E%3Cscript%3E", "ja", MENDED),
    ],
)
def test_the_index_page_is_in_the_language_asked_for(query, language, title):
    app = Starlette(routes=[Route("/", lambda _: HTMLResponse(HTML))])
    answer = TestClient(IndexPage(app, [TEXTS, ENGLISH])).get(f"/{query}", headers=BROWSER)
    assert f'<html lang="{language}">' in answer.text
    assert f"<title>{title}</title>" in answer.text
