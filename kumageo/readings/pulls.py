"""What the store remembers of asking brokers: when, and with what outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from kumageo.readings.tables import DAY_S, PULLS

KEEP_DAYS: Final = 90
OK: Final = "ok"
# Why a pull brought nothing. The first ten are those of `kumageo.errors.FetchError`.
FAILURES: Final = (
    *("refused", "missing", "busy", "server", "unreachable", "silent", "cut_off", "too_large"),
    *("redirect", "unfit", "bad_rows", "store"),
)


@dataclass(frozen=True)
class Pull:
    """One pull. `outcome` is `OK` or one of `FAILURES`; times in seconds since 1970.

    `title` is what people call the broker; `due_utc` is when it is asked again, if it is.
    """

    name: str
    title: str
    time_utc: int
    outcome: str
    n_new: int = 0
    due_utc: int | None = None


def insert_pull(connection: sa.Connection, pull: Pull) -> None:
    """Note a pull, and forget those older than `KEEP_DAYS` but the last good one of each broker."""
    connection.execute(PULLS.insert().values(vars(pull)))
    last_good = (
        sa.select(sa.func.max(PULLS.c.id)).where(PULLS.c.outcome == OK).group_by(PULLS.c.name)
    )
    is_old = PULLS.c.time_utc < pull.time_utc - KEEP_DAYS * DAY_S
    connection.execute(PULLS.delete().where(is_old, PULLS.c.id.not_in(last_good)))


def find_last_pull(connection: sa.Connection) -> int:
    """Return the id of the last pull; 0 where there is none, or no table of them yet."""
    if not sa.inspect(connection).has_table(PULLS.name):
        return 0
    return int(connection.scalar(sa.select(sa.func.max(PULLS.c.id))) or 0)


def select_pulls(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    """Yield name, title, time (s), outcome, due (s) and last good time (s) of each broker."""
    if not find_last_pull(connection):
        return
    good = sa.func.max(sa.case((PULLS.c.outcome == OK, PULLS.c.time_utc)))
    per_name = (
        sa.select(sa.func.max(PULLS.c.id).label("id"), good.label("last_ok"))
        .group_by(PULLS.c.name)
        .subquery()
    )
    columns = (PULLS.c.name, PULLS.c.title, PULLS.c.time_utc, PULLS.c.outcome, PULLS.c.due_utc)
    chosen = sa.select(*columns, per_name.c.last_ok).join(per_name, PULLS.c.id == per_name.c.id)
    for row in connection.execute(chosen):
        yield tuple(row)
