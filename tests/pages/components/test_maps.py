"""The maps of the pages: whose data is drawn is credited on the map itself."""

from __future__ import annotations


def read_credits(page):
    """Return the credits that the drawn group adds to those of its map."""
    return "".join(credit["text"] for credit in page.map_calls()["addCredits"]["credits"])


def test_what_lies_in_a_buffer_is_credited_on_the_map(visit):
    page = visit("congestion", {"around": "semicon", "radius": "3000"})
    drawn = {place["kind"] for place in page.map_calls()["addBuffer"]["places"]}
    assert {"site", "shelter"} <= drawn
    named = read_credits(page)
    for title in ("指定緊急避難場所", "指定避難所", "地下水位観測地点", "総務省"):
        assert title in named


def test_no_buffer_no_further_credits(visit):
    assert read_credits(visit("congestion", {})) == ""
