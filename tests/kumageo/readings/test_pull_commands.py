"""`python -m kumageo readings pull`: once, and again and again until it is stopped."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from kumageo.errors import FetchError
from kumageo.readings import pull_commands
from kumageo.readings.pull_commands import choose_pause, parse_interval
from kumageo.readings.store import ReadingStore
from kumageo.store import Publication, Store

ONE = "kumamoto-01"
PUBLICATION = Publication("", "2024-02-28", "stated", "a.csv", "0" * 64, "a", "utf-8", 1, 1, 0, 0)
ENTRY = """
[[broker]]
name = "platform"
title = "データ連携基盤"
kind = "ngsi-v2"
url = "{url}"
auth = "bearer"
key_env = "PLATFORM_KEY"
entity_type = "GroundwaterLevel"
attributes = {{ well = "id", time = "dateObserved", level_m = "waterLevel" }}
source = "熊本県"
licence = "CC BY 4.0"
"""
# The limits of a test, and no half minute before the next try.
PROGRAM = """
import sys
from kumageo.__main__ import main
from kumageo.fetch import Limits
from kumageo.readings import pull_commands

pull_commands.LIMITS = Limits(connect_s=1, read_s=0.5, total_s=2, tries=1, first_wait_s=0.01)
pull_commands.FIRST_RETRY_S = 0.1
sys.exit(main(sys.argv[1:]))
"""
SECONDS = 60


def entity(level, time="2026-01-01T00:00:00Z", well=ONE):
    return {"id": well, "waterLevel": level, "dateObserved": time}


@pytest.fixture
def broker(geodata, local_server, monkeypatch):
    """Publish two wells, and make the local server the broker."""
    frame = gpd.GeoDataFrame(
        {"id": [ONE, "kumamoto-17"]}, geometry=[Point(130.7, 32.8)] * 2, crs="EPSG:6668"
    )
    Store(geodata).publish("observation_wells", frame, pd.DataFrame(), PUBLICATION)
    text = ENTRY.format(url=local_server.url)
    (geodata / "brokers.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PLATFORM_KEY", "s3cret-key")
    monkeypatch.setattr(
        pull_commands, "LIMITS", pull_commands.Limits(connect_s=1, read_s=1, tries=1)
    )
    local_server.serve_entities([entity(8.25)])
    return local_server


@pytest.fixture
def store(geodata):
    store = ReadingStore(geodata / "readings.sqlite3")
    yield store
    store.close()


class TestOnce:
    def test_text(self, run, broker, store):
        answer = run("readings", "pull", "platform")
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.splitlines()[0] == ("broker platform: read 1, kept 1, quarantined 0")
        assert answer.out.splitlines()[-1].endswith(" platform ok: new 1, changed 0, unchanged 0")
        assert store.describe()["n_readings"] == 1
        assert store.read_pulls().loc["platform", "outcome"] == "ok"
        ((_, _, headers),) = broker.asked
        assert headers["authorization"] == "Bearer s3cret-key"

    def test_json(self, run, broker):
        answer = run("readings", "pull", "platform", "--json")
        assert (answer.code, answer.err) == (0, "")
        printed = json.loads(answer.out)
        wanted = {"broker": "platform", "outcome": "ok", "n_new": 1, "published": True}
        assert {name: printed[name] for name in wanted} == wanted

    def test_a_bad_entity(self, run, broker, store):
        broker.serve_entities([entity(8), entity("8", well="kumamoto-17")])
        answer = run("readings", "pull", "platform")
        assert (answer.code, answer.out) == (2, "")
        assert "row 3, column level_m: expected a plain number" in answer.err
        assert "platform bad_rows: nothing was published; number x 1" in answer.err
        assert "1件でも誤りがあると、何も登録しません。" in answer.err
        assert store.describe()["n_readings"] == 0
        assert store.read_pulls().loc["platform", "outcome"] == "bad_rows"
        answer = run("readings", "pull", "platform", "--json")
        assert json.loads(answer.err)["error"] == "QuarantineError"

    def test_a_broker_that_refuses(self, run, broker, store):
        broker.usual = lambda handler, *_: handler.reply({}, 401)
        answer = run("readings", "pull", "platform", "--json")
        assert (answer.code, answer.out) == (2, "")
        printed = json.loads(answer.err)
        assert printed["error"] == FetchError.__name__
        assert "got 401 (Unauthorized). Check the key." in printed["message"]
        assert "s3cret-key" not in answer.err
        assert store.read_pulls().loc["platform", "outcome"] == "refused"

    def test_a_held_level(self, run, broker, store):
        assert run("readings", "pull", "platform").code == 0
        broker.serve_entities([entity(50, "2026-01-02T00:00:00Z")])
        answer = run("readings", "pull", "platform")
        assert answer.code == 2
        assert "--accept-held" in answer.err
        assert run("readings", "pull", "platform", "--accept-held").code == 0
        assert store.describe()["n_readings"] == 2

    @pytest.mark.parametrize(
        ("arguments", "variables", "words"),
        [
            (["other"], {}, "broker: expected one of platform; got 'other'"),
            (["platform"], {"PLATFORM_KEY": ""}, "PLATFORM_KEY: expected the key"),
            (["platform"], {"KUMAGEO_DEMO": "1"}, "Unset KUMAGEO_DEMO"),
            (["platform", "--every", "0s"], {}, "expected 1s to 24h"),
            (["platform", "--every", "10"], {}, "expected 1s to 24h"),
            ([], {}, "usage:"),
        ],
    )
    def test_what_is_wrong_before_anything_is_asked(
        self, run, broker, monkeypatch, arguments, variables, words
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        answer = run("readings", "pull", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert words in answer.err
        assert broker.asked == []

    def test_a_list_with_problems(self, run, broker, geodata):
        (geodata / "brokers.toml").write_text("[[broker]]\nname = 'a'\n", encoding="utf-8")
        answer = run("readings", "pull", "a")
        assert answer.code == 2
        assert "BrokerError: brokers.toml: 5 problem(s)" in answer.err


class TestEvery:
    @pytest.fixture
    def start(self, geodata, root):
        """Start the command in a process of its own; it ends with the test."""
        started = []

        def begin(*options):
            command = [sys.executable, "-c", PROGRAM, "readings", "pull", "platform", *options]
            environ = {**os.environ, "KUMAGEO_GEODATA": str(geodata)}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            process = subprocess.Popen(command, cwd=root, env=environ, text=True, **pipes)
            started.append(process)
            return process

        yield begin
        for process in started:
            process.kill()
            process.communicate()

    def wait(self, is_so):
        deadline = time.monotonic() + SECONDS
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_until_it_is_stopped(self, start, broker, store, number):
        process = start("--every", "1s")
        self.wait(lambda: len(broker.asked) >= 2)
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out) == (0, "")
        lines = err.splitlines()
        assert " platform ok: new 1, changed 0, unchanged 0" in lines[0]
        assert all(" platform ok: new 0, changed 0, unchanged 1" in line for line in lines[1:])
        assert store.describe()["n_readings"] == 1

    def test_the_running_pull_is_finished_first(self, start, broker, store):
        def answer_late(handler, _path, _query):
            time.sleep(0.3)
            handler.reply([entity(8.5)], headers={"Fiware-Total-Count": "1"})

        broker.usual = answer_late
        process = start("--every", "1h")
        self.wait(lambda: broker.asked)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0
        assert " platform ok: new 1" in err
        assert store.describe()["n_readings"] == 1

    def test_a_broker_that_is_down_and_comes_back(self, start, broker, store):
        good = broker.usual
        broker.usual = lambda handler, *_: handler.reply({}, 503)
        process = start("--every", "1s", "--json")
        self.wait(lambda: len(broker.asked) >= 3)
        table = store.read_pulls()
        assert table.loc["platform", "outcome"] == "server"
        assert table.loc["platform", "due"] is not pd.NaT
        broker.usual = good
        self.wait(lambda: store.describe()["n_readings"])
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, err) == (0, "")
        outcomes = [json.loads(line)["outcome"] for line in out.splitlines()]
        assert outcomes[:3] == ["server"] * 3
        assert "ok" in outcomes[3:]

    def test_a_store_that_can_not_be_written_stops_nothing(self, start, broker, geodata):
        (geodata / "readings.sqlite3").write_bytes(b"no store" * 1000)
        process = start("--every", "1s")
        self.wait(lambda: len(broker.asked) >= 2)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 0
        assert "the outcome could not be noted: readings.sqlite3: expected a store" in err
        assert "Traceback" not in err


class TestPause:
    def test_it_grows_up_to_the_interval(self):
        pauses = [choose_pause(600, n_failed, 0) for n_failed in range(8)]
        assert pauses == [600, 30, 60, 120, 240, 480, 600, 600]
        assert choose_pause(600, 10_000, 0) == 600
        assert choose_pause(5, 3, 0) == 5

    def test_who_asks_to_be_left_alone_is_left_alone_for_a_day_at_most(self):
        assert choose_pause(600, 1, 3_600) == 3_600
        assert choose_pause(600, 1, 1e9) == 86_400

    @pytest.mark.parametrize(
        ("text", "seconds"), [("30s", 30), ("10min", 600), ("1h", 3_600), ("24h", 86_400)]
    )
    def test_an_interval(self, text, seconds):
        assert parse_interval(text).total_seconds() == seconds

    @pytest.mark.parametrize("text", ["", "0s", "25h", "10 min", "-1s", "1d", "１s", "999999s"])
    def test_an_interval_that_is_none(self, text):
        with pytest.raises(argparse.ArgumentTypeError, match="expected 1s to 24h"):
            parse_interval(text)
