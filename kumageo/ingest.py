"""From an official file to published features: read, check, keep or refuse, publish."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from kumageo.catalog import Catalog, Dataset
from kumageo.checks import References, check_completeness, check_rows
from kumageo.clock import JST
from kumageo.errors import CatalogError, NotPublishedError, QuarantineError, ReadError
from kumageo.normalise import build_features
from kumageo.readers import READERS, RawTable
from kumageo.readers.series import Series
from kumageo.readers.speeds import read_speeds
from kumageo.readers.volumes import read_volumes
from kumageo.schemas import FeatureSchema, get_schema
from kumageo.store import Publication, Store
from kumageo.validation import Issue, ValidationReport, find_bad_rows


def _read_volumes(path: Path, encodings: Sequence[str], store: Store) -> Series:
    return read_volumes(path, encodings, store.load("traffic_stations")["point_code"].to_list())


def _read_speeds(path: Path, encodings: Sequence[str], store: Store) -> Series:
    return read_speeds(path, encodings, store.load("corridors"))


# Readers of long tables, which are checked while they are read, against what is published.
SERIES_READERS: Final[Mapping[str, Callable[[Path, Sequence[str], Store], Series]]] = {
    "traffic_hourly": _read_volumes,
    "corridor_speeds": _read_speeds,
}


@dataclass(frozen=True)
class CheckedFile:
    """A file after its checks: features that may be published, and the rest with reasons."""

    dataset: Dataset
    features: gpd.GeoDataFrame | pd.DataFrame
    quarantine: pd.DataFrame
    report: ValidationReport
    publication: Publication


def check_file(
    catalog: Catalog,
    store: Store,
    dataset_id: str,
    path: Path,
    *,
    encoding: str | None = None,
    as_of: dt.date | None = None,
) -> CheckedFile:
    """Read a file and check every row; publish nothing.

    Parameters
    ----------
    catalog, store
        What the dataset is, and the municipalities and areas it is checked against.
    dataset_id
        Id in the catalogue.
    path
        The official file; plain, `.gz` or one-member `.zip`.
    encoding
        Overrides the encodings that the catalogue declares.
    as_of
        The day that the data describes. Without it, the catalogue's day where the file is
        the catalogue's own (same checksum), else today, marked as the day of the import.

    Raises
    ------
    UnknownDatasetError
        If the dataset is not in the catalogue.
    ReadError
        If the file cannot be read as one of the dataset's published forms.
    """
    dataset = catalog[dataset_id]
    _check_day(as_of)
    encodings = [encoding] if encoding else dataset.encodings
    if dataset.reader in SERIES_READERS:
        series = SERIES_READERS[dataset.reader](path, encodings, store)
        return _check_series(dataset, path, series, as_of)
    if dataset.reader not in READERS:
        known = ", ".join((*READERS, *SERIES_READERS))
        raise CatalogError(
            f"{dataset_id}: expected a reader among {known}, got {dataset.reader!r}. "
            "Correct geodata/catalog.toml."
        )
    raw = READERS[dataset.reader](path, encodings)
    return _check_table(dataset, path, raw, store, as_of)


def _check_day(as_of: dt.date | None) -> None:
    today = dt.datetime.now(tz=JST).date()
    if as_of is not None and as_of > today:
        raise ReadError(
            f"--as-of: expected a day up to today ({today}), got {as_of}. "
            "Give the day that the data describes."
        )


def _check_table(
    dataset: Dataset, path: Path, raw: RawTable, store: Store, as_of: dt.date | None
) -> CheckedFile:
    schema = get_schema(dataset.schema)
    issues = [*raw.broken, *check_rows(raw.rows, schema, _load_references(store, schema))]
    bad_rows = find_bad_rows(issues)
    kept = raw.rows[~raw.rows["source_row"].isin(bad_rows)]
    issues += check_completeness(kept, schema)
    issues += _find_emptied(kept, store, schema)
    if not len(kept):
        issues.append(_no_rows_left(raw.n_read))
    report = ValidationReport(tuple(issues), raw.n_read, len(kept))
    features = build_features(kept, schema, dataset.crs)
    publication = _describe(dataset, path, raw, report, as_of)
    return CheckedFile(dataset, features, _list_quarantine(raw, issues), report, publication)


def _check_series(
    dataset: Dataset, path: Path, series: Series, as_of: dt.date | None
) -> CheckedFile:
    issues = series.issues if series.n_kept else (*series.issues, _no_rows_left(series.n_read))
    report = ValidationReport(issues, series.n_read, series.n_kept)
    publication = _describe(dataset, path, series, report, as_of)
    return CheckedFile(dataset, series.table, series.quarantine, report, publication)


def publish_file(store: Store, checked: CheckedFile, *, accept_quarantine: bool) -> Publication:
    """Publish a checked file in one atomic step.

    Raises
    ------
    QuarantineError
        If the file as a whole failed, or rows were quarantined and `accept_quarantine` is
        not given. Nothing is changed then.
    """
    report = checked.report
    if report.has_blocking_errors(accept_quarantine=accept_quarantine):
        raise QuarantineError(
            f"{checked.dataset.id}: expected every row to pass, got {report.n_quarantined} of "
            f"{report.n_read} rows with errors. Nothing was published. Mend the rows listed in "
            "the report, or publish the others with --accept-quarantine."
        )
    return store.publish(
        checked.dataset.id, checked.features, checked.quarantine, checked.publication
    )


def _load_references(store: Store, schema: FeatureSchema) -> References:
    if not schema.municipality_column:
        return References()
    try:
        municipalities = store.load("municipalities")
        areas = store.load("municipal_boundaries")
    except NotPublishedError as error:
        raise NotPublishedError(f"{schema.id} is checked against other data. {error}") from error
    names = dict(zip(municipalities["code"], municipalities["name"], strict=True))
    return References(names, areas)


def _find_emptied(kept: pd.DataFrame, store: Store, schema: FeatureSchema) -> list[Issue]:
    """Warn of municipalities that have features now and would have none: a file of a part."""
    column = schema.municipality_column
    if not column:
        return []
    try:
        current = store.load(schema.id)[column]
    except NotPublishedError:
        return []
    emptied = sorted(set(current) - set(kept[column]))
    if not emptied:
        return []
    expected = f"features of {current.nunique()} municipalities as before"
    got = f"none of {len(emptied)}: {', '.join(emptied)}"
    return [Issue(0, "", column, "emptied_municipality", expected, got, "warning")]


def _no_rows_left(n_read: int) -> Issue:
    return Issue(0, "", "", "no_rows_left", "at least one good row", f"0 of {n_read}")


def _list_quarantine(raw: RawTable, issues: Sequence[Issue]) -> pd.DataFrame:
    """Return one row for each error: the finding, and the cells of the row as they were read."""
    errors = pd.DataFrame([asdict(i) for i in issues if i.severity == "error" and i.source_row])
    if not len(errors):
        return pd.DataFrame()
    errors["raw"] = [raw.broken_rows.get(source_row, "") for source_row in errors["source_row"]]
    cells = raw.rows.drop(columns="geometry", errors="ignore").add_prefix("raw_")
    return errors.merge(cells, left_on="source_row", right_on="raw_source_row", how="left")


def _describe(
    dataset: Dataset,
    path: Path,
    read: RawTable | Series,
    report: ValidationReport,
    as_of: dt.date | None,
) -> Publication:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.name.encode("utf-8", errors="replace").decode("utf-8")
    if as_of is not None:
        day, basis = as_of, "stated"
    elif sha256 == dataset.sha256:
        day, basis = dataset.as_of, "catalogue"
    else:
        day, basis = dt.datetime.now(tz=JST).date(), "ingested"
    return Publication(
        version="",
        as_of=day.isoformat(),
        as_of_basis=basis,
        source_file=name[:120],
        source_sha256=sha256,
        layout=read.layout,
        encoding=read.encoding,
        n_read=report.n_read,
        n_kept=report.n_kept,
        n_quarantined=report.n_quarantined,
        n_warnings=sum(issue.severity == "warning" for issue in report.issues),
        credited_publisher=read.publisher if isinstance(read, RawTable) else "",
    )
