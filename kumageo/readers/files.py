"""From a file to bounded, strictly decoded text; nothing about its content is guessed."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from kumageo.errors import FileTooLargeError, ReadError

# The largest figure of the embedded default has 1 MB; a national list of sites has 25 MB.
MAX_BYTES: Final = 64 * 1024 * 1024

_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a plain, `.gz` or one-member `.zip` file, at most `max_bytes`.

    The size is looked at before reading, and unpacking stops at the bound: neither a huge
    file nor a small one that unpacks to a huge one fills the memory.

    Raises
    ------
    FileTooLargeError
        If the file or what it unpacks to is larger than `max_bytes`.
    ReadError
        If the file is missing, empty, or a damaged archive.
    """
    try:
        if not path.is_file():
            raise ReadError(f"{path.name}: expected a file, got none there. Check the path.")
        if path.stat().st_size > max_bytes:
            raise _too_large(path, max_bytes)
        with path.open("rb") as file:
            content = _read_unpacked(path, file, max_bytes)
    except OSError as error:  # includes gzip.BadGzipFile
        raise ReadError(
            f"{path.name}: expected a readable file, got {error}. Save or download it again."
        ) from error
    if not content.strip():
        raise ReadError(
            f"{path.name}: expected a header line and rows, got an empty file. "
            "Download the file again."
        )
    return content


def _read_unpacked(path: Path, file: IO[bytes], max_bytes: int) -> bytes:
    magic = file.read(4)
    file.seek(0)
    try:
        if magic[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read_bounded(path, unpacked, max_bytes)
        if magic == b"PK\x03\x04":
            return _read_zip(path, file, max_bytes)
    except (EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ReadError(
            f"{path.name}: expected a whole archive, got {error}. Download it again."
        ) from error
    return _read_bounded(path, file, max_bytes)


def _read_zip(path: Path, file: IO[bytes], max_bytes: int) -> bytes:
    with zipfile.ZipFile(file) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) != 1:
            raise ReadError(
                f"{path.name}: expected an archive with one file, got {len(members)}. "
                "Unpack it and give the file that is meant."
            )
        with archive.open(members[0]) as unpacked:
            return _read_bounded(path, unpacked, max_bytes)


def _read_bounded(path: Path, file: IO[bytes] | gzip.GzipFile, max_bytes: int) -> bytes:
    content = io.BytesIO()
    while chunk := file.read(1024 * 1024):
        content.write(chunk)
        if content.tell() > max_bytes:
            raise _too_large(path, max_bytes)
    return content.getvalue()


def _too_large(path: Path, max_bytes: int) -> FileTooLargeError:
    return FileTooLargeError(
        f"{path.name}: expected at most {max_bytes // 1024**2} MiB (unpacked), got more. "
        "Cut the file to Kumamoto Prefecture."
    )


def decode(content: bytes, encodings: Sequence[str], name: str) -> tuple[str, str]:
    """Decode strictly: by the byte order mark, else by the first declared encoding that fits.

    Only the encodings that the catalogue declares for the publisher are tried, and each
    must fit from the first byte to the last; the reader then checks the header word for
    word, so a wrong encoding cannot pass.

    Returns
    -------
    tuple of str
        The text without a byte order mark, and the encoding it was read with.

    Raises
    ------
    ReadError
        If none fits; the message names the first byte that does not.
    """
    for mark, family in _OTHER_BOMS.items():
        if content.startswith(mark):
            raise ReadError(
                f"{name}: expected {' or '.join(encodings)}, got {family}. "
                "Save the file as 「CSV UTF-8」."
            )
    if content.startswith(_UTF8_BOM):
        encodings, content = ["utf-8-sig"], content.removeprefix(_UTF8_BOM)
    failures = []
    for encoding in encodings:
        try:
            codec = "utf-8" if encoding == "utf-8-sig" else encoding
            return content.decode(codec, errors="strict"), encoding
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            failures.append(f"{encoding} fails in line {line} (byte {error.start})")
    raise ReadError(
        f"{name}: expected text in {' or '.join(encodings)}, got bytes that are neither: "
        f"{'; '.join(failures)}. Save the file as 「CSV UTF-8」, or name its encoding with "
        "--encoding."
    )
