"""Furigana as HTML: from the notation to ruby, and nothing else becomes markup."""

from __future__ import annotations

import pytest

from layers.ruby import draw_ruby

RUBY = "<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("地図", "地図"),
        ("｜地図《ちず》", "<ruby>地図<rp>（</rp><rt>ちず</rt><rp>）</rp></ruby>"),
        (
            "｜地図《ちず》を ｜見《み》る",
            RUBY.format("地図", "ちず") + "を " + RUBY.format("見", "み") + "る",
        ),
        ("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"),
        ("｜<i>《<b>》", "<ruby>&lt;i&gt;<rp>（</rp><rt>&lt;b&gt;</rt><rp>）</rp></ruby>"),
        ("｜地図ちず》", "｜地図ちず》"),
        ("{0}", "{0}"),
        ("｜{0}《{1}》", "<ruby>{0}<rp>（</rp><rt>{1}</rt><rp>）</rp></ruby>"),
    ],
)
def test_a_text_is_drawn(text, html):
    assert str(draw_ruby(text)) == html
    assert hasattr(draw_ruby(text), "__html__")
