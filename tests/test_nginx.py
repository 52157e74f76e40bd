"""docs/nginx.conf in Debian's nginx, before a small server that counts and before two real apps.

Of the file only ports, paths and the user are replaced: certificate, name and limits are tried as
an administrator would have them.
"""

from __future__ import annotations

import getpass
import grp
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import pytest
from playwright.sync_api import sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import find_free_port, serve_app

pytestmark = pytest.mark.slow

CONFIG = Path(__file__).resolve().parents[1] / "docs" / "nginx.conf"
NAME = "maps.example.jp"
EMBED = "/embed/evacuation?m=43100"
STREAM = "/_stcore/stream"
UPGRADE = "proxy_set_header Upgrade $http_upgrade;"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def find_nginx():
    path = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not path:
        pytest.fail("nginx is not there; run tests/ensure_nginx.sh")
    return path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder


class Site:
    """The site as visitors see it, and the log as its administrator does."""

    def __init__(self, folder, certificate):
        self.folder, self.certificate = folder, certificate
        self.port, self.plain_port = find_free_port(), find_free_port()
        self.context = ssl.create_default_context(cafile=certificate / "certificate.pem")

    def write_config(self, ports, changes=()):
        """Write the configuration for this machine; every replacement must have found its text."""
        text = CONFIG.read_text(encoding="utf-8")
        group = grp.getgrgid(os.getgid()).gr_name
        paths = "".join(f"{name}_temp_path {self.folder}/{name};" for name in TEMPORARY)
        swaps = [
            ("user www-data;", f"user {getpass.getuser()} {group};"),
            ("/run/nginx.pid", f"{self.folder}/pid"),
            ("/var/log/nginx/", f"{self.folder}/"),
            ("/var/cache/nginx/kumamoto", f"{self.folder}/cache"),
            (f"/etc/nginx/tls/{NAME}.pem", f"{self.certificate}/certificate.pem"),
            (f"/etc/nginx/tls/{NAME}.key", f"{self.certificate}/key.pem"),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("listen 80", f"listen 127.0.0.1:{self.plain_port}"),
            ("127.0.0.1:8501", f"127.0.0.1:{ports[0]}"),
            ("127.0.0.1:8502", f"127.0.0.1:{ports[1]}"),
            ("\nhttp {\n", f"\nhttp {{\n{paths}\n"),
            (f'"https://{NAME}" 0', f'"https://{NAME}:{self.port}" 0'),
            ("Host $host;", f"Host $host:{self.port};"),
            *changes,
        ]
        for old, new in swaps:
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "nginx.conf").write_text(text, encoding="utf-8")

    @contextmanager
    def serve(self):
        command = [find_nginx(), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]
        checked = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "[emerg]" not in checked.stderr
        with (
            (self.folder / "output.txt").open("w") as output,
            subprocess.Popen([*command, "-g", "daemon off;"], stderr=output) as process,
        ):
            try:
                wait_for(lambda: is_open(self.port))
                yield self
            finally:
                process.terminate()

    def open_socket(self, name=NAME):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return self.context.wrap_socket(plain, server_hostname=name)

    @contextmanager
    def connection(self):
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.open_socket()
        try:
            yield connection
        finally:
            connection.close()

    def get(self, path, method="GET", connection=None, **headers):
        """Return status, headers and body of one request."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with ExitStack() as stack:
            connection = connection or stack.enter_context(self.connection())
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def websocket(self, origin=None, **headers):
        return connect(
            f"wss://{NAME}:{self.port}{STREAM}",
            sock=socket.create_connection(("127.0.0.1", self.port)),
            ssl=self.context,
            origin=origin or f"https://{NAME}:{self.port}",
            subprotocols=["streamlit"],
            additional_headers=headers,
        )

    def upstreams(self, path):
        """Return which app answered a path, as the log says, request by request."""
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        return [line.rsplit(" ", 1)[-1] for line in lines if f" {path} " in line]


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def site(tmp_path_factory, certificate):
    return Site(tmp_path_factory.mktemp("nginx"), certificate)


class Counter(ThreadingHTTPServer):
    """A stand-in for an app: tells what it was asked, keeps a list of it, and ages fast."""

    def __init__(self):
        self.asked, self.is_stopped = [], False
        super().__init__(("127.0.0.1", 0), CountingHandler)

    def stop(self):
        self.is_stopped = True  # connections that are kept open end too
        self.shutdown()
        self.server_close()


class CountingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def do_GET(self):
        if self.server.is_stopped:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        status = 400 if "bad" in self.path else 200
        if headers.get("if-none-match") == '"1"':
            status = 304
        body = b"" if status == 304 else json.dumps({"path": self.path, **headers}).encode()
        self.send_response(status)
        self.send_header("Cache-Control", "no-store" if status == 400 else "public, max-age=1")
        self.send_header("ETag", '"1"')
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def counted(tmp_path, certificate):
    """Yield the site before a counting server, and that server."""
    site = Site(tmp_path, certificate)
    with Counter() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        site.write_config([server.server_port, server.server_port])
        with site.serve():
            yield site, server
        server.stop()
        thread.join()


def test_an_embed_asked_twice_is_kept_and_outlives_the_app(counted):
    site, server = counted
    assert [site.get(EMBED)[1]["X-Cache-Status"] for _ in range(3)] == ["MISS", "MISS", "HIT"]
    time.sleep(2.1)
    assert site.get(EMBED)[1]["X-Cache-Status"] == "STALE"  # at once; a new one is asked for
    wait_for(lambda: len(server.asked) == 3)
    assert server.asked[-1][1]["if-none-match"] == '"1"'
    server.stop()
    time.sleep(2.1)
    status, headers, body = site.get(EMBED)
    assert (status, headers["X-Cache-Status"]) == (200, "STALE")
    assert json.loads(body)["path"] == EMBED
    status, headers, body = site.get("/embed/never-asked")
    assert (status, headers["Retry-After"]) == (503, "30")
    assert "ただいま表示できません".encode() in body
    assert b"nginx" not in body


def test_what_the_cache_tells_apart_is_bounded(counted):
    site, server = counted
    for accepted in ("gzip", "gzip, deflate", "deflate, GZIP;q=0.5", "gzip;q=1.0"):
        site.get("/data/sites.geojson?v=1", Accept_Encoding=accepted)
    for path in ("/data/sites.geojson?v=1&x=2", "/data/sites.geojson?y=3&v=1&v=2"):
        site.get(path, Accept_Encoding="gzip")
    for number in range(3):
        site.get(f"/assets/a.js?{number}")
    asked = [(path, headers.get("accept-encoding")) for path, headers in server.asked]
    assert asked == [("/data/sites.geojson?v=1", "gzip"), ("/assets/a.js", None)]
    for accepted in ("gzip, br", "br;q=0, gzip;q=0", "gzip;q=0.000"):
        site.get("/data/sites.geojson", Accept_Encoding=accepted)
    assert [headers.get("accept-encoding") for _, headers in server.asked[2:]] == ["br", None]


def test_a_bad_query_is_not_kept_and_a_flood_of_queries_takes_no_room(counted):
    site, server = counted
    assert [site.get("/embed/evacuation?bad")[0] for _ in range(4)] == [400] * 4
    assert len(server.asked) == 4
    with site.connection() as connection:
        for number in range(500):
            assert site.get(f"/embed/evacuation?z={number}", connection=connection)[0] == 200
    assert not [path for path in (site.folder / "cache").rglob("*") if path.is_file()]


def test_the_app_hears_who_asks_and_keeps_no_cookie_of_a_cached_page(counted):
    site, _ = counted
    claims = {"X_Forwarded_For": "192.0.2.66", "X_Forwarded_Proto": "gopher", "Cookie": "a=b"}
    told = json.loads(site.get(EMBED, **claims)[2])
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert told["host"] == f"{NAME}:{site.port}"
    assert "cookie" not in told
    _, headers, body = site.get("/briefing", **claims)
    assert json.loads(body)["cookie"] == "a=b"
    assert headers.get_all("Set-Cookie") is None


def test_large_requests_and_floods_are_refused(counted):
    site, server = counted
    assert site.get(f"/embed/evacuation?{'a' * 12_000}")[0] == 414
    with pytest.raises(OSError, match=r"EOF|reset|pipe"):  # hung up before all of it is read
        site.get(f"/embed/evacuation?{'a' * 1_000_000}")
    assert site.get(EMBED, "POST", Content_Length="100000")[0] == 413
    assert site.get("/_stcore/upload_file/a", "PUT", Content_Length="23000000")[0] == 413
    assert server.asked == []
    with site.connection() as connection:
        answers = [site.get("/briefing", connection=connection) for _ in range(60)]
    refused = [(headers, body) for status, headers, body in answers if status == 429]
    assert {status for status, _, _ in answers} == {200, 429}
    assert 20 <= len(answers) - len(refused) < 50
    assert refused[0][0]["Retry-After"] == "5"
    assert "アクセスが集中しています".encode() in refused[0][1]


def test_only_its_own_name_is_answered_and_only_over_tls(counted):
    site, _ = counted
    with pytest.raises(ssl.SSLError):
        site.open_socket("other.example.jp")
    plain = http.client.HTTPConnection("127.0.0.1", site.plain_port)
    plain.request("GET", "/")
    with pytest.raises(ConnectionResetError):
        plain.getresponse()
    plain.close()
    plain.request("GET", EMBED, headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}{EMBED}")
    plain.close()


class Apps:
    """Two real apps; they start together, and end when they are told."""

    def __init__(self):
        self.stack = ExitStack()
        with ThreadPoolExecutor(2) as pool:
            started = [pool.submit(self.stack.enter_context, serve_app()) for _ in range(2)]
        self.ports = [int(future.result().rsplit(":", 1)[1]) for future in started]

    def stop(self):
        self.stack.close()


@pytest.fixture(scope="module")
def apps():
    apps = Apps()
    yield apps
    apps.stop()


@pytest.fixture(scope="module")
def live(site, apps):
    site.write_config(apps.ports)
    with site.serve():
        yield site


def visitor(number):
    return f"kumamoto_visitor={number:032x}"


def test_pages_answer_with_the_headers_of_the_app(live):
    for path in ("/", "/evacuation", "/healthz", "/briefing?region=kikuchi"):
        status, headers, _ = live.get(path)
        assert (status, headers["Server"]) == (200, "nginx"), path
        assert len(headers.get_all("Content-Security-Policy")) == 1
        assert "frame-ancestors" in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"]
    assert live.get("/_stcore/metrics")[0] == 404


def test_answers_are_compressed_once(live):
    path = "/data/evacuation_sites.geojson"
    plain = json.loads(live.get(path)[2])
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    for accepted, encoding in (("gzip, deflate, br", "br"), ("gzip, deflate", "gzip")):
        _, headers, body = live.get(path, Accept_Encoding=accepted)
        assert headers.get_all("Content-Encoding") == [encoding]
        assert json.loads(unpack[encoding](body)) == plain
    page = live.get("/")[2].decode()
    script = re.search(r'src="\.?(/static/[^"]+\.js)"', page)[1]
    _, headers, body = live.get(script, Accept_Encoding="gzip")
    assert headers.get_all("Content-Encoding") == ["gzip"]
    assert gzip.decompress(body) == live.get(script)[2]


def test_a_session_stays_with_one_app_and_visitors_are_spread(live):
    _, headers, _ = live.get("/")
    cookie = headers["Set-Cookie"]
    assert re.fullmatch(
        r"kumamoto_visitor=[0-9a-f]{32}; Path=/; Secure; HttpOnly; SameSite=Lax", cookie
    )
    own = cookie.partition(";")[0]
    assert live.get("/", Cookie=own)[1]["Set-Cookie"] is None
    with live.websocket(Cookie=own) as socket_:
        assert socket_.subprotocol == "streamlit"
    for _ in range(4):
        live.get("/_stcore/host-config", Cookie=own)
    wait_for(lambda: live.upstreams(STREAM))
    assert len({*live.upstreams(STREAM), *live.upstreams("/_stcore/host-config")}) == 1
    for number in range(20):
        live.get("/_stcore/health", Cookie=visitor(number))
    assert len(set(live.upstreams("/_stcore/health"))) == 2


def test_a_page_of_another_site_gets_no_session(live):
    with pytest.raises(InvalidStatus) as refused:
        live.websocket(origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_the_websocket_check_can_fail(apps, certificate, tmp_path):
    site = Site(tmp_path, certificate)
    site.write_config(apps.ports, [(UPGRADE, "")])
    with site.serve(), pytest.raises(InvalidStatus):
        site.websocket()


def test_a_browser_opens_a_page_and_its_map_through_nginx(live):
    resolve = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
    address = f"https://{NAME}:{live.port}"
    seen, sockets, errors = [], [], []
    n_before = len(live.upstreams(STREAM))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*ARGUMENTS, resolve]
        )
        context = browser.new_context(ignore_https_errors=True, locale="ja-JP")
        page = context.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.on("websocket", lambda opened: sockets.append(opened.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        frame = page.frame_locator('iframe[title^="streamlit_folium"]')
        frame.locator(".leaflet-container[data-areas]").wait_for(timeout=30_000)
        names = {cookie["name"] for cookie in context.cookies()}
        browser.close()
    assert sockets == [f"wss://{NAME}:{live.port}{STREAM}"]
    assert [url for url in seen if not url.startswith((address, "data:", "blob:"))] == []
    assert "kumamoto_visitor" in names
    assert errors == []
    wait_for(lambda: len(live.upstreams(STREAM)) == n_before + 1)


def test_what_is_cached_is_served_when_both_apps_are_down(live, apps):
    version = live.get("/data/evacuation_sites.geojson")[1]["ETag"].strip('"')
    named = re.findall(r'href="(/assets/[^"]+)"', live.get("/")[2].decode())
    page = "/data/evacuation_sites.geojson?v="
    kept = [f"{page}{version[:length]}" for length in range(8, len(version) + 1)]
    kept = [path for path in kept if live.get(path)[0] == 200] + named
    assert len(kept) > len(named) > 0
    before = {path: live.get(path)[2] for path in kept}
    apps.stop()
    for path, body in before.items():
        assert live.get(path)[::2] == (200, body)
    assert live.get("/")[0] == 503
