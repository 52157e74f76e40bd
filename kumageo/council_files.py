"""The council data: files that people edit (`geodata/council/`), checked all at once.

They are not ingested through the store: a checksum of their content is their version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from kumageo.council_checks import check_council
from kumageo.council_entries import Entry, read_entries
from kumageo.council_records import (
    Area,
    Council,
    CouncilSource,
    Meeting,
    Place,
    Statement,
    Theme,
    Topic,
)
from kumageo.council_schema import (
    AGREEMENTS,
    AREAS,
    FIGURES,
    FILES,
    MEASURES,
    MEETINGS,
    MEMBERS,
    PROJECTS,
    SOURCES,
    STATEMENTS,
    THEMES,
    TOPICS,
    FileSchema,
)
from kumageo.errors import CouncilError

# Kind of a place, as in landmark:jasm, and the dataset that knows where it is.
PLACE_DATASETS: Final[Mapping[str, str]] = {
    "landmark": "landmarks",
    "corridor": "corridors",
    "bottleneck": "bottlenecks",
    "well": "observation_wells",
}
VERSION_LENGTH: Final = 12


def load_council(
    folder: Path, municipalities: pd.DataFrame, place_features: Mapping[str, gpd.GeoDataFrame]
) -> Council:
    """Read and check the council files.

    Parameters
    ----------
    folder
        `geodata/council`.
    municipalities
        With code, name, region_id, region_name and data_platform_member.
    place_features
        Features with id, name and geometry in EPSG:6668, by the kinds of `PLACE_DATASETS`.

    Raises
    ------
    CouncilError
        If anything is wrong; one message lists every problem with file and line.
    """
    files = {
        schema.file: read_entries(folder / schema.file, schema.table, schema.field_names)
        for schema in FILES
    }
    places = _list_places(place_features)
    problems = check_council(files, municipalities, places)
    if problems:
        listed = "\n  - ".join(f"{one.file}, line {one.line}: {one.text}" for one in problems)
        raise CouncilError(f"council: {len(problems)} problem(s), mend each:\n  - {listed}")
    entries = {name: file.entries for name, file in files.items()}
    return _build_council(hash_council(folder), entries, municipalities, places)


def hash_council(folder: Path) -> str:
    """Return the version of the council files: a checksum of their content.

    Raises
    ------
    CouncilError
        If a file is missing.
    """
    digest = hashlib.sha256()
    for schema in FILES:
        try:
            content = (folder / schema.file).read_bytes()
        except OSError as error:
            raise CouncilError(
                f"council: expected the file {schema.file}, got {error.strerror}. Restore it."
            ) from error
        digest.update(f"{schema.file} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION_LENGTH]


def _list_places(place_features: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Place]:
    places = {}
    for kind, features in place_features.items():
        rows = zip(features["id"], features["name"], features.geometry, strict=True)
        for feature_id, name, geometry in rows:
            place = Place(f"{kind}:{feature_id}", kind, name, geometry)
            places[place.id] = place
    return places


def _build_council(
    version: str,
    entries: Mapping[str, Sequence[Entry]],
    municipalities: pd.DataFrame,
    places: Mapping[str, Place],
) -> Council:
    meetings = tuple(_build_meeting(entry) for entry in entries[MEETINGS.file])
    days = {meeting.id: meeting.date for meeting in meetings if meeting.date}
    return Council(
        version=version,
        sources={
            source.id: source
            for source in (
                CouncilSource(**_read_texts(entry, SOURCES)) for entry in entries[SOURCES.file]
            )
        },
        themes=tuple(Theme(**_read_texts(entry, THEMES)) for entry in entries[THEMES.file]),
        areas=tuple(_build_area(entry, municipalities) for entry in entries[AREAS.file]),
        meetings=meetings,
        topics=tuple(_build_topic(entry, days, places) for entry in entries[TOPICS.file]),
        statements=tuple(
            Statement(**_read_texts(entry, STATEMENTS)) for entry in entries[STATEMENTS.file]
        ),
        members=_locate(_tabulate(entries[MEMBERS.file], MEMBERS), municipalities),
        agreements=_locate(_tabulate(entries[AGREEMENTS.file], AGREEMENTS), municipalities),
        figures=_tabulate(entries[FIGURES.file], FIGURES),
        measures=_tabulate(entries[MEASURES.file], MEASURES),
        projects=_tabulate(entries[PROJECTS.file], PROJECTS),
    )


def _read_texts(entry: Entry, schema: FileSchema) -> dict[str, str]:
    return {name: entry.get_text(name) for name in schema.field_names}


def _build_area(entry: Entry, municipalities: pd.DataFrame) -> Area:
    codes = municipalities.set_index("name")["code"]
    region_names = municipalities.set_index("code")["region_name"]
    members = tuple(str(codes[name]) for name in entry.get_list("municipalities"))
    texts = {name: entry.get_text(name) for name in ("id", "state", "note", "source", "date")}
    return Area(name=str(region_names[members[0]]), municipality_codes=members, **texts)


def _build_meeting(entry: Entry) -> Meeting:
    texts = _read_texts(entry, MEETINGS)
    day = texts.pop("date")
    return Meeting(date=dt.date.fromisoformat(day) if day else None, **texts)


def _build_topic(entry: Entry, days: Mapping[str, dt.date], places: Mapping[str, Place]) -> Topic:
    texts = {name: entry.get_text(name) for name in ("id", "title", "status", "layer", "note")}
    return Topic(
        region_id=entry.get_text("region"),
        meeting_id=entry.get_text("meeting"),
        date=days[entry.get_text("meeting")],
        themes=entry.get_list("themes"),
        query=entry.get_table("query"),
        places=tuple(places[place_id] for place_id in entry.get_list("places")),
        source=entry.get_text("source"),
        **texts,
    )


def _tabulate(entries: Sequence[Entry], schema: FileSchema) -> pd.DataFrame:
    columns = {}
    for field in schema.fields:
        if field.shape == "list":
            lists = [entry.get_list(field.name) for entry in entries]
            columns[field.name] = pd.Series(lists, dtype="object")
            continue
        cells = pd.Series([entry.get_text(field.name) for entry in entries], dtype="str")
        known = cells.mask(cells == "")
        is_number = field.column.kind == "number"
        columns[field.name] = known.astype("float64") if is_number else known
    return pd.DataFrame(columns)


def _locate(table: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    by_name = municipalities.set_index("name")
    return table.assign(
        municipality_code=table["municipality"].map(by_name["code"]),
        region_id=table["municipality"].map(by_name["region_id"]),
    )
