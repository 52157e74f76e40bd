"""Every error that this library raises on purpose.

Each class is a `KumageoError` and also the builtin that a caller would expect.
A message names the subject, what was expected, what was found and the remedy.
"""

from __future__ import annotations


class KumageoError(Exception):
    """Base class: catch this one to catch them all."""


class SettingError(KumageoError, ValueError):
    """An environment setting has a value that cannot be used."""


class CatalogError(KumageoError, ValueError):
    """The catalogue is incomplete or inconsistent."""


class UnknownDatasetError(KumageoError, LookupError):
    """A dataset, label or subject of that name does not exist."""


class NotPublishedError(KumageoError, LookupError):
    """The dataset is in the catalogue, but no version of it is published."""


class CrsError(KumageoError, ValueError):
    """A coordinate reference system is missing, wrong, or differs between inputs."""


class GeometryTypeError(KumageoError, TypeError):
    """A geometry has a type that the function does not take."""


class ArgumentError(KumageoError, ValueError):
    """An argument has a value that the function does not take."""


class InvalidGeometryError(KumageoError, ValueError):
    """A geometry is missing, empty or invalid where the function needs a sound one."""


class KeyColumnError(KumageoError, KeyError):
    """A key column is missing, has blanks, or is not unique where it must be."""

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0]) if self.args else ""


class ReadError(KumageoError, ValueError):
    """A file cannot be read as the format that was declared for it."""


class FileTooLargeError(ReadError):
    """A file, or what it unpacks to, is over the bound."""


class StoreBusyError(KumageoError, TimeoutError):
    """Another process is writing to the store, and waiting for it took too long."""


class StoreUnreachableError(KumageoError, ConnectionError):
    """The database of the store does not let us in, or not do what we need."""


class QuarantineError(KumageoError, ValueError):
    """Some rows failed their checks, so nothing was published."""


class QueryError(KumageoError, ValueError):
    """A query parameter has a value that the page does not know."""


class CouncilError(KumageoError, ValueError):
    """The council files are incomplete or inconsistent; the message lists every problem."""


class BrokerError(KumageoError, ValueError):
    """The list of brokers is incomplete or inconsistent; the message lists every problem."""


class NoticeRuleError(KumageoError, ValueError):
    """The rules of notices are incomplete or inconsistent; the message lists every problem."""


class FetchError(KumageoError, ConnectionError):
    """Another machine gave no good answer.

    `reason` is a word for programs: "refused", "missing", "busy", "server", "unreachable",
    "silent", "cut_off", "too_large", "redirect" or "unfit". `retry_after_s` is how long it asked
    to be left alone.
    """

    def __init__(self, message: str, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_s = retry_after_s


class SurfaceError(KumageoError, ValueError):
    """A surface cannot be made of these levels; `reason` says why in a word.

    `n` is how many there are: wells for "too_few", cells for "too_large".
    """

    def __init__(self, message: str, reason: str, n: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.n = n


class RasterError(KumageoError, ValueError):
    """A raster can be opened and still not be shown; the message says what is wrong with it."""


class ExportError(KumageoError, OSError):
    """The folder of an export can't be written to: it holds what is not ours, or is in use."""
