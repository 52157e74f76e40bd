"""The links of the embedded council topics open: the pages know every name and value in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kumageo.council import read_council
from kumageo.council_schema import LAYERS
from kumageo.store import Store
from pages.components.road_state import CongestionState
from pages.components.state import EvacuationState, OverviewState, Query
from pages.components.well_state import GroundwaterState

STORE = Store(Path(__file__).resolve().parents[2] / "geodata")
LINKED = [topic for topic in read_council(STORE).topics if topic.layer]


def read_state(layer, query):
    """Read a query as the page of the layer does; return what the state writes back."""
    municipalities = STORE.load("municipalities")
    known = (set(municipalities["code"]), set(municipalities["region_id"]))
    if layer == "municipalities":
        return OverviewState.from_query(query, *known).to_query()
    if layer == "evacuation":
        return EvacuationState.from_query(query, *known, ()).to_query()
    if layer == "groundwater":
        wells = STORE.load("observation_wells")["id"].tolist()
        return GroundwaterState.from_query(query, *known, wells).to_query()
    corridors = STORE.load("corridors")["id"].tolist()
    usual = CongestionState("", (None, None), (None, None))
    return CongestionState.from_query(query, (), corridors, usual).to_query(usual)


@pytest.mark.parametrize("topic", LINKED, ids=lambda topic: topic.id)
def test_the_page_understands_the_link(topic):
    query = Query(topic.query)
    assert read_state(topic.layer, query) == topic.query
    assert query.problems == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_wrong_link_would_be_noticed(layer):
    name = "around" if layer == "congestion" else "region"
    query = Query({name: "nowhere"})
    read_state(layer, query)
    assert query.problems == [name]
