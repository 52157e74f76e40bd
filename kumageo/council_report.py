"""The report of the councils: areas, meetings, topics with and without evidence, and context."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from kumageo.council import compare_agreements, count_days_since, find_evidence
from kumageo.council_records import Area, Council, Meeting, Place, Topic
from kumageo.council_schema import HELD, PLANNED
from kumageo.records import to_records


def report_council(
    council: Council, profile: pd.DataFrame, municipalities: pd.DataFrame, today: dt.date
) -> dict[str, Any]:
    """Return what is known of the councils as plain values.

    Parameters
    ----------
    council
        From `council.read_council`.
    profile
        From `council.profile_areas`.
    municipalities
        With code and name.
    today
        The day from which days are counted.

    Returns
    -------
    dict
        `summary`; `areas` with municipalities, state and profile; `meetings` held and
        planned; `topics` with_evidence and without_evidence; `themes`, `statements`,
        `context` (each table as rows) and `sources`.
    """
    names = municipalities.set_index("code")["name"]
    has_evidence = find_evidence(council.topics)["has_evidence"]
    return {
        "summary": _summarise(council, profile, has_evidence, today),
        "areas": [_describe_area(area, profile, names) for area in council.areas],
        "meetings": {
            state: [_describe_meeting(m) for m in council.meetings if m.state == state]
            for state in (HELD, PLANNED)
        },
        "topics": {
            "with_evidence": _describe_topics(t for t in council.topics if has_evidence[t.id]),
            "without_evidence": _describe_topics(
                t for t in council.topics if not has_evidence[t.id]
            ),
        },
        "themes": [asdict(theme) for theme in council.themes],
        "statements": [asdict(statement) for statement in council.statements],
        "context": {
            "agreement_counts": compare_agreements(council),
            "agreements": to_records(council.agreements),
            "platform_members": to_records(council.members),
            "figures": to_records(council.figures),
            "measures": to_records(council.measures),
            "projects": to_records(council.projects),
        },
        "sources": [asdict(source) for source in council.sources.values()],
    }


def _summarise(
    council: Council, profile: pd.DataFrame, has_evidence: pd.Series, today: dt.date
) -> dict[str, Any]:
    states = Counter(area.state for area in council.areas)
    as_of = max(area.date for area in council.areas)
    return {
        "version": council.version,
        "as_of": as_of,
        "days_since_update": count_days_since(as_of, today),
        "n_areas": len(council.areas),
        "n_municipalities": int(profile["n_municipalities"].sum()),
        "n_areas_held": states["held"],
        "n_areas_planned_unconfirmed": states["planned_unconfirmed"],
        "n_areas_under_consideration": states["under_consideration"],
        "n_areas_without_topics": int((profile["n_topics"] == 0).sum()),
        "n_meetings_held": int(profile["n_meetings_held"].sum()),
        "n_meetings_planned": int(profile["n_meetings_planned"].sum()),
        "n_topics": len(council.topics),
        "n_topics_with_evidence": int(has_evidence.sum()),
        "n_topics_without_evidence": int((~has_evidence).sum()),
    }


def _describe_area(area: Area, profile: pd.DataFrame, names: pd.Series) -> dict[str, Any]:
    counted = profile.drop(columns=["region_name", "state"]).loc[[area.id]]
    return {
        "region_id": area.id,
        "region_name": area.name,
        "state": area.state,
        "note": area.note,
        "source": area.source,
        "date": area.date,
        "municipalities": [{"code": c, "name": str(names[c])} for c in area.municipality_codes],
        "profile": to_records(counted)[0],
    }


def _describe_meeting(meeting: Meeting) -> dict[str, Any]:
    day = meeting.date.isoformat() if meeting.date else None
    return {**asdict(meeting), "date": day}


def _describe_topics(topics: Iterable[Topic]) -> list[dict[str, Any]]:
    return [
        {
            "id": topic.id,
            "region_id": topic.region_id,
            "meeting_id": topic.meeting_id,
            "date": topic.date.isoformat(),
            "title": topic.title,
            "themes": list(topic.themes),
            "status": topic.status,
            "layer": topic.layer or None,
            "query": dict(topic.query),
            "places": [_describe_place(place) for place in topic.places],
            "note": topic.note,
            "source": topic.source,
        }
        for topic in topics
    ]


def _describe_place(place: Place) -> dict[str, Any]:
    point = None if place.geometry is None else place.geometry.representative_point()
    return {
        "id": place.id,
        "name": place.name,
        "lon": None if point is None else round(point.x, 6),
        "lat": None if point is None else round(point.y, 6),
    }
