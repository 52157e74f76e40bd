"""A pull: from a broker or a portal to the store, as a file would go, on both databases."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3

import pandas as pd
import pytest

from kumageo.brokers import Attributes, Broker
from kumageo.fetch import Fetcher, Limits
from kumageo.readings import pulls
from kumageo.readings.pulling import attempt_pull, note_attempt
from kumageo.readings.pulls import Pull
from kumageo.readings.store import ReadingStore

ONE, TWO, THREE = "kumamoto-01", "kumamoto-17", "yatsushiro-02"
QUICK = Limits(connect_s=1, read_s=1, total_s=5, tries=2, first_wait_s=0.01, max_wait_s=2)
FILE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def entity(well=ONE, level=8.25, time="2026-01-31T11:00:00.000Z", **changes):
    """Write an entity in the normalized form, as Orion does."""
    return {
        "id": well,
        "type": "GroundwaterLevel",
        "waterLevel": {
            "type": "Number",
            "value": level,
            "metadata": {"TimeInstant": {"type": "DateTime", "value": time}},
        },
        "dateObserved": {"type": "DateTime", "value": time, "metadata": {}},
        **changes,
    }


@pytest.fixture
def make(local_server):
    def make_broker(attributes=None, **changes):
        names = {"well": "id", "time": "dateObserved", "level_m": "waterLevel"}
        values = {
            "name": "platform",
            "title": "基盤",
            "kind": "ngsi-v2",
            "url": local_server.url,
            "source": "熊本県",
            "licence": "CC BY 4.0",
            "entity_type": "GroundwaterLevel",
            "attributes": Attributes(**(attributes or names)),
        }
        return Broker(**{**values, **changes})

    return make_broker


@pytest.fixture
def pull(store, make, now, known_wells):
    def attempt(broker=None, **arguments):
        given = {"known_wells": known_wells, "now": now, **arguments}
        return attempt_pull(store, broker or make(), Fetcher({}, QUICK), **given)

    return attempt


def found(attempt):
    return {(issue.check, issue.source_row) for issue in attempt.result.report.issues}


class TestNgsi:
    def test_entities_become_readings(self, store, local_server, pull):
        local_server.serve_entities([entity(), entity(TWO, -3), entity(THREE, 12.3400000000000001)])
        attempt = pull()
        assert (attempt.outcome, attempt.n_new) == ("ok", 3)
        latest = store.read_latest()
        assert latest["level_m"].tolist() == [8.25, -3, 12.34]
        assert str(latest.loc[ONE, "time"]) == "2026-01-31 20:00:00+09:00"
        assert latest["source"].tolist() == ["熊本県 (CC BY 4.0)"] * 3
        assert store.read_imports()["file_name"].tolist() == ["platform.csv"]
        assert pull().n_new == 0

    def test_what_is_asked(self, local_server, pull, make):
        local_server.serve_entities([entity()])
        broker = make(service="kumamoto", service_path="/water", page=50)
        pull(broker)
        ((path, query, _),) = local_server.asked
        assert path == "/v2/entities"
        assert query == {
            "type": "GroundwaterLevel",
            "attrs": "dateObserved,waterLevel",
            "limit": "50",
            "offset": "0",
            "options": "count",
        }

    def test_depth_unit_names_and_time_in_the_metadata(self, store, local_server, pull, make):
        local_server.serve_entities(
            [
                {
                    **entity("urn:1", None),
                    "code": {"type": "Text", "value": "w-1"},
                    "depth": {
                        "value": 330,
                        "metadata": {"TimeInstant": {"value": "2026-01-31T10:00:00+09:00"}},
                    },
                    "ground": {"value": 10010},
                }
            ]
        )
        names = {"depth_m": "depth", "ground_m": "ground", "unit": "cm"}
        broker = make({"well": "code", "time": "TimeInstant", **names}, wells={"w-1": ONE})
        assert pull(broker).outcome == "ok"
        series = store.read_series(ONE)
        assert series["level_m"].tolist() == [96.8]
        assert str(series.index[0]) == "2026-01-31 10:00:00+09:00"

    def test_key_values(self, store, local_server, pull):
        local_server.serve_entities(
            [{"id": ONE, "type": "a", "waterLevel": 8, "dateObserved": "2026-01-31T11:00:00Z"}]
        )
        assert pull().outcome == "ok"
        assert store.read_latest().loc[ONE, "level_m"] == 8


class TestPages:
    @pytest.fixture
    def many(self):
        return [f"well-{number:03}" for number in range(25)]

    def test_they_are_all_read(self, local_server, pull, make, many):
        local_server.serve_entities([entity(well) for well in many])
        assert pull(make(page=10), known_wells=many).n_new == 25
        assert [query["offset"] for _, query, _ in local_server.asked] == ["0", "10", "20"]

    def test_short_pages_are_asked_on_from_what_came(self, local_server, pull, make, many):
        entities = [entity(well) for well in many]

        def answer(handler, _path, query):
            first = int(query["offset"])
            page = entities[first : first + 4]  # whatever limit says
            handler.reply(page, headers={"Fiware-Total-Count": "25"})

        local_server.usual = answer
        assert pull(make(page=10), known_wells=many).n_new == 25
        assert len(local_server.asked) == 7

    def test_without_the_count_the_page_that_is_not_full_is_the_last(
        self, local_server, pull, make, many
    ):
        entities = [entity(well) for well in many[:20]]

        def answer(handler, _path, query):
            first = int(query["offset"])
            handler.reply(entities[first : first + 10])

        local_server.usual = answer
        assert pull(make(page=10), known_wells=many).n_new == 20
        assert [query["offset"] for _, query, _ in local_server.asked] == ["0", "10", "20"]

    def test_an_entity_that_is_deleted_meanwhile_hides_no_other(
        self, local_server, pull, make, many
    ):
        entities = [entity(well) for well in many]

        def answer(handler, _path, query):
            first = int(query["offset"])
            page = entities[first : first + 10]
            handler.reply(page, headers={"Fiware-Total-Count": str(len(entities))})
            if len(entities) == 25:
                del entities[0]  # all others move up: one slips past the next page

        local_server.usual = answer
        attempt = pull(make(page=10), known_wells=many)
        assert (attempt.outcome, attempt.n_new) == ("ok", 25)

    def test_an_entity_that_comes_meanwhile(self, local_server, pull, make, many):
        entities = [entity(well) for well in many[:20]]

        def answer(handler, _path, query):
            first = int(query["offset"])
            page = entities[first : first + 10]
            handler.reply(page, headers={"Fiware-Total-Count": str(len(entities))})
            if len(entities) < 25:
                entities.insert(0, entity(many[len(entities)]))

        local_server.usual = answer
        assert pull(make(page=10), known_wells=many).n_new == 25

    def test_a_count_that_is_never_reached(self, store, local_server, pull):
        local_server.usual = lambda handler, _path, query: handler.reply(
            [entity()] if query["offset"] == "0" else [], headers={"Fiware-Total-Count": "3"}
        )
        attempt = pull()
        assert attempt.outcome == "cut_off"
        assert "expected 3 entities, as the broker counts, got 1" in str(attempt.error)
        assert store.describe()["n_readings"] == 0

    def test_no_entity(self, local_server, pull):
        local_server.serve_entities([])
        attempt = pull()
        assert attempt.outcome == "unfit"
        assert "got none. Correct entity_type" in str(attempt.error)

    def test_too_many(self, local_server, pull):
        local_server.usual = lambda handler, *_: handler.reply(
            [entity()], headers={"Fiware-Total-Count": "100001"}
        )
        assert pull().outcome == "too_large"


class TestBadEntities:
    """One bad entity refuses the pull, is named with its place, and the store stays as it was."""

    @pytest.mark.parametrize(
        ("bad", "check"),
        [
            (entity(TWO, "8.25"), "number"),
            (entity(TWO, *[True]), "number"),
            (entity(TWO, [8]), "number"),
            (entity(TWO, {"value": {"m": 8}}), "number"),
            (entity(TWO, None), "blank"),
            (entity(TWO, 10**30), "number"),
            (entity(TWO, 5_000), "range"),
            ({"id": TWO, "type": "a", "dateObserved": {"value": "2026-01-31T11:00:00Z"}}, "blank"),
            (entity(TWO, time=None), "time_format"),
            (entity(TWO, time=1_769_857_200), "time_format"),
            (entity(TWO, dateObserved={"value": ""}), "time_format"),
            (entity(TWO, time="2026-01-31T11:00:00"), "no_zone"),
            (entity(TWO, time="2026-01-31T12:05:01Z"), "future"),
            (entity(TWO, time="2099-01-01T00:00:00Z"), "future"),
            (entity("w-unknown"), "unknown_well"),
            (entity(7), "unknown_well"),
            (entity(["a"]), "unknown_well"),
            (entity('a"\n<b>,x'), "unknown_well"),
        ],
    )
    def test_it_is_named(self, place, load, local_server, pull, dump_store, bad, check):
        load(f"{ONE},2026-01-01T00:00Z,8")
        before = dump_store(place)
        local_server.serve_entities([entity(), bad])
        attempt = pull()
        assert attempt.outcome == "bad_rows"
        assert (check, 3) in found(attempt)
        assert {row for _, row in found(attempt)} == {3}
        assert dump_store(place) == before

    @pytest.mark.parametrize("bad", [None, 5, "text", [1]])
    def test_an_entity_that_is_none(self, store, local_server, pull, bad):
        local_server.serve_entities([entity(), bad])
        attempt = pull()
        assert attempt.outcome == "bad_rows"
        assert store.describe()["n_readings"] == 0

    def test_an_entity_without_a_time(self, local_server, pull):
        bad = entity(TWO)
        del bad["dateObserved"]
        local_server.serve_entities([entity(), bad])
        assert found(pull()) == {("time_format", 3)}

    def test_nan_in_json(self, local_server, pull):
        body = b'[{"id": "kumamoto-01", "waterLevel": NaN, "dateObserved": "2026-01-31T11:00:00Z"}]'
        local_server.usual = lambda handler, *_: handler.reply(body)
        assert found(pull()) == {("number", 2)}

    def test_a_clock_up_to_five_minutes_ahead(self, local_server, pull):
        local_server.serve_entities([entity(time="2026-01-31T12:05:00Z")])
        assert pull().outcome == "ok"

    def test_two_levels_of_one_well(self, local_server, pull, make):
        entities = [entity("a", 8, code={"value": ONE}), entity("b", 9, code={"value": ONE})]
        local_server.serve_entities(entities)
        names = {"well": "code", "time": "dateObserved", "level_m": "waterLevel"}
        assert found(pull(make(names))) == {("conflicting_time", 2), ("conflicting_time", 3)}

    def test_a_level_far_off_is_held(self, store, load, local_server, pull):
        load(f"{ONE},2026-01-01T00:00Z,8")
        local_server.serve_entities([entity(level=50)])
        attempt = pull()
        assert (attempt.outcome, attempt.result.is_held) == ("bad_rows", True)
        assert pull(accept_held=True).outcome == "ok"
        assert store.read_series(ONE)["quality"].tolist() == ["imported", "held"]


class TestBadBroker:
    """The last good values are kept, and the outcome says what was wrong."""

    @pytest.fixture
    def kept(self, place, load, dump_store):
        load(f"{ONE},2026-01-01T00:00Z,8")
        before = dump_store(place)
        yield
        assert dump_store(place) == before

    @pytest.mark.parametrize(
        ("code", "outcome"), [(401, "refused"), (404, "missing"), (429, "busy"), (500, "server")]
    )
    def test_a_status(self, kept, local_server, pull, code, outcome):
        local_server.usual = lambda handler, *_: handler.reply({}, code)
        assert pull().outcome == outcome

    @pytest.mark.parametrize(
        "body", [b"<html>", b"{}", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000, b"[1e", b""]
    )
    def test_a_body_that_is_no_list(self, kept, local_server, pull, body):
        local_server.usual = lambda handler, *_: handler.reply(body)
        attempt = pull()
        assert attempt.outcome == "unfit"
        assert "Is the url that of a broker?" in str(attempt.error)

    def test_a_second_page_that_is_cut_off(self, kept, local_server, pull, make):
        def cut(handler, _path, _query):
            handler.reply(b"[{", headers={"Content-Length": "500", "Fiware-Total-Count": "2"})
            handler.close_connection = True

        first = [entity()]
        local_server.script = [
            lambda handler, *_: handler.reply(first, headers={"Fiware-Total-Count": "2"})
        ]
        local_server.usual = cut
        assert pull(make(page=1)).outcome == "cut_off"

    def test_500_then_good(self, store, local_server, pull):
        local_server.serve_entities([entity()])
        local_server.script = [lambda handler, *_: handler.reply({}, 500)]
        assert pull().outcome == "ok"

    def test_a_busy_store(self, store, place, local_server, make, now, known_wells, load):
        load(f"{ONE},2026-01-01T00:00Z,8")
        local_server.serve_entities([entity()])
        other = ReadingStore(place, wait_s=0.05)
        with store.write():
            attempt = attempt_pull(
                other, make(), Fetcher({}, QUICK), known_wells=known_wells, now=now
            )
        assert attempt.outcome == "store"
        assert "another import is running" in str(attempt.error)
        other.close()


CONTENT = f"well,time,level_m\n{ONE},2026-01-31T11:00:00+09:00,8.25\n".encode()


class TestCkan:
    @pytest.fixture
    def portal(self, local_server, make):
        def serve(content=CONTENT, **changes):
            resource = {"id": "r-1", "name": "levels.csv", "url": f"{local_server.url}/f/levels"}
            resource |= {"hash": "", **changes}
            answer = {"success": True, "result": {"resources": [{"id": "r-0"}, resource]}}

            def reply(handler, path, query):
                if path == "/api/3/action/package_show":
                    handler.reply(answer if query == {"id": "levels"} else {}, 200)
                elif path == "/f/levels":
                    handler.reply(content)
                else:
                    handler.reply({}, 404)

            local_server.usual = reply
            return make(kind="ckan", dataset="levels", resource="levels.csv", attributes=None)

        return serve

    @pytest.mark.parametrize("prefix", ["", "{}:", "{}-"])
    @pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
    def test_a_resource_with_its_checksum(self, store, portal, pull, prefix, name):
        digest = hashlib.new(name, CONTENT).hexdigest().upper()
        assert pull(portal(hash=prefix.format(name) + digest)).outcome == "ok"
        assert store.read_latest().loc[ONE, "source"] == "熊本県 (CC BY 4.0)"

    def test_by_its_id_without_a_checksum_and_by_a_path(self, store, portal, pull):
        broker = portal(url="/f/levels")
        assert pull(broker).outcome == "ok"

    @pytest.mark.parametrize(
        ("changes", "outcome", "words"),
        [
            ({"hash": "0" * 32}, "cut_off", "expected a file of the md5 000"),
            ({"hash": "crc32:00000000"}, "unfit", "expected a checksum in md5, sha1 or sha256"),
            ({"hash": f"md5:{'0' * 64}"}, "unfit", "expected a checksum"),
            ({"name": "other.csv"}, "missing", "expected one resource 'levels.csv', got 0"),
            ({"url": "http://example.jp/f"}, "redirect", "Nothing was asked there"),
            ({"url": "https://127.0.0.1/f"}, "redirect", "Nothing was asked there"),
            ({"url": "/none"}, "missing", "got 404"),
            ({"content": b"<html>"}, "unfit", "expected the columns"),
            ({"content": b""}, "unfit", "expected"),
            ({"content": CONTENT[:-1]}, "bad_rows", ""),
            ({"content": CONTENT.replace(b"8.25", b"x")}, "bad_rows", ""),
        ],
    )
    def test_what_is_wrong(self, store, portal, pull, changes, outcome, words):
        attempt = pull(portal(**changes))
        assert attempt.outcome == outcome, attempt.error
        assert words in str(attempt.error)
        assert store.describe()["n_readings"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            *({}, [], "a", {"success": True}, {"success": True, "result": {"resources": 5}}),
            {"success": True, "result": {"resources": [5]}},
            {"success": "yes", "result": {"resources": [{}]}},
        ],
    )
    def test_another_answer(self, store, portal, pull, local_server, body):
        broker = portal()
        local_server.usual = lambda handler, *_: handler.reply(body)
        assert pull(broker).outcome in ("unfit", "missing")
        assert store.describe()["n_readings"] == 0


class TestNoted:
    def test_the_last_of_each_broker(self, store, pull, local_server, make, now):
        assert len(store.read_pulls()) == 0
        local_server.serve_entities([entity()])
        note_attempt(store, pull(), now + dt.timedelta(minutes=10))
        local_server.usual = lambda handler, *_: handler.reply({}, 401)
        later = now + dt.timedelta(minutes=10)
        note_attempt(store, pull(now=later))
        note_attempt(store, pull(make(name="other", title="別"), now=later))
        table = store.read_pulls()
        assert table.index.tolist() == ["other", "platform"]
        assert table["title"].tolist() == ["別", "基盤"]
        assert table["outcome"].tolist() == ["refused"] * 2
        assert str(table.loc["platform", "last_ok"]) == "2026-01-31 21:00:00+09:00"
        assert str(table.loc["platform", "time"]) == "2026-01-31 21:10:00+09:00"
        assert table["due"].isna().all()
        assert table.loc["other", "last_ok"] is pd.NaT

    def test_the_version_changes_with_every_pull(self, store, load, now):
        load(f"{ONE},2026-01-01T00:00Z,8")
        versions = [store.describe()["version"]]
        for _ in range(2):
            store.note_pull(Pull("a", "あ", 0, "silent"))
            versions.append(store.describe()["version"])
        assert len(set(versions)) == 3
        assert store.describe()["n_imports"] == 1

    def test_old_ones_are_forgotten_but_for_the_last_good_one(self, store, place, ask_store):
        day = 86_400
        for time, outcome in ((0, "ok"), (day, "ok"), (2 * day, "silent"), (99 * day, "silent")):
            store.note_pull(Pull("a", "あ", time, outcome))
        times = ask_store(place, "SELECT time_utc, outcome FROM pulls ORDER BY id")
        assert times == [(day, "ok"), (99 * day, "silent")]
        assert str(store.read_pulls().loc["a", "last_ok"]) == "1970-01-02 09:00:00+09:00"

    def test_every_reason_of_a_failure_has_a_name(self):
        assert len(set(pulls.FAILURES)) == 12


class TestOlderStore:
    """A store of schema 1 has no table of pulls: it is read so, and the next write adds it."""

    @pytest.fixture
    def old(self, place, store, load, ask_store):
        load(f"{ONE},2026-01-01T00:00Z,8")
        ask_store(place, "DROP TABLE pulls")
        ask_store(place, "UPDATE store_info SET value = '1' WHERE name = 'schema'")

    def schema(self, ask_store, place):
        return ask_store(place, "SELECT value FROM store_info WHERE name = 'schema'")

    def test_it_is_read_as_it_is(self, old, store, place, ask_store):
        assert store.describe()["n_readings"] == 1
        assert len(store.read_pulls()) == 0
        assert self.schema(ask_store, place) == [("1",)]

    def test_the_next_write_makes_it_new(self, old, store, place, ask_store, load):
        store.note_pull(Pull("a", "あ", 0, "ok"))
        assert self.schema(ask_store, place) == [("2",)]
        assert len(store.read_pulls()) == 1
        assert store.describe()["n_readings"] == 1
        assert load(f"{ONE},2026-01-02T00:00Z,8").published

    def test_a_write_that_fails_leaves_it_old(self, old, store, place, dump_store, ask_store, load):
        before = dump_store(place)
        assert not load("x,2026-01-02T00:00Z,8").published
        assert dump_store(place) == before
        assert self.schema(ask_store, place) == [("1",)]

    @FILE
    def test_one_that_an_earlier_version_wrote(self, path, store):
        """The tables as version 1 made them, by hand."""
        connection = sqlite3.connect(path)
        connection.executescript(
            """
            CREATE TABLE store_info (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
            CREATE TABLE imports (id INTEGER NOT NULL, file_name TEXT NOT NULL,
                sha256 TEXT NOT NULL, source TEXT NOT NULL, layout TEXT NOT NULL,
                received_utc BIGINT NOT NULL, n_read BIGINT NOT NULL, n_new BIGINT NOT NULL,
                n_changed BIGINT NOT NULL, n_unchanged BIGINT NOT NULL,
                n_repeated BIGINT NOT NULL, n_held BIGINT NOT NULL, PRIMARY KEY (id));
            CREATE TABLE readings (well_id TEXT NOT NULL, time_utc BIGINT NOT NULL,
                level_m DOUBLE NOT NULL, quality TEXT NOT NULL, import_id INTEGER NOT NULL,
                PRIMARY KEY (well_id, time_utc), FOREIGN KEY(import_id) REFERENCES imports (id)
                ) WITHOUT ROWID;
            CREATE TABLE daily_levels (well_id TEXT NOT NULL, day_jst INTEGER NOT NULL,
                n INTEGER NOT NULL, mean_m DOUBLE NOT NULL, min_m DOUBLE NOT NULL,
                max_m DOUBLE NOT NULL, PRIMARY KEY (well_id, day_jst)) WITHOUT ROWID;
            INSERT INTO store_info VALUES ('schema', '1'), ('kind', 'measured');
            INSERT INTO imports VALUES (1, 'a', 'b', '県', 'level', 0, 1, 1, 0, 0, 0, 0);
            INSERT INTO readings VALUES ('kumamoto-01', 0, 8.5, 'imported', 1);
            INSERT INTO daily_levels VALUES ('kumamoto-01', 0, 1, 8.5, 8.5, 8.5);
            """
        )
        connection.close()
        assert store.describe()["version"] == "measured-1-1"
        store.note_pull(Pull("a", "あ", 0, "ok"))
        assert store.describe()["version"] == "measured-1-1-1"
        assert store.read_latest().loc["kumamoto-01", "level_m"] == 8.5
