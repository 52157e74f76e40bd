"""An export is written as a whole: a run that is killed leaves the one before.

It is made in a hidden folder beside its place and then put there by renaming. What a killed run
left over is cleared away, or put back, by the next one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from kumageo.errors import ExportError

MANIFEST: Final = "manifest.json"
PRODUCT: Final = "kumamoto-dashboard"
N_NAMED: Final = 5


def write_manifest(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """Return the list of all files with their checksums, and what is known of the export."""
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
    }
    document = {"product": PRODUCT, **facts, "files": listed}
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def check_folder(folder: Path) -> None:
    """Check that a folder may be replaced: it is not there, empty, or an export of ours.

    Raises
    ------
    ExportError
        If it holds anything else.
    """
    if not folder.name or (folder.exists() and not folder.is_dir()):
        raise ExportError(f"{folder.name or '/'}: expected a folder of its own. Name another one.")
    held = _list_files(folder)
    if not held and not (folder.exists() and any(folder.iterdir())):
        return
    foreign = sorted(held - _list_own(folder))
    if foreign or not held:
        named = ", ".join(foreign[:N_NAMED]) + (" …" if len(foreign) > N_NAMED else "")
        raise ExportError(
            f"{folder.name}: expected an empty folder or an export that this command made, got "
            f"other files: {named or 'folders'}. Nothing was changed. Name another folder, or "
            "move these files away."
        )


def _list_files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in found}


def _list_own(folder: Path) -> set[str]:
    """Return the files that the manifest of a folder names; none if it is no export of ours."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
        is_ours = document["product"] == PRODUCT
        return {MANIFEST, *document["files"]} if is_ours else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextmanager
def claim_folder(folder: Path) -> Iterator[None]:
    """Keep a folder for this run, and clear away what a killed one left.

    Raises
    ------
    ExportError
        If another run has it, or if it holds what is not ours.
    """
    check_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_name_beside(folder, "lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ExportError(
            f"{folder.name}: another export into this folder is running. Nothing was changed; "
            "try again when it has ended."
        ) from error
    try:
        _clear_leftovers(folder)
        check_folder(folder)
        yield
    finally:
        lock.release()


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files in place of all that a folder holds; call it within `claim_folder`.

    Parameters
    ----------
    folder
        Is there as it was, or as it shall be.
    files
        Content by path in the folder.
    """
    new, old = _name_beside(folder, "new"), _name_beside(folder, "old")
    try:
        for name, content in files.items():
            _write(new / name, content)
        if folder.exists():
            folder.replace(old)
        new.replace(folder)
    except BaseException:
        _clear_leftovers(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _clear_leftovers(folder: Path) -> None:
    """Put back what was only moved aside; delete what was not finished, or is not needed."""
    new, old = _name_beside(folder, "new"), _name_beside(folder, "old")
    if old.is_dir() and not folder.exists():
        old.replace(folder)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)


def _name_beside(folder: Path, purpose: str) -> Path:
    return folder.with_name(f".{folder.name}.export-{purpose}")
