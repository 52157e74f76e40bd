"""What the council files say, typed: areas, meetings, topics and what goes with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import shapely


@dataclass(frozen=True)
class CouncilSource:
    """Who states a fact and where; `url` and `as_of` (year, month or day) may be blank."""

    id: str
    publisher: str
    title: str
    url: str
    as_of: str


@dataclass(frozen=True)
class Theme:
    """A tag of topics."""

    id: str
    name: str


@dataclass(frozen=True)
class Area:
    """The area of one council; `id` is region_id of the municipalities.

    `state` is one of `council_schema.AREA_STATES`; `note` says why nothing is known of a
    meeting, blank where one was held. `date` is a year, month or day.
    """

    id: str
    name: str
    municipality_codes: tuple[str, ...]
    state: str
    note: str
    source: str
    date: str


@dataclass(frozen=True)
class Meeting:
    """A meeting held or planned; the day of a planned one may be unknown."""

    id: str
    region_id: str
    state: str
    date: dt.date | None
    source: str
    note: str


@dataclass(frozen=True)
class Place:
    """A thing that a dataset locates; `geometry` (EPSG:6668) is None where its place is unknown."""

    id: str
    kind: str
    name: str
    geometry: shapely.Geometry | None


@dataclass(frozen=True)
class Topic:
    """What was discussed at a meeting held.

    `layer` is the page that shows evidence, blank for none, and `query` its state; `places`
    are what the topic names and a dataset locates. `date` is the day of the meeting.
    """

    id: str
    region_id: str
    meeting_id: str
    date: dt.date
    title: str
    themes: tuple[str, ...]
    status: str
    layer: str
    query: Mapping[str, str]
    places: tuple[Place, ...]
    note: str
    source: str


@dataclass(frozen=True)
class Statement:
    """One sentence about the councils: purpose, role, process, follow_up or outlook."""

    id: str
    kind: str
    text: str
    source: str
    date: str


@dataclass(frozen=True)
class Council:
    """All council data, in the order of the files.

    The tables have the columns of their files (`council_schema`), blanks NA, and `members`
    and `agreements` also municipality_code and region_id. Every row names its source.
    """

    version: str
    sources: Mapping[str, CouncilSource]
    themes: tuple[Theme, ...]
    areas: tuple[Area, ...]
    meetings: tuple[Meeting, ...]
    topics: tuple[Topic, ...]
    statements: tuple[Statement, ...]
    members: pd.DataFrame
    agreements: pd.DataFrame
    figures: pd.DataFrame
    measures: pd.DataFrame
    projects: pd.DataFrame
