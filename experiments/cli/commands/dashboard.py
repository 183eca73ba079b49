"""`nnsweep dashboard`: Optuna's own dashboard on the study of a run, in a browser.

It reads the storage that the run has, also while the sweep goes on.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

HOST = "127.0.0.1"


def dashboard(
    run: Annotated[Path, typer.Argument(help="A run folder, such as runs/mnist-first.")],
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The run's database, if opening it takes a password."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8080,
) -> None:
    """Show the study of a run in Optuna's dashboard, until Ctrl-C."""
    from nncore.errors import InputError
    from sweeps.records.optuna_study import open_study

    try:
        from optuna_dashboard import wsgi
    except ImportError as error:
        raise InputError(
            "`nnsweep dashboard` needs optuna-dashboard, which is not installed: "
            "pip install 'nnsweep[dashboard]'"
        ) from error
    with open_study(run, storage) as backend, _server(wsgi(backend), port) as server:
        typer.echo(f"{run}: http://{HOST}:{server.server_port}/  (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("")


def _server(app: Any, port: int) -> "WSGIServer":
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Leave out a line for each request."""

    from nncore.errors import InputError

    try:
        return make_server(HOST, port, app, Server, Quiet)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"`--port` must be free to listen on, got {port}: {reason}") from error
