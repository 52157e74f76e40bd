"""Rows of big files: the same as from the reader of tables, however the file is cut."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import tracemalloc
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumageo.errors import FileTooLargeError, ReadError
from kumageo.readers import chunks, files
from kumageo.readers.chunks import read_chunks
from kumageo.readers.tables import Layout, lay_out

MIB = 1024 * 1024
WELLS = Layout("wells", ("id", "名称", "level"), {"名称": "name"})
HEADER = "id,名称,level\n"
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def small(monkeypatch):
    """Cut after every few rows."""
    monkeypatch.setattr(chunks, "CHUNK_CHARS", 64)
    monkeypatch.setattr(files, "BLOCK_BYTES", 16)


def read(path, *, encodings=("utf-8",), **options):
    return list(read_chunks(path, (WELLS,), encodings, **options))


def join(parts):
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    broken = tuple(itertools.chain.from_iterable(part.broken for part in parts))
    return rows, broken


def test_by_hand(write):
    (chunk,) = read(write("a.csv", HEADER + "01,健軍, 1.50 \n"))
    assert chunk.rows.to_dict("records") == [
        {"id": "01", "name": "健軍", "level": "1.50", "source_row": 2}
    ]
    assert (chunk.layout, chunk.encoding, chunk.broken) == ("wells", "utf-8", ())
    assert chunk.rows.dtypes.astype(str).tolist() == ["str", "str", "str", "int64"]


def pack_zip(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, pack_zip])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_packed_and_encoded(write, small, pack, encoding):
    text = HEADER + "".join(f"{i},井戸{i},{i}.5\n" for i in range(100))
    path = write("a.bin", pack(text.encode(encoding)))
    parts = read(path, encodings=["utf-8", "cp932"])
    assert len(parts) > 5
    assert {part.encoding for part in parts} == {encoding}
    rows, _ = join(parts)
    assert rows["source_row"].tolist() == list(range(2, 102))
    assert rows["name"].tolist() == [f"井戸{i}" for i in range(100)]


def test_ragged_rows_and_blank_lines_keep_the_row_numbers(write):
    (chunk,) = read(write("a.csv", HEADER + "a,b\nc,d,1\n\ne,f,2,3\n,,\ng,h,\n \n,,\n\n"))
    assert chunk.rows[["id", "source_row"]].to_numpy().tolist() == [["c", 3], ["", 6], ["g", 7]]
    assert [(i.source_row, i.check, i.expected, i.got) for i in chunk.broken] == [
        (2, "cell_count", "3 cells", "2 cells: a,b"),
        (5, "cell_count", "3 cells", "4 cells: e,f,2,3"),
    ]
    assert chunk.broken_rows == {2: "a,b", 5: "e,f,2,3"}


CELLS = st.text(alphabet='ab ,"\n\r\u3000①', max_size=4)
ROWS = st.lists(
    st.one_of(
        st.lists(CELLS, min_size=3, max_size=3),
        st.lists(CELLS, max_size=5),
        st.lists(st.sampled_from(["", "x", "1.5"]), min_size=3, max_size=3),
    ),
    min_size=1,
    max_size=30,
)


def write_csv(rows, line_end):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows([WELLS.header, *rows, ["z", "z", "z"]])
    return text.getvalue()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), is_packed=st.booleans())
def test_the_same_as_the_reader_of_tables(write, small, rows, line_end, is_packed):
    text = write_csv(rows, line_end)
    content = text.encode()
    parts = read(write("a.csv", gzip.compress(content, 1) if is_packed else content))
    # Ends of lines in quoted cells become newlines, too.
    table = lay_out(text.replace("\r\n", "\n").replace("\r", "\n"), (WELLS,), "utf-8", "a.csv")
    found, broken = join(parts)
    pd.testing.assert_frame_equal(found, table.rows)
    assert broken == table.broken
    assert sum(part.n_read for part in parts) == table.n_read


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet='a,"\n\r é', max_size=200))
def test_no_text_is_merged_or_lost_without_an_error(write, small, text):
    path = write("a.csv", HEADER + text)
    try:
        parts = read(path)
    except ReadError:
        return
    n_records = sum(1 for _ in csv.reader(io.StringIO(HEADER + text, newline="")))
    last = max([*join(parts)[0]["source_row"], *(i.source_row for i in join(parts)[1])])
    assert last <= n_records
    if '"' not in text:
        lines = (HEADER + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest = [line for line in lines[last:] if line.strip(" ,")]
        assert rest == []
        assert sum(part.n_read for part in parts) == sum(bool(line) for line in lines[1:last])


def test_blank_rows_at_the_end_are_no_rows_even_over_many_chunks(write, small):
    text = HEADER + "a,b,1\n" + ",,\n" * 10 + "c,d,2\n" + ",,\n" * 18
    rows, _ = join(read(write("a.csv", text)))
    assert rows["source_row"].tolist() == list(range(2, 14))
    assert rows["id"].tolist() == ["a", *[""] * 10, "c"]


@pytest.mark.parametrize("line_end", ["\n", ""])
def test_a_last_cell_may_be_blank(write, line_end):
    (chunk,) = read(write("a.csv", HEADER + "a,b,\nc,d," + line_end))
    assert chunk.rows["id"].tolist() == ["a", "c"]


def test_the_header_must_be_known(write):
    with pytest.raises(ReadError, match=r"columns of wells; missing: level; extra: depth\."):
        read(write("a.csv", "id,名称,depth\n1,2,3\n"))
    with pytest.raises(ReadError, match="got twice: id"):
        read(write("a.csv", "id,id\n1,2\n"))


@pytest.mark.parametrize("content", [b"", b"\n\n", BOM, b" \n,,\n", gzip.compress(b"", mtime=0)])
def test_an_empty_file(write, content):
    with pytest.raises(ReadError, match="expected a header line, got none"):
        read(write("a.csv", content))


def test_no_rows(write):
    with pytest.raises(ReadError, match="expected rows below the header, got none"):
        read(write("a.csv", HEADER + "\n,,\n"))


def test_no_file(tmp_path):
    with pytest.raises(ReadError, match="expected a file, got none there"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("cell", ['"b', '"b"c', '"b""'])
def test_a_cell_cut_off(write, cell):
    with pytest.raises(ReadError, match=r"a\.csv, line 4: expected CSV, got"):
        read(write("a.csv", f'{HEADER}x,"y",1\nx,y,1\na,{cell}'))


def test_the_line_of_a_broken_cell_counts_from_the_start_of_the_file(write, small):
    text = HEADER + 'a,"b\nc",1\n' * 20 + 'a,"b"c,1\n'
    with pytest.raises(ReadError, match=r"a\.csv, line 42: expected CSV"):
        read(write("a.csv", text))


def test_a_quotation_mark_without_partner_does_not_swallow_the_file(write, small):
    with pytest.raises(ReadError, match="expected rows of at most 64 characters, got a longer"):
        read(write("a.csv", HEADER + 'a,"b,1\n' + "c,d,2\n" * 100))


def test_a_gzip_stream_cut_off(write, small):
    packed = gzip.compress((HEADER + "a,b,1\n" * 1000).encode())
    with pytest.raises(ReadError, match="expected a whole archive"):
        read(write("a.gz", packed[:-9]))


def test_a_zip_with_a_wrong_checksum(write):
    packed = bytearray(pack_zip(HEADER + "a,b,1\n"))
    packed[14] ^= 0xFF  # the sum in the local header …
    packed[packed.index(b"PK\1\2") + 16] ^= 0xFF  # … and in the directory
    with pytest.raises(ReadError, match="expected a whole archive"):
        read(write("a.zip", bytes(packed)))


def test_no_declared_encoding_fits(write, small):
    text = HEADER + "a,b,1\n" * 100
    with pytest.raises(ReadError, match=r"utf-8 fails in line 102 \(byte 618\)"):
        read(write("a.csv", text.encode() + b"a,\xff,1\n"))
    with pytest.raises(ReadError, match=r"expected utf-8, got UTF-16"):
        read(write("a.csv", text.encode("utf-16")))


def test_a_file_that_changes_while_it_is_read(write, small):
    path = write("a.csv", HEADER + "a,b,1\n" * 10_000)
    rows = read_chunks(path, (WELLS,), ["utf-8"])
    next(rows)
    path.write_bytes(HEADER.encode() + b"a,\xff,1\n" * 10_000)
    with pytest.raises(ReadError, match="got other bytes at the second reading"):
        list(rows)


def test_the_size_is_bounded(write):
    path = write("a.gz", gzip.compress((HEADER + "a,b,1\n" * 100_000).encode()))
    with pytest.raises(FileTooLargeError, match="at most 0 MiB"):
        read(path, max_bytes=100_000)
    assert chunks.MAX_STREAM_BYTES == 8 * 1024 * MIB


def test_the_memory_is_bounded(write, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_CHARS", MIB)
    path = write("a.gz", gzip.compress((HEADER + "a,b,1234567\n" * 4_000_000).encode(), 1))
    tracemalloc.start()
    try:
        n_read = sum(chunk.n_read for chunk in read_chunks(path, (WELLS,), ["utf-8"]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_read == 4_000_000
    assert peak < 30 * MIB  # of a file of 48


def test_reading_stops_at_too_many_ragged_rows(write, small, monkeypatch):
    monkeypatch.setattr(chunks, "MAX_RAGGED", 5)
    text = HEADER + "a,b,1\n" + "a\n" * 6 + "a,b,1\n" * 100
    (chunk,) = read(write("a.csv", text))
    assert [issue.source_row for issue in chunk.broken] == [3, 4, 5, 6, 7]
    assert chunk.rows["source_row"].tolist() == [2]


def test_a_layout_derives_columns(write):
    layout = Layout("x", ("a",), {"a": "b"}, lambda table: table.assign(c=table["b"] + "!"))
    (chunk,) = read_chunks(write("a.csv", "a\n1\n\n2\n"), (layout,), ["utf-8"])
    assert chunk.rows.to_dict("records") == [
        {"b": "1", "c": "1!", "source_row": 2},
        {"b": "2", "c": "2!", "source_row": 4},
    ]
