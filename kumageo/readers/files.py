"""From a file to bounded, strictly decoded text; nothing about its content is guessed."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from kumageo.errors import FileTooLargeError, ReadError

# The largest figure of the embedded default has 1 MB; a national list of sites has 25 MB.
MAX_BYTES: Final = 64 * 1024 * 1024

_ARCHIVE_ERRORS = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)
_UTF8_BOM = b"\xef\xbb\xbf"
_FIRST_HIGH_BYTE = 0x80
_TEXT_CODECS = ("utf-8", "utf-8-sig", "cp932", "shift_jis", "euc_jp", "utf-16")
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
    except _ARCHIVE_ERRORS as error:
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

    Only the encodings that the catalogue declares for the publisher are tried, and each must
    fit from the first byte to the last. cp932 takes almost any bytes: it is refused where the
    bytes are damaged UTF-8 or EUC-JP, which it would turn into unreadable text.

    Returns
    -------
    tuple of str
        The text without a byte order mark, and the encoding it was read with.

    Raises
    ------
    ReadError
        If none fits; the message names the first byte that does not.
    """
    known = [_find_codec(encoding, name) for encoding in encodings]
    for mark, family in _OTHER_BOMS.items():
        if content.startswith(mark) and not any(codec.startswith("utf-16") for codec in known):
            raise ReadError(
                f"{name}: expected {' or '.join(encodings)}, got {family}. "
                "Save the file as 「CSV UTF-8」."
            )
    if content.startswith(_UTF8_BOM):
        encodings, content = ["utf-8-sig"], content.removeprefix(_UTF8_BOM)
    failures = []
    for encoding in encodings:
        try:
            text = content.decode("utf-8" if encoding == "utf-8-sig" else encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            failures.append(f"{encoding} fails in line {line} (byte {error.start})")
            continue
        if len(encodings) == 1 or not _is_mojibake(content, encoding):
            return text, encoding
        failures.append(f"{encoding} would give unreadable text")
    raise ReadError(
        f"{name}: expected text in {' or '.join(encodings)}, got bytes that are neither: "
        f"{'; '.join(failures)}. Save the file as 「CSV UTF-8」, or name its encoding with "
        "--encoding."
    )


def _find_codec(encoding: str, name: str) -> str:
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        codec = None
    if codec is None or codec.name not in _TEXT_CODECS:
        raise ReadError(
            f"{name}: expected an encoding among {', '.join(_TEXT_CODECS)}, got {encoding[:40]!r}. "
            "Correct --encoding."
        )
    return codec.name


def _is_mojibake(content: bytes, encoding: str) -> bool:
    """Tell whether bytes that cp932 takes are rather damaged UTF-8 or EUC-JP."""
    if encoding != "cp932":
        return False
    rescued = content.decode("utf-8", errors="ignore")
    n_rescued_bytes = len(rescued.encode()) - sum(letter < "\x80" for letter in rescued)
    n_high_bytes = sum(byte >= _FIRST_HIGH_BYTE for byte in content)
    if n_rescued_bytes > n_high_bytes / 2:
        return True
    try:
        content.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return True
