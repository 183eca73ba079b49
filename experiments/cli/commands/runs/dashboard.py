"""`nnsweep dashboard`: serve Optuna's dashboard for the study of a run.

It reads the storage of the run, also while the sweep is running.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.options import RunArgument

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

HOST = "127.0.0.1"


def dashboard(
    run: RunArgument,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default="the storage that the run used",
            help="The database of the run; needed only if its URL contained a password.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port to listen on; 0 chooses a free port.")
    ] = 8080,
) -> None:
    """Browse a run in Optuna's dashboard.

    The command prints an address to open in a browser and serves it until Ctrl-C. It requires the
    package optuna-dashboard, the extra `dashboard`. Without it, the command says how to install it.
    """
    from nncore.errors import InputError
    from nncore.extras import install_command
    from sweeps.study.optuna_study import open_study

    try:
        from optuna_dashboard import wsgi
    except ImportError as error:
        raise InputError(
            "`nnsweep dashboard` needs optuna-dashboard, which is not installed: "
            f"{install_command('dashboard')}"
        ) from error
    with open_study(run, storage) as backend, _server(wsgi(backend), port) as server:
        typer.echo(f"{run}: http://{HOST}:{server.server_port}/  (Ctrl-C stops it)")
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
            """Print no line for each request."""

    from nncore.errors import InputError

    try:
        return make_server(HOST, port, app, Server, Quiet)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"`--port` must be a free port, got {port}: {reason}") from error
