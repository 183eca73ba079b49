"""The databases that can hold a study: opened, closed, and named without their passwords.

All handling of SQLAlchemy URLs is here.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage, get_storage

from nncore.errors import InputError, named, shown, unknown
from nncore.extras import install_command
from sweeps.records.file_names import JOURNAL
from sweeps.space.distributions import quiet

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

JOURNALS = ("journal", JOURNAL)
ATTEMPTS = 10
"""How often Optuna's tables are tried to be made; all attempts together wait two seconds."""
SCHEMES = ("mysql", "postgresql", "sqlite")
"""The databases that Optuna is tested with; SQLAlchemy may support others."""


@dataclass(frozen=True)
class Database:
    """An open database: `url` has no password, `file` is the file of an SQLite database."""

    backend: BaseStorage
    url: str
    file: Path | None


@contextmanager
def open_database(url: str | None, *, to_read: bool = False) -> Iterator[Database | None]:
    """Give the database at the SQLAlchemy `url`, with Optuna's tables in it, and close it after.

    Parameters
    ----------
    url
        The URL; for None, "journal" and "journal.log" there is no database but a journal.
    to_read
        Whether the database must exist already.

    Raises
    ------
    InputError
        If the URL is not valid, the driver is missing, or the database cannot be opened or does not
        exist.
    """
    if url is None or url in JOURNALS:
        yield None
        return
    parsed = _parsed(url)
    file = _sqlite_file(parsed)
    if to_read and file and not file.exists():
        raise _refusal(f"`storage` {without_password(parsed)} must exist, got no file {file}")
    with _refusals(parsed):
        rdb = _with_tables(parsed)
    try:
        yield Database(get_storage(rdb), without_password(parsed), file)
    finally:
        rdb.remove_session()
        rdb.engine.dispose()


def _with_tables(url: "URL") -> RDBStorage:
    """Return the storage in the database at `url`; make Optuna's tables if they are missing.

    Runs that use a new database at the same time make them at the same time. Optuna lets all but
    one fail on a table or row that exists already, so these try again.
    """
    from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

    retried: tuple[type[Exception], ...] = (IntegrityError, ProgrammingError)
    if url.get_backend_name() == "sqlite":  # elsewhere, it is the error of a missing server
        retried += (OperationalError,)
    for attempt in range(1, ATTEMPTS):
        try:
            return _storage(url)
        except retried:
            time.sleep(0.05 * attempt)
    return _storage(url)


def _storage(url: "URL") -> RDBStorage:
    return RDBStorage(url.render_as_string(hide_password=False), _engine_options(url))


def check_database(url: str | None) -> None:
    """Raise `InputError` if `open_database` could not open the database; create nothing."""
    if url is None or url in JOURNALS:
        return
    from sqlalchemy import create_engine, inspect

    parsed = _parsed(url)
    file = _sqlite_file(parsed)
    with _refusals(parsed):
        if file and not file.exists():  # SQLite would create it
            with TemporaryFile(dir=file.parent):
                return
        engine = create_engine(parsed, **_engine_options(parsed))
        try:
            inspect(engine).get_table_names()
        finally:
            engine.dispose()


@contextmanager
def _refusals(url: "URL") -> Iterator[None]:
    """Turn the errors of opening a database into one line that names it."""
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    bare = named(without_password(url))
    try:
        with quiet():
            yield
    except (ImportError, ArgumentError) as error:
        hint = f" ({install_command('postgres')})" if "postgres" in url.drivername else ""
        raise _refusal(
            f"`storage` {bare} needs the database driver `{url.drivername}`{hint}, "
            f"got: {reason_of(error)}"
        ) from error
    except (OSError, RuntimeError, SQLAlchemyError, StorageInternalError) as error:
        raise _refusal(
            f"`storage` {bare} must be a database that can be opened, got: {reason_of(error)}"
        ) from error


def _parsed(url: str) -> "URL":
    """Return `url` with the driver of the extra `postgres`, or with the absolute path of a file."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        rule = "be a URL such as sqlite:///sweeps.db or postgresql://user@host/database"
        rest = url.rpartition("@")[2]  # the part before it may be a password
        raise _refusal(f"`storage` must {rule}, got {shown(rest)}") from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    try:
        parsed.get_dialect()
    except NoSuchModuleError as error:
        raise _refusal(str(unknown("scheme of `storage`", parsed.drivername, SCHEMES))) from error
    file = _sqlite_file(parsed)
    return parsed.set(database=str(file)) if file else parsed


def without_password(url: "URL") -> str:
    """Return `url` as text that can be shown and stored, without its password anywhere."""
    from sqlalchemy.engine import URL

    driver = url.drivername.replace("+psycopg", "")
    query = {key: value for key, value in url.query.items() if "password" not in key.lower()}
    bare = URL.create(driver, url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string()


def _sqlite_file(url: "URL") -> Path | None:
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in (None, "", ":memory:"):
        raise _refusal(
            f"`storage` must name a file, as in sqlite:///sweeps.db, got {shown(str(url))}"
        )
    return Path(str(url.database)).absolute()


def _engine_options(url: "URL") -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 60}}  # a dashboard may be reading
    # Connect again to a server that was restarted between two trials.
    options: dict[str, object] = {"pool_pre_ping": True}
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        options["connect_args"] = {"connect_timeout": 10}
    return options


def _refusal(message: str) -> InputError:
    return InputError(message, argument="storage")


def reason_of(error: BaseException) -> str:
    """Return the first line of the error that caused `error` in the first place."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    text = str(getattr(error, "strerror", None) or error)
    return next(iter(text.strip().splitlines()), type(error).__name__)
