"""Furigana in HTML: texts in the notation ｜漢字《かんじ》 as ruby, everything escaped."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from kumageo.labels import split_ruby

# Browsers without ruby show the reading in brackets, as any other widget does.
_RUBY: Final = Markup("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>")


def draw_ruby(text: str) -> Markup:
    """Return a text as HTML, its readings above their words.

    Parameters
    ----------
    text
        May hold the notation of furigana; nothing in it becomes markup.
    """
    parts = [
        _RUBY.format(part, reading) if reading else Markup.escape(part)
        for part, reading in split_ruby(text)
    ]
    return Markup("").join(parts)
