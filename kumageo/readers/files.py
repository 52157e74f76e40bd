"""From a file to bounded, strictly decoded text; nothing about its content is guessed."""

from __future__ import annotations

import codecs
import gzip
import io
import itertools
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from kumageo.errors import FileTooLargeError, ReadError

# The largest figure of the embedded default has 1 MB; a national list of sites has 25 MB.
MAX_BYTES: Final = 64 * 1024 * 1024
BLOCK_BYTES: Final = 1024 * 1024

_ARCHIVE_ERRORS = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)
_UTF8_BOM = b"\xef\xbb\xbf"
_ASCII = bytes(range(0x80))
_TEXT_CODECS = ("utf-8", "utf-8-sig", "cp932", "shift_jis", "euc_jp", "utf-16")
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a plain, `.gz` or one-member `.zip` file, at most `max_bytes`.

    Raises
    ------
    FileTooLargeError
        If the file or what it unpacks to is larger than `max_bytes`.
    ReadError
        If the file is missing, empty, or a damaged archive.
    """
    content = b"".join(read_blocks(path, max_bytes))
    if not content.strip():
        raise ReadError(
            f"{path.name}: expected a header line and rows, got an empty file. "
            "Download the file again."
        )
    return content


def read_blocks(path: Path, max_bytes: int) -> Iterator[bytes]:
    """Yield the content of a plain, `.gz` or one-member `.zip` file in blocks of 1 MiB.

    The size is looked at before reading, and unpacking stops at the bound: neither a huge
    file nor a small one that unpacks to a huge one fills the memory.

    Raises
    ------
    FileTooLargeError
        If the file or what it unpacks to is larger than `max_bytes`.
    ReadError
        If the file is missing or a damaged archive; an archive that was cut off shows only
        at its end.
    """
    try:
        if not path.is_file():
            raise ReadError(f"{path.name}: expected a file, got none there. Check the path.")
        if path.stat().st_size > max_bytes:
            raise _too_large(path, max_bytes)
        with path.open("rb") as file:
            yield from _unpack_blocks(path, file, max_bytes)
    except OSError as error:  # includes gzip.BadGzipFile
        raise ReadError(
            f"{path.name}: expected a readable file, got {error}. Save or download it again."
        ) from error


def _unpack_blocks(path: Path, file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    magic = file.read(4)
    file.seek(0)
    try:
        if magic[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from _read_bounded(path, unpacked, max_bytes)
        elif magic == b"PK\x03\x04":
            yield from _unzip_blocks(path, file, max_bytes)
        else:
            yield from _read_bounded(path, file, max_bytes)
    except _ARCHIVE_ERRORS as error:
        raise ReadError(
            f"{path.name}: expected a whole archive, got {error}. Download it again."
        ) from error


def _unzip_blocks(path: Path, file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    with zipfile.ZipFile(file) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) != 1:
            raise ReadError(
                f"{path.name}: expected an archive with one file, got {len(members)}. "
                "Unpack it and give the file that is meant."
            )
        with archive.open(members[0]) as unpacked:
            yield from _read_bounded(path, unpacked, max_bytes)


def _read_bounded(path: Path, file: IO[bytes] | gzip.GzipFile, max_bytes: int) -> Iterator[bytes]:
    n_bytes = 0
    while block := file.read(BLOCK_BYTES):
        n_bytes += len(block)
        if n_bytes > max_bytes:
            raise _too_large(path, max_bytes)
        yield block


def _too_large(path: Path, max_bytes: int) -> FileTooLargeError:
    return FileTooLargeError(
        f"{path.name}: expected at most {max_bytes // 1024**2} MiB (unpacked), got more. "
        "Cut the file to Kumamoto Prefecture."
    )


def decode(content: bytes, encodings: Sequence[str], name: str) -> tuple[str, str]:
    """Decode strictly; see `find_encoding`.

    Returns
    -------
    tuple of str
        The text without a byte order mark, and the encoding it was read with.

    Raises
    ------
    ReadError
        If no declared encoding fits; the message names the first byte that does not.
    """
    encoding = find_encoding(lambda: [content], encodings, name)
    return content.decode(encoding), encoding


def find_encoding(read: Callable[[], Iterable[bytes]], encodings: Sequence[str], name: str) -> str:
    """Find the encoding of a file: by its byte order mark, else the first declared that fits.

    Only the encodings that the catalogue declares for the publisher are tried, and each must
    fit from the first byte to the last. cp932 takes almost any bytes: it is refused where the
    bytes are damaged UTF-8 or EUC-JP, which it would turn into unreadable text.

    Parameters
    ----------
    read
        Gives the blocks of the file from its start, every time it is called.
    encodings
        Encodings that the catalogue declares.
    name
        Of the file, for messages.

    Raises
    ------
    ReadError
        If none fits; the message names the first byte that does not.
    """
    known = [_find_codec(encoding, name) for encoding in encodings]
    start = next(iter(read()), b"")
    for mark, family in _OTHER_BOMS.items():
        if start.startswith(mark) and not any(codec.startswith("utf-16") for codec in known):
            raise ReadError(
                f"{name}: expected {' or '.join(encodings)}, got {family}. "
                "Save the file as 「CSV UTF-8」."
            )
    if start.startswith(_UTF8_BOM):
        encodings = ["utf-8-sig"]
    failures = []
    for encoding in encodings:
        failure = _find_undecodable(read(), encoding)
        if failure:
            failures.append(failure)
        elif encoding == "cp932" and len(encodings) > 1 and _is_mojibake(_sample_high(read())):
            failures.append(f"{encoding} would give unreadable text")
        else:
            return encoding
    raise ReadError(
        f"{name}: expected text in {' or '.join(encodings)}, got bytes that are neither: "
        f"{'; '.join(failures)}. Save the file as 「CSV UTF-8」, or name its encoding with "
        "--encoding."
    )


def _find_undecodable(blocks: Iterable[bytes], encoding: str) -> str:
    """Return where the encoding first fails, in words; blank where it fits to the end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    n_lines = n_bytes = 0
    pending, block = b"", b""
    try:
        for block in itertools.chain(blocks, [b""]):
            pending = decoder.getstate()[0]
            decoder.decode(block, final=not block)
            n_lines, n_bytes = n_lines + block.count(b"\n"), n_bytes + len(block)
    except UnicodeDecodeError as error:
        start = error.start - len(pending)
        line = n_lines + block.count(b"\n", 0, max(start, 0)) + 1
        return f"{encoding} fails in line {line} (byte {n_bytes + start})"
    return ""


def _sample_high(blocks: Iterable[bytes]) -> bytes:
    """Return the lines that are not ASCII, up to about `MAX_BYTES`."""
    sample, rest = io.BytesIO(), b""
    for block in blocks:
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        sample.writelines(line + b"\n" for line in lines if not line.isascii())
        if sample.tell() + len(rest) > MAX_BYTES:
            break
    return sample.getvalue() + rest


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


def _is_mojibake(content: bytes) -> bool:
    """Tell whether bytes that cp932 takes are rather damaged UTF-8 or EUC-JP."""
    rescued = content.decode("utf-8", errors="ignore")
    n_rescued_bytes = len(rescued.encode()) - sum(letter < "\x80" for letter in rescued)
    n_high_bytes = len(content.translate(None, _ASCII))
    if n_rescued_bytes > n_high_bytes / 2:
        return True
    try:
        content.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return True
