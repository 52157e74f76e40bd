"""What a query of an embed may hold, and what is refused."""

from __future__ import annotations

import pytest

from layers.embed.query import (
    MAX_QUERY_BYTES,
    UNNAMED,
    Parameter,
    find_problems,
    list_common,
    read_language,
)

LANGUAGES = ("ja", "easy", "en", "zh-TW", "vi")
PARAMETERS = (
    *list_common(LANGUAGES),
    Parameter("m", "one", ("43100", "43202")),
    Parameter("hazard", "many", ("flood", "landslide", "volcano")),
    Parameter("q", "text"),
    Parameter("point", "point"),
    Parameter("facility", "id", frozenset({"E1", "E2"})),
)


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"&",
        b"m=43100",
        b"m=",
        b"m=43100&hazard=flood,volcano&lang=zh-TW",
        b"hazard=volcano%2Cflood",
        b"z=9.25&lon=130.7&lat=-0.5",
        b"z=&lon=&lat=",
        b"q=%E5%B0%8F%E5%AD%A6%E6%A0%A1",
        b"q=a+b",
        "q={}".format("%E5%B0%8F" * 50).encode(),
        b"point=130.741,32.789",
        b"facility=E2",
    ],
)
def test_good_queries(query):
    assert find_problems(query, PARAMETERS) == []


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        (b"m=99999", ["m"]),
        (b"m=43100&m=43100", ["m"]),
        (b"m=43100&m=", ["m"]),
        (b"m=%2e%2e", ["m"]),
        (b"m=43100%00", ["m"]),
        (b"m=43100%0d%0aSet-Cookie:%20a=b", ["m"]),
        (b"m=%4", ["m"]),
        (b"m=%zz", ["m"]),
        (b"m=%ff%fe", ["m"]),
        (b"m=\xe5\xb0\x8f", ["m"]),
        (b"m=<script>", ["m"]),
        (b"m= 43100", ["m"]),
        (b"hazard=flood,fire", ["hazard"]),
        (b"hazard=flood,,volcano", ["hazard"]),
        (b"hazard=flood,flood", ["hazard"]),
        (b"lang=../../etc", ["lang"]),
        (b"lang=JA", ["lang"]),
        (b"z=9", ["z"]),
        (b"lon=130&lat=32", ["lon", "lat"]),
        (b"z=6&lon=130&lat=32", ["z"]),
        (b"z=19&lon=130&lat=32", ["z"]),
        (b"z=9&lon=181&lat=32", ["lon"]),
        (b"z=9&lon=130&lat=91", ["lat"]),
        (b"z=nan&lon=130&lat=32", ["z"]),
        (b"z=9e0&lon=130&lat=32", ["z"]),
        ("z=９&lon=130&lat=32".encode(), ["z", "lon", "lat"]),
        (b"point=130.741", ["point"]),
        (b"point=130.741,32.789,1", ["point"]),
        (b"point=130.741,95", ["point"]),
        ("q={}".format("a" * 51).encode(), ["q"]),
        (b"q=a%0Ab", ["q"]),
        (b"facility=E3", ["facility"]),
        (b"unknown=1", ["unknown"]),
        (b"M=43100", ["M"]),
        (b"m%00=1", [UNNAMED]),
        (b"<script>=1", [UNNAMED]),
        (b"%3Cscript%3E=1", [UNNAMED]),
        (b"=1", [UNNAMED]),
        (b"x" * 41, [UNNAMED]),
        (b"a=1&b=2&a=3", ["a", "b"]),
    ],
)
def test_bad_queries_name_what_is_wrong(query, problems):
    assert find_problems(query, PARAMETERS) == problems


def test_a_long_query_is_not_even_read():
    fits = b"q=" + b"a" * 10 + b"&" * (MAX_QUERY_BYTES - 12)
    assert len(fits) == MAX_QUERY_BYTES
    assert find_problems(fits, PARAMETERS) == []
    assert find_problems(fits + b"&", PARAMETERS) == [UNNAMED]
    assert find_problems(b"m=43100&" * 20_000, PARAMETERS) == [UNNAMED]


@pytest.mark.parametrize(
    ("query", "language"),
    [
        (b"", "ja"),
        (b"lang=vi", "vi"),
        (b"m=1&lang=zh-TW", "zh-TW"),
        (b"lang=xx", "ja"),
        (b"lang=vi&lang=en", "ja"),
        (b"lang=%76i", "ja"),
        (b"xlang=vi", "ja"),
        (b"a" * 5_000 + b"&lang=vi", "ja"),
    ],
)
def test_the_language_of_an_answer(query, language):
    assert read_language(query, LANGUAGES) == language


def test_the_browser_is_told_what_it_must_know():
    told = {one.name: one.to_option() for one in PARAMETERS}
    assert told["m"] == {"name": "m", "kind": "one", "known": ["43100", "43202"], "limits": [0, 0]}
    assert told["facility"]["known"] == []
    assert told["z"]["limits"] == [7, 18]
