"""What is found in long tables: rows kept and kept out, and never more than a bounded list."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest

from kumageo.readers import chunks, series
from kumageo.readers.series import MAX_RAW_LENGTH, Findings
from kumageo.readers.tables import Layout, lay_out
from kumageo.validation import Issue

FIELDS = [field.name for field in fields(Issue)]
LAYOUT = Layout("pairs", ("id", "level"))


def chunk_of(*lines):
    return lay_out("\n".join(["id,level", *lines]), (LAYOUT,), "utf-8", "a.csv")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(series, "MAX_ISSUES", 3)


def test_by_hand():
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a,1", "b", "c,x", "d,"))
    sieve.find([False, True, False], "level", "number", "a number")
    sieve.find([True, False, True], "level", "odd", "an odd one", severity="warning")
    assert sieve.good.tolist() == [True, False, True]
    result = findings.finish(sieve.rows[sieve.good], n_kept=2)
    assert result.issues == (
        Issue(3, "", "", "cell_count", "2 cells", "1 cells: b"),
        Issue(4, "c", "level", "number", "a number", "x"),
        Issue(2, "a", "level", "odd", "an odd one", "1", "warning"),
        Issue(5, "d", "level", "odd", "an odd one", "", "warning"),
    )
    assert (result.n_read, result.n_kept, result.n_uncounted) == (4, 2, 0)
    assert (result.layout, result.encoding) == ("pairs", "utf-8")
    assert result.table["id"].tolist() == ["a", "d"]
    kept_out = result.quarantine.fillna("")
    assert kept_out.columns.tolist() == [*FIELDS, "raw", "raw_id", "raw_level"]
    assert kept_out.to_numpy().tolist() == [
        [3, "", "", "cell_count", "2 cells", "1 cells: b", "error", "b", "", ""],
        [4, "c", "level", "number", "a number", "x", "error", "", "c", "x"],
    ]


def test_nothing_found():
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a,1"))
    sieve.find([False], "level", "number", "a number")
    result = findings.finish(sieve.rows, n_kept=1)
    assert result.issues == ()
    assert len(result.quarantine) == 0


def test_several_columns_are_quoted():
    findings = Findings("")
    sieve = findings.open_chunk(chunk_of("a,1"))
    sieve.find([True], "position", "pair", "another", shown=("id", "level"))
    (issue,) = findings.finish(sieve.rows, n_kept=0).issues
    assert (issue.feature_id, issue.column, issue.got) == ("", "position", "a, 1")


def test_a_row_with_two_errors_is_listed_twice_and_kept_out_once():
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a,1", "b,2"))
    sieve.find([True, False], "id", "one", "x")
    sieve.find([True, False], "level", "two", "x")
    assert sieve.good.tolist() == [False, True]
    assert findings.finish(sieve.rows, n_kept=1).quarantine["source_row"].tolist() == [2, 2]


def test_long_cells_are_cut():
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of(f"a,{'x' * 1000}", "y" * 1000))
    sieve.find([True], "level", "number", "a number")
    result = findings.finish(sieve.rows, n_kept=0)
    assert result.quarantine["raw"].str.len().tolist() == [MAX_RAW_LENGTH, 0]
    assert result.quarantine["raw_level"].str.len().tolist()[1] == MAX_RAW_LENGTH
    assert max(len(issue.got) for issue in result.issues) <= 81


def test_as_many_errors_as_may_be_listed(few):
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a,1", "b,2", "c,3", "d,4"))
    sieve.find([True, True, True, False], "level", "number", "a number")
    assert not findings.is_full
    assert len(findings.finish(sieve.rows, n_kept=1).issues) == 3


def test_one_error_more(few):
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a", "b,2", "c,3", "d,4", "e,5"))
    sieve.find([True, True, True, False], "level", "number", "a number")
    sieve.find([True, False, False, False], "id", "other", "another")
    assert findings.is_full
    result = findings.finish(sieve.rows[sieve.good], n_kept=1)
    assert result.issues[0] == Issue(
        *(0, "", "", "too_many_errors", "at most 3 errors"),
        "5 in the first 5 rows; then it was left",
    )
    assert [issue.source_row for issue in result.issues[1:]] == [2, 3, 4]
    assert result.quarantine["source_row"].tolist() == [2, 3, 4]
    assert sieve.good.tolist() == [False, False, False, True]


def test_too_many_ragged_rows(few):
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of(*"abcd", "e,5"))
    assert findings.is_full
    assert len(findings.finish(sieve.rows, n_kept=1).quarantine) == 3


def test_too_many_warnings_are_counted_and_read_on(few):
    findings = Findings("id")
    for line in "abcde":
        sieve = findings.open_chunk(chunk_of(f"{line},1"))
        sieve.find([True], "level", "odd", "an odd one", severity="warning")
    assert not findings.is_full
    result = findings.finish(sieve.rows, n_kept=5)
    assert [issue.feature_id for issue in result.issues] == ["", "a", "b", "c"]
    assert (result.issues[0].check, result.issues[0].got) == ("unlisted_warnings", "2 more")
    assert {issue.severity for issue in result.issues} == {"warning"}


def test_notes_come_first():
    findings = Findings("id")
    sieve = findings.open_chunk(chunk_of("a,1"))
    note = Issue(0, "", "position", "off_corridor", "a", "b", "warning")
    result = findings.finish(sieve.rows, n_kept=1, n_uncounted=1, notes=[note])
    assert (result.issues, result.n_uncounted) == ((note,), 1)


def test_the_limit():
    assert series.MAX_ISSUES == 10_000


def test_a_table_is_not_changed():
    chunk = chunk_of("a,1")
    before = chunk.rows.copy()
    Findings("id").open_chunk(chunk).find([True], "level", "number", "a number")
    pd.testing.assert_frame_equal(chunk.rows, before)


def test_ragged_rows_alone_can_fill_the_list():
    # Behind that many of them a chunk is cut short: nothing may be read on.
    assert chunks.MAX_RAGGED > series.MAX_ISSUES
