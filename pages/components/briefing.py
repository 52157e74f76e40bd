"""What a briefing says of chosen areas and topics, slide by slide."""

from __future__ import annotations

import pandas as pd

from kumageo.council import find_area, select_topics
from kumageo.council_records import Area, Topic
from kumageo.facilities import KINDS, SITE, FacilityFilter, select_facilities
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from layers.content import PageData
from layers.councils import Councils, list_places
from pages.components.council_panels import write_evidence_link
from pages.components.council_state import CouncilState
from pages.components.council_tables import name_source
from pages.components.state import write_address
from pages.components.words import name_places, name_region, write_day
from pages.handouts.deck import Deck, Figure, MapView, Slide

COUNCIL = "council"


def build_deck(state: CouncilState, data: PageData, councils: Councils, labels: Labels) -> Deck:
    """Return the slides of the chosen topics, each area with a slide of its own before them."""
    topics = _list_topics(state, councils)
    slides: list[Slide] = []
    region_ids: list[str] = []
    first = [state.region_id] if state.region_id else []
    for region_id, topic in [*((one, None) for one in first), *((t.region_id, t) for t in topics)]:
        area = find_area(councils.council, region_id)
        if region_id not in region_ids:
            region_ids.append(region_id)
            slides.append(_describe_area(area, data, councils, labels))
            if not select_topics(councils.council, region_id):
                slides.append(_describe_silence(area, data, councils, labels))
        if topic is not None:
            slides.append(_describe_topic(topic, area, data, councils, labels))
    names = labels.pair(
        name_region(find_area(councils.council, one).name, labels) for one in region_ids
    )
    query = {name: value for name, value in state.to_query().items() if name != "theme"}
    datasets = data.list_datasets(("municipal_boundaries", "municipalities", "background_land"))
    return Deck(
        title=labels("briefing.title", names=names),
        subtitle=labels("council.title"),
        slides=tuple(slides),
        link=write_address("/briefing", query, labels),
        credits=tuple(dataset.processed_statement for dataset in datasets),
    )


def _list_topics(state: CouncilState, councils: Councils) -> tuple[Topic, ...]:
    if not state.topic_ids:
        return select_topics(councils.council, state.region_id, "")
    by_id = {topic.id: topic for topic in councils.council.topics}
    return tuple(by_id[topic_id] for topic_id in state.topic_ids)


def _find_extent(region_id: str, data: PageData) -> tuple[float, float, float, float]:
    codes = data.profiles.index[data.profiles["region_id"] == region_id]
    extents = data.extents.loc[codes]
    lon_min, lat_min = extents[["minx", "miny"]].min()
    lon_max, lat_max = extents[["maxx", "maxy"]].max()
    return float(lon_min), float(lat_min), float(lon_max), float(lat_max)


def _view_area(area: Area, data: PageData) -> MapView:
    return MapView(COUNCIL, _find_extent(area.id, data), area.municipality_codes)


def _describe_area(area: Area, data: PageData, councils: Councils, labels: Labels) -> Slide:
    row = councils.profiles.loc[area.id]
    people = _name_dataset("municipalities", data, labels)
    sites = _name_dataset("evacuation_sites", data, labels)
    residents = labels("council.persons", n=int(row["population"]))
    figures = (
        Figure(labels("council.population"), residents, people),
        Figure(labels("council.area_km2"), labels("council.km2", n=row["area_km2"]), people),
        Figure(labels("council.n_sites"), labels("briefing.places", n=int(row["n_sites"])), sites),
    )
    meetings = [one for one in councils.council.meetings if one.region_id == area.id]
    points = [
        labels(
            f"briefing.meeting_{meeting.state}",
            date=meeting.date or labels("fact.no_date"),
        )
        for meeting in meetings
    ]
    places = name_places(data, labels)
    names = labels.join(places[code] for code in area.municipality_codes)
    return Slide(
        id=f"area-{area.id}",
        title=labels("briefing.area", name=name_region(area.name, labels)),
        message=area.note or labels(f"council_state.{area.state}"),
        figures=figures,
        points=(labels("briefing.municipalities", names=names), *points),
        view=_view_area(area, data),
        link=write_address("/council", {"region": area.id}, labels),
        sources=(name_source(councils, area.source), people, sites),
    )


def _describe_silence(area: Area, data: PageData, councils: Councils, labels: Labels) -> Slide:
    """Say that no topics are known, and why."""
    return Slide(
        id=f"none-{area.id}",
        title=labels("briefing.no_topics"),
        message=labels("council.no_topics"),
        points=(area.note,) if area.note else (),
        view=_view_area(area, data),
        link=write_address("/council", {"region": area.id}, labels),
        sources=(name_source(councils, area.source),),
    )


def _describe_topic(
    topic: Topic, area: Area, data: PageData, councils: Councils, labels: Labels
) -> Slide:
    themes = {theme.id: theme.name for theme in councils.council.themes}
    tags = labels.join(themes[theme] for theme in topic.themes)
    figures, sources = _count_evidence(topic, area, data, labels)
    points = [labels("briefing.discussed", date=topic.date, themes=tags)]
    points += [topic.note] if topic.note else []
    query = dict(topic.query)
    places = list_places((topic,))
    return Slide(
        id=f"topic-{topic.id}",
        title=topic.title,
        message=labels(f"briefing.evidence_{topic.layer or ('place' if len(places) else 'none')}"),
        figures=figures,
        points=tuple(points),
        view=MapView(
            topic.layer or COUNCIL,
            _find_topic_extent(topic, area, data),
            area.municipality_codes,
            query,
            tuple(places[["lon", "lat", "name"]].itertuples(index=False, name=None)),
        ),
        link=write_evidence_link(topic, labels)
        or write_address("/council", {"region": area.id}, labels),
        sources=(name_source(councils, topic.source), *sources),
    )


def _find_topic_extent(
    topic: Topic, area: Area, data: PageData
) -> tuple[float, float, float, float]:
    extent = _find_extent(area.id, data)
    if topic.layer == "congestion":
        extent = tuple(map(float, data.roads.corridors.total_bounds))
    places = list_places((topic,))
    lon_min, lat_min, lon_max, lat_max = extent
    return (
        min([lon_min, *places["lon"]]),
        min([lat_min, *places["lat"]]),
        max([lon_max, *places["lon"]]),
        max([lat_max, *places["lat"]]),
    )


def _count_evidence(
    topic: Topic, area: Area, data: PageData, labels: Labels
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """Return the numbers of a topic's evidence, and whose they are."""
    if topic.layer == "evacuation":
        return _count_sites(topic, area, data, labels)
    if topic.layer == "congestion":
        return _count_traffic(data, labels)
    if topic.layer == "groundwater":
        named = _name_dataset("observation_wells", data, labels)
        n_wells = int((data.wells["region_id"] == area.id).sum())
        value = labels("briefing.wells", n=n_wells)
        return (Figure(labels("council.n_wells"), value, named),), (named,)
    if topic.layer == "municipalities":
        named = _name_dataset("municipalities", data, labels)
        profiles = data.profiles[data.profiles["region_id"] == area.id]
        value = labels("council.persons", n=int(profiles["population"].sum()))
        return (Figure(labels("council.population"), value, named),), (named,)
    return (), ()


def _count_sites(
    topic: Topic, area: Area, data: PageData, labels: Labels
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    named = _name_dataset("evacuation_sites", data, labels)
    hazards = tuple(one for one in HAZARDS if one in topic.query.get("hazard", "").split(","))
    chosen = FacilityFilter(hazards=hazards, kinds=KINDS, region_id=area.id)
    shown = select_facilities(data.facilities, chosen, data.profiles["region_id"])
    n_sites = int((data.facilities[shown]["kind"] == SITE).sum())
    words = labels.pair(labels(f"hazard.{hazard}") for hazard in hazards)
    label = labels("briefing.sites_of", hazards=words) if hazards else labels("council.n_sites")
    caution = labels("evacuation.notice", day=write_day(data, "evacuation_sites", labels))
    return (Figure(label, labels("briefing.places", n=n_sites), caution),), (named, caution)


def _count_traffic(data: PageData, labels: Labels) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    named = _name_dataset("traffic_hourly", data, labels)
    row = data.roads.summary.loc[data.roads.main_station]
    if pd.isna(row["weekday_24h"]):
        return (), (named,)
    basis = labels("briefing.traffic_basis", n_days=int(row["n_days"]))
    day = labels("station.vehicles", n=row["weekday_24h"])
    return (
        Figure(labels("briefing.traffic_day"), day, basis),
        Figure(
            labels("station.peak_volume", hour=int(row["peak_hour"])),
            labels("station.vehicles", n=row["peak_volume"]),
            basis,
        ),
    ), (named, basis)


def _name_dataset(dataset_id: str, data: PageData, labels: Labels) -> str:
    dataset = data.catalog[dataset_id]
    return labels.noted(dataset.processed_statement, write_day(data, dataset_id, labels))
