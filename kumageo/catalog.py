"""The catalogue: what each dataset is, whose it is, and under which terms it is shown."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from kumageo.errors import CatalogError, UnknownDatasetError

STATUSES = ("published", "withdrawn")
SHA256_LENGTH = 64


@dataclass(frozen=True)
class Source:
    """One publication that a dataset is made from, with the day it describes."""

    publisher: str
    title: str
    url: str
    as_of: dt.date


@dataclass(frozen=True)
class Dataset:
    """One dataset of the catalogue; every field is mandatory and none is blank."""

    id: str
    title: str
    title_en: str
    publisher: str
    sources: tuple[Source, ...]
    source_url: str
    licence: str
    licence_processed: str
    attribution: str
    processed_statement: str
    as_of: dt.date
    encodings: tuple[str, ...]
    crs: str
    reader: str
    schema: str
    raw: str
    sha256: str
    status: str


@dataclass(frozen=True)
class Catalog:
    """All datasets by id, in the order of the file."""

    datasets: tuple[Dataset, ...]

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.datasets)

    def __getitem__(self, dataset_id: str) -> Dataset:
        """Return one dataset.

        Raises
        ------
        UnknownDatasetError
            If no dataset has this id; the message lists those that exist.
        """
        for dataset in self.datasets:
            if dataset.id == dataset_id:
                return dataset
        known = ", ".join(dataset.id for dataset in self.datasets)
        raise UnknownDatasetError(
            f"dataset: expected one of {known}; got {dataset_id[:80]!r}. "
            "Add it to geodata/catalog.toml or correct the name."
        )


def load_catalog(path: Path) -> Catalog:
    """Read and check `catalog.toml`.

    Raises
    ------
    CatalogError
        If the file is missing, is no TOML, or any entry is incomplete. All problems of
        all entries are listed in one message.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(
            f"catalogue {path.name}: expected a TOML file in UTF-8, got {error}. "
            "Restore the file or mend that line."
        ) from error
    problems: list[str] = []
    datasets = []
    for dataset_id, entry in document.items():
        found = _find_problems(entry)
        problems += [f"{dataset_id}: {problem}" for problem in found]
        if not found:
            datasets.append(_build_dataset(dataset_id, entry))
    if not document:
        problems.append("no dataset at all")
    if problems:
        listed = "\n  - ".join(problems)
        raise CatalogError(
            f"catalogue {path.name}: {len(problems)} problem(s), mend each:\n  - {listed}"
        )
    return Catalog(tuple(datasets))


def _find_problems(entry: Any) -> list[str]:
    if not isinstance(entry, Mapping):
        return [f"expected a table, got {type(entry).__name__}"]
    wanted = {field.name for field in fields(Dataset)} - {"id"}
    problems = [f"{name} is missing" for name in sorted(wanted - entry.keys())]
    problems += [f"{name} is not a known field" for name in sorted(entry.keys() - wanted)]
    problems += [
        f"{name} is blank" for name in sorted(wanted & entry.keys()) if entry[name] in ("", [], {})
    ]
    if problems:
        return problems
    return _find_bad_values(entry)


def _find_bad_values(entry: Mapping[str, Any]) -> list[str]:
    problems = []
    lists = ("sources", "encodings")
    for name, value in entry.items():
        expected = dt.date if name == "as_of" else list if name in lists else str
        if not isinstance(value, expected):
            problems.append(f"{name}: expected {expected.__name__}, got {value!r}")
    if problems:
        return problems
    for source in entry["sources"]:
        missing = {field.name for field in fields(Source)} - set(source)
        if missing or not isinstance(source["as_of"], dt.date):
            problems.append(f"sources: expected publisher, title, url, as_of; got {source!r}")
    if entry["status"] not in STATUSES:
        problems.append(f"status: expected one of {STATUSES}, got {entry['status']!r}")
    if len(entry["sha256"]) != SHA256_LENGTH or not set(entry["sha256"]) <= set("0123456789abcdef"):
        problems.append(f"sha256: expected 64 hexadecimal digits, got {entry['sha256']!r}")
    try:
        CRS.from_user_input(entry["crs"])
    except CRSError:
        problems.append(f"crs: expected a code such as EPSG:6668, got {entry['crs']!r}")
    return problems


def _build_dataset(dataset_id: str, entry: Mapping[str, Any]) -> Dataset:
    values = dict(entry)
    values["sources"] = tuple(Source(**source) for source in entry["sources"])
    values["encodings"] = tuple(entry["encodings"])
    return Dataset(id=dataset_id, **values)
