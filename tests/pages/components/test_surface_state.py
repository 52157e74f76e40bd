"""The state of the part 水位の面 in the address: there and back, and whatever else it may hold."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumageo.interpolation import METHODS
from kumageo.well_levels import MARKS
from pages.components.state import Query
from pages.components.surface_state import SurfaceState
from pages.components.well_state import GroundwaterState

DAYS = (dt.date(2015, 1, 1), dt.date(2026, 1, 10))
NAMES = ("surface", "on", "method", "minus", "at")
EXAMPLES = settings(max_examples=120, deadline=None)

states = st.builds(
    SurfaceState,
    mark=st.sampled_from(["", *MARKS]),
    day=st.none() | st.dates(*DAYS),
    method=st.sampled_from(METHODS),
    minus=st.none() | st.dates(*DAYS),
    point=st.none() | st.just((130.741667, 32.789444)),
)


def read(values, days=DAYS):
    query = Query(values)
    return SurfaceState.from_query(query, days), query.problems


@EXAMPLES
@given(states)
def test_a_state_survives_its_link(state):
    assert read(state.to_query()) == (state, [])
    assert set(state.to_query()) <= set(NAMES)


@EXAMPLES
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_no_query_raises_and_what_is_unknown_is_noted(values):
    state, problems = read(values)
    assert set(problems) <= set(values)
    assert read(state.to_query()) == (state, [])


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"surface": "浅"}, ["surface"]),
        ({"method": "tin"}, ["method"]),
        ({"on": "2014-12-31"}, ["on"]),
        ({"on": "2026-1-1"}, ["on"]),
        ({"minus": "2026-01-11"}, ["minus"]),
        ({"at": "130.7"}, ["at"]),
        ({"surface": "deep", "on": "2026-01-10", "method": "kriging"}, []),
    ],
)
def test_what_is_unknown_is_named(values, problems):
    assert read(values)[1] == problems


def test_without_readings_no_day_is_known():
    assert read({"on": "2026-01-10"}, None) == (SurfaceState(), ["on"])


def test_the_page_keeps_it_in_the_link_while_the_part_is_shown():
    surface = SurfaceState("deep", dt.date(2026, 1, 10))
    shown = GroundwaterState(part="surface", surface=surface).to_query()
    assert shown == {"part": "surface", "surface": "deep", "on": "2026-01-10"}
    assert GroundwaterState(part="facts", surface=surface).to_query() == {"part": "facts"}
