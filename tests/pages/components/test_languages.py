"""The reader's language: from the address, offered as links, kept from page to page."""

from __future__ import annotations

import re

import pytest

from kumageo.labels import LOCALES

TITLES = {"ja": "概要", "easy": "全体", "en": "Overview", "zh-TW": "概要", "vi": "Tổng quan"}


def list_links(page):
    (html,) = [one.proto.body for one in page.app.get("html") if "kg-languages" in one.proto.body]
    return re.findall(r'hreflang="([^"]+)" href="([^"]*)"', html), html


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_is_in_the_language_of_the_address(visit, language):
    page = visit("main", {"lang": language})
    assert not page.app.exception
    assert page.app.title[0].value.startswith(TITLES[language])
    assert page.warnings == []


def test_without_a_language_it_is_japanese_and_the_address_stays(visit):
    page = visit("main")
    assert page.app.title[0].value == "概要"
    assert "lang" not in page.query


@pytest.mark.parametrize("language", ["xx", "../../etc", "<script>"])
def test_an_unknown_language_is_said_and_not_repeated(visit, language):
    page = visit("main", {"lang": language})
    assert page.app.title[0].value == "概要"
    assert len(page.warnings) == 1
    assert language not in page.text


def test_the_links_keep_the_state(visit):
    links, html = list_links(visit("main", {"m": "43404", "lang": "en"}))
    assert links == [
        ("ja", "?m=43404"),
        ("ja", "?m=43404&amp;lang=easy"),
        ("zh-Hant-TW", "?m=43404&amp;lang=zh-TW"),
        ("vi", "?m=43404&amp;lang=vi"),
    ]
    assert '<strong lang="en" aria-current="true">English</strong>' in html


def test_the_session_keeps_the_language_when_a_page_drops_the_query(visit):
    page = visit("main", {"lang": "vi"})
    page.app.query_params.clear()
    page.run()
    assert page.app.title[0].value == "Tổng quan"
    assert page.query["lang"] == "vi"
