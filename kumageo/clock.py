"""The zones of the product: UTC inside, Japanese time outside."""

from __future__ import annotations

import datetime as dt
from typing import Final

UTC: Final = dt.UTC
# Japan has had no summer time since 1951: a fixed offset needs no zone database.
JST: Final = dt.timezone(dt.timedelta(hours=9), "JST")
