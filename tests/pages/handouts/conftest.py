"""Decks made by hand, small maps, and readers of what the files hold."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from pages.handouts.deck import Deck, Figure, MapView, Slide

SOURCE = "総務省「住民基本台帳に基づく人口」2026年1月1日"
KIKUCHI = ("43210", "43216", "43403", "43404")
TITLE_300 = "菊池地域の将来像と課題についての意見交換" * 15
# A rounding of half a point is not an overlap.
ROUNDING_PT = 0.5


@pytest.fixture(scope="session")
def kikuchi():
    return KIKUCHI


@pytest.fixture(scope="session")
def find_extent(data):
    """Return the extent of municipalities in degrees; of all without any."""

    def find(codes=()):
        extents = data.extents.loc[list(codes)] if codes else data.extents
        lows, highs = extents[["minx", "miny"]].min(), extents[["maxx", "maxy"]].max()
        return (*map(float, lows), *map(float, highs))

    return find


@pytest.fixture(scope="session")
def view():
    return MapView("council", (130.7, 32.8, 131.1, 33.1), KIKUCHI)


@pytest.fixture(scope="session")
def make_slide(view):
    """Make a slide of everything, or with other parts."""

    def make(**parts):
        given = {
            "id": "one",
            "title": "菊池地域のすがた",
            "message": "4市町に19万人が住んでいる",
            "figures": (Figure("人口", "192,246人", SOURCE), Figure("面積", "466.6 km²", "2026年")),
            "points": ("会議：2025年2月18日 開催", "構成：菊池市、合志市、大津町、菊陽町"),
            "view": view,
            "link": "https://maps.example.jp/council?region=kikuchi",
            "sources": (SOURCE, "熊本県の資料（令和7年3月）"),
        }
        return Slide(**{**given, **parts})

    return make


@pytest.fixture(scope="session")
def make_deck(make_slide):
    """Make a deck of slides, or of one usual slide."""

    def make(*slides, **parts):
        given = {
            "title": "菊池地域 地域未来創造会議",
            "subtitle": "地域会議",
            "slides": slides or (make_slide(),),
            "link": "https://maps.example.jp/briefing?region=kikuchi",
            "credits": ("「国土数値情報（行政区域データ）」（国土交通省）を加工して作成",),
        }
        return Deck(**{**given, **parts})

    return make


@pytest.fixture(scope="session")
def hostile_deck(make_deck, make_slide):
    """Decks that break careless layouts: long, empty, many, and with texts that mean harm."""
    points = tuple(f"論点{number}：{'交通と医療と農業について' * 3}" for number in range(1, 31))
    figures = tuple(Figure(f"指標{n}", f"{n * 12345:,}人", SOURCE) for n in range(14))
    return make_deck(
        make_slide(title=TITLE_300),
        make_slide(title=TITLE_300 * 4, message=TITLE_300, points=points),
        make_slide(figures=(), points=points),
        make_slide(figures=(), points=(), sources=(), link=""),
        make_slide(view=None, figures=figures, points=()),
        make_slide(view=None, figures=(), points=(), message="", title=""),
        make_slide(view=None, points=points * 4),
        make_slide(figures=(Figure("長い" * 400, "9" * 400, "出典" * 900),)),
        make_slide(points=("途切れない" * 1000, "A" * 2000)),
        make_slide(sources=tuple(f"{SOURCE} その{number}" for number in range(40))),
        make_slide(sources=("出典" * 2000,)),
        make_slide(
            title="<b>太字</b> & =cmd() \x00\x07\u202e $x^2$ {{7*7}}",
            message='=HYPERLINK("http://x") \ud800 &amp; ]]> \ufffe',
            figures=(Figure("<i>値</i>", "=1+1", "&lt;出典&gt;"),),
            points=("-1+cmd|' /C calc'!A0", "@SUM(A1)", "🚗 ạế 𠮷 \u200b", "", "\n\t"),
            link="javascript:alert(1)",
        ),
        title=TITLE_300,
        subtitle=TITLE_300,
        link="https://maps.example.jp/briefing?topics=" + "t" * 3000,
    )


@pytest.fixture(scope="session")
def png():
    """Give a small picture in the proportions of a map."""
    written = io.BytesIO()
    Image.new("RGB", (478, 398), "#77c39d").save(written, "PNG")
    return written.getvalue()


@pytest.fixture(scope="session")
def illustrate(png):
    """Give a picture for each slide that has a view."""

    def list_pictures(deck):
        return [png if slide.view else None for slide in deck.slides]

    return list_pictures


@pytest.fixture(scope="session")
def squeeze():
    """Return a text without blanks: a line may break anywhere."""

    def remove(text):
        return "".join(text.split())

    return remove


@pytest.fixture(scope="session")
def find_overlaps():
    """Return the pairs of boxes (left, top, right, bottom) that overlap, by their names."""

    def find(boxes, tolerance=ROUNDING_PT):
        pairs = []
        for (name, one), (other_name, other) in combinations(boxes, 2):
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            if wide > tolerance and high > tolerance:
                pairs.append((name, other_name))
        return pairs

    return find


@pytest.fixture(scope="session")
def read_pixels():
    """Return a PNG as an array of height, width and colour."""

    def read(content):
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))

    return read


@pytest.fixture(scope="session")
def count_colour(read_pixels):
    """Count the pixels of a colour, given as #rrggbb."""

    def count(content, colour):
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        return int((read_pixels(content) == wanted).all(axis=2).sum())

    return count
