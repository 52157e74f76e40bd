"""The catalogue of an administrator's rasters: none is shown that does not say what it is."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kumageo.errors import CatalogError, KumageoError, UnknownDatasetError
from kumageo.rasters.classes import RasterClasses
from kumageo.rasters.files import open_raster

CATALOG: Final = "rasters.toml"
KINDS: Final = ("continuous", "classes")
TEXTS: Final = ("file", "title", "unit", "publisher", "licence", "attribution", "source_url")
LISTS: Final = ("breaks", "class_names", "colours")
FIELDS: Final = (*TEXTS, "as_of", "kind", *LISTS)
MAX_CLASSES: Final = 12
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True)
class RasterEntry:
    """One raster of the catalogue; every field is mandatory and none is blank."""

    id: str
    path: Path
    title: str
    unit: str
    publisher: str
    licence: str
    attribution: str
    source_url: str
    as_of: dt.date
    classes: RasterClasses

    @property
    def is_continuous(self) -> bool:
        """Whether the values are measures, not codes of classes."""
        return self.classes.kind == "continuous"


def load_raster_catalog(folder: Path) -> dict[str, RasterEntry]:
    """Read and check `rasters.toml` and open each of its files.

    Parameters
    ----------
    folder
        With the GeoTIFFs and the catalogue, one table a raster under its id.

    Returns
    -------
    dict of str to RasterEntry
        In the order of the file.

    Raises
    ------
    CatalogError
        If the file is missing, is no TOML, or any entry is incomplete or its file cannot be
        shown. All problems of all entries are listed in one message.
    """
    try:
        document = tomllib.loads((folder / CATALOG).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CatalogError(
            f"catalogue {CATALOG}: expected a TOML file in UTF-8, got {reason}. "
            "Restore the file or mend that line."
        ) from error
    problems, entries = [], {}
    for raster_id, entry in document.items():
        found = _find_problems(raster_id, entry)
        if not found:
            entries[raster_id] = _build_entry(folder, raster_id, entry)
            found = _try_file(entries[raster_id].path)
        problems += [f"{raster_id}: {problem}" for problem in found]
    if not document:
        problems.append("no raster at all")
    if problems:
        listed = "\n  - ".join(problems)
        raise CatalogError(
            f"catalogue {CATALOG}: {len(problems)} problem(s), mend each:\n  - {listed}"
        )
    return entries


def get_entry(entries: Mapping[str, RasterEntry], raster_id: str) -> RasterEntry:
    """Return one raster.

    Raises
    ------
    UnknownDatasetError
        If none has this id; the message lists those that exist.
    """
    if raster_id not in entries:
        known = ", ".join(entries) or "none at all"
        raise UnknownDatasetError(
            f"raster: expected one of {known}; got {raster_id[:40]!r}. Correct the name, or add "
            f"it to {CATALOG}."
        )
    return entries[raster_id]


def _find_problems(raster_id: str, entry: Any) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"expected a table, got {type(entry).__name__}"]
    problems = [f"{name} is missing" for name in FIELDS if name not in entry]
    problems += [f"{name} is not a known field" for name in sorted(entry.keys() - set(FIELDS))]
    if not _ID.fullmatch(raster_id):
        problems.append("expected an id of small letters, digits and _")
    for name in TEXTS:
        value = entry.get(name, "a")
        if not isinstance(value, str) or not value.strip():
            problems.append(f"{name}: expected a text, got {value!r}")
    if not isinstance(entry.get("as_of", dt.date.min), dt.date):
        problems.append(f"as_of: expected a day such as 2026-01-31, got {entry['as_of']!r}")
    file = str(entry.get("file", "a"))
    if Path(file).name != file:
        problems.append(f"file: expected a name in the folder, got {file!r}")
    if not str(entry.get("source_url", "http://")).startswith(("https://", "http://")):
        problems.append(f"source_url: expected http(s), got {entry['source_url']!r}")
    return problems + _find_class_problems(entry)


def _find_class_problems(entry: Mapping[str, Any]) -> list[str]:
    if any(name not in entry for name in ("kind", *LISTS)):
        return []  # said already
    problems = []
    kind, breaks = entry["kind"], entry["breaks"]
    names, colours = entry["class_names"], entry["colours"]
    if kind not in KINDS:
        problems.append(f"kind: expected one of {', '.join(KINDS)}; got {kind!r}")
    problems += [
        f"{name}: expected a list, got {entry[name]!r}"
        for name in LISTS
        if not isinstance(entry[name], list)
    ]
    if problems:
        return problems
    if not all(isinstance(one, str) and one.strip() for one in names):
        problems.append(f"class_names: expected texts, got {names!r}")
    if not all(isinstance(one, str) and _COLOUR.fullmatch(one) for one in colours):
        problems.append(f"colours: expected such as #1b5b73, got {colours!r}")
    if not 1 <= len(names) <= MAX_CLASSES or len(colours) != len(names):
        problems.append(
            f"class_names, colours: expected 1 to {MAX_CLASSES} and as many of the other, got "
            f"{len(names)} and {len(colours)}"
        )
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in breaks):
        return [*problems, f"breaks: expected numbers, got {breaks!r}"]
    n_wanted = len(names) + (kind == "continuous")
    if len(breaks) != n_wanted:
        problems.append(f"breaks: expected {n_wanted} for {len(names)} names, got {len(breaks)}")
    if any(low >= high for low, high in itertools.pairwise(breaks)):
        problems.append(f"breaks: expected rising numbers, got {breaks!r}")
    return problems


def _build_entry(folder: Path, raster_id: str, entry: Mapping[str, Any]) -> RasterEntry:
    classes = RasterClasses(
        kind=entry["kind"],
        breaks=tuple(float(one) for one in entry["breaks"]),
        names=tuple(entry["class_names"]),
        colours=tuple(one.lower() for one in entry["colours"]),
    )
    texts = {name: entry[name].strip() for name in TEXTS if name != "file"}
    return RasterEntry(
        id=raster_id, path=folder / entry["file"], as_of=entry["as_of"], classes=classes, **texts
    )


def _try_file(path: Path) -> list[str]:
    try:
        with open_raster(path):
            return []
    except KumageoError as error:
        return [f"file: {error}"]
