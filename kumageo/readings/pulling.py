"""One pull: from a broker to the store, as a file would go, and noted whatever comes of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kumageo.brokers import NGSI, Broker
from kumageo.errors import FetchError, KumageoError, ReadError
from kumageo.fetch import Fetcher
from kumageo.readings.ckan import download_resource
from kumageo.readings.imports import ImportResult, import_readings
from kumageo.readings.ngsi import write_entities
from kumageo.readings.pulls import OK, Pull
from kumageo.readings.queries import to_seconds
from kumageo.readings.store import ReadingStore

# Clocks of sensors and brokers go ahead a little; more than this is a mistake.
AHEAD: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Attempt:
    """What became of one pull.

    `outcome` is as in `kumageo.readings.pulls.Pull`. `result` is there where the answer came to
    be judged, `error` where it did not.
    """

    broker: Broker
    time: dt.datetime
    outcome: str
    result: ImportResult | None = None
    error: Exception | None = None

    @property
    def n_new(self) -> int:
        """Readings that the store did not have."""
        counts = self.result.counts if self.result else None
        return counts.n_new if counts else 0

    @property
    def retry_after_s(self) -> float:
        """How long the broker asked to be left alone, in seconds."""
        return getattr(self.error, "retry_after_s", None) or 0.0


def pull_readings(
    store: ReadingStore,
    broker: Broker,
    fetcher: Fetcher,
    *,
    known_wells: Collection[str],
    now: dt.datetime,
    accept_held: bool = False,
) -> ImportResult:
    """Ask a broker and, if every reading is good, publish all in one transaction.

    Parameters
    ----------
    store
        Where to. Another import is waited for.
    broker
        Whom to ask.
    fetcher
        With the headers of the broker.
    known_wells
        Ids of the wells dataset.
    now
        With a zone; a reading later by more than `AHEAD` is an error.
    accept_held
        As in `kumageo.readings.imports.import_readings`.

    Returns
    -------
    ImportResult
        As of a file; row n + 1 is the n-th entity.

    Raises
    ------
    FetchError
        If the broker gives no good answer.
    ReadError
        If the resource of a portal is no file of readings.
    StoreBusyError, StoreUnreachableError
        If the store can't be written.
    """
    with tempfile.TemporaryDirectory(prefix="kumageo-pull-") as folder:
        path = Path(folder) / f"{broker.name}.csv"
        if broker.kind == NGSI:
            write_entities(broker, fetcher, path)
        else:
            download_resource(broker, fetcher, path)
        return import_readings(
            store,
            path,
            source=broker.credit,
            known_wells=known_wells,
            now=now,
            ahead=AHEAD,
            accept_held=accept_held,
        )


def attempt_pull(
    store: ReadingStore,
    broker: Broker,
    fetcher: Fetcher,
    *,
    known_wells: Collection[str],
    now: dt.datetime,
    accept_held: bool = False,
) -> Attempt:
    """Pull as `pull_readings` does; a failure is an outcome, what the store holds stays."""
    try:
        result = pull_readings(
            store, broker, fetcher, known_wells=known_wells, now=now, accept_held=accept_held
        )
    except FetchError as error:
        return Attempt(broker, now, error.reason, error=error)
    except ReadError as error:
        return Attempt(broker, now, "unfit", error=error)
    except (KumageoError, OSError) as error:  # a full disk too
        return Attempt(broker, now, "store", error=error)
    return Attempt(broker, now, OK if result.published else "bad_rows", result)


def note_attempt(store: ReadingStore, attempt: Attempt, due: dt.datetime | None = None) -> None:
    """Note an attempt in the store, for the page; raises as `ReadingStore.write` does."""
    broker = attempt.broker
    store.note_pull(
        Pull(
            broker.name,
            broker.title,
            to_seconds(attempt.time, "time"),
            attempt.outcome,
            attempt.n_new,
            None if due is None else to_seconds(due, "due"),
        )
    )
