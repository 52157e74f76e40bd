"""The command `python -m kumageo readings pull NAME`: once, or again and again."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from kumageo.brokers import Broker, find_broker, load_brokers, write_headers
from kumageo.clock import JST
from kumageo.console import print_json, print_json_line, print_report
from kumageo.errors import ArgumentError, KumageoError, QuarantineError
from kumageo.fetch import PASSING, Fetcher, Limits
from kumageo.labels import load_labels
from kumageo.readings.pulling import Attempt, attempt_pull, note_attempt
from kumageo.readings.pulls import OK
from kumageo.readings.store import ReadingStore, open_readings
from kumageo.readings.tables import SIMULATED
from kumageo.settings import Settings
from kumageo.store import Store

LIMITS: Final = Limits()
WELLS_DATASET: Final = "observation_wells"
EXIT_BAD_INPUT: Final = 2
FIRST_RETRY_S: Final = 30.0
MAX_PAUSE_S: Final = 86_400.0
_UNITS_S: Final = {"s": 1, "min": 60, "h": 3_600}


def parse_interval(text: str) -> dt.timedelta:
    """Parse an argument such as 10min.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no such span, or not one of 1 second to 24 hours.
    """
    found = re.fullmatch(r"([0-9]{1,5})(s|min|h)", text)
    span = dt.timedelta(seconds=int(found[1]) * _UNITS_S[found[2]]) if found else dt.timedelta(0)
    if not dt.timedelta(seconds=1) <= span <= dt.timedelta(hours=24):
        message = f"expected 1s to 24h, such as 30s, 10min or 1h, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return span


def add_pull_command(own: Any) -> None:
    """Add `pull` to the commands of `readings`."""
    puller = own.add_parser("pull", help="ask a broker of geodata/brokers.toml for readings")
    puller.add_argument("name", help="name of the broker")
    puller.add_argument(
        "--every", type=parse_interval, help="ask again and again, as in 10min, until stopped"
    )
    puller.add_argument(
        "--accept-held", action="store_true", help="publish levels 30 m off all earlier ones"
    )
    puller.add_argument("--json", action="store_true", help="print JSON; a line for each pull")
    puller.set_defaults(run=run_pull)


def run_pull(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run `readings pull` and return its exit code."""
    broker = find_broker(load_brokers(settings.geodata), chosen.name)
    headers = write_headers(broker, os.environ)
    with closing(open_readings(settings)) as store:
        if store.kind == SIMULATED:
            raise ArgumentError(
                "readings pull: expected the store of measured readings, got the one of simulated "
                "readings. Unset KUMAGEO_DEMO."
            )
        puller = _Puller(store, broker, headers, settings, accept_held=chosen.accept_held)
        if chosen.every is None:
            attempt = puller.pull()
            puller.note(attempt, None)
            return _print_attempt(attempt, settings, as_json=chosen.json)
        with _stop_on_signals(puller.stop):
            _pull_until_stopped(puller, chosen.every, as_json=chosen.json)
    return 0


class _Puller:
    """What each pull needs; `stop` ends the waiting."""

    def __init__(
        self,
        store: ReadingStore,
        broker: Broker,
        headers: dict[str, str],
        settings: Settings,
        *,
        accept_held: bool,
    ) -> None:
        self.stop = threading.Event()
        self._store, self._broker, self._geodata = store, broker, settings.geodata
        self._fetcher = Fetcher(headers, LIMITS, self.stop)
        self._accept_held = accept_held

    def pull(self) -> Attempt:
        """Pull once, against the wells that are published now."""
        now = dt.datetime.now(tz=JST)
        try:
            wells = Store(self._geodata).load(WELLS_DATASET)["id"].astype("str").tolist()
        except (KumageoError, OSError) as error:
            return Attempt(self._broker, now, "store", error=error)
        return attempt_pull(
            self._store,
            self._broker,
            self._fetcher,
            known_wells=wells,
            now=now,
            accept_held=self._accept_held,
        )

    def note(self, attempt: Attempt, due: dt.datetime | None) -> None:
        """Note the attempt for the page; a store that can't be written is said, and no more."""
        try:
            note_attempt(self._store, attempt, due)
        except (KumageoError, OSError) as error:
            print(f"the outcome could not be noted: {error}", file=sys.stderr, flush=True)


def _pull_until_stopped(puller: _Puller, every: dt.timedelta, *, as_json: bool) -> None:
    n_failed = 0
    while not puller.stop.is_set():
        attempt = puller.pull()
        n_failed = n_failed + 1 if attempt.outcome in PASSING | {"store"} else 0
        pause_s = choose_pause(every.total_seconds(), n_failed, attempt.retry_after_s)
        puller.note(attempt, dt.datetime.now(tz=JST) + dt.timedelta(seconds=pause_s))
        if as_json:
            print_json_line(_describe(attempt))
        else:
            print(_write_line(attempt), file=sys.stderr, flush=True)
        puller.stop.wait(pause_s)


def choose_pause(every_s: float, n_failed: int, retry_after_s: float) -> float:
    """Return how long to wait for the next pull, in seconds.

    Parameters
    ----------
    every_s
        The interval. After failures that may pass it is sooner: 30 s, then twice as long each
        time, up to the interval.
    n_failed
        How many pulls failed one after another.
    retry_after_s
        How long the broker asked to be left alone; honoured up to a day.
    """
    pause_s = every_s
    if n_failed:
        pause_s = min(every_s, FIRST_RETRY_S * 2 ** min(n_failed - 1, 20))
    return max(pause_s, min(retry_after_s, MAX_PAUSE_S))


@contextmanager
def _stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the waiting; a second one ends the program at once."""
    before: dict[signal.Signals, Any] = {}

    def end(_number: int, _frame: object) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        # Not here: the signal may have come while the event itself was locked.
        threading.Thread(target=stop.set).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_attempt(attempt: Attempt, settings: Settings, *, as_json: bool) -> int:
    """Print the outcome of a single pull; an answer that could not be judged is raised."""
    if attempt.error is not None:
        raise attempt.error
    is_good = attempt.outcome == OK
    stream = sys.stdout if is_good else sys.stderr
    if as_json or attempt.result is None:
        print_json(_describe(attempt), stream)
    else:
        labels = load_labels(settings.geodata, "ja")
        print_report(f"broker {attempt.broker.name}", attempt.result.report, labels, stream)
        print(_write_line(attempt), file=stream)
        if not is_good:
            held = attempt.result.is_held
            print(labels("command.held" if held else "broker.refused_entities"), file=stream)
    return 0 if is_good else EXIT_BAD_INPUT


def _describe(attempt: Attempt) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "broker": attempt.broker.name,
        "time": attempt.time.isoformat(timespec="seconds"),
        "outcome": attempt.outcome,
        "n_new": attempt.n_new,
    }
    if attempt.result is not None:
        answer |= attempt.result.to_json()
        if attempt.outcome != OK:
            answer["error"] = QuarantineError.__name__
    if attempt.error is not None:
        answer |= {"error": type(attempt.error).__name__, "message": str(attempt.error)}
    return answer


def _write_line(attempt: Attempt) -> str:
    """Write an attempt as one line of a log."""
    start = f"{attempt.time.isoformat(timespec='seconds')} {attempt.broker.name} {attempt.outcome}"
    if attempt.error is not None:
        return f"{start}: {' '.join(str(attempt.error).split())}"
    if attempt.result is None or attempt.result.counts is None:
        rows = attempt.result.report.to_table() if attempt.result else None
        found = [] if rows is None else rows.to_dict("records")
        words = ", ".join(f"{row['check']} x {row['count']}" for row in found)
        return f"{start}: nothing was published; {words}"
    counts = attempt.result.counts
    words = f"new {counts.n_new}, changed {counts.n_changed}, unchanged {counts.n_unchanged}"
    return f"{start}: {words}"
