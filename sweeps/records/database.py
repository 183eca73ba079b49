"""The databases that can hold a study: opened, closed, and named without their passwords.

Everything that knows an SQLAlchemy URL is here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage, get_storage

from nncore.errors import InputError, require, unknown
from sweeps.space.distributions import quiet

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

JOURNAL = "journal.log"
"""The default storage: a file of this name in the run folder."""
JOURNALS = ("journal", JOURNAL)
SCHEMES = ("mysql", "postgresql", "sqlite")
"""The databases that Optuna is tested with; SQLAlchemy may know others."""


@dataclass(frozen=True)
class Database:
    """An open database: `url` has no password in it, `file` is that of an SQLite database."""

    backend: BaseStorage
    url: str
    file: Path | None


@contextmanager
def open_database(url: str | None, *, to_read: bool = False) -> Iterator[Database | None]:
    """Give the database at the SQLAlchemy `url`, with Optuna's tables in it, and close it after.

    None and "journal" mean the journal in the run folder: no database. `to_read` makes none.

    Raises
    ------
    InputError
        If the URL is none, the driver is missing, the database cannot be opened, or is to be read
        and is not there.
    """
    if url is None or url in JOURNALS:
        yield None
        return
    parsed = _parsed(url)
    file = _sqlite_file(parsed)
    if to_read and file and not file.exists():
        raise InputError(f"`--storage` {without_password(parsed)} must be there, got no {file}")
    with _refusals(parsed):
        rdb = RDBStorage(parsed.render_as_string(hide_password=False), _engine_options(parsed))
    try:
        yield Database(get_storage(rdb), without_password(parsed), file)
    finally:
        rdb.remove_session()
        rdb.engine.dispose()


def check_database(url: str | None) -> None:
    """Raise `InputError` if `open_database` could not open the database at `url`; make nothing."""
    if url is None or url in JOURNALS:
        return
    from sqlalchemy import create_engine, inspect

    parsed = _parsed(url)
    file = _sqlite_file(parsed)
    with _refusals(parsed):
        if file and not file.exists():  # SQLite would make it
            with TemporaryFile(dir=file.parent):
                return
        engine = create_engine(parsed, **_engine_options(parsed))
        try:
            inspect(engine).get_table_names()
        finally:
            engine.dispose()


@contextmanager
def _refusals(url: "URL") -> Iterator[None]:
    """Turn what opening a database raises into one line that names it."""
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    shown = without_password(url)
    try:
        with quiet():
            yield
    except (ImportError, ArgumentError) as error:
        hint = " (pip install 'nnsweep[postgres]')" if "postgres" in url.drivername else ""
        raise InputError(
            f"`--storage` {shown} needs the database driver `{url.drivername}`{hint}, "
            f"got: {reason_of(error)}"
        ) from error
    except (OSError, RuntimeError, SQLAlchemyError, StorageInternalError) as error:
        raise InputError(
            f"`--storage` {shown} must be a database that can be opened, got: {reason_of(error)}"
        ) from error


def _parsed(url: str) -> "URL":
    """Return `url` with the driver that comes with the extra and the whole path of a file."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        parsed = make_url(url)
    except ArgumentError as error:
        rule = "be a URL such as sqlite:///sweeps.db or postgresql://user@host/database"
        shown = url.rpartition("@")[2]  # what stands before it may be a password
        raise InputError(f"`--storage` must {rule}, got {shown!r}") from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    try:
        parsed.get_dialect()
    except NoSuchModuleError as error:
        raise unknown("scheme of `--storage`", parsed.drivername, SCHEMES) from error
    file = _sqlite_file(parsed)
    return parsed.set(database=str(file)) if file else parsed


def without_password(url: "URL") -> str:
    """Return `url` as text that can be shown and kept: its password, wherever it stands, is out."""
    from sqlalchemy.engine import URL

    driver = url.drivername.replace("+psycopg", "")
    query = {key: value for key, value in url.query.items() if "password" not in key.lower()}
    bare = URL.create(driver, url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string()


def _sqlite_file(url: "URL") -> Path | None:
    if url.get_backend_name() != "sqlite":
        return None
    named = url.database not in (None, "", ":memory:")
    require(named, "--storage", "name a file, as in sqlite:///sweeps.db", str(url))
    return Path(str(url.database)).absolute()


def _engine_options(url: "URL") -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 60}}  # a dashboard may be reading
    # A server that was restarted between two trials is connected to again.
    options: dict[str, object] = {"pool_pre_ping": True}
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        options["connect_args"] = {"connect_timeout": 10}
    return options


def reason_of(error: BaseException) -> str:
    """Return the first line of what lies at the bottom of `error`."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    text = str(getattr(error, "strerror", None) or error)
    return next(iter(text.strip().splitlines()), type(error).__name__)
