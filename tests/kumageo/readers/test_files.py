"""From a file to text: bounded, strictly decoded, nothing guessed."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
import zipfile

import pytest

from kumageo.errors import FileTooLargeError, ReadError
from kumageo.readers.files import MAX_BYTES, decode, find_encoding, read_blocks, read_bytes

MIB = 1024 * 1024
TEXT = "id,name\n1,熊本市\n"


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return content.getvalue()


GZ = gzip.compress(TEXT.encode())
ZIP = zipped(("a.csv", TEXT * 50))


class TestReadBytes:
    @pytest.mark.parametrize("name", ["a.csv", "a.gz", "no_ending", "名前 と 空白.csv"])
    def test_what_is_in_a_file_counts_not_its_name(self, write, name):
        assert read_bytes(write(name, TEXT)) == TEXT.encode()
        assert read_bytes(write(name, gzip.compress(TEXT.encode()))) == TEXT.encode()
        assert read_bytes(write(name, zipped(("a.csv", TEXT)))) == TEXT.encode()

    def test_a_zip_may_hold_a_folder_beside_its_file(self, write):
        assert read_bytes(write("a.zip", zipped(("d/", ""), ("d/a.csv", TEXT)))) == TEXT.encode()

    @pytest.mark.parametrize("names", [["a.csv", "b.csv"], ["d/"], ["a.csv", "a.csv/b.csv"]])
    def test_a_zip_has_one_file(self, write, names):
        content = zipped(*((name, "" if name.endswith("/") else TEXT) for name in names))
        with pytest.raises(ReadError, match="expected an archive with one file, got"):
            read_bytes(write("a.zip", content))

    def test_at_the_bound(self, write):
        path = write("a.csv", b"x" * 1000)
        assert len(read_bytes(path, 1000)) == 1000
        with pytest.raises(FileTooLargeError, match=r"a\.csv: expected at most"):
            read_bytes(path, 999)

    @pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("a", data))])
    def test_unpacked_at_the_bound(self, write, pack):
        path = write("a.bin", pack(b"x" * 100_000))
        assert path.stat().st_size < 1000
        assert len(read_bytes(path, 100_000)) == 100_000
        with pytest.raises(FileTooLargeError):
            read_bytes(path, 99_999)

    def test_a_bomb_does_not_fill_the_memory(self, write):
        path = write("bomb.gz", gzip.compress(bytes(100 * MIB), 1))
        assert path.stat().st_size < MIB
        tracemalloc.start()
        try:
            with pytest.raises(FileTooLargeError):
                read_bytes(path, MIB)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 10 * MIB

    def test_a_huge_file_is_not_read(self, tmp_path):
        path = tmp_path / "huge.csv"
        path.touch()
        os.truncate(path, 2 * 1024 * MIB)
        tracemalloc.start()
        try:
            with pytest.raises(FileTooLargeError, match="64 MiB"):
                read_bytes(path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < MIB
        assert MAX_BYTES == 64 * MIB

    @pytest.mark.parametrize("content", [b"", b" \r\n\t", gzip.compress(b"", mtime=0)])
    def test_an_empty_file(self, write, content):
        with pytest.raises(ReadError, match="got an empty file"):
            read_bytes(write("a.csv", content))

    def test_no_file(self, tmp_path):
        for path in (tmp_path, tmp_path / "a.csv", tmp_path / "a" / "b.csv"):
            with pytest.raises(ReadError, match=r"expected a file, got none there\. Check the"):
                read_bytes(path)

    def test_a_name_that_no_file_system_takes(self, tmp_path):
        with pytest.raises(ReadError, match="expected a readable file"):
            read_bytes(tmp_path / ("x" * 300 + ".csv"))

    @pytest.mark.parametrize(
        "content",
        [
            GZ[:-10],
            GZ[:-4] + b"\0\0\0\0",
            GZ + b"trailing",
            GZ[:10] + b"\xff" * 20,
            ZIP[:-30],
            ZIP[:40] + bytes(20) + ZIP[60:],
            ZIP.replace(b"\x08\x00", b"\x63\x00"),
        ],
        ids=["gz_cut", "gz_length", "gz_tail", "gz_noise", "zip_cut", "zip_noise", "zip_method"],
    )
    def test_a_damaged_archive(self, write, content):
        with pytest.raises(ReadError, match="ownload it again"):
            read_bytes(write("a.bin", content))

    def test_a_zip_with_a_password(self, write):
        content = bytearray(zipped(("a.csv", TEXT)))
        content[6] |= 1  # the flag in the local header …
        content[content.index(b"PK\1\2") + 8] |= 1  # … and in the directory
        with pytest.raises(ReadError, match="expected a whole archive"):
            read_bytes(write("a.zip", bytes(content)))

    def test_a_damaged_zip_packed_with_lzma(self, write):
        content = bytearray(zipped(("a.csv", TEXT * 50), method=zipfile.ZIP_LZMA))
        content[52] ^= 0xFF
        with pytest.raises(ReadError, match="expected a whole archive"):
            read_bytes(write("a.zip", bytes(content)))


class TestDecode:
    @pytest.mark.parametrize(
        ("content", "declared", "encoding"),
        [
            (TEXT.encode(), ["utf-8", "cp932"], "utf-8"),
            (b"\xef\xbb\xbf" + TEXT.encode(), ["utf-8"], "utf-8-sig"),
            (b"\xef\xbb\xbf" + TEXT.encode(), ["cp932"], "utf-8-sig"),
            (TEXT.encode("cp932"), ["utf-8", "cp932"], "cp932"),
            (TEXT.encode("euc_jp"), ["euc_jp"], "euc_jp"),
        ],
    )
    def test_what_fits(self, content, declared, encoding):
        assert decode(content, declared, "a.csv") == (TEXT, encoding)

    def test_cp932_has_more_than_shift_jis(self):
        assert decode("①髙﨑㈱～".encode("cp932"), ["utf-8", "cp932"], "a")[0] == "①髙﨑㈱～"

    @pytest.mark.parametrize("family", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_named(self, family):
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(family, b"")
        with pytest.raises(ReadError, match=r"a\.csv: expected utf-8, got UTF-16\. Save the file"):
            decode(mark + TEXT.encode(family), ["utf-8"], "a.csv")

    def test_the_message_names_the_place(self):
        content = TEXT.encode() + b"2,\xff\n"
        with pytest.raises(ReadError) as caught:
            decode(content, ["utf-8"], "a.csv")
        assert str(caught.value).startswith(
            f"a.csv: expected text in utf-8, got bytes that are neither: "
            f"utf-8 fails in line 3 (byte {len(TEXT.encode()) + 2})"
        )

    @pytest.mark.parametrize(
        ("content", "declared"),
        [
            (TEXT.encode()[:-3], ["utf-8"]),
            (TEXT.encode("cp932"), ["utf-8"]),
            (b"\xef\xbb\xbf" + TEXT.encode("cp932"), ["utf-8", "cp932"]),
            ("é".encode("latin-1"), ["utf-8", "cp932"]),
        ],
    )
    def test_what_does_not_fit(self, content, declared):
        with pytest.raises(ReadError, match="fails in line"):
            decode(content, declared, "a.csv")

    @pytest.mark.parametrize(
        "content",
        [TEXT.encode("euc_jp"), TEXT.replace("熊本市", "熊本市北区の公民館").encode() + b"\xb6\n"],
        ids=["euc_jp", "damaged_utf_8"],
    )
    def test_cp932_is_not_taken_for_what_it_would_make_unreadable(self, content):
        content.decode("cp932")  # it would take the bytes
        with pytest.raises(ReadError, match="cp932 would give unreadable text"):
            decode(content, ["utf-8", "cp932"], "a.csv")

    def test_an_encoding_is_tried_to_the_last_byte(self):
        with pytest.raises(ReadError, match="utf-8 fails in line 1001"):
            decode(b"a\n" * 1000 + b"\x82\xa0", ["utf-8"], "a.csv")

    @pytest.mark.parametrize(
        ("encoding", "error"),
        [("klingon", LookupError), ("hex", LookupError), ("undefined", UnicodeError)],
    )
    def test_an_encoding_that_does_not_exist(self, encoding, error):
        with pytest.raises(ReadError, match=encoding):
            decode(TEXT.encode(), [encoding], "a.csv")

    def test_utf_16_where_it_is_declared(self):
        assert decode(TEXT.encode("utf-16"), ["utf-16"], "a.csv")[0] == TEXT


class TestBlocks:
    def test_a_file_comes_in_blocks(self, write):
        content = os.urandom(3 * MIB + 5)
        for packed in (content, gzip.compress(content, 1), zipped(("a", content))):
            blocks = list(read_blocks(write("a.bin", packed), 4 * MIB))
            assert b"".join(blocks) == content
            assert max(map(len, blocks)) <= MIB

    def test_the_bound_stops_in_the_middle(self, write):
        blocks = read_blocks(write("a.gz", gzip.compress(bytes(3 * MIB))), 2 * MIB)
        assert len(next(blocks)) + len(next(blocks)) == 2 * MIB
        with pytest.raises(FileTooLargeError, match="at most 2 MiB"):
            next(blocks)

    def test_an_error_of_the_caller_stays_as_it_is(self, write):
        def read():
            for _ in read_blocks(write("a.zip", ZIP), MIB):
                raise RuntimeError("of the caller")

        with pytest.raises(RuntimeError, match="of the caller"):
            read()

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    @pytest.mark.parametrize(
        ("content", "declared"),
        [
            (TEXT.encode(), ["utf-8", "cp932"]),
            (b"\xef\xbb\xbf" * 400 + TEXT.encode(), ["cp932"]),
            (TEXT.encode("cp932"), ["utf-8", "cp932"]),
            (TEXT.encode("euc_jp"), ["utf-8", "cp932"]),
            (TEXT.encode("euc_jp"), ["cp932", "euc_jp"]),
            (TEXT.encode() + b"2,\xff\n", ["utf-8", "euc_jp"]),
            (TEXT.encode("cp932") + b"2,\xff\n", ["utf-8", "cp932"]),
            (TEXT.encode()[:-3], ["utf-8", "cp932"]),
            (TEXT.encode("cp932")[:-2], ["cp932"]),
            (TEXT.encode("utf-16"), ["utf-16"]),
        ],
    )
    def test_the_encoding_does_not_depend_on_the_blocks(self, content, declared, size):
        # The first block is never shorter than a byte order mark.
        blocks = [content[:3], *(content[i : i + size] for i in range(3, len(content), size))]

        def answer(parts):
            try:
                return find_encoding(lambda: parts, declared, "a.csv")
            except ReadError as error:
                return str(error)

        assert answer(blocks) == answer([content])
