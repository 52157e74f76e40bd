"""The one way to the network: bounded, tried again with care, never to another host."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from email.utils import format_datetime

import pytest

from kumageo.errors import FetchError
from kumageo.fetch import Fetcher, Limits

QUICK = Limits(
    connect_s=1, read_s=0.3, total_s=2, max_bytes=10_000, tries=3, first_wait_s=0.01, max_wait_s=3
)
KEY = "s3cret-key"


@pytest.fixture
def fetcher():
    return Fetcher({"X-Api-Key": KEY}, QUICK)


@pytest.fixture
def refuse(local_server, fetcher):
    """Ask what fails, and give the reason and how often it was asked."""

    def ask(*answers, usual=None):
        local_server.script = list(answers)
        local_server.usual = usual or (lambda handler, _path, _query: handler.reply(b"good"))
        with pytest.raises(FetchError) as caught:
            fetcher.get(local_server.url + "/a")
        assert KEY not in str(caught.value) + repr(caught.value)
        assert str(caught.value).startswith("127.0.0.1: expected")
        return caught.value.reason, len(local_server.asked)

    return ask


def status(code, **headers):
    return lambda handler, _path, _query: handler.reply(b"{}", code, headers)


def cut(handler, _path, _query):
    handler.reply(b"half", headers={"Content-Length": "100"})
    handler.close_connection = True


def never(handler, _path, _query):
    handler.server.place.released.wait(10)
    handler.close_connection = True


def endless(handler, _path, _query):
    handler.reply(b"", headers={"Content-Length": None, "Connection": "close"})
    while not handler.server.place.released.is_set():
        handler.wfile.write(b"x" * 1000)


def drip(handler, _path, _query):
    handler.reply(b"", headers={"Content-Length": "100000"})
    while not handler.server.place.released.wait(0.1):
        handler.wfile.write(b"x")


class TestGood:
    def test_body_headers_and_what_is_sent(self, local_server, fetcher):
        local_server.usual = status(200, **{"Fiware-Total-Count": "7"})
        answer = fetcher.get(local_server.url + "/v2/entities", {"type": "井戸 & more"})
        assert (answer.body, answer.headers["fiware-total-count"]) == (b"{}", "7")
        ((path, query, headers),) = local_server.asked
        assert (path, query) == ("/v2/entities", {"type": "井戸 & more"})
        assert headers["x-api-key"] == KEY
        assert headers["user-agent"].startswith("kumageo/")

    def test_gzip(self, local_server, fetcher):
        packed = gzip.compress(b"good" * 100)
        local_server.usual = lambda handler, *_: handler.reply(
            packed, headers={"Content-Encoding": "gzip"}
        )
        assert fetcher.get(local_server.url).body == b"good" * 100

    def test_a_redirect_within_the_host_is_followed(self, local_server, fetcher):
        local_server.script = [status(307, Location="/there?a=1")]
        local_server.usual = lambda handler, path, query: handler.reply([path, query])
        assert fetcher.get(local_server.url + "/here").body == b'["/there", {"a": "1"}]'

    def test_a_download_with_its_checksums(self, local_server, fetcher):
        local_server.script = [cut]
        local_server.usual = lambda handler, *_: handler.reply(b"abc")
        file = io.BytesIO()
        digests = fetcher.download(local_server.url, file)
        assert file.getvalue() == b"abc"
        assert digests["md5"] == "900150983cd24fb0d6963f7d28e17f72"
        assert digests["sha1"] == "a9993e364706816aba3e25717850c26c9cd0d89d"
        assert digests["sha256"].startswith("ba7816bf8f01cfea")


class TestAgain:
    def test_500_then_good(self, local_server, fetcher):
        local_server.script = [status(500), status(503)]
        assert fetcher.get(local_server.url).body == b"[]"
        assert len(local_server.asked) == 3

    @pytest.mark.parametrize("code", [429, 503])
    def test_retry_after_is_honoured(self, local_server, fetcher, code):
        local_server.script = [status(code, **{"Retry-After": "1"})]
        start = time.monotonic()
        assert fetcher.get(local_server.url).body == b"[]"
        assert 1 <= time.monotonic() - start < 3

    def test_retry_after_as_a_day(self, local_server, fetcher):
        moment = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=2)
        local_server.script = [status(429, **{"Retry-After": format_datetime(moment, usegmt=True)})]
        start = time.monotonic()
        fetcher.get(local_server.url)
        assert 0.9 <= time.monotonic() - start < 4

    def test_who_asks_for_an_hour_is_not_asked_again(self, local_server, fetcher):
        local_server.usual = status(429, **{"Retry-After": "3600"})
        with pytest.raises(FetchError) as caught:
            fetcher.get(local_server.url)
        assert (caught.value.reason, caught.value.retry_after_s) == ("busy", 3600)
        assert len(local_server.asked) == 1

    def test_stopping_ends_the_waiting(self, local_server):
        local_server.usual = status(429, **{"Retry-After": "3"})
        stop = threading.Event()
        threading.Timer(0.2, stop.set).start()
        start = time.monotonic()
        with pytest.raises(FetchError):
            Fetcher({}, QUICK, stop).get(local_server.url)
        assert time.monotonic() - start < 2


class TestBad:
    @pytest.mark.parametrize(
        ("code", "reason"),
        [(401, "refused"), (403, "refused"), (404, "missing"), (400, "missing"), (204, "unfit")],
    )
    def test_it_is_not_asked_again(self, refuse, code, reason):
        assert refuse(usual=status(code)) == (reason, 1)

    @pytest.mark.parametrize(
        ("usual", "reason"),
        [(status(500), "server"), (status(429), "busy"), (cut, "cut_off"), (never, "silent")],
    )
    def test_it_is_asked_three_times(self, refuse, usual, reason):
        assert refuse(usual=usual) == (reason, 3)

    def test_nobody_listens(self, fetcher):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            with pytest.raises(FetchError) as caught:
                fetcher.get(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        assert caught.value.reason == "unreachable"

    def test_an_endless_body(self, refuse):
        assert refuse(usual=endless) == ("too_large", 1)

    def test_a_body_that_drips(self, local_server):
        local_server.usual = drip
        limits = Limits(connect_s=1, read_s=1, total_s=0.5, tries=1)
        start = time.monotonic()
        with pytest.raises(FetchError) as caught:
            Fetcher({}, limits).get(local_server.url)
        assert caught.value.reason == "silent"
        assert time.monotonic() - start < 3

    def test_a_gzip_bomb(self, refuse):
        pack = zlib.compressobj(9, wbits=31)
        bomb = b"".join(pack.compress(b"\0" * 2**20) for _ in range(64)) + pack.flush()
        tracemalloc.start()
        answer = refuse(
            usual=lambda handler, *_: handler.reply(bomb, headers={"Content-Encoding": "gzip"})
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert answer == ("too_large", 1)
        assert peak < 8 * 2**20  # 64 MiB unpacked

    def test_a_packed_body_cut_off(self, refuse):
        half = gzip.compress(b"good" * 1000)[:-12]
        reply = {"Content-Encoding": "gzip"}
        assert refuse(usual=lambda h, *_: h.reply(half, headers=reply)) == ("cut_off", 3)

    def test_what_does_not_unpack(self, refuse):
        reply = {"Content-Encoding": "gzip"}
        assert refuse(usual=lambda h, *_: h.reply(b"plain", headers=reply)) == ("unfit", 1)
        reply = {"Content-Encoding": "br"}
        assert refuse(usual=lambda h, *_: h.reply(b"plain", headers=reply))[0] == "unfit"

    def test_a_redirect_to_another_host_sends_nothing_there(self, local_server, refuse):
        for there in ("http://localhost:1/", "https://127.0.0.1/", "//example.jp/a"):
            assert refuse(usual=status(302, Location=there))[0] == "redirect"
        assert {path for path, _, _ in local_server.asked} == {"/a"}

    def test_a_redirect_without_end(self, refuse):
        assert refuse(usual=status(302, Location="/a")) == ("redirect", 4)

    def test_a_certificate_that_nobody_vouches_for(self, fetcher, tmp_path):
        made = [tmp_path / name for name in ("key.pem", "certificate.pem")]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-keyout", str(made[0]), "-out", str(made[1])]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made[1], made[0])
        failures = []
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def serve():
                for _ in range(QUICK.tries):
                    connection, _ = listener.accept()
                    try:
                        context.wrap_socket(connection, server_side=True).close()
                    except OSError as error:
                        failures.append(error)
                    connection.close()

            thread = threading.Thread(target=serve)
            thread.start()
            with pytest.raises(FetchError, match="certificate verify failed") as caught:
                fetcher.get(f"https://127.0.0.1:{listener.getsockname()[1]}/")
            thread.join(5)
        assert caught.value.reason == "unreachable"
        assert len(failures) == QUICK.tries  # nothing was said inside

    def test_its_repr_hides_the_headers(self, fetcher):
        assert KEY not in repr(fetcher)
