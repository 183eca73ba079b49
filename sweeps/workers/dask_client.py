"""The connection to a Dask scheduler, and Dask's log messages, silenced while it is open.

Dask is an optional dependency, so it is imported only when a connection is opened.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nncore.errors import InputError, shown
from nncore.extras import install_command

Client = Any  # Dask has no types for it

CONNECT_SECONDS = 10
LOGGERS = ("distributed", "distributed.client", "tornado.application")


@contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """Give a client of the Dask scheduler at the address `scheduler`.

    Raises
    ------
    InputError
        If Dask is not installed or the scheduler cannot be reached.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "workers on a Dask cluster need Dask, which is not installed: "
            f"{install_command('dask')}"
        ) from error
    with _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        # In two steps, so that a client that cannot connect can be closed. If it were left to the
        # garbage collector, closing it while another client starts would lock the process forever.
        client: Client = distributed.Client.__new__(distributed.Client)
        try:
            try:
                client.__init__(scheduler, timeout=CONNECT_SECONDS)
            except BaseException:
                if hasattr(client, "_loop_runner"):  # else it has not started anything
                    client.close()
                raise
        # Dask has no error of its own for an address or a setting that it does not accept.
        except (OSError, ValueError, TypeError, AssertionError) as error:
            raise InputError(
                f"`scheduler` must be the address of a Dask scheduler, such as tcp://host:8786, "
                f"got {shown(scheduler)}: {error}",
                argument="scheduler",
            ) from error
        with client:
            yield client


@contextmanager
def _silence() -> Iterator[None]:
    """Silence Dask's log: our own errors report the same faults in one line."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    former = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, former, strict=True):
            logger.setLevel(level)
