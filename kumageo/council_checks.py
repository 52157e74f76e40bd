"""The checks of the council files: each field by itself, and what must agree between files."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from kumageo.checks import check_cell
from kumageo.council_entries import Entry, EntryFile, Problem
from kumageo.council_rules import check_areas, check_meetings, check_members, check_topics
from kumageo.council_schema import (
    AGREEMENTS,
    FILES,
    LAYERS,
    MEETINGS,
    PLANNED,
    PROJECTS,
    SOURCES,
    THEMES,
    TOPICS,
    Field,
    FileSchema,
)
from kumageo.errors import ArgumentError
from kumageo.partial_dates import DaySpan, parse_partial_date

MAX_LISTED: Final = 20
MAX_GOT_LENGTH: Final = 80

Known = Mapping[str, Collection[str]]


def check_council(
    files: Mapping[str, EntryFile], municipalities: pd.DataFrame, place_ids: Collection[str]
) -> list[Problem]:
    """Check all council files at once.

    Parameters
    ----------
    files
        What was read, by name of the file.
    municipalities
        With code, name, region_id and data_platform_member.
    place_ids
        Places that a topic may name, such as landmark:jasm.

    Returns
    -------
    list of Problem
        By file, then by line. A file that cannot be read says only so, and nothing is
        checked against it.
    """
    known = _list_known(files, municipalities, place_ids)
    problems = [problem for file in files.values() for problem in file.problems]
    for schema in FILES:
        entries = files[schema.file].entries
        for entry in entries:
            problems += _check_entry(entry, schema, known)
        problems += _check_keys(entries, schema)
        if not files[SOURCES.file].problems:
            problems += _check_dates(entries, files[SOURCES.file].entries)
    problems += check_areas(files, municipalities)
    problems += check_meetings(files)
    problems += check_topics(files, municipalities, place_ids)
    problems += check_members(files, municipalities)
    problems += _check_units(files[PROJECTS.file].entries)
    order = [schema.file for schema in FILES]
    return sorted(set(problems), key=lambda one: (order.index(one.file), one.line, one.text))


def _list_known(
    files: Mapping[str, EntryFile], municipalities: pd.DataFrame, place_ids: Collection[str]
) -> Known:
    known: dict[str, Collection[str]] = {
        "region": list(dict.fromkeys(municipalities["region_id"])),
        "municipality": list(municipalities["name"]),
        "place": place_ids,
        "layer": list(LAYERS),
    }
    for kind, schema in (
        *(("source", SOURCES), ("theme", THEMES)),
        *(("meeting", MEETINGS), ("topic", TOPICS)),
    ):
        if not files[schema.file].problems:
            known[kind] = [entry.get_text("id") for entry in files[schema.file].entries]
    return known


def _check_entry(entry: Entry, schema: FileSchema, known: Known) -> Iterator[Problem]:
    for name in entry.fields:
        if name not in schema.field_names:
            expected = f"expected a field among {', '.join(schema.field_names)}; got {_cut(name)}"
            line = entry.lines.get(name, entry.line)
            yield Problem(entry.file, line, f"{expected}. Correct or remove it.")
    for field in schema.fields:
        yield from _check_field(entry, field, known)


def _check_field(entry: Entry, field: Field, known: Known) -> Iterator[Problem]:
    value = entry.fields.get(field.name)
    if value is not None and not _has_shape(value, field, is_cell=entry.file.endswith(".csv")):
        expected = {"one": 'text in "…"', "list": 'texts in ["…"]', "table": '{ name = "…" }'}
        yield entry.report(field.name, f"expected {expected[field.shape]}, got {_cut(value)}.")
        return
    cells = [cell for cell in _list_cells(entry, field) if cell]
    if field.column.required and not cells:
        yield entry.report(field.name, "expected a value, got none. Add it.")
    if field.shape == "list" and len(set(cells)) < len(cells):
        yield entry.report(field.name, f"expected each once, got {_cut(cells)}. Remove one.")
    for cell in cells:
        text = _judge_cell(cell, field, known)
        if text:
            yield entry.report(field.name, text)


def _list_cells(entry: Entry, field: Field) -> Sequence[str]:
    if field.shape == "list":
        return entry.get_list(field.name)
    if field.shape == "table":
        return list(entry.get_table(field.name).values())
    return (entry.get_text(field.name),)


def _has_shape(value: Any, field: Field, *, is_cell: bool) -> bool:
    if is_cell:
        return True
    if field.shape == "list":
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    if field.shape == "table":
        return isinstance(value, dict) and all(isinstance(part, str) for part in value.values())
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return isinstance(value, str) or is_day


def _judge_cell(cell: str, field: Field, known: Known) -> str:
    """Return what is wrong with one text; blank where nothing is."""
    if len(cell) > field.max_length:
        return f"expected at most {field.max_length} letters, got {len(cell)}. Shorten it."
    expected = check_cell(cell, field.column)
    if not expected and field.is_date and parse_span(cell) is None:
        expected = "a day that exists"
    if expected:
        return f"expected {expected}, got {_cut(cell)}. Correct it."
    if field.refers_to in known and cell not in known[field.refers_to]:
        return _name_unknown(cell, field.refers_to, known[field.refers_to])
    return ""


def _name_unknown(cell: str, kind: str, known: Collection[str]) -> str:
    names = list(known)
    expected = f"a known {kind} ({len(names)})"
    if len(names) <= MAX_LISTED:
        expected = f"a {kind} among {', '.join(names) or 'none'}"
    near = difflib.get_close_matches(cell, names, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else "Correct it."
    return f"expected {expected}; got {_cut(cell)}. {remedy}"


def _check_keys(entries: Sequence[Entry], schema: FileSchema) -> Iterator[Problem]:
    """Refuse an entry that stands twice."""
    names: tuple[str, ...] = ("id",) if "id" in schema.field_names else ("municipality",)
    if schema is AGREEMENTS:
        names = ("municipality", "partner")
    seen: dict[tuple[str, ...], int] = {}
    for entry in entries:
        key = tuple(entry.get_text(name) for name in names)
        if all(key) and key in seen:
            text = f"expected each once, got {_cut(' '.join(key))} as in line {seen[key]}."
            yield entry.report(names[0], f"{text} Remove one.")
        seen.setdefault(key, entry.line)


def _check_dates(entries: Sequence[Entry], sources: Sequence[Entry]) -> Iterator[Problem]:
    """Refuse a day that lies after the source that states it, plans excepted."""
    as_of = {source.get_text("id"): source.get_text("as_of") for source in sources}
    for entry in entries:
        stated, day = as_of.get(entry.get_text("source"), ""), entry.get_text("date")
        source_span, span = parse_span(stated), parse_span(day)
        if source_span is None or span is None:
            continue
        if entry.get_text("state") == PLANNED and span.last >= source_span.first:
            continue
        if entry.get_text("state") == PLANNED:
            text = f"expected a plan not older than its source ({stated}), got {day}."
            yield entry.report("date", f"{text} Look it up.")
        elif span.first > source_span.last:
            text = f"expected a day up to that of its source ({stated}), got {day}."
            yield entry.report("date", f"{text} Look it up, or name the later source.")


def _check_units(entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        if bool(entry.get_text("value")) != bool(entry.get_text("unit")):
            yield entry.report("unit", "expected both value and unit, or neither. Add or remove.")


def parse_span(text: str) -> DaySpan | None:
    """Return the days that a partial date means; None where it is blank or no date."""
    try:
        return parse_partial_date(text) if text else None
    except ArgumentError:
        return None


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_GOT_LENGTH else text[:MAX_GOT_LENGTH] + "…"
