"""Shared by all tests: a PostgreSQL and a web server of their own, and speeds of no publisher."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import http.server
import itertools
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from kumageo.catalog import load_catalog
from kumageo.ingest import check_file, publish_file
from kumageo.store import Store

WEEK = [f"2026-05-{day}" for day in range(25, 30)]  # Monday to Friday
PEAK, OFF_PEAK = (6, 7, 8, 16, 17, 18), (*range(9, 16), 19, 20, 21)
# On 国道57号 15 km/h in the peak and 60 km/h outside of it; of 大津植木線 two samples only.
SAMPLES = [
    *(("r57", day, hour, 15.0) for day in WEEK for hour in PEAK for _ in range(4)),
    *(("r57", day, hour, 60.0) for day in WEEK for hour in OFF_PEAK for _ in range(3)),
    *(("pref30_otsu_ueki", WEEK[0], hour, 30.0) for hour in (7, 12)),
]
ENTRY = """
[corridor_speeds]
title = "試験の速度"
title_en = "Speeds of a test"
publisher = "試験"
sources = [
  { publisher = "試験", title = "試験の速度", url = "", as_of = 2026-05-29 },
]
source_url = "https://speeds.example.jp/"
licence = "試験の条件"
licence_processed = "試験の条件"
attribution = "試験の速度"
processed_statement = "試験の速度を加工して作成"
as_of = 2026-05-29
encodings = ["utf-8"]
crs = "EPSG:6668"
reader = "corridor_speeds"
schema = "corridor_speeds"
raw = "corridor_speeds.csv"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
status = "published"
"""

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
# What is lost when the machine fails does not matter here, and the tests are quick.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")
START_SECONDS = 60
PASSWORD = "correct horse/@:%"  # noqa: S105 - of a server in a temporary folder


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: on a socket anybody is let in, on the port by password."""

    folder: Path
    port: int

    def locate(self, database, **parts):
        """Give the address of a database on the socket, or with `host` on the port."""
        if "host" in parts:
            names = {"username": "owner", "password": PASSWORD, "port": self.port, **parts}
            return sa.URL.create("postgresql+psycopg", database=database, **names)
        query = {"host": str(self.folder), "port": str(self.port)}
        user = parts.get("username", "owner")
        return sa.URL.create("postgresql+psycopg", user, database=database, query=query)

    def connect(self, database, user="owner"):
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=user, dbname=database, autocommit=True
        )

    def run(self, *statements, database="postgres"):
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)


def find_postgresql():
    found = shutil.which("initdb")
    for folder in (*reversed(POSTGRESQL), *([Path(found).parent] if found else [])):
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    pytest.fail("PostgreSQL is missing: run tests/ensure_postgres.sh", pytrace=False)
    return None


def choose_user():
    """Give what Popen needs to run as somebody without rights: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def find_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def postgresql():
    """Start a PostgreSQL in a temporary folder, as somebody without rights."""
    programs, user = find_postgresql(), choose_user()
    folder = Path(tempfile.mkdtemp(prefix="kumageo-pg-"))  # short: a socket has 107 letters
    server = Server(folder, find_port())
    options = [f"-c{option}" for option in QUICK]
    options += ["-clisten_addresses=127.0.0.1", f"-cunix_socket_directories={folder}"]
    if user:
        os.chown(folder, user["user"], user["group"])
    command = [programs / "initdb", "-D", folder / "data", "-U", "owner", "--no-sync", "-E", "UTF8"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
    log = (folder / "log").open("wb")
    command = [programs / "postgres", "-D", folder / "data", f"-p{server.port}", *options]
    with subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **user) as process:
        try:
            wait_for(server, process)
            with server.connect("postgres") as connection:
                name = psycopg.sql.Literal(PASSWORD)
                connection.execute(psycopg.sql.SQL("ALTER ROLE owner PASSWORD {}").format(name))
            yield server
        finally:
            process.terminate()  # SIGTERM waits for clients; SIGINT below does not
            process.send_signal(2)
            process.wait(START_SECONDS)
            log.close()
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(server, process):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.connect("postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                text = (server.folder / "log").read_text(errors="replace")
                pytest.fail(f"PostgreSQL does not start: {text[-2000:]}", pytrace=False)
            time.sleep(0.05)
        else:
            return


_NUMBERS = itertools.count(1)


@pytest.fixture
def database(postgresql):
    """Give the address of an empty database, for one test."""
    name = f"test_{next(_NUMBERS)}"
    postgresql.run(f"CREATE DATABASE {name}")
    yield postgresql.locate(name)
    postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        place = self.server.place
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        place.asked.append((parts.path, query, {k.lower(): v for k, v in self.headers.items()}))
        answer = place.script.pop(0) if place.script else place.usual
        with contextlib.suppress(ConnectionError):
            answer(self, parts.path, query)

    def reply(self, body, status=200, headers=()):
        self.send_response(status)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Length": str(len(content)), "Content-Type": "application/json"}
        for name, value in {**given, **dict(headers)}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments):
        pass


class LocalServer:
    """A server on loopback: `script` holds the next answers, `usual` is the one after them.

    An answer is called with the handler, the path and the query. `asked` are the requests.
    """

    def __init__(self):
        self.asked, self.script = [], []
        self.usual = lambda handler, _path, _query: handler.reply([])
        self.released = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients go away in the middle, as meant
        self.server.place = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def serve_entities(self, entities):
        """Answer as a broker does: pages, and the count of all."""

        def answer(handler, path, query):
            if path != "/v2/entities":
                handler.reply({"error": "NotFound"}, 404)
                return
            first, limit = int(query.get("offset", 0)), int(query.get("limit", 20))
            page = entities[first : first + limit]
            handler.reply(page, headers={"Fiware-Total-Count": str(len(entities))})

        self.usual = answer

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def local_server(monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = LocalServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def publish_speeds():
    """Publish the samples into a copy of geodata, as an administrator would."""

    def publish(geodata):
        catalog = geodata / "catalog.toml"
        catalog.write_text(catalog.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")
        path = geodata / "speeds.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["section_id", "timestamp", "speed_kmh"])
            for section, day, hour, speed in SAMPLES:
                writer.writerow([section, f"{day}T{hour:02d}:30:00+09:00", speed])
        day = dt.date(2026, 5, 29)
        store = Store(geodata)
        checked = check_file(load_catalog(catalog), store, "corridor_speeds", path, as_of=day)
        publish_file(store, checked, accept_quarantine=False)
        return SAMPLES

    return publish
