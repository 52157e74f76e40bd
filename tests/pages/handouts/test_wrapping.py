"""Lines of Japanese text, counted in letters of width 1 (half for Latin letters)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.handouts.fonts import measure_text
from pages.handouts.wrapping import fit_text, shorten_text, wrap_text


def measure(text):
    return sum(0.5 if letter.isascii() else 1.0 for letter in text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("あいうえお", 5, ["あいうえお"]),
        ("あいうえおか", 5, ["あいうえお", "か"]),
        # no 、 or 」 at the beginning of a line
        ("あいうえお、か", 5, ["あいうえ", "お、か"]),
        ("あいうえ」。か", 5, ["あいう", "え」。か"]),
        # no 「 at the end of one
        ("あいうえ「お」", 5, ["あいうえ", "「お」"]),
        # numbers and words stay whole
        ("人口は192,246人", 5, ["人口は", "192,246人"]),
        ("one two three", 4, ["one two ", "three"]),
        # a word longer than the line breaks anywhere
        ("https://a.jp/bcdef", 4, ["https://", "a.jp/bcd", "ef"]),
        ("、、、、、、、", 3, ["、、、", "、、、", "、"]),
    ],
)
def test_lines(text, width, lines):
    assert wrap_text(text, width, measure) == lines


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="あ漢、。「」(ab1, /.ー", max_size=60), st.integers(2, 12))
def test_nothing_is_lost_and_no_line_is_too_long(text, width):
    lines = wrap_text(text, width, measure)
    assert "".join(lines) == text
    assert all(measure(line.rstrip()) <= width for line in lines)


def test_a_title_shrinks_until_two_lines_are_enough():
    assert fit_text("あ" * 10, 240, (24, 12), 2, measure)[0] == 24
    assert fit_text("あ" * 24, 240, (24, 12), 2, measure)[0] == 20  # 12 letters a line
    size, lines = fit_text("あ" * 300, 240, (24, 12), 2, measure)
    assert (size, len(lines)) == (12, 15)


def test_a_text_is_cut_with_an_ellipsis():
    assert shorten_text("あいうえお", 5, measure) == "あいうえお"
    assert shorten_text("あいうえお", 4, measure) == "あいう…"
    assert shorten_text("あいうえお", 0.5, measure) == "…"


def test_widths_are_those_of_the_typeface():
    assert measure_text("あ漢") == 2.0
    assert 0.3 < measure_text("1") < 0.7
    assert measure_text("") == 0
