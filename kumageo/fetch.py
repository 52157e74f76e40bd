"""The one module that touches the network: GET, bounded in time and bytes, tried again with care.

Certificates are checked, an answer never leads to another host, and nothing is sent but what the
caller gives. What fails says so in a `FetchError`, with a reason that programs and pages know.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx2
import tenacity

from kumageo import __version__
from kumageo.errors import FetchError

MAX_REDIRECTS: Final = 3
# Reasons that may be gone a moment later; only these are tried again.
PASSING: Final = frozenset({"busy", "server", "unreachable", "silent", "cut_off"})
_STATUSES: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: ("refused", "Check the key."),
    HTTPStatus.FORBIDDEN: ("refused", "Check the key and what it allows."),
    HTTPStatus.TOO_MANY_REQUESTS: ("busy", "Ask less often."),
}
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
T = TypeVar("T")
_HEADERS: Final = {"User-Agent": f"kumageo/{__version__}", "Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Limits:
    """How long and how much. Times in seconds.

    `total_s` bounds one try, from the first byte sent to the last one received. Between tries
    it waits `first_wait_s`, twice as long each time, at most `max_wait_s`.
    """

    connect_s: float = 10
    read_s: float = 30
    total_s: float = 300
    max_bytes: int = 32 * 1024**2
    tries: int = 4
    first_wait_s: float = 1
    max_wait_s: float = 60


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` by their names in small letters."""

    body: bytes
    headers: Mapping[str, str]


@dataclass
class Fetcher:
    """Asks one host. `stop` ends the waiting between tries, and further tries with it."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # they may hold a key
    limits: Limits = field(default_factory=Limits)
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a GET.

        Raises
        ------
        FetchError
            If there is no good answer after all tries.
        """

        def collect() -> Answer:
            with self._open(url, params) as reply:
                headers = {name.lower(): v for name, v in reply.response.headers.items()}
                return Answer(b"".join(reply.read()), headers)

        return self._retry(collect)

    def download(self, url: str, file: IO[bytes]) -> dict[str, str]:
        """Write the answer to a GET into a file, from its start.

        Returns
        -------
        dict
            The checksums `md5`, `sha1` and `sha256` of what was written.

        Raises
        ------
        FetchError
            If there is no good answer after all tries.
        """

        def write() -> dict[str, str]:
            digests = {name: hashlib.new(name) for name in ("md5", "sha1", "sha256")}
            file.seek(0)
            file.truncate()
            with self._open(url, None) as reply:
                for block in reply.read():
                    file.write(block)
                    for digest in digests.values():
                        digest.update(block)
            return {name: digest.hexdigest() for name, digest in digests.items()}

        return self._retry(write)

    def _retry(self, action: Callable[[], T]) -> T:
        limits = self.limits
        grow = tenacity.wait_exponential_jitter(
            multiplier=limits.first_wait_s, max=limits.max_wait_s, jitter=limits.first_wait_s
        )

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = getattr(error, "retry_after_s", None)
            return grow(state) if asked is None else asked

        def is_worth_it(error: BaseException) -> bool:
            if not isinstance(error, FetchError) or error.reason not in PASSING:
                return False
            return (error.retry_after_s or 0) <= limits.max_wait_s

        tries = tenacity.Retrying(
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(limits.tries), tenacity.stop_when_event_set(self.stop)
            ),
            wait=wait,
            retry=tenacity.retry_if_exception(is_worth_it),
            sleep=tenacity.sleep_using_event(self.stop),
            reraise=True,
        )
        return tries(action)

    @contextmanager
    def _open(self, url: str, params: Mapping[str, str] | None) -> Iterator[_Reply]:
        """Give the answer to one try, its headers read, its body not."""
        limits, host = self.limits, urlsplit(url).hostname or ""
        timeout = httpx2.Timeout(limits.read_s, connect=limits.connect_s)
        deadline = time.monotonic() + limits.total_s
        with _explained(host), httpx2.Client(timeout=timeout, headers=_HEADERS) as client:
            address = httpx2.URL(url, params=params) if params else httpx2.URL(url)
            for _ in range(MAX_REDIRECTS + 1):
                with client.stream("GET", address, headers=dict(self.headers)) as response:
                    if not response.has_redirect_location:
                        _check_status(response, host)
                        yield _Reply(response, host, limits.max_bytes, deadline)
                        return
                    address = _follow(response, host)
        raise FetchError(
            f"{host}: expected an answer, got over {MAX_REDIRECTS} redirects. Correct the url.",
            "redirect",
        )


@dataclass(frozen=True)
class _Reply:
    """A good answer whose body is still to be read."""

    response: httpx2.Response
    host: str
    max_bytes: int
    deadline: float

    def read(self) -> Iterator[bytes]:
        """Yield the unpacked body in blocks; stop where it is too long or takes too long."""
        unpacker, n_bytes = self._choose_unpacker(), 0
        for packed in self.response.iter_raw():  # as it comes: a block would wait to be full
            if time.monotonic() > self.deadline:
                raise FetchError(
                    f"{self.host}: expected the answer to end in time, got no end. Try later.",
                    "silent",
                )
            # Never more than what is still allowed, whatever a small block would unpack to.
            limit = self.max_bytes - n_bytes + 1
            block = unpacker.decompress(packed, limit) if unpacker else packed
            n_bytes += len(block)
            if n_bytes > self.max_bytes:
                raise FetchError(
                    f"{self.host}: expected at most {self.max_bytes:,} bytes (unpacked), got more. "
                    "Ask its operator for a smaller answer.",
                    "too_large",
                )
            yield block
        if unpacker and (not unpacker.eof or unpacker.unused_data):
            raise FetchError(
                f"{self.host}: expected one whole packed answer, got a part. Try again later.",
                "cut_off",
            )

    def _choose_unpacker(self) -> Any:
        encoding = self.response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("identity", ""):
            return None
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise FetchError(
                f"{self.host}: expected plain or gzip, got Content-Encoding {encoding[:20]!r}. "
                "Ask its operator.",
                "unfit",
            )
        return zlib.decompressobj(_GZIP_OR_ZLIB)


def _check_status(response: httpx2.Response, host: str) -> None:
    status = response.status_code
    if status == HTTPStatus.OK:
        return
    reason, remedy = _STATUSES.get(status, ("missing", "Correct the entry."))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reason, remedy = "server", "Wait, or ask its operator."
    elif status < HTTPStatus.BAD_REQUEST:
        reason, remedy = "unfit", "Ask its operator."
    raise FetchError(
        f"{host}: expected status 200, got {status} ({response.reason_phrase[:40]}). {remedy}",
        reason,
        _read_retry_after(response.headers.get("retry-after", "")),
    )


def _read_retry_after(text: str) -> float | None:
    """Return the seconds that Retry-After asks for; None where it asks for nothing clear."""
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(tz=dt.UTC)).total_seconds())


def _follow(response: httpx2.Response, host: str) -> httpx2.URL:
    """Return where a redirect leads: to the same host, by the same way, or nowhere."""
    here = response.request.url
    there = here.join(response.headers["location"])
    if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
        raise FetchError(
            f"{host}: expected an answer, got a redirect to another host ({there.host[:80]!r}, "
            f"{there.scheme}). Nothing was sent there; set the url of that host if it is right.",
            "redirect",
        )
    return there


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Turn the errors of httpx2 into ours; they tell neither headers nor the query."""
    try:
        yield
    except FetchError:  # an OSError too
        raise
    except httpx2.TimeoutException as error:
        raise FetchError(
            f"{host}: expected an answer in time, got none ({type(error).__name__}). Try again "
            "later, or ask its operator.",
            "silent",
        ) from error
    except httpx2.RemoteProtocolError as error:
        raise FetchError(
            f"{host}: expected a whole answer, got one that breaks off ({error}). Try again later.",
            "cut_off",
        ) from error
    except (httpx2.DecodingError, zlib.error) as error:
        raise FetchError(
            f"{host}: expected an answer that unpacks, got {error}. Ask its operator.", "unfit"
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise FetchError(
            f"{host}: expected a connection, got {error}. Check url, network and certificate.",
            "unreachable",
        ) from error
