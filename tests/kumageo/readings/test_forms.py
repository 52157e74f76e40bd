"""Files of readings: forms, encodings, archives, and what can't be a file of readings."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from kumageo.errors import FileTooLargeError, ReadError
from kumageo.readings import forms
from kumageo.readings.forms import DEPTH, LEVEL, examine_file, read_chunks

ROWS = b"kumamoto-01,2026-01-01T00:00Z,8\nkumamoto-01,2026-01-01T01:00Z,9\n"
GOOD = b"well,time,level_m\n" + ROWS


@pytest.fixture
def examine(write):
    return lambda content, name="a.csv": examine_file(write(name, content))


@pytest.fixture
def read(examine):
    def read_rows(content):
        return list(read_chunks(examine(content)))

    return read_rows


class TestForms:
    def test_level(self, examine):
        file = examine(GOOD)
        assert file.layout is LEVEL
        assert (file.encoding, file.n_bytes, file.is_cut_off) == ("utf-8", len(GOOD), False)
        assert file.sha256 == hashlib.sha256(GOOD).hexdigest()

    def test_depth(self, examine):
        file = examine(b"well,time,depth_m,ground_m\nkumamoto-01,2026-01-01T00:00Z,8,20\n")
        assert file.layout is DEPTH

    def test_columns_in_any_order(self, read):
        (chunk,) = read(b" level_m ,well,time\n8,kumamoto-01,2026-01-01T00:00Z\n")
        assert chunk.rows.loc[0, ["well", "level_m"]].tolist() == ["kumamoto-01", "8"]

    @pytest.mark.parametrize(
        ("header", "words"),
        [
            (b"well,time,depth_m", "expected ground_m .* A depth alone gives no level"),
            (b"well,time,level", "missing: level_m; extra: level"),
            (b"well,time,level_m,quality", "missing: none; extra: quality"),
            (b"well,time,level_m,depth_m,ground_m", "extra: level_m"),
            (b"WELL,time,level_m", "missing: well; extra: WELL"),
            (b"well,time,level_m,well", "got twice: well"),
            (b"kumamoto-01,2026-01-01T00:00Z,8", "missing: well, time, level_m"),
            (b",,", "expected the header well,time,level_m or well,time,depth_m,ground_m"),
        ],
    )
    def test_another_header(self, examine, header, words):
        with pytest.raises(ReadError, match=words):
            examine(header + b"\n" + ROWS)


class TestEncoding:
    def test_a_byte_order_mark(self, read, examine):
        content = b"\xef\xbb\xbf" + GOOD
        assert examine(content).encoding == "utf-8-sig"
        (chunk,) = read(content)
        assert next(iter(chunk.rows)) == "well"

    def test_cp932(self, read, examine):
        content = "well,time,level_m\n熊本第１号,2026-01-01T00:00Z,8\n".encode("cp932")
        assert examine(content).encoding == "cp932"
        assert read(content)[0].rows["well"].tolist() == ["熊本第１号"]

    @pytest.mark.parametrize(
        "content",
        [
            GOOD.decode().encode("utf-16"),
            GOOD + b"\x82",  # half a letter of cp932 at the end
            b"\xef\xbb\xbf" + "well,time,level_m\n井,2026-01-01T00:00Z,8\n".encode("cp932"),
        ],
        ids=["utf-16", "cut", "mark"],
    )
    def test_neither(self, examine, content):
        with pytest.raises(ReadError, match=r"expected text in utf-8 or cp932, got (UTF-16|bytes)"):
            examine(content)

    def test_a_letter_across_two_blocks(self, read, monkeypatch):
        monkeypatch.setattr(forms, "_BLOCK", 64)
        wells = [f"井{'x' * i}" for i in range(8)]
        text = "well,time,level_m\n" + "".join(f"{w},2026-01-01T00:00Z,8\n" for w in wells)
        assert read(text.encode())[0].rows["well"].tolist() == wells


class TestRows:
    def test_row_numbers_are_those_of_a_spreadsheet(self, read):
        (chunk,) = read(b"well,time,level_m\na,b,1\n\nc,d\ne,f,2\n")
        assert chunk.rows["source_row"].tolist() == [2, 5]
        assert chunk.rows["level_m"].tolist() == ["1", "2"]
        assert [issue.source_row for issue in chunk.broken] == [4]
        assert (chunk.n_read, chunk.last_row) == (3, 5)

    def test_pieces(self, read, monkeypatch):
        monkeypatch.setattr(forms, "CHUNK_ROWS", 3)
        rows = b"".join(b"w,t,%d\n" % i for i in range(8))
        chunks = read(b"well,time,level_m\n" + rows)
        assert [len(chunk.rows) for chunk in chunks] == [3, 3, 2]
        numbers = [row for chunk in chunks for row in chunk.rows["source_row"]]
        assert numbers == list(range(2, 10))
        assert chunks[-1].n_bytes_read == len(b"well,time,level_m\n" + rows)

    def test_a_piece_of_broken_rows_alone(self, read):
        (chunk,) = read(b"well,time,level_m\nx\ny,z\n")
        assert len(chunk.rows) == 0
        assert list(chunk.rows) == ["well", "time", "level_m", "source_row"]
        assert [issue.got for issue in chunk.broken] == ["1 cells: x", "2 cells: y,z"]

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_line_ends(self, read, examine, end):
        content = GOOD.replace(b"\n", end)
        assert not examine(content).is_cut_off
        assert read(content)[0].rows["source_row"].tolist() == [2, 3]

    def test_a_last_row_without_its_end(self, examine):
        assert examine(GOOD[:-1]).is_cut_off


class TestArchive:
    def test_gzip(self, write, read):
        content = gzip.compress(GOOD)
        assert read(content)[0].rows["level_m"].tolist() == ["8", "9"]

    @pytest.mark.parametrize("cut", [3, 20, -4])
    def test_a_gzip_that_was_cut_off(self, examine, cut):
        with pytest.raises(ReadError, match="expected a readable, whole file"):
            examine(gzip.compress(GOOD)[:cut])

    def test_a_small_file_that_unpacks_to_a_huge_one(self, examine, monkeypatch):
        monkeypatch.setattr(forms, "MAX_BYTES", 1024 * 1024)
        with pytest.raises(FileTooLargeError, match="got more"):
            examine(gzip.compress(GOOD + ROWS * 50_000))

    def test_one_line_without_end(self, examine):
        with pytest.raises(FileTooLargeError, match="in lines under 1 MiB"):
            examine(gzip.compress(b"well,time,level_m\n" + b"," * 5_000_000))


class TestNoFile:
    def test_missing(self, tmp_path):
        with pytest.raises(ReadError, match=r"a\.csv: expected a file, got none"):
            examine_file(tmp_path / "a.csv")
        with pytest.raises(ReadError, match="expected a file"):
            examine_file(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"\n\n"])
    def test_empty(self, examine, content):
        with pytest.raises(ReadError, match="expected the header"):
            examine(content)

    def test_a_header_alone(self, examine):
        with pytest.raises(ReadError, match="expected rows below the header"):
            examine(b"well,time,level_m\n")

    @pytest.mark.parametrize(
        "rows",
        [b'w,"2026-01-01T00:00Z,8\n' * 3, b'w,"t"x,8\n', b"w," + b"x" * 200_000 + b",8\n"],
        ids=["open", "behind", "long"],
    )
    def test_no_csv(self, read, rows):
        with pytest.raises(ReadError, match=r"line .*: expected CSV, got"):
            read(b"well,time,level_m\n" + ROWS + rows)
