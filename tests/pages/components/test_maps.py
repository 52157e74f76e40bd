"""The maps of the pages: whose data is drawn is credited on the map itself."""

from __future__ import annotations

import json
import re

import pytest


def read_credits(page):
    """Return the credits below the map, as the map's own script is given them."""
    script = page.map_arguments["script"]
    (found,) = re.finditer(r"kumageo\.furnish\(\w+, ", script)
    options, _ = json.JSONDecoder().raw_decode(script, found.end())
    return [credit["text"] for credit in options["credits"]]


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="they are named below the page only")
def test_what_lies_in_a_buffer_is_credited_on_the_map(visit):
    page = visit("congestion", {"around": "semicon", "radius": "3000"})
    drawn = {place["kind"] for place in page.map_calls()["addBuffer"]["places"]}
    named = "".join(read_credits(page))
    if not {"site", "shelter"} <= drawn or "国土交通省API機能による交通量" not in named:
        pytest.fail("another map than was meant")
    assert "指定緊急避難場所" in named
    assert "指定避難所" in named
