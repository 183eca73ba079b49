"""The connection to a Dask scheduler, open while it is needed, and quiet.

Dask is an extra, and is not imported before it is asked for.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nncore.errors import InputError

Client = Any  # Dask has no types for it

CONNECT_SECONDS = 10
LOGGERS = ("distributed", "distributed.client", "tornado.application")


def worker_threads(scheduler: str) -> int:
    """Return how many trials the workers of a Dask `scheduler` run at a time, at least 1.

    Raises
    ------
    InputError
        If Dask is not installed or the scheduler cannot be reached.
    """
    with connected(scheduler) as client:
        threads: dict[str, int] = client.nthreads()
        return max(1, sum(threads.values()))


@contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """Give a client of the Dask scheduler at an address; `InputError` if there is none."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "`--backend dask` needs Dask, which is not installed: pip install 'nnsweep[dask]'"
        ) from error
    with _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            client: Client = distributed.Client(  # type: ignore[no-untyped-call]
                scheduler, timeout=CONNECT_SECONDS
            )
        except (OSError, ValueError) as error:
            raise InputError(
                f"`--scheduler` must be the address of a Dask scheduler, such as tcp://host:8786, "
                f"got {scheduler!r}: {error}"
            ) from error
        with client:
            yield client


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Dask from logging as errors what is told in one line by whoever catches it."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    former = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, former, strict=True):
            logger.setLevel(level)
