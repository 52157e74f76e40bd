"""The embed of the regional councils: areas by state, and the topics of a chosen one."""

from __future__ import annotations

from typing import Any, Final

from kumageo.labels import Labels
from layers.base import Credit
from layers.council import CouncilLayer
from layers.councils import Councils
from layers.councils import list_places as list_topic_places
from layers.embed.page import (
    CreditLine,
    EmbedPage,
    EmbedSources,
    build_base,
    leave_blank,
    list_credit_lines,
    list_map_credits,
)
from layers.embed.places import list_place_controls, list_place_parameters, list_places
from layers.embed.query import list_common
from layers.registry import list_layer_datasets

LAYER: Final = "council"
AREAS: Final = "embed_areas"


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed.

    Raises
    ------
    ValueError
        If the sources hold no councils.
    """
    data, labels, councils = sources.data, sources.labels, sources.councils
    if councils is None:
        raise ValueError("councils: expected those of the files, got none. Give them.")
    datasets = list_layer_datasets(LAYER)
    papers = councils.council.sources.values()
    cited = {topic.source for topic in councils.council.topics}
    layer = CouncilLayer(
        labels=labels,
        data_url=data.data_url(AREAS),
        sources=tuple(Credit(one.title, one.url) for one in papers if one.id in cited),
    )
    region, _ = list_place_controls(labels)
    return EmbedPage(
        layer=LAYER,
        title=labels.ruby("council.title"),
        notice=_write_notice(councils, labels),
        page="/council",
        table="topics",
        base=build_base(sources, labels("council.title"), list_map_credits(sources, datasets)),
        group=layer.to_folium(councils.profiles, list_topic_places(councils.council.topics)),
        controls=(region,),
        parameters=(*list_common(sources.languages), *list_place_parameters(data)),
        texts=_list_texts(labels),
        options={
            "places": list_places(data, labels),
            "notes": {area.id: area.note for area in councils.council.areas},
            "topics": _list_topics(councils, labels),
        },
        preloads=(data.data_url(AREAS),),
        credits=(
            *list_credit_lines(sources, datasets),
            *(
                CreditLine(one.title, one.url, labels.day(str(one.as_of)), one.publisher, "")
                for one in papers
                if one.id in cited
            ),
        ),
    )


def _write_notice(councils: Councils, labels: Labels) -> str:
    states = councils.profiles["state"].value_counts()
    return labels.ruby(
        "council.notice",
        n_held=int(states.get("held", 0)),
        n_planned=int(states.get("planned_unconfirmed", 0)),
        n_considered=int(states.get("under_consideration", 0)),
    )


def _list_topics(councils: Councils, labels: Labels) -> list[dict[str, Any]]:
    themes = {theme.id: theme.name for theme in councils.council.themes}
    return [
        {
            "region": topic.region_id,
            "title": topic.title,
            "themes": labels.join(themes[theme] for theme in topic.themes),
            "day": labels.day(topic.date.isoformat()),
            "status": labels.ruby(f"topic_status.{topic.status}"),
            "isEvident": bool(councils.evidence.loc[topic.id, "has_evidence"]),
            "places": [place.name for place in topic.places],
        }
        for topic in councils.council.topics
    ]


def _list_texts(labels: Labels) -> dict[str, str]:
    write = labels.ruby
    return {
        "words": write("council.words", **leave_blank("n", "n_evident", "n_none")),
        "words_area": write("council.words_area", **leave_blank("name")),
        "help": write("council.help"),
        "topics": write("council.topics", **leave_blank("n")),
        "no_topics": write("council.no_topics"),
        "yes": write("council.has_evidence"),
        "no": write("council.no_evidence"),
        **{
            f"column_{name}": write(f"council.column_{name}")
            for name in ("area", "topic", "themes", "date", "evidence")
        },
        "column_status": write("column.topic_status"),
    }
