"""From a FIWARE broker (NGSI v2) to a file of readings: one row an entity, as text.

Rows are judged where all files are: here nothing is mended and nothing is left out. What is no
number in JSON stays visible as it was sent, and the check of the rows names it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kumageo.brokers import UNITS_PER_M, Attributes, Broker
from kumageo.errors import ArgumentError, FetchError
from kumageo.fetch import Fetcher
from kumageo.readings.forms import DEPTH, LEVEL

MAX_ENTITIES: Final = 100_000
MAX_ROUNDS: Final = 3
DECIMALS: Final = 6  # a binary fraction may be sent with seventeen
_MAX_DIGITS: Final = 12
_MAX_CELL: Final = 200
_TOTAL: Final = "fiware-total-count"
_FRACTION = re.compile(r"(?<=\d{2}:\d{2}:\d{2})\.\d+")

Entities = dict[str, Any]


def write_entities(broker: Broker, fetcher: Fetcher, path: Path) -> None:
    """Ask a broker for all its entities and write them as a file of readings.

    Parameters
    ----------
    broker
        Of the kind "ngsi-v2".
    fetcher
        With the headers of the broker.
    path
        Where to. Row n + 1 is the n-th entity.

    Raises
    ------
    FetchError
        If the broker gives no good answer, or no whole one.
    """
    attributes = broker.attributes
    if attributes is None:
        raise ArgumentError(f"broker {broker.name}: expected attributes, got none. Add them.")
    form = LEVEL if attributes.level_m else DEPTH
    entities = fetch_entities(broker, attributes, fetcher)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(form.header)
        writer.writerows(_write_row(one, broker, attributes) for one in entities.values())


def fetch_entities(broker: Broker, attributes: Attributes, fetcher: Fetcher) -> Entities:
    """Return all entities by their id, page by page.

    The broker says how many there are. Where that number changes in between, or fewer came, an
    entity may have slipped from one page to another: all pages are asked for again.
    """
    found: Entities = {}
    n_wanted = 0
    for _ in range(MAX_ROUNDS):
        counts = set()
        for page, n_total in _fetch_pages(broker, attributes, fetcher):
            counts.add(n_total)
            found |= {_find_key(one, len(found) + n): one for n, one in enumerate(page)}
        n_wanted = max((n for n in counts if n is not None), default=len(found))
        if len(counts) == 1 and len(found) >= n_wanted:
            break
    if not found and not n_wanted:
        raise FetchError(
            f"{broker.name}: expected entities of type {broker.entity_type}, got none. Correct "
            "entity_type, service or service_path.",
            "unfit",
        )
    if len(found) < n_wanted:
        raise FetchError(
            f"{broker.name}: expected {n_wanted:,} entities, as the broker counts, got "
            f"{len(found):,}. Try again later.",
            "cut_off",
        )
    return found


def _fetch_pages(
    broker: Broker, attributes: Attributes, fetcher: Fetcher
) -> Iterator[tuple[list[Any], int | None]]:
    """Yield each page with the number of all entities, if told; ask on from what really came."""
    names = dict.fromkeys(
        (attributes.well, attributes.time, attributes.measured, attributes.ground_m)
    )
    asked = {
        "type": broker.entity_type,
        "attrs": ",".join(name for name in names if name and name != "id"),
        "limit": str(broker.page),
        "options": "count",
    }
    offset = 0
    while True:
        url = broker.url.rstrip("/") + "/v2/entities"
        answer = fetcher.get(url, asked | {"offset": str(offset)})
        page = _read_page(answer.body, broker.name)
        total = answer.headers.get(_TOTAL, "").strip()
        offset += len(page)
        n_total = int(total) if re.fullmatch("[0-9]{1,9}", total) else None
        if max(n_total or 0, offset) > MAX_ENTITIES:
            raise FetchError(
                f"{broker.name}: expected at most {MAX_ENTITIES:,} entities, got more. Correct "
                "entity_type.",
                "too_large",
            )
        yield page, n_total
        # Without the count, a page that is not full is the last one.
        is_last = len(page) < broker.page if n_total is None else offset >= n_total
        if not page or is_last:
            return


def _read_page(body: bytes, name: str) -> list[Any]:
    try:
        page = json.loads(body, parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise FetchError(
            f"{name}: expected JSON, got {error}. Is the url that of a broker?"[:300], "unfit"
        ) from error
    if not isinstance(page, list):
        raise FetchError(
            f"{name}: expected a list of entities, got {type(page).__name__}. Is the url that of "
            "a broker?",
            "unfit",
        )
    return page


def _find_key(entity: Any, number: int) -> str:
    """Return the id of an entity; one without an id is kept under its number."""
    known = entity.get("id") if isinstance(entity, Mapping) else None
    return known if isinstance(known, str) else f"\0{number}"


def _write_row(entity: Any, broker: Broker, attributes: Attributes) -> list[str]:
    if not isinstance(entity, Mapping):
        blanks = [""] * (1 if attributes.level_m else 2)
        return [_write_text(entity), "", *blanks]
    well = _write_text(_find_value(entity, attributes.well))
    time = _write_text(_find_time(entity, attributes))
    numbers = [attributes.level_m]
    if not attributes.level_m:
        numbers = [attributes.depth_m, attributes.ground_m]
    divisor = UNITS_PER_M[attributes.unit]
    levels = [_write_number(_find_value(entity, name), divisor) for name in numbers]
    return [broker.wells.get(well, well), _FRACTION.sub("", time, count=1), *levels]


def _find_value(entity: Mapping[str, Any], name: str) -> Any:
    """Return the value of an attribute, in the normalized form or as keyValues; None for none."""
    value = entity.get(name)
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return value


def _find_time(entity: Mapping[str, Any], attributes: Attributes) -> Any:
    """Return the time of an entity: an attribute, or else metadata of what is measured."""
    if attributes.time in entity:
        return _find_value(entity, attributes.time)
    measured = entity.get(attributes.measured)
    metadata = measured.get("metadata") if isinstance(measured, Mapping) else None
    return _find_value(metadata, attributes.time) if isinstance(metadata, Mapping) else None


def _write_number(value: Any, divisor: int) -> str:
    """Write a JSON number in m; anything else as it was sent, which is no number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return _write_text(value, quoted=True)
    number = Decimal(value)
    if number.adjusted() > _MAX_DIGITS:
        return str(number)[:_MAX_CELL]
    return format(round(number / divisor, DECIMALS), "f")


def _write_text(value: Any, *, quoted: bool = False) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and not quoted:
        return value[:_MAX_CELL].replace("\0", "")
    return json.dumps(value, ensure_ascii=False, default=str)[:_MAX_CELL]
