"""A real PostgreSQL and a real Dask cluster on this machine, for the tests and `benchmarks.crash`.

Each is started in a folder of its own, on a free port of 127.0.0.1, and stopped at the end.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE
from tests.support.system_programs import find_postgres

PASSWORD = "not in clear"
# Dask's processes otherwise wake up fifty times a second to watch themselves.
IDLE = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "2s",
}


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server: `url` opens its first database and holds the password."""

    url: str
    _control: tuple[str, ...]
    _options: str

    def start(self) -> None:
        """Start the server and wait until it answers."""
        limit = f"--timeout={PATIENCE:.0f}"
        _call([*self._control, "start", "--wait", limit, "--silent", "--options", self._options])

    def new_database(self) -> str:
        """Make a database and return its URL."""
        import psycopg

        name = f"sweeps_{uuid.uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url.removesuffix("postgres") + name

    def stop(self) -> None:
        """Stop the server at once; whoever is connected is cut off."""
        _call([*self._control, "stop", "--mode", "immediate", "--silent"])


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Give a running server with an empty database; as root it runs as another user."""
    with tempfile.TemporaryDirectory(prefix="nnsweep-pg-") as temporary:
        folder = Path(temporary)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        user: tuple[str, ...] = ()
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            for path in (folder, secret):
                shutil.chown(path, "nobody")
            user = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
        data, port = str(folder / "data"), free_port()
        access = ["--username=nnsweep", f"--pwfile={secret}", "--auth=scram-sha-256"]
        _call([*user, _program("initdb"), f"--pgdata={data}", *access, "--no-sync"])
        server = Postgres(
            f"postgresql://nnsweep:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/postgres",
            (*user, _program("pg_ctl"), f"--pgdata={data}", f"--log={folder / 'log'}"),
            f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off",
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _program(name: str) -> str:
    if path := find_postgres(name):
        return path
    raise RuntimeError(f"{name} is needed: `make test` installs PostgreSQL or says how to")


def _call(command: list[str]) -> None:
    # No pipe: the server would inherit it, and the wait for its end would never end.
    with tempfile.TemporaryFile("w+") as said:
        code = subprocess.run(
            command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/", check=False
        ).returncode
        if code:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed: {said.read()}")


@dataclass(frozen=True)
class DaskCluster:
    """A scheduler and its workers, each worker kept alive by a nanny of its own."""

    address: str
    scheduler: "subprocess.Popen[bytes]"
    nannies: list["subprocess.Popen[bytes]"]


@contextmanager
def dask_cluster(
    workers: int = 2, env: Mapping[str, str] | None = None, *, same_addresses: bool = False
) -> Iterator[DaskCluster]:
    """Give a running cluster of workers with one thread each; `env` is added to their variables.

    A worker that is started in the place of a lost one has its address if `same_addresses`.
    """
    variables = {**os.environ, **IDLE, "PYTHONPATH": os.pathsep.join(sys.path), **(env or {})}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nnsweep-dask-")))
        log = stack.enter_context((folder / "log").open("wb"))

        def start(program: str, *words: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *words],
                env=variables,
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(_end, process)
            return process

        described = folder / "scheduler.json"
        place = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(described)]
        scheduler = start("dask_scheduler", *place)
        address = str(_when_written(described)["address"])
        one = ["--nthreads", "1", "--nworkers", "1", "--nanny"]
        ports = [free_port() if same_addresses else 0 for _ in range(workers)]
        nannies = [
            start("dask_worker", address, *one, "--worker-port", str(port), *_place(folder, number))
            for number, port in enumerate(ports)
        ]
        yield DaskCluster(address, scheduler, nannies)


def _place(folder: Path, number: int) -> list[str]:
    return ["--local-directory", str(folder / str(number))]


def _when_written(described: Path) -> dict[str, object]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            return dict(json.loads(described.read_text()))
        except (FileNotFoundError, ValueError):
            time.sleep(0.05)
    raise RuntimeError(f"no Dask scheduler after {PATIENCE:.0f} seconds")


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
