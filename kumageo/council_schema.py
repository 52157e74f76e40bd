"""What the council files must look like: one schema a file, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kumageo.partial_dates import PARTIAL_DATE
from kumageo.schemas.model import Column, Kind

MAX_TEXT: Final = 300  # characters
_ID = r"[a-z][a-z0-9_]{0,59}"

HELD: Final = "held"
PLANNED: Final = "planned"
PLANNED_UNCONFIRMED: Final = "planned_unconfirmed"
AREA_STATES: Final = (HELD, PLANNED_UNCONFIRMED, "under_consideration", "none")
MEETING_STATES: Final = (HELD, PLANNED)
TOPIC_STATUSES: Final = ("discussed", "in_study", "in_progress", "done")

# The pages that a topic can open, and what of their state may stand in the link.
_VIEW: Final = ("lang", "z", "lon", "lat")
LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "municipalities": ("indicator", "region", "m", "compare", *_VIEW),
    "evacuation": (
        *("hazard", "mode", "kind", "region", "m", "q", "point", "restricted", "facility"),
        *_VIEW,
    ),
    "congestion": (
        *("hour", "day", "period", "measure", "station", "chart", "before", "after"),
        *("around", "radius", *_VIEW),
    ),
    "groundwater": ("region", "m", "well", "compared", "part", *_VIEW),
}


@dataclass(frozen=True)
class Field:
    """One field of an entry.

    `column` holds the rules of one text. `refers_to` names what the text must be one of (see
    `council_checks`). A "list" has several texts, a "table" named ones.
    """

    column: Column
    shape: Literal["one", "list", "table"] = "one"
    refers_to: str = ""
    is_date: bool = False
    max_length: int = MAX_TEXT

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.column.name


@dataclass(frozen=True)
class FileSchema:
    """The fields of one file; `table` names the entries of a TOML file."""

    file: str
    fields: tuple[Field, ...]
    table: str = ""

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields in their order."""
        return tuple(one.name for one in self.fields)


def _column(name: str, kind: Kind = "text", pattern: str = "", *, required: bool = True) -> Column:
    # Lengths are counted in letters, by `Field.max_length`.
    return Column(name, kind, required=required, pattern=pattern, max_bytes=4 * 1024 * 1024)


def _text(name: str, *, required: bool = True, pattern: str = "") -> Field:
    return Field(_column(name, pattern=pattern, required=required))


def _choice(name: str, *choices: str, required: bool = True) -> Field:
    return _text(name, required=required, pattern="|".join(choices))


def _date(name: str = "date", *, required: bool = True) -> Field:
    return Field(_column(name, pattern=PARTIAL_DATE, required=required), is_date=True)


def _day(name: str = "date", *, required: bool = True) -> Field:
    return Field(_column(name, "date", required=required))


def _refer(name: str, to: str, *, required: bool = True) -> Field:
    return Field(_column(name, required=required), refers_to=to)


def _refer_many(name: str, to: str, *, required: bool = True) -> Field:
    return Field(_column(name, required=required), "list", refers_to=to)


_KEY = _text("id", pattern=_ID)
_SOURCE = _refer("source", "source")
_NOTE = _text("note", required=False)
_VALUE = Column("value", "number", minimum=-100_000_000, maximum=100_000_000)
_OPTIONAL_VALUE = Column("value", "number", required=False, minimum=0, maximum=100_000_000)

SOURCES: Final = FileSchema(
    "sources.csv",
    (
        _KEY,
        _text("publisher"),
        _text("title"),
        _text("url", required=False, pattern=r"https?://[^\s\"'<>]+"),
        _date("as_of", required=False),
    ),
)
THEMES: Final = FileSchema("themes.csv", (_KEY, _text("name")))
AREAS: Final = FileSchema(
    "areas.toml",
    (
        _refer("id", "region"),
        _refer_many("municipalities", "municipality"),
        _choice("state", *AREA_STATES),
        _NOTE,
        _SOURCE,
        _date(),
    ),
    "area",
)
MEETINGS: Final = FileSchema(
    "meetings.csv",
    (
        _KEY,
        _refer("region_id", "region"),
        _choice("state", *MEETING_STATES),
        _day(required=False),
        _SOURCE,
        _NOTE,
    ),
)
TOPICS: Final = FileSchema(
    "topics.toml",
    (
        _KEY,
        _refer("region", "region"),
        _refer("meeting", "meeting"),
        _text("title"),
        _refer_many("themes", "theme"),
        _choice("status", *TOPIC_STATUSES),
        _refer("layer", "layer", required=False),
        Field(_column("query", required=False), "table"),
        _refer_many("places", "place", required=False),
        _NOTE,
        _SOURCE,
    ),
    "topic",
)
STATEMENTS: Final = FileSchema(
    "council.toml",
    (
        _KEY,
        _choice("kind", "purpose", "role", "process", "follow_up", "outlook"),
        _text("text"),
        _SOURCE,
        _date(),
    ),
    "statement",
)
MEMBERS: Final = FileSchema(
    "platform_members.csv", (_refer("municipality", "municipality"), _date(), _SOURCE)
)
AGREEMENTS: Final = FileSchema(
    "agreements.csv",
    (
        _refer("municipality", "municipality"),
        _text("partner"),
        _choice("kind", "friendship", "mou", required=False),
        _text("period"),
        _date(),
        _SOURCE,
        _NOTE,
    ),
)
FIGURES: Final = FileSchema(
    "figures.csv",
    (
        _KEY,
        _choice("kind", "foreign_residents", "migration", "settlement", "taiwan_agreements"),
        _choice("scope", "prefecture"),
        _text("subject"),
        Field(_VALUE),
        _choice("unit", "persons", "percent", "cases", "municipalities", "partners"),
        _text("period", required=False),
        _date(),
        _SOURCE,
        _NOTE,
    ),
)
MEASURES: Final = FileSchema(
    "measures.csv",
    (
        _KEY,
        _choice("kind", "special_zone", "infrastructure_request"),
        _text("title"),
        _choice("state", "designated", "started", "planned", "requested"),
        _date(),
        _SOURCE,
        _NOTE,
    ),
)
PROJECTS: Final = FileSchema(
    "projects.csv",
    (
        _KEY,
        _text("name"),
        _refer_many("region_ids", "region"),
        _refer("topic_id", "topic", required=False),
        _text("fact"),
        _choice("bound", "about", required=False),
        Field(_OPTIONAL_VALUE),
        _choice("unit", "persons", "km", required=False),
        _date(),
        _SOURCE,
    ),
)

FILES: Final = (
    SOURCES,
    THEMES,
    AREAS,
    MEETINGS,
    TOPICS,
    STATEMENTS,
    MEMBERS,
    AGREEMENTS,
    FIGURES,
    MEASURES,
    PROJECTS,
)
