"""The state of the page 地域会議 in its address: there and back, and whatever else it may hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.components.council_state import MAX_TOPICS, CouncilState
from pages.components.state import Query

REGIONS, THEMES = ("kikuchi", "aso"), ("roads", "water")
TOPICS = tuple(f"t{number}" for number in range(250))
KNOWN = (REGIONS, THEMES, TOPICS)
EXAMPLES = settings(max_examples=120, deadline=None)
STATES = st.builds(
    CouncilState,
    region_id=st.sampled_from(["", *REGIONS]),
    theme_id=st.sampled_from(["", *THEMES]),
    topic_ids=st.lists(st.sampled_from(TOPICS), unique=True, max_size=8).map(tuple),
)


def read(**values):
    query = Query(values)
    return CouncilState.from_query(query, *KNOWN), query.problems


def test_nothing_asked_is_the_default():
    assert read() == (CouncilState("", "", ()), [])
    assert CouncilState().to_query() == {}


@EXAMPLES
@given(STATES)
def test_a_link_reproduces_the_state(state):
    assert read(**state.to_query()) == (state, [])


def test_topics_keep_the_order_in_which_they_are_asked():
    state, problems = read(topics="t7,t2,t9")
    assert (state.topic_ids, problems) == (("t7", "t2", "t9"), [])
    assert state.to_query() == {"topics": "t7,t2,t9"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("t1,nothing", ("t1",)),
        ("nothing", ()),
        ("t1,t1,t2", ("t1", "t2")),
        ("T1", ()),
        (" t1", ()),
        ("t1;t2", ()),
        ("<script>", ()),
    ],
)
def test_topics_that_are_unknown_or_twice_are_noted(text, ids):
    state, problems = read(topics=text)
    assert state.topic_ids == ids
    assert problems == ["topics"]


@pytest.mark.parametrize("text", ["", ",", ",,,", "t1,", ",t1"])
def test_blanks_between_commas_are_nothing(text):
    state, problems = read(topics=text)
    assert state.topic_ids == (("t1",) if "t1" in text else ())
    assert problems == []


def test_two_hundred_topics_and_one_more():
    state, problems = read(topics=",".join(TOPICS[:200]))
    assert (len(state.topic_ids), problems) == (200, [])
    state, problems = read(topics=",".join(TOPICS[:201]))
    assert state.topic_ids == TOPICS[:200]
    assert problems == ["topics"]
    assert MAX_TOPICS == 200


@pytest.mark.parametrize("name", ["region", "theme"])
@pytest.mark.parametrize("value", ["nowhere", "<script>", "KIKUCHI", " aso", "a" * 10_000, "\x00"])
def test_an_unknown_area_or_theme_is_noted_by_its_name(name, value):
    state, problems = read(**{name: value})
    assert state == CouncilState()
    assert problems == [name]


@EXAMPLES
@given(st.dictionaries(st.sampled_from(["region", "theme", "topics", "x"]), st.text()))
def test_any_text_gives_a_state_that_can_be_linked(values):
    state, problems = read(**values)
    assert set(problems) <= {"region", "theme", "topics"}
    assert read(**state.to_query()) == (state, [])
