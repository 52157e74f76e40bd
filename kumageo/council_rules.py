"""What must agree between the council files, and with the municipalities and the pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import pandas as pd

from kumageo.council_entries import Entry, EntryFile, Problem
from kumageo.council_schema import (
    AREAS,
    HELD,
    LAYERS,
    MEETINGS,
    MEMBERS,
    PLANNED,
    PLANNED_UNCONFIRMED,
    TOPICS,
)
from kumageo.municipalities import INDICATORS
from kumageo.schemas import HAZARDS

Files = Mapping[str, EntryFile]
# What of the congestion page lies round Semicon Techno Park.
SEMICON: Final = "semicon"


def check_areas(files: Files, municipalities: pd.DataFrame) -> Iterator[Problem]:
    """Check that every municipality is in one area, its own, and that states agree."""
    if files[AREAS.file].problems:
        return
    entries = files[AREAS.file].entries
    yield from _check_membership(entries, municipalities)
    for region_id in dict.fromkeys(municipalities["region_id"]):
        if region_id not in {entry.get_text("id") for entry in entries}:
            text = f"id: expected every area, got none for {region_id}. Add an entry."
            yield Problem(AREAS.file, 1, text)
    for entry in entries:
        if entry.get_text("state") != HELD and not entry.get_text("note"):
            text = "expected why nothing is known of a meeting, got none. Write it."
            yield entry.report("note", text)
    if not files[MEETINGS.file].problems:
        yield from _check_states(entries, files[MEETINGS.file].entries)


def _check_membership(
    entries: Collection[Entry], municipalities: pd.DataFrame
) -> Iterator[Problem]:
    region_of = dict(zip(municipalities["name"], municipalities["region_id"], strict=True))
    found: dict[str, Entry] = {}
    for entry in entries:
        region_id = entry.get_text("id")
        for name in region_of.keys() & set(entry.get_list("municipalities")):
            first = found.setdefault(name, entry)
            if first is not entry:
                text = f"expected each municipality in one area, got {name} here and in"
                where = f"{first.get_text('id')[:40]!r} (line {first.line})"
                yield entry.report("municipalities", f"{text} {where}. Remove one.")
            elif region_of[name] != region_id:
                text = f"expected those of {region_id[:40]!r} by the dataset municipalities"
                text = f"{text}, got {name}"
                yield entry.report("municipalities", f"{text} ({region_of[name]}). Move it.")
    for entry in entries:
        for name, region_id in region_of.items():
            if region_id == entry.get_text("id") and name not in found:
                yield entry.report("municipalities", f"expected {name}, got it nowhere. Add it.")


def _check_states(areas: Collection[Entry], meetings: Collection[Entry]) -> Iterator[Problem]:
    for area in areas:
        region_id = area.get_text("id")
        states = {m.get_text("state") for m in meetings if m.get_text("region_id") == region_id}
        expected = {HELD} if HELD in states else {PLANNED_UNCONFIRMED}
        if not states & {HELD, PLANNED}:
            expected = {"under_consideration", "none"}
        if area.get_text("state") not in expected:
            text = f"expected {' or '.join(sorted(expected))} by {MEETINGS.file}"
            got = area.get_text("state")[:40]
            yield area.report("state", f"{text}, got {got!r}. Correct one of them.")


def check_meetings(files: Files) -> Iterator[Problem]:
    """Check that a meeting that was held has a day."""
    for entry in files[MEETINGS.file].entries:
        if entry.get_text("state") == HELD and not entry.get_text("date"):
            yield entry.report("date", "expected the day of a meeting held, got none. Add it.")


def check_topics(
    files: Files, municipalities: pd.DataFrame, place_ids: Collection[str]
) -> Iterator[Problem]:
    """Check that topics come from a meeting held in their area, and that their links open."""
    meetings = {m.get_text("id"): m for m in files[MEETINGS.file].entries}
    values = _list_query_values(municipalities, place_ids)
    for entry in files[TOPICS.file].entries:
        meeting = meetings.get(entry.get_text("meeting"))
        if meeting is not None and meeting.get_text("region_id") != entry.get_text("region"):
            text = f"expected a meeting of the area, got {meeting.get_text('id')!r}, one of"
            region_id = meeting.get_text("region_id")[:40]
            yield entry.report("meeting", f"{text} {region_id!r}. Correct it.")
        if meeting is not None and meeting.get_text("state") != HELD:
            text = f"expected a meeting held, got {meeting.get_text('id')!r}, which is planned."
            yield entry.report("meeting", f"{text} Topics are known after a meeting only.")
        yield from _check_query(entry, values)


def _list_query_values(
    municipalities: pd.DataFrame, place_ids: Collection[str]
) -> Mapping[str, Collection[str]]:
    """Return the values that are known of those names of a query that have a fixed list."""
    ids: dict[str, list[str]] = {"well": [], "corridor": []}
    for place_id in place_ids:
        kind, _, name = place_id.partition(":")
        ids.setdefault(kind, []).append(name)
    return {
        "m": list(municipalities["code"]),
        "compare": list(municipalities["code"]),
        "region": list(municipalities["region_id"]),
        "indicator": [indicator.id for indicator in INDICATORS],
        "hazard": HAZARDS,
        "well": ids["well"],
        "compared": ids["well"],
        "around": [SEMICON, *ids["corridor"]],
    }


def _check_query(entry: Entry, values: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    query, layer = entry.get_table("query"), entry.get_text("layer")
    if query and not layer:
        yield entry.report("query", "expected a layer too, got none. Name it or remove the query.")
    for name, text in query.items():
        if layer in LAYERS and name not in LAYERS[layer]:
            known = ", ".join(LAYERS[layer])
            got = f"got {name[:40]!r}. Correct the query."
            yield entry.report("query", f"expected of {layer} among {known}; {got}")
        unknown = [one for one in text.split(",") if name in values and one not in values[name]]
        if unknown:
            got = f"got {unknown[0][:40]!r}. Correct the query."
            yield entry.report("query", f"expected for {name} a value that the page knows, {got}")


def check_members(files: Files, municipalities: pd.DataFrame) -> Iterator[Problem]:
    """Check that the list of members and the flag of the municipalities agree."""
    if files[MEMBERS.file].problems:
        return
    flagged = set(municipalities.loc[municipalities["data_platform_member"], "name"])
    listed = {entry.get_text("municipality"): entry for entry in files[MEMBERS.file].entries}
    known = set(municipalities["name"])
    for name in (listed.keys() & known) - flagged:
        text = f"expected a member by data_platform_member of municipalities, got {name}."
        yield listed[name].report("municipality", f"{text} Correct one of them.")
    for name in flagged - listed.keys():
        text = f"municipality: expected {name}, flagged in municipalities; got it nowhere. Add it."
        yield Problem(MEMBERS.file, 1, text)
