"""The state of a page in its address: there and back, and whatever else an address may hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumageo.municipalities import INDICATORS
from kumageo.schemas import HAZARDS
from layers.base import MapView
from pages.components.state import MAX_TEXT, EvacuationState, OverviewState, Query

CODES = ("43100", "43202", "43404")
REGIONS = ("kumamoto", "aso")
FACILITY = "E4310000002201"
KNOWN = {
    OverviewState: (CODES, REGIONS),
    EvacuationState: (CODES, REGIONS, frozenset({FACILITY, "E4310000002202"})),
}
EXAMPLES = settings(max_examples=120, deadline=None)

codes = st.sampled_from(["", *CODES])
regions = st.sampled_from(["", *REGIONS])
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=MAX_TEXT)
degrees = st.tuples(
    st.integers(-180_000_000, 180_000_000), st.integers(-90_000_000, 90_000_000)
).map(lambda pair: (pair[0] / 1e6, pair[1] / 1e6))
overview_states = st.builds(
    OverviewState,
    indicator=st.sampled_from([indicator.id for indicator in INDICATORS]),
    region_id=regions,
    municipality_code=codes,
    compared_code=codes,
)
evacuation_states = st.builds(
    EvacuationState,
    hazards=st.sets(st.sampled_from(HAZARDS)).map(
        lambda chosen: tuple(hazard for hazard in HAZARDS if hazard in chosen)
    ),
    mode=st.sampled_from(["any", "all"]),
    kinds=st.sampled_from([("site", "shelter"), ("site",), ("shelter",)]),
    region_id=regions,
    municipality_code=codes,
    text=words.map(str.strip),
    point=st.none() | degrees,
    include_restricted=st.booleans(),
    facility_id=st.sampled_from(["", FACILITY]),
)
names = st.sampled_from(
    [
        *("indicator", "region", "m", "compare", "hazard", "mode", "kind", "q", "point"),
        *("restricted", "facility", "z", "lon", "lat", "lang", "other"),
    ]
)
queries = st.dictionaries(
    names,
    st.text(max_size=80)
    | st.sampled_from(["43100", "1", "flood,", "shelter", "site,shelter", FACILITY]),
)


def read(kind, values):
    query = Query(values)
    return kind.from_query(query, *KNOWN[kind]), query.problems


@EXAMPLES
@given(overview_states)
def test_an_overview_state_survives_its_link(state):
    assert read(OverviewState, state.to_query()) == (state, [])


@EXAMPLES
@given(evacuation_states)
def test_an_evacuation_state_survives_its_link(state):
    again, problems = read(EvacuationState, state.to_query())
    # shelters are designated for no hazard: alone they are not narrowed by one
    hazards = () if state.kinds == ("shelter",) else state.hazards
    assert (again, problems) == (replace(state, hazards=hazards), [])


@EXAMPLES
@given(queries)
def test_no_query_raises_and_what_is_unknown_is_noted(values):
    for kind in (OverviewState, EvacuationState):
        query = Query(values)
        state = kind.from_query(query, *KNOWN[kind])
        query.read_view()
        assert set(query.problems) <= {*values, "z, lon, lat"}
        assert state.municipality_code in {"", *CODES}
        assert state.region_id in {"", *REGIONS}
        assert getattr(state, "facility_id", "") in {"", FACILITY, "E4310000002202"}
        written = state.to_query()
        assert all(isinstance(value, str) and value for value in written.values())
        assert set(written) <= {
            *("indicator", "region", "m", "compare", "hazard", "mode", "kind", "q", "point"),
            *("restricted", "facility"),
        }


@EXAMPLES
@given(queries)
def test_a_link_that_was_written_anew_stays_as_it_is(values):
    values = {name: value for name, value in values.items() if name != "q"}
    for kind in (OverviewState, EvacuationState):
        state, _ = read(kind, values)
        written = state.to_query()
        assert read(kind, written)[0].to_query() == written


def test_a_text_cut_at_a_space_survives_its_link():
    state, problems = read(EvacuationState, {"q": "あ" * 49 + " い"})
    assert problems == ["q"]
    assert read(EvacuationState, state.to_query())[0] == state


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"m": "99999"}, ["m"]),
        ({"m": "43101"}, ["m"]),  # a ward
        ({"region": "<script>"}, ["region"]),
        ({"hazard": "flood,meteor"}, ["hazard"]),
        ({"hazard": "FLOOD"}, ["hazard"]),
        ({"mode": "some"}, ["mode"]),
        ({"kind": "castle"}, ["kind"]),
        ({"q": "あ" * 51}, ["q"]),
        ({"restricted": "true"}, ["restricted"]),
        ({"point": "32.789,130.741"}, ["point"]),  # swapped: no such latitude
        ({"point": "130.741"}, ["point"]),
        ({"point": "130.741,32.789,0"}, ["point"]),
        ({"point": "nan,inf"}, ["point"]),
        ({"point": "1e2,3e1"}, ["point"]),
        ({"point": "１３０,３２"}, ["point"]),
        ({"point": "181,0"}, ["point"]),
        ({"facility": "E0"}, ["facility"]),
        ({"facility": "e4310000002201"}, ["facility"]),
        ({"facility": "{{9**(9**9)}}"}, ["facility"]),
        ({"kind": "shelter,castle"}, ["kind"]),
        ({"kind": "shelter", "hazard": "meteor"}, ["hazard"]),
        ({"other": "x", "m": "", "hazard": ",,", "q": "  ", "facility": ""}, []),
        ({"m": "99999", "region": "x", "kind": "y"}, ["kind", "region", "m"]),
    ],
)
def test_what_is_unknown_is_noted_and_dropped(values, problems):
    state, found = read(EvacuationState, values)
    assert found == problems
    assert state.to_query() == {
        name: value
        for name, value in {"hazard": "flood", "q": "あ" * 50, "kind": "shelter"}.items()
        if values.get(name, "").startswith((value, "flood,"))
    }


@pytest.mark.parametrize(
    ("kind", "hazards"),
    [
        ("shelter", ()),
        ("site", ("flood", "tsunami")),
        ("site,shelter", ("flood", "tsunami")),
        ("", ("flood", "tsunami")),
    ],
)
def test_shelters_alone_are_narrowed_by_no_hazard(kind, hazards):
    state, problems = read(EvacuationState, {"kind": kind, "hazard": "tsunami,flood"})
    assert problems == []
    assert state.hazards == state.to_filter().hazards == hazards
    assert state.to_query().get("hazard", "") == ",".join(hazards)


def test_the_overview_notes_what_is_unknown():
    state, problems = read(OverviewState, {"indicator": "beauty", "compare": "1", "m": "43100"})
    assert problems == ["indicator", "compare"]
    assert state == OverviewState(municipality_code="43100")


def test_defaults_write_an_empty_address():
    assert OverviewState().to_query() == {}
    assert EvacuationState().to_query() == {}


def test_a_full_address_by_hand():
    values = {
        "hazard": "tsunami,flood",
        "mode": "all",
        "kind": "site",
        "region": "aso",
        "m": "43404",
        "q": " 小学校 ",
        "point": "130.741, 32.789",
        "restricted": "1",
        "facility": "E4310000002201",
    }
    state, problems = read(EvacuationState, values)
    assert problems == []
    assert state == EvacuationState(
        hazards=("flood", "tsunami"),
        mode="all",
        kinds=("site",),
        region_id="aso",
        municipality_code="43404",
        text="小学校",
        point=(130.741, 32.789),
        include_restricted=True,
        facility_id="E4310000002201",
    )
    assert state.to_query() == {
        **values,
        "hazard": "flood,tsunami",
        "q": "小学校",
        "point": "130.741000,32.789000",
    }
    chosen = state.to_filter()
    assert (chosen.hazards, chosen.mode, chosen.kinds) == (("flood", "tsunami"), "all", ("site",))
    assert (chosen.region_id, chosen.municipality_code, chosen.text) == ("aso", "43404", "小学校")


@pytest.mark.parametrize(
    ("values", "view", "problems"),
    [
        ({}, None, []),
        ({"z": "9.25", "lon": "130.72", "lat": "32.62"}, MapView(130.72, 32.62, 9.25), []),
        ({"z": "7", "lon": "-180", "lat": "-90"}, MapView(-180, -90, 7), []),
        ({"z": "18", "lon": "180", "lat": "90"}, MapView(180, 90, 18), []),
        ({"z": "19", "lon": "130", "lat": "32"}, None, ["z, lon, lat"]),
        ({"z": "6.9", "lon": "130", "lat": "32"}, None, ["z, lon, lat"]),
        ({"z": "9", "lon": "32", "lat": "130"}, None, ["z, lon, lat"]),
        ({"z": "9", "lon": "130"}, None, ["z, lon, lat"]),
        ({"z": "9", "lon": "130", "lat": "x"}, None, ["z, lon, lat"]),
    ],
)
def test_the_view(values, view, problems):
    query = Query(values)
    assert query.read_view() == view
    assert query.problems == problems
