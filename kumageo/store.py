"""The published data on disk: immutable versions, and one small file that says which is current.

A version is written whole into a folder of its own; publishing replaces `published.json`
in one step. A reader sees the old version or the new one, never half of either.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from filelock import FileLock, Timeout

from kumageo.errors import NotPublishedError, ReadError
from kumageo.exports import to_csv_bytes

POINTER: Final = "published.json"
FEATURES: Final = "features.parquet"
QUARANTINE: Final = "quarantine.csv"
LOCK_TIMEOUT_S: Final = 10
N_READ_TRIES: Final = 3


@dataclass(frozen=True)
class Publication:
    """What is known of one published version: where it came from and what was kept.

    `as_of_basis` says what `as_of` means: "catalogue" or "stated" is the day that the data
    describes; "ingested" is only the day of the import, where the file states none.
    `credited_publisher` is blank where it is the one of the catalogue.
    """

    version: str
    as_of: str
    as_of_basis: str
    source_file: str
    source_sha256: str
    layout: str
    encoding: str
    n_read: int
    n_kept: int
    n_quarantined: int
    n_warnings: int
    credited_publisher: str = ""


@dataclass(frozen=True)
class Store:
    """Published datasets below one folder (`processed/<dataset>/...`)."""

    root: Path

    def load(self, dataset_id: str, version: str = "") -> gpd.GeoDataFrame:
        """Load the features of a dataset.

        Parameters
        ----------
        dataset_id
            Id in the catalogue.
        version
            From `describe`; blank: the current one.

        Returns
        -------
        geopandas.GeoDataFrame
            Columns of the dataset's schema, `source_row` and `geometry`; a range index.

        Raises
        ------
        NotPublishedError
            If nothing is published under this id.
        """
        return self._read(gpd.read_parquet, dataset_id, version)

    def load_table(self, dataset_id: str, version: str = "") -> pd.DataFrame:
        """Load a dataset of readings, which have no geometry; see `load`.

        Raises
        ------
        NotPublishedError
            If nothing is published under this id.
        """
        table: pd.DataFrame = self._read(pd.read_parquet, dataset_id, version)
        return table

    def _read(self, read: Callable[[Path], Any], dataset_id: str, version: str) -> Any:
        for _ in range(N_READ_TRIES):
            wanted = version or self.describe(dataset_id).version
            path = self._folder(dataset_id) / wanted / FEATURES
            try:
                return read(path)
            except FileNotFoundError:
                continue  # two imports since the pointer was read: read it again
            except (ValueError, OSError) as error:
                raise ReadError(
                    f"dataset {dataset_id}: expected whole Parquet in version {wanted}, got "
                    f"{error}. Run: python -m kumageo rollback {dataset_id}, or ingest its file "
                    "again."
                ) from error
        raise NotPublishedError(
            f"dataset {dataset_id}: expected version {wanted}, got no file for it. "
            f"Run: python -m kumageo ingest {dataset_id} FILE"
        )

    def describe(self, dataset_id: str) -> Publication:
        """Return what is known of the current version.

        Raises
        ------
        NotPublishedError
            If nothing is published under this id.
        """
        current = self._read_pointer(dataset_id)["current"]
        if current is None:
            raise NotPublishedError(
                f"dataset {dataset_id}: expected a published version, got none. "
                f"Run: python -m kumageo ingest {dataset_id} FILE"
            )
        return Publication(**current)

    def publish(
        self,
        dataset_id: str,
        features: gpd.GeoDataFrame | pd.DataFrame,
        quarantine: pd.DataFrame,
        publication: Publication,
    ) -> Publication:
        """Publish a version in one atomic step and keep the one before it.

        Parameters
        ----------
        dataset_id
            Id in the catalogue.
        features
            Typed features, or readings without geometry; they replace the current ones.
        quarantine
            The rows that were kept out, as text, with their reasons.
        publication
            Its `version` is ignored and set from the content.

        Returns
        -------
        Publication
            With the version under which it is published.
        """
        folder = self._folder(dataset_id)
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock(folder):
            staged = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            try:
                features.to_parquet(staged / FEATURES, compression="zstd", index=False)
                if len(quarantine):
                    (staged / QUARANTINE).write_bytes(to_csv_bytes(quarantine))
                version = _hash_files(staged)[:12]
                if not (folder / version).exists():
                    staged.chmod(0o755)
                    staged.rename(folder / version)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
            published = Publication(**{**asdict(publication), "version": version})
            pointer = self._read_pointer(dataset_id)
            if pointer["current"] is None or pointer["current"]["version"] != version:
                pointer["previous"] = pointer["current"]
            pointer["current"] = asdict(published)
            _write_pointer(folder, pointer)
            _delete_other_versions(folder, pointer)
        return published

    def rollback(self, dataset_id: str) -> Publication:
        """Make the earlier version the current one; the two change places.

        Raises
        ------
        NotPublishedError
            If no earlier version is kept.
        """
        folder = self._folder(dataset_id)
        if not folder.is_dir():
            self.describe(dataset_id)  # raises with the remedy
        with self._lock(folder):
            pointer = self._read_pointer(dataset_id)
            if pointer["previous"] is None:
                raise NotPublishedError(
                    f"dataset {dataset_id}: expected an earlier version to return to, got none. "
                    "Nothing was changed."
                )
            swapped = {"current": pointer["previous"], "previous": pointer["current"]}
            _write_pointer(folder, swapped)
        return Publication(**swapped["current"])

    def _folder(self, dataset_id: str) -> Path:
        return self.root / "processed" / dataset_id

    def _read_pointer(self, dataset_id: str) -> dict[str, Any]:
        path = self._folder(dataset_id) / POINTER
        try:
            pointer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"current": None, "previous": None}
        except ValueError as error:
            raise ReadError(
                f"{dataset_id}/{POINTER}: expected JSON, got {error}. Restore it from a backup."
            ) from error
        return pointer

    @contextmanager
    def _lock(self, folder: Path) -> Iterator[None]:
        lock = FileLock(folder / ".lock")
        try:
            with lock.acquire(timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout as error:
            raise NotPublishedError(
                f"{folder.name}: another import is running. Nothing was changed; try again."
            ) from error


def _write_pointer(folder: Path, pointer: dict[str, Any]) -> None:
    text = json.dumps(pointer, ensure_ascii=False, indent=2) + "\n"
    descriptor, name = tempfile.mkstemp(prefix=".pointer-", dir=folder)
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.chmod(0o644)
        staged.replace(folder / POINTER)
    finally:
        staged.unlink(missing_ok=True)


def _hash_files(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _delete_other_versions(folder: Path, pointer: dict[str, Any]) -> None:
    kept = {entry["version"] for entry in pointer.values() if entry}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
