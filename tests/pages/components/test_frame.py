"""What stands round every page: escaping, downloads, the error boundary."""

from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.frame import escape_markdown

SCRIPT = """
from pages.components.data import get_labels
from pages.components import frame
labels = get_labels("ja")
"""


def run(source):
    return AppTest.from_string(SCRIPT + source, default_timeout=30).run()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("公民館（横手）", "公民館（横手）"),
        ("[a](https://b.example)", r"\[a\]\(https\://b\.example\)"),
        ("*_`~", r"\*\_\`\~"),
        ("<b>", r"\<b\>"),
        ("$x$ :red[y] :smile:", r"\$x\$ \:red\[y\] \:smile\:"),
        ("a\\", "a\\\\"),
        ("# 1. - + !", r"\# 1\. \- \+ \!"),
        ("a|b", r"a\|b"),
    ],
)
def test_markup_of_markdown_is_escaped(text, escaped):
    assert escape_markdown(text) == escaped


@pytest.mark.parametrize("error", ["ValueError('秘密')", "KeyError('秘密')", "OSError('秘密')"])
def test_a_failure_becomes_one_plain_sentence_and_a_record(caplog, error):
    source = f"""
def fail():
    raise {error}
frame.guard_page(fail, labels)
"""
    with caplog.at_level(logging.ERROR):
        app = run(source)
    (shown,) = app.error
    assert shown.value.startswith("画面を表示できませんでした。")
    assert not app.exception
    assert "秘密" not in shown.value
    (record,) = [record for record in caplog.records if record.name == "kumamoto.pages"]
    assert record.exc_info is not None
    assert "秘密" in str(record.exc_info[1])
    assert record.args[0] in shown.value


def test_a_page_that_works_shows_no_error():
    app = run("import streamlit as st\nframe.guard_page(lambda: st.text('ok'), labels)")
    assert not app.error
    assert [text.value for text in app.text] == ["ok"]


def test_problems_are_named_once_in_one_warning():
    app = run("frame.show_problems(['m', 'q', 'm'], labels)\nframe.show_problems([], labels)")
    (warning,) = app.warning
    assert "「m、q」" in warning.value


def test_downloads_carry_the_query_encoded():
    tables = {"evacuation": {"q": "小 学)校](x", "m": "43404"}, "stations": {}}
    app = run(f"frame.show_downloads({tables}, labels)")
    (links,) = app.markdown
    evacuation, stations = links.value.splitlines()
    assert evacuation.startswith("**避難場所の表**")
    assert stations.startswith("**観測点の平日平均**")
    for form in ("csv", "geojson", "xlsx"):
        address = f"(/download/evacuation.{form}?q=%E5%B0%8F+%E5%AD%A6%29%E6%A0%A1%5D%28x&m=43404)"
        assert address in evacuation
        assert f"(/download/stations.{form})" in stations


def test_the_address_keeps_view_and_language():
    source = """
import streamlit as st
frame.keep_link({"m": "43404"})
st.text(str(sorted(st.query_params.to_dict().items())))
"""
    view = {"z": "9", "lon": "130.7", "lat": "32.8"}
    for asked, kept in (
        (view, view),
        ({"z": "9"}, {}),
        ({**view, "lat": "x"}, {}),
        ({**view, "z": "99"}, {}),
        ({}, {}),
    ):
        app = AppTest.from_string(SCRIPT + source, default_timeout=30)
        for name, value in {**asked, "lang": "ja", "m": "43100", "old": "1"}.items():
            app.query_params[name] = value
        app.run()
        assert app.text[0].value == str(sorted({**kept, "lang": "ja", "m": "43404"}.items()))
