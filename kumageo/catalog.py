"""The catalogue: what each dataset is, whose it is, and under which terms it is shown."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from pyproj import CRS
from pyproj.exceptions import CRSError

from kumageo.errors import CatalogError, UnknownDatasetError

STATUSES = ("published", "withdrawn")
SHA256_LENGTH = 64


@dataclass(frozen=True)
class Source:
    """One publication that a dataset is made from, with the day it describes.

    `url` is blank where no page of the publisher is known.
    """

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


def credit_publisher(dataset: Dataset, publisher: str) -> Dataset:
    """Return the dataset as it is credited when another publisher's form of it is shown."""
    if not publisher:
        return dataset
    attribution = f"{publisher}「{dataset.title}」"
    return replace(
        dataset,
        publisher=publisher,
        attribution=attribution,
        processed_statement=f"{attribution}を加工して作成",
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
    given = {name: entry[name] for name in sorted(wanted & entry.keys())}
    blank = [name for name, value in given.items() if _is_blank(value)]
    problems += [f"{name} is blank" for name in blank]
    for name, value in given.items():
        expected = dt.date if name == "as_of" else list if name in ("sources", "encodings") else str
        if not isinstance(value, expected):
            problems.append(f"{name}: expected {expected.__name__}, got {value!r}")
        elif name in _VALUE_CHECKS and name not in blank:
            problems += _VALUE_CHECKS[name](value)
    return problems


def _is_blank(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else value in ([], {})


def _check_sources(sources: list[Any]) -> list[str]:
    names = [field.name for field in fields(Source)]
    return [
        f"sources: expected {', '.join(names)}, none but url blank; got {source!r}"
        for source in sources
        if not isinstance(source, Mapping)
        or set(source) != set(names)
        or any(_is_blank(value) for name, value in source.items() if name != "url")
        or not isinstance(source["as_of"], dt.date)
    ]


def _check_status(status: str) -> list[str]:
    return [] if status in STATUSES else [f"status: expected one of {STATUSES}, got {status!r}"]


def _check_sha256(sha256: str) -> list[str]:
    if len(sha256) == SHA256_LENGTH and set(sha256) <= set("0123456789abcdef"):
        return []
    return [f"sha256: expected 64 hexadecimal digits, got {sha256!r}"]


def _check_crs(crs: str) -> list[str]:
    try:
        CRS.from_user_input(crs)
    except CRSError:
        return [f"crs: expected a code such as EPSG:6668, got {crs!r}"]
    return []


def _check_url(url: str) -> list[str]:
    good = url.startswith(("https://", "http://"))
    return [] if good else [f"source_url: expected http(s), got {url!r}"]


_VALUE_CHECKS: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "crs": _check_crs,
    "sha256": _check_sha256,
    "source_url": _check_url,
    "sources": _check_sources,
    "status": _check_status,
}


def _build_dataset(dataset_id: str, entry: Mapping[str, Any]) -> Dataset:
    values = dict(entry)
    values["sources"] = tuple(Source(**source) for source in entry["sources"])
    values["encodings"] = tuple(entry["encodings"])
    return Dataset(id=dataset_id, **values)
