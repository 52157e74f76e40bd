"""The state of the page 地下水 in its address: there and back, and whatever else it may hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.components.state import Query
from pages.components.well_state import MAX_COMPARED, PARTS, GroundwaterState

CODES, REGIONS = ("43100", "43404"), ("kumamoto", "kikuchi")
WELLS = tuple(f"w{number:03}" for number in range(1, 9))
NAMES = ("region", "m", "well", "compared", "part")
EXAMPLES = settings(max_examples=120, deadline=None)

states = st.builds(
    GroundwaterState,
    region_id=st.sampled_from(["", *REGIONS]),
    municipality_code=st.sampled_from(["", *CODES]),
    well_id=st.sampled_from(["", *WELLS]),
    compared=st.sets(st.sampled_from(WELLS), max_size=MAX_COMPARED).map(sorted).map(tuple),
    part=st.sampled_from(PARTS),
)
queries = st.dictionaries(
    st.sampled_from([*NAMES, "z", "lon", "lat", "lang", "other"]),
    st.text(max_size=40) | st.sampled_from(["w001", "w001,w002", ",,w008", "quality", "43100"]),
)


def read(values):
    query = Query(values)
    return GroundwaterState.from_query(query, CODES, REGIONS, WELLS), query.problems


@EXAMPLES
@given(states)
def test_a_state_survives_its_link(state):
    written = state.to_query()
    assert read(written) == (state, [])
    assert set(written) <= set(NAMES)


@EXAMPLES
@given(queries)
def test_no_query_raises_and_what_is_unknown_is_noted(values):
    state, problems = read(values)
    assert set(problems) <= set(values)
    assert state.well_id in {"", *WELLS}
    assert set(state.compared) <= set(WELLS)
    assert len(state.compared) <= MAX_COMPARED
    assert state.part in PARTS
    assert read(state.to_query()) == (state, [])


def test_the_usual_writes_an_empty_address():
    assert GroundwaterState().to_query() == {}
    assert read({}) == (GroundwaterState(), [])
    assert GroundwaterState().part == "list"


def test_a_full_address_by_hand():
    values = {
        "region": "kikuchi",
        "m": "43404",
        "well": "w003",
        "compared": "w001,w005",
        "part": "quality",
    }
    state, problems = read(values)
    assert problems == []
    assert state == GroundwaterState("kikuchi", "43404", "w003", ("w001", "w005"), "quality")
    assert state.to_query() == values


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"region": "tokyo"}, ["region"]),
        ({"m": "13101"}, ["m"]),
        ({"well": "w999"}, ["well"]),
        ({"well": "W001"}, ["well"]),
        ({"well": "ｗ００１"}, ["well"]),
        ({"well": "w001,w002"}, ["well"]),
        ({"compared": "w999"}, ["compared"]),
        ({"compared": "<script>"}, ["compared"]),
        ({"part": "all"}, ["part"]),
        (dict.fromkeys(NAMES, "{{9**(9**9)}}"), ["compared", "region", "m", "well", "part"]),
        ({"other": "x", "well": "", "compared": ",", "part": ""}, []),
    ],
)
def test_what_is_unknown_is_noted_and_the_usual_is_shown(values, problems):
    assert read(values) == (GroundwaterState(), problems)


def test_wells_to_compare_stand_in_their_order_and_once():
    state, problems = read({"compared": "w005,w001,w005,,w003"})
    assert (state.compared, problems) == (("w001", "w003", "w005"), [])


def test_what_is_known_among_the_unknown_is_kept():
    state, problems = read({"compared": "w005,w999,w001"})
    assert (state.compared, problems) == (("w001", "w005"), ["compared"])


def test_of_too_many_wells_the_first_are_compared_and_it_is_noted():
    assert MAX_COMPARED == 4
    four, problems = read({"compared": ",".join(WELLS[:4])})
    assert (four.compared, problems) == (WELLS[:4], [])
    five, problems = read({"compared": ",".join(WELLS[:5])})
    assert (five.compared, problems) == (WELLS[:4], ["compared"])
