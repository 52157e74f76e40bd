"""The council files: what is accepted, and that each problem is named with its file and line."""

from __future__ import annotations

import datetime as dt
import re
import shutil

import pandas as pd
import pytest

from kumageo.council_files import PLACE_DATASETS, hash_council, load_council
from kumageo.council_schema import FILES
from kumageo.errors import CouncilError, KumageoError
from kumageo.store import Store

TOPICS, AREAS, MEETINGS = "topics.toml", "areas.toml", "meetings.csv"
PROBLEM = re.compile(r"  - ([a-z_]+\.(?:csv|toml)), line ([0-9]+): (.*)")
LINE_301 = "長" * 301
A_TOPIC = """
[[topic]]
id = "aso_more"
region = "aso"
meeting = "aso_r6"
title = "もう一つ"
themes = ["roads"]
status = "discussed"
source = "r7_03"
"""


@pytest.fixture(scope="module")
def municipalities(committed):
    return Store(committed).load("municipalities")


@pytest.fixture(scope="module")
def features(committed):
    return {kind: Store(committed).load(name) for kind, name in PLACE_DATASETS.items()}


@pytest.fixture
def folder(tmp_path, committed):
    return shutil.copytree(committed / "council", tmp_path / "council")


@pytest.fixture
def load(folder, municipalities, features):
    def load_folder():
        return load_council(folder, municipalities, features)

    return load_folder


@pytest.fixture
def edit(folder):
    """Replace the first occurrence of a text; return the line in which its successor starts."""

    def edit_file(name, old, new):
        path = folder / name
        before, found, after = path.read_text("utf-8").partition(old)
        assert found, f"{name} has no {old!r}"
        path.write_text(before + new + after, "utf-8", newline="")
        return before.count("\n") + 1

    return edit_file


def problems_of(load):
    with pytest.raises(CouncilError) as caught:
        load()
    first, *listed = str(caught.value).splitlines()
    assert first == f"council: {len(listed)} problem(s), mend each:"
    found = [PROBLEM.fullmatch(line) for line in listed]
    assert all(found), listed
    return [(match[1], int(match[2]), match[3]) for match in found]


def test_the_error_is_what_a_caller_expects():
    assert issubclass(CouncilError, KumageoError)
    assert issubclass(CouncilError, ValueError)


class TestOneField:
    """A wrong field is the only problem, in its own line."""

    @pytest.mark.parametrize(
        ("name", "old", "new", "text"),
        [
            (TOPICS, 'region = "kikuchi"', 'region = "kikuti"', "region: expected a region among "),
            (TOPICS, 'meeting = "aso_r6"', 'meeting = "aso_r5"', "meeting: expected a meeting"),
            (TOPICS, 'themes = ["roads"]', 'themes = ["rails"]', "themes: expected a theme among"),
            (TOPICS, 'themes = ["roads"]', "themes = []", "themes: expected a value, got none"),
            (TOPICS, '["roads"]', '["roads", "roads"]', "themes: expected each once, got"),
            (TOPICS, '["roads"]', '"roads"', "themes: expected texts in [\"…\"], got 'roads'"),
            (TOPICS, '["roads"]', '["roads", 5]', 'themes: expected texts in ["…"], got'),
            (TOPICS, '"discussed"', '"argued"', "status: expected the form discussed|in_study|"),
            (TOPICS, '"congestion"', '"trafic"', "layer: expected a layer among municipalities, "),
            (TOPICS, "landmark:jasm", "landmark:jam", "places: expected a known place (98); got"),
            (TOPICS, '"r7_03"', '"r7_04"', "source: expected a source among r6_06, r7_03, "),
            (TOPICS, 'title = "公共', f'title = "{LINE_301}公共', "title: expected at most 300 le"),
            (TOPICS, 'title = "公共交通"', 'title = ""', "title: expected a value, got none."),
            (TOPICS, 'title = "公共交通"', "title = 5", 'title: expected text in "…", got 5.'),
            (TOPICS, 'title = "公共', 'title = "<b>公共', "title: expected text without < or >, "),
            (
                TOPICS,
                'title = "公共',
                'title = "=公共',
                "title: expected no = + - or @ at the start",
            ),
            (TOPICS, 'title = "公共', r'title = "公\n共', "title: expected printable text, got"),
            (TOPICS, 'title = "公共', 'colour = "公共', "expected a field among id, region, meet"),
            (TOPICS, 'id = "aso_farm', 'id = "Aso farm', "id: expected the form [a-z]"),
            (TOPICS, 'around = "semicon"', 'around = "r58"', "query: expected for around a value"),
            (TOPICS, '{ around = "', '{ abround = "', "query: expected of congestion among hour, "),
            (TOPICS, 'hazard = "flood"', 'hazard = "flood,fire"', "query: expected for hazard a v"),
            (TOPICS, 'hazard = "flood"', "hazard = 1", 'query: expected { name = "…" }, got '),
            (TOPICS, '{ region = "aso" }', '{ well = "w069" }', "query: expected for well a value"),
            (TOPICS, '{ region = "aso" }', '"region=aso"', 'query: expected { name = "…" }, got '),
            (
                AREAS,
                '["菊池市", ',
                '["菊地市", "菊池市", ',
                "municipalities: expected a known muni",
            ),
            (AREAS, '"菊池市", ', "", "municipalities: expected 菊池市, got it nowhere. Add it."),
            (AREAS, 'state = "held"', 'state = "over"', "state: expected"),
            (AREAS, 'note = "令和7年度', 'nota = "令和7年度', "expected a field among id, munic"),
            (AREAS, 'date = "2025-03"', 'date = "2025-13"', "date: expected a day that exists, g"),
            (AREAS, 'date = "2025-03"', "date = 2025-04-01", "date: expected a day up to that of"),
            (AREAS, 'date = "2025-03"', "date = 2025-03-01T00:00:00", 'date: expected text in "…'),
            (MEETINGS, "2024-12-20", "", "date: expected the day of a meeting held, got none. Add"),
            (MEETINGS, "2024-12-20", "2025-04-01", "date: expected a day up to that of its source"),
            (MEETINGS, "2024-12-20", "2024-12-32", "date: expected a date such as 2026-01-31, got"),
            (MEETINGS, "2024-12-20", "2024-12", "date: expected a date such as 2026-01-31, got"),
            (MEETINGS, "2025-03-13", "2025-02-28", "date: expected a plan not older than its sour"),
            (MEETINGS, "aso_r6,aso", "aso_r6,asso", "region_id: expected a region among kumamoto"),
            (MEETINGS, "planned", "perhaps", "state: expected the form held|planned, got 'perhap"),
            ("themes.csv", "roads,", "water,", "id: expected each once, got 'water' as in line 8."),
            ("themes.csv", "デジタル", "", "name: expected a value, got none. Add it."),
            ("council.toml", '"purpose_v', '"Purpose_v', "id: expected the form [a-z]"),
            (
                "council.toml",
                'kind = "purpose"',
                'kind = "goal"',
                "kind: expected the form purpose",
            ),
            (
                "platform_members.csv",
                "苓北町",
                "玉名市",
                "municipality: expected a member by data_",
            ),
            ("agreements.csv", "御船町", "三船町", "municipality: expected a known municipality"),
            (
                "agreements.csv",
                "宜蘭市",
                "台南市東区",
                "municipality: expected each once, got '菊池市",
            ),
            ("agreements.csv", "friendship", "friends", "kind: expected the form friendship|mou"),
            ("figures.csv", "17942", "17,942", None),
            ("figures.csv", "17942", "１７９４２", "value: expected a plain number in half-width"),
            ("figures.csv", "17942", "1e5", "value: expected a plain number in half-width digits"),
            ("figures.csv", "prefecture", "region", "scope: expected the form prefecture, got"),
            ("figures.csv", "persons", "people", "unit: expected the form persons|percent|cases"),
            ("figures.csv", "2019-12", "2019-1", "date: expected the form [0-9]{4}"),
            ("measures.csv", "2023-08-21", "2024-07-01", "date: expected a day up to that of its"),
            ("measures.csv", "designated", "", "state: expected a value, got none. Add it."),
            ("projects.csv", "2.7,km", "2.7,", "unit: expected both value and unit, or neither."),
            ("projects.csv", "arao_tamana_roads", "arao_roads", "topic_id: expected a known topic"),
            (
                "projects.csv",
                "yatsushiro;amakusa",
                "yatsushiro;asakusa",
                "region_ids: expected a r",
            ),
            ("sources.csv", "https://www.pref", "www.pref", "url: expected the form https?://"),
        ],
    )
    def test_its_line_is_named(self, load, edit, name, old, new, text):
        line = edit(name, old, new)
        problems = problems_of(load)
        found = [problem for problem in problems if problem[:2] == (name, line)]
        assert found, problems
        if text is None:  # one cell became two
            text = "expected 10 cells, got 11. Count the commas."
        assert any(problem[2].startswith(text) for problem in found), problems

    def test_a_near_name_is_offered(self, load, edit):
        edit(TOPICS, 'region = "kikuchi"', 'region = "kikuti"')
        (_, _, text), *_ = problems_of(load)
        assert text.endswith("got 'kikuti'. Did you mean 'kikuchi'?")

    def test_a_long_value_is_cut_in_the_message(self, load, edit):
        edit(TOPICS, 'status = "discussed"', f'status = "{"x" * 250}"')
        (_, _, text), *_ = problems_of(load)
        assert len(text) < 250

    def test_a_field_that_is_missing_is_reported_at_its_entry(self, load, edit):
        line = edit(
            TOPICS, '[[topic]]\nid = "amakusa_inbound"\nregion = "amakusa"\n', "[[topic]]\n"
        )
        edit(
            TOPICS,
            '[[topic]]\nmeeting = "amakusa_r6"',
            '[[topic]]\nid = "i"\nmeeting = "amakusa_r6"',
        )
        problems = problems_of(load)
        assert (TOPICS, line, "region: expected a value, got none. Add it.") in problems


class TestBetweenFiles:
    def test_a_municipality_in_two_areas(self, load, edit, folder):
        edit(AREAS, '["八代市", "氷川町"]', '["八代市", "氷川町", "大津町"]')
        problems = problems_of(load)
        text = (folder / AREAS).read_text("utf-8")
        first = text[: text.index('id = "yatsushiro"')].count("\n")  # the header stands above
        own = text[: text.index('"合志市", "大津町"')].count("\n") + 1
        (both,) = [text for _, line, text in problems if line == own]
        assert both == (
            "municipalities: expected each municipality in one area, got 大津町 here and in "
            f"'yatsushiro' (line {first}). Remove one."
        )

    def test_a_municipality_in_another_area_than_in_the_dataset(self, load, edit):
        edit(AREAS, ', "大津町"', "")
        line = edit(AREAS, '["八代市", "氷川町"]', '["八代市", "氷川町", "大津町"]')
        text = (
            "municipalities: expected those of 'yatsushiro' by the dataset municipalities, "
            "got 大津町 (kikuchi). Move it."
        )
        assert problems_of(load) == [(AREAS, line, text)]

    def test_an_area_that_is_missing(self, load, edit):
        edit(AREAS, '[[area]]\nid = "uki"', '[[area]]\nid = "aso"')
        texts = [(line, text) for _, line, text in problems_of(load)]
        assert (1, "id: expected every area, got none for uki. Add an entry.") in texts
        assert any("id: expected each once, got 'aso' as in line" in text for _, text in texts)

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('state = "under_consideration"', 'state = "held"', "none or under_consideration"),
            ('state = "planned_unconfirmed"', 'state = "none"', "planned_unconfirmed"),
            ('state = "held"', 'state = "planned_unconfirmed"', "held"),
        ],
    )
    def test_a_state_that_the_meetings_deny(self, load, edit, old, new, expected):
        line = edit(AREAS, old, new)
        found = [text for _, at, text in problems_of(load) if at == line]
        assert len(found) == 1
        assert found[0].startswith(f"state: expected {expected} by meetings.csv, got ")

    def test_an_area_without_a_meeting_says_why(self, load, edit, folder):
        text = (folder / AREAS).read_text("utf-8")
        edit(AREAS, text[text.index("note = ") : text.index("source = ")], "")
        line = text[: text.index("[[area]]")].count("\n") + 1
        expected = "note: expected why nothing is known of a meeting, got none. Write it."
        assert problems_of(load) == [(AREAS, line, expected)]

    def test_a_topic_of_another_area(self, load, edit):
        line = edit(TOPICS, 'meeting = "aso_r6"', 'meeting = "kikuchi_r6"')
        text = "meeting: expected a meeting of the area, got 'kikuchi_r6', one of 'kikuchi'."
        assert problems_of(load) == [(TOPICS, line, f"{text} Correct it.")]

    def test_a_topic_of_a_planned_meeting(self, load, folder):
        text = A_TOPIC.replace('"aso"', '"uki"').replace("aso_r6", "uki_r6")
        before = (folder / TOPICS).read_text("utf-8")
        (folder / TOPICS).write_text(before + text, "utf-8")
        line = before.count("\n") + text[: text.index("meeting = ")].count("\n") + 1
        ((_, found, problem),) = problems_of(load)
        assert found == line
        assert problem.startswith("meeting: expected a meeting held, got 'uki_r6', which is plann")

    def test_a_topic_that_stands_twice(self, load, folder):
        before = (folder / TOPICS).read_text("utf-8")
        (folder / TOPICS).write_text(before + A_TOPIC + A_TOPIC, "utf-8")
        first = before.count("\n") + A_TOPIC[: A_TOPIC.index("[[")].count("\n") + 1
        second = first + A_TOPIC.count("\n") + 1
        assert problems_of(load) == [
            (
                TOPICS,
                second,
                f"id: expected each once, got 'aso_more' as in line {first}. Remove one.",
            )
        ]

    def test_a_query_without_a_layer(self, load, edit):
        line = edit(TOPICS, 'layer = "groundwater"\nquery', "query")
        assert problems_of(load) == [
            (
                TOPICS,
                line,
                "query: expected a layer too, got none. Name it or remove the query.",
            )
        ]

    def test_a_member_that_the_flag_names_and_the_list_does_not(self, load, edit):
        edit("platform_members.csv", "苓北町,2024-04,r6_06\n", "")
        ((name, line, text),) = problems_of(load)
        assert (name, line) == ("platform_members.csv", 1)
        assert text.startswith("municipality: expected 苓北町, flagged in municipalities;")

    def test_all_problems_of_all_files_at_once(self, load, edit):
        lines = [
            (TOPICS, edit(TOPICS, '["agriculture"]', '["farms"]')),
            (TOPICS, edit(TOPICS, '"kikuchi_town"', '"kikuchi town"')),
            ("themes.csv", edit("themes.csv", "デジタル", "")),
            ("figures.csv", edit("figures.csv", "17942", "many")),
        ]
        expected = sorted(lines, key=lambda one: ([s.file for s in FILES].index(one[0]), one[1]))
        assert [problem[:2] for problem in problems_of(load)] == expected


class TestForm:
    """Files that cannot be read say so in one problem, and nothing is checked against them."""

    @pytest.mark.parametrize(
        ("name", "content", "line", "text"),
        [
            (TOPICS, b"[[topic]]\nid = \n", 2, "expected TOML, got Invalid value (at line 2"),
            (TOPICS, b'[[topic]]\nid = "a"\nid = "b"\n', 3, "expected TOML, got Cannot overwrite"),
            (TOPICS, b'# a\n[[topic]]\nid = """a\n"""\n', 3, "expected each text on one line."),
            (TOPICS, b"[[topic]]\nid = '''a\n'''\n", 2, "expected each text on one line."),
            (TOPICS, b'topic = [{ id = "a" }]\n', 1, "expected every entry under its own line"),
            (TOPICS, b'[topic]\nid = "a"\n', 1, "expected every entry under its own line [[topic]"),
            (TOPICS, b"topic = 5\n", 1, "expected every entry under its own line [[topic]]."),
            (TOPICS, b'\n[[topics]]\nid = "a"\n', 2, "expected only [[topic]], got 'topics'."),
            (TOPICS, b'\n\ntitle = "a"\n', 3, "expected only [[topic]], got 'title'. Remove it."),
            (TOPICS, b"[[topic]]\nx = " + b"[" * 90_000, 2, "expected TOML, got "),
            (TOPICS, b"[[topic]]\nx = " + b"9" * 9_000, 2, "expected TOML, got Exceeds the limit"),
            (TOPICS, "# 議\n題 = 1".encode("cp932"), 1, "expected UTF-8, got other bytes. Save "),
            (TOPICS, b"# a\n# \xff\n", 2, "expected UTF-8, got other bytes. Save the file as UTF"),
            (TOPICS, b"#" * 1_048_577, 1, "expected at most 1,048,576 bytes, got more. Shorten"),
            ("themes.csv", b"", 1, "expected the columns id, name; missing: id, name; unknown: no"),
            ("themes.csv", b"id,title\n", 1, "expected the columns id, name; missing: name; unkn"),
            ("themes.csv", b"id,name,name\n", 1, "expected the columns id, name; missing: none"),
            ("themes.csv", b'id,name\na,"b\n', 2, "expected CSV, got unexpected end of data. Men"),
        ],
        ids=range(18),
    )
    def test_one_problem(self, load, folder, name, content, line, text):
        (folder / name).write_bytes(content)
        problems = [problem for problem in problems_of(load) if problem[0] == name]
        assert [problem[:2] for problem in problems] == [(name, line)]
        assert problems[0][2].startswith(text)

    @pytest.mark.parametrize("schema", FILES, ids=lambda schema: schema.file)
    def test_a_missing_file(self, load, folder, schema):
        (folder / schema.file).unlink()
        problems = problems_of(load)
        assert problems == [
            (schema.file, 1, "expected a file, got No such file or directory. Restore it.")
        ]

    def test_a_folder_in_the_place_of_a_file(self, load, folder):
        (folder / AREAS).unlink()
        (folder / AREAS).mkdir()
        ((name, _, text),) = problems_of(load)
        assert (name, text) == (AREAS, "expected a file, got Is a directory. Restore it.")

    def test_a_missing_folder(self, tmp_path, municipalities, features):
        with pytest.raises(CouncilError, match=f"council: {len(FILES)} problem"):
            load_council(tmp_path / "none", municipalities, features)

    def test_rows_of_a_table_are_counted_by_line(self, load, edit):
        edit("themes.csv", "tourism,観光\n", '\n,\ntourism,"観光"\n')
        line = edit("themes.csv", "デジタル", "<デジタル>")
        ((_, found, _),) = problems_of(load)
        assert found == line

    def test_a_cell_of_two_lines(self, load, edit):
        lines = [
            edit("themes.csv", "tourism,観光\n", 'tourism,"観\n光"\n'),
            edit("themes.csv", "デジタル", "<デジタル>"),
        ]
        assert [problem[1] for problem in problems_of(load)] == lines


class TestAccepted:
    def test_what_editors_of_other_systems_write(self, load, folder):
        plain = load()
        for schema in FILES:
            path = folder / schema.file
            text = path.read_text("utf-8").replace("\n", "\r\n")
            path.write_bytes(b"\xef\xbb\xbf" + text.encode())
        marked = load()
        assert marked.topics == plain.topics
        assert marked.areas == plain.areas
        assert marked.meetings == plain.meetings
        pd.testing.assert_frame_equal(marked.figures, plain.figures)

    def test_columns_in_another_order(self, load, folder):
        path = folder / "themes.csv"
        rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
        path.write_text("".join(f"{name},{theme_id}\n" for theme_id, name in rows), "utf-8")
        assert [theme.name for theme in load().themes][-1] == "スポーツ・歴史"

    def test_blank_rows_at_the_end(self, load, edit):
        edit(MEETINGS, "uki_r6", "\n,,,,,\nuki_r6")
        assert len(load().meetings) == 10

    def test_a_topic_with_little(self, load, folder):
        path = folder / TOPICS
        path.write_text(path.read_text("utf-8") + A_TOPIC, "utf-8")
        topic = load().topics[-1]
        assert (topic.layer, topic.query, topic.places, topic.note) == ("", {}, (), "")
        assert topic.date == dt.date(2024, 12, 20)

    def test_a_title_of_300_letters(self, load, edit):
        edit(TOPICS, 'title = "公共交通"', f'title = "{"長" * 300}"')
        assert max(len(topic.title) for topic in load().topics) == 300

    def test_a_day_without_quotes_and_an_inner_table(self, load, edit):
        edit("council.toml", 'date = "2025-03"', "date = 2025-03-05")
        edit(
            TOPICS,
            'query = { region = "aso" }\nsource = "r7_03"',
            'source = "r7_03"\n[topic.query]\nregion = "aso"',
        )
        council = load()
        assert council.statements[0].date == "2025-03-05"
        assert council.topics[1].query == {"region": "aso"}

    def test_a_well_without_a_place(self, load, edit):
        edit(TOPICS, 'title = "地下水の保全"', 'title = "地下水の保全"\nplaces = ["well:w067"]')
        (topic,) = [topic for topic in load().topics if topic.id == "kikuchi_groundwater"]
        (place,) = topic.places
        assert (place.id, place.kind, place.name) == ("well:w067", "well", "熊本第１７号")
        assert place.geometry is None

    def test_a_plan_without_a_day(self, load, edit):
        edit(MEETINGS, "2025-03-13", "")
        (meeting,) = [meeting for meeting in load().meetings if meeting.id == "kamoto_r6"]
        assert meeting.date is None

    def test_no_topics_and_no_projects(self, load, folder):
        (folder / TOPICS).write_text("# none\n", "utf-8")
        header = (folder / "projects.csv").read_text("utf-8").splitlines()[0]
        (folder / "projects.csv").write_text(header, "utf-8")
        council = load()
        assert council.topics == ()
        assert len(council.projects) == 0
        assert council.projects.columns.tolist() == header.split(",")

    def test_a_deck_of_200_topics(self, load, folder):
        path = folder / TOPICS
        more = "".join(A_TOPIC.replace("aso_more", f"aso_{number}") for number in range(200))
        path.write_text(path.read_text("utf-8") + more, "utf-8")
        assert len(load().topics) == 238


class TestVersion:
    def test_it_follows_the_content(self, folder, committed, edit, load):
        before = hash_council(folder)
        assert before == hash_council(committed / "council") == load().version
        assert re.fullmatch("[0-9a-f]{12}", before)
        edit(TOPICS, "公共交通", "鉄道とバス")
        assert hash_council(folder) == load().version != before

    def test_other_files_take_no_part(self, folder):
        before = hash_council(folder)
        (folder / "README.md").unlink()
        (folder / ".topics.toml.swp").write_bytes(b"draft")
        assert hash_council(folder) == before

    def test_a_missing_file(self, folder):
        (folder / "themes.csv").unlink()
        with pytest.raises(
            CouncilError, match=r"council: expected the file themes\.csv, got No su"
        ):
            hash_council(folder)
