"""The state of the page 渋滞 in its address: there and back, and whatever else it may hold."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumageo.days import DAY_CLASSES
from layers.congestion import MEASURES, PERIODS, SPEED, TrafficChoice
from pages.components.road_state import (
    MAP_NAMES,
    RADII,
    SEMICON,
    CongestionState,
    read_choice,
)
from pages.components.state import Query

STATIONS, CORRIDORS = ("9310130", "9110030"), ("r57", "r325")
NAMES = ("station", "before", "after", "chart", "around", "radius")
USUAL = CongestionState(
    "9310130",
    (dt.date(2026, 5, 25), dt.date(2026, 7, 27)),
    (dt.date(2026, 7, 29), dt.date(2026, 8, 18)),
)
EXAMPLES = settings(max_examples=120, deadline=None)

# A day is counted on from the last one of a period: the year 9999 has no next.
days = st.dates(max_value=dt.date(9998, 12, 31))
spans = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
states = st.builds(
    CongestionState,
    station=st.sampled_from(STATIONS),
    before=spans,
    after=spans,
    chart_day=st.sampled_from(DAY_CLASSES),
    around=st.sampled_from(["", SEMICON, *CORRIDORS]),
    radius_m=st.sampled_from([int(radius) for radius in RADII]),
)
choices = st.builds(
    TrafficChoice,
    hour=st.integers(0, 23),
    day=st.sampled_from(DAY_CLASSES),
    period=st.sampled_from(PERIODS),
    measure=st.sampled_from(MEASURES),
)
queries = st.dictionaries(
    st.sampled_from([*NAMES, *MAP_NAMES, "z", "lon", "lat", "lang", "other"]),
    st.text(max_size=40)
    | st.sampled_from(["9310130", "17", "semicon", "500", "obon", "2026-05-25..2026-05-26", ".."]),
)


def read(values):
    query = Query(values)
    return CongestionState.from_query(query, STATIONS, CORRIDORS, USUAL), query.problems


@EXAMPLES
@given(states)
def test_a_state_survives_its_link(state):
    written = state.to_query(USUAL)
    assert read(written) == (state, [])
    assert set(written) <= set(NAMES)


@EXAMPLES
@given(choices)
def test_what_the_map_shows_survives_its_link(choice):
    query = Query({name: str(value) for name, value in vars(choice).items()})
    assert set(query.values) == set(MAP_NAMES)
    assert (read_choice(query, has_speeds=True), query.problems) == (choice, [])


@EXAMPLES
@given(queries)
def test_no_query_raises_and_what_is_unknown_is_noted(values):
    query = Query(values)
    state = CongestionState.from_query(query, STATIONS, CORRIDORS, USUAL)
    choice = read_choice(query, has_speeds=True)
    assert set(query.problems) <= set(values)
    assert state.station in STATIONS
    assert state.around in {"", SEMICON, *CORRIDORS}
    assert str(state.radius_m) in RADII
    assert state.before[0] <= state.before[1]
    assert 0 <= choice.hour <= 23
    written = state.to_query(USUAL)
    assert read(written)[0].to_query(USUAL) == written


def test_the_usual_writes_an_empty_address():
    assert USUAL.to_query(USUAL) == {}
    assert read({}) == (USUAL, [])
    query = Query({})
    assert read_choice(query, has_speeds=True) == TrafficChoice(17, "weekday", "before", "both")
    assert query.problems == []


def test_a_full_address_by_hand():
    values = {
        "station": "9110030",
        "before": "2026-06-01..2026-06-30",
        "after": "2026-08-03..2026-08-07",
        "chart": "saturday",
        "around": "semicon",
        "radius": "3000",
    }
    state, problems = read(values)
    assert problems == []
    assert state == CongestionState(
        "9110030",
        (dt.date(2026, 6, 1), dt.date(2026, 6, 30)),
        (dt.date(2026, 8, 3), dt.date(2026, 8, 7)),
        "saturday",
        "semicon",
        3000,
    )
    assert state.to_query(USUAL) == values


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"station": "0000000"}, ["station"]),
        ({"station": "９３１０１３０"}, ["station"]),
        ({"before": "garbage"}, ["before"]),
        ({"before": "2026-05-25"}, ["before"]),
        ({"before": "2026-05-25.."}, ["before"]),
        ({"before": "2026-05-25..2026-02-30"}, ["before"]),
        ({"before": "2026-05-25..2026-05-26..2026-05-27"}, ["before"]),
        ({"after": "2026-08-01..2026-07-01"}, ["after"]),  # last day first
        ({"after": "2026-08-01,2026-08-02"}, ["after"]),
        ({"chart": "monday"}, ["chart"]),
        ({"around": "<script>"}, ["around"]),
        ({"around": "r999"}, ["around"]),
        ({"radius": "7"}, ["radius"]),
        ({"radius": "1000.0"}, ["radius"]),
        ({"radius": "-500"}, ["radius"]),
        (dict.fromkeys(NAMES, "{{9**(9**9)}}"), list(NAMES)),
        ({"other": "x", "station": "", "before": "", "around": "", "radius": ""}, []),
    ],
)
def test_what_is_unknown_is_noted_and_the_usual_is_shown(values, problems):
    assert read(values) == (USUAL, problems)


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"hour": "99"}, ["hour"]),
        ({"hour": "24"}, ["hour"]),
        ({"hour": "-1"}, ["hour"]),
        ({"hour": "07"}, ["hour"]),
        ({"hour": "7.0"}, ["hour"]),
        ({"hour": "７"}, ["hour"]),
        ({"day": "sunday"}, ["day"]),
        ({"period": "during"}, ["period"]),
        ({"measure": "beauty"}, ["measure"]),
        (dict.fromkeys(MAP_NAMES, "<b>"), list(MAP_NAMES)),
        ({"hour": "", "day": ""}, []),
    ],
)
def test_what_is_unknown_of_the_map_is_noted(values, problems):
    query = Query(values)
    assert read_choice(query, has_speeds=True) == TrafficChoice()
    assert query.problems == problems


def test_the_last_day_belongs_to_its_period():
    state, _ = read({"before": "2026-06-01..2026-06-01", "after": "2026-07-27..2026-07-28"})
    before, after = state.to_periods()
    assert (before.start, before.end) == (dt.date(2026, 6, 1), dt.date(2026, 6, 2))
    assert not before.spans_break
    assert after.spans_break


def test_the_last_year_of_all_is_noted_and_the_one_before_can_be_asked_for():
    assert read({"before": "2026-05-25..9999-01-01"}) == (USUAL, ["before"])
    assert read({"before": "9999-12-31..9999-12-31"}) == (USUAL, ["before"])
    state, problems = read({"before": "0001-01-01..9998-12-31"})
    assert problems == []
    assert state.to_periods()[0].end == dt.date(9999, 1, 1)


def test_speeds_can_be_asked_for_only_where_some_were_measured():
    asked = {"measure": SPEED}
    query = Query(asked)
    assert read_choice(query, has_speeds=True) == TrafficChoice(measure=SPEED)
    assert query.problems == []
    query = Query(asked)
    assert read_choice(query, has_speeds=False) == TrafficChoice()
    assert query.problems == ["measure"]
    for measure in set(MEASURES) - {SPEED}:
        query = Query({"measure": measure})
        assert read_choice(query, has_speeds=False).measure == measure
        assert query.problems == []
