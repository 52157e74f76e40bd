"""The feed of notices: what RFC 4287 requires, stable ids, and nothing from simulated readings."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest

ATOM = "{http://www.w3.org/2005/Atom}"
URL = "/feed/groundwater.atom"
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}:groundwater(/[!-~]+)?")


@pytest.fixture
def fetch(client):
    def get():
        answer = client.get(URL)
        assert answer.status_code == 200
        return ET.fromstring(answer.content)  # noqa: S314 - ours

    return get


def check_required(feed):
    """Check what RFC 4287 says of feeds (4.1.1) and entries (4.1.2), and of dates (3.3)."""
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "ja"
    entries = feed.findall(f"{ATOM}entry")
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1
    for one in (feed, *entries):
        for name in ("id", "title", "updated"):
            (element,) = one.findall(f"{ATOM}{name}")
            assert element.text.strip()
        assert TAG.fullmatch(one.find(f"{ATOM}id").text)
        moment = one.find(f"{ATOM}updated").text
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00", moment)
        assert dt.datetime.fromisoformat(moment).tzinfo
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://testserver/feed/groundwater.atom",
        "alternate": "http://testserver/groundwater",
    }
    for entry in entries:  # without content there must be a link to what it is about
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("rel") == "alternate"
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    return entries


class TestMeasured:
    @pytest.fixture(autouse=True)
    def _use(self, use_readings):
        pass

    def test_what_the_standard_requires(self, fetch):
        entries = check_required(fetch())
        assert len(entries) >= 2

    def test_the_lines_are_those_of_the_page(self, fetch, visit):
        titles = [entry.find(f"{ATOM}title").text for entry in check_required(fetch())]
        said = " ".join(titles)
        assert "水前寺：水位が、同じ月の過去の値と比べてとても高くなっています" in said
        assert "田迎【深】：水位が、同じ月の過去の値と比べてとても低くなっています" in said
        page = visit("groundwater")
        text = re.sub(r"\\(.)", r"\1", page.text)
        assert all(f"- {title}" in text for title in titles)
        assert "/feed/groundwater.atom" in text

    def test_an_entry(self, fetch):
        entries = check_required(fetch())
        (entry,) = [e for e in entries if "/w001/much-above/" in e.find(f"{ATOM}id").text]
        month = dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=9))).date().replace(day=1)
        assert entry.find(f"{ATOM}id").text == (
            f"tag:dashboard.example.jp,2026:groundwater/w001/much-above/much_above/{month}"
        )
        assert entry.find(f"{ATOM}updated").text == f"{month}T00:00:00+09:00"
        link = entry.find(f"{ATOM}link")
        assert link.get("href") == "http://testserver/groundwater?well=w001"

    def test_it_is_kept_by_its_etag(self, client):
        first = client.get(URL)
        assert first.headers["content-type"].startswith("application/atom+xml")
        assert first.headers["cache-control"] == "public, max-age=300"
        assert "set-cookie" not in first.headers
        again = client.get(URL, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(URL).content == first.content
        assert client.head(URL).status_code == 200

    def test_what_stands_in_a_name_is_no_markup(self, client, monkeypatch):
        from pages.routes import feed

        lines = ["<b>&amp;\x0b]]>"] * 100
        monkeypatch.setattr(feed, "write_notices", lambda shown, *_: lines[: len(shown)])
        titles = [e.text for e in ET.fromstring(client.get(URL).content).iter(f"{ATOM}title")]  # noqa: S314
        assert titles[1] == "<b>&amp;]]>"


class TestOther:
    def test_no_readings_are_an_empty_feed(self, fetch):
        assert check_required(fetch()) == []

    def test_simulated_readings_give_no_notice(self, fetch, use_demo, visit):
        feed = fetch()
        assert check_required(feed) == []
        assert feed.find(f"{ATOM}subtitle").text.startswith("模擬データを表示しているため")
        text = visit("groundwater").text
        assert "お知らせ" in text
        assert "/feed/groundwater.atom" not in text
        for line in re.findall(r"^- .*なっています.*$", text, re.MULTILINE):
            assert line.startswith("- 【模擬データ】")

    def test_wrong_rules_are_no_empty_feed(self, client, geodata, use_readings, visit, caplog):
        (geodata / "notices.toml").write_text("[[rule]]\n", encoding="utf-8")
        answer = client.get(URL)
        assert (answer.status_code, answer.text) == (503, "いまはお知らせを出せません。")
        assert answer.headers["retry-after"] == "300"
        assert "no notices: notices.toml" in caplog.text
        page = visit("groundwater")
        assert "いまはお知らせを出せません。" in page.text
        assert not page.app.error

    def test_rules_are_read_anew(self, client, geodata, use_readings):
        assert b"<entry>" in client.get(URL).content
        path = geodata / "notices.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: text.index("\n[[rule]]")], encoding="utf-8")
        assert b"<entry>" not in client.get(URL).content

    def test_a_store_that_can_not_be_read(self, client, tmp_path):
        from pages.components import data as page_data

        (tmp_path / "readings.sqlite3").write_bytes(b"no store" * 1000)
        assert client.get(URL).status_code == 503
        page_data._keep_failures.clear()
