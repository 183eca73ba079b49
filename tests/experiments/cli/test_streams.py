"""Output to a terminal, pipe or disk that does not take it: what is written, and the exit code."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.cli import app
from experiments.cli.streams import in_whole_words
from nncore.datasets.scaling import Scaling
from nncore.model import Model
from nncore.network import Network

EXAMPLE = Path(app.__file__).parents[2] / "docs" / "example-sweep"
COMMANDS = {
    "show": ["show", str(EXAMPLE)],
    "list": ["data", "list"],
    "info": ["data", "info", "digits"],
    "book": ["book", "list"],
    "help": ["book", "run", "--help"],
}
FULL = Path("/dev/full")


def written(monkeypatch: pytest.MonkeyPatch, words: list[str], encoding: str) -> bytes:
    """Return the bytes that a command writes to a standard output with this encoding."""
    output = io.TextIOWrapper(io.BytesIO(), encoding)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", output)
        patch.setattr("sys.argv", ["nnsweep", *words])
        with pytest.raises(SystemExit) as end:
            app.main()
    assert not end.value.code
    return output.buffer.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", COMMANDS)
def test_other_encodings_get_replacement_characters(
    monkeypatch: pytest.MonkeyPatch, command: str, encoding: str
) -> None:
    text = written(monkeypatch, COMMANDS[command], "utf-8").decode()
    assert not text.isascii() or command == "help"
    shown = written(monkeypatch, COMMANDS[command], encoding)
    assert shown == text.encode(encoding, errors="replace")


WITHOUT_FIGURES = """
import sys
from experiments.cli.app import main
if 'run' in sys.argv:
    import results.report.html
    results.report.html.draw_figures = lambda *found, **wanted: []
main()
"""


def command_line(folder: Path, redirected: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command under a shell that redirects its streams."""
    python = f'"{sys.executable}" -c "{WITHOUT_FIGURES}"'
    unbuffered = {"PYTHONUNBUFFERED", "PYTHONIOENCODING"}
    return subprocess.run(
        ["/bin/bash", "-c", f'{python} "$@" {redirected}', "bash", *words],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name not in unbuffered},
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )


UNWRITTEN = "nnsweep: No space left on device: standard output\n"
DONE = ("data", "list")
WRONG = ("data", "info", "digit")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("words", "redirected", "code", "messages"),
    [
        (DONE, ">&-", 0, ""),
        (DONE, ">/dev/full", 1, UNWRITTEN),
        (DONE, "| true; exit ${PIPESTATUS[0]}", 1, ""),
        (DONE, ">/dev/null 2>/dev/full", 0, ""),
        (WRONG, "2>&-", 2, ""),
        (WRONG, "2>/dev/full", 2, ""),
        (WRONG, ">/dev/full 2>&1", 2, ""),
        (WRONG, "2>&1 | true; exit ${PIPESTATUS[0]}", 2, ""),
    ],
)
def test_the_exit_code_holds_if_the_output_cannot_be_written(
    tmp_path: Path, words: tuple[str, ...], redirected: str, code: int, messages: str
) -> None:
    ended = command_line(tmp_path, redirected, *words)
    assert (ended.returncode, ended.stderr) == (code, messages)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("redirected", "code", "messages"),
    [(">&-", 0, ""), (">/dev/full", 1, UNWRITTEN), ("| true; exit ${PIPESTATUS[0]}", 1, "")],
)
def test_so_it_does_for_rows_of_csv(
    tmp_path: Path, redirected: str, code: int, messages: str
) -> None:
    network = Network([np.eye(2)], [np.zeros(2)], "sigmoid", "softmax", "log-likelihood")
    Model(network, ("left", "right"), Scaling()).save(tmp_path / "net.npz")
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    ended = command_line(tmp_path, redirected, "predict", "net.npz", "x.csv")
    assert (ended.returncode, ended.stderr) == (code, messages)


RUN = [
    "run",
    "--data",
    "digits",
    "--trials",
    "2",
    "--jobs",
    "2",
    "--set",
    "training.epochs=1",
    "--out",
    "run",
]


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("redirected", ["<&- >&- 2>&-", "2>/dev/full", "2>&1 >/dev/null | true"])
def test_a_run_without_messages_loses_nothing(tmp_path: Path, redirected: str) -> None:
    ended = command_line(tmp_path, f"{redirected}; exit ${{PIPESTATUS[0]}}", *RUN)
    assert (ended.returncode, ended.stderr) == (0, "")
    run = tmp_path / "run"
    assert len((run / "trials.csv").read_text("utf-8").splitlines()) == 3
    assert (run / "report.html").exists()


@pytest.mark.slow
def test_ctrl_c_that_also_ends_the_reader_is_an_interrupt(tmp_path: Path, wait_until) -> None:
    """As `nnsweep run 2>&1 | tee log` after Ctrl-C: the notice has no reader any more."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", "from experiments.cli.app import main; main()", *RUN, "--trials=99"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=writing,
        stderr=writing,
        text=True,
    )
    os.close(writing)
    table = tmp_path / "run" / "trials.csv"
    wait_until(lambda: table.exists() and table.read_text().count("\n") > 2)
    os.close(reading)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130


class Terminal(io.StringIO):
    """A terminal that remembers what it shows."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three four five\n", "one two three four\nfive\n"),
        ("C1  open  is it really so\nyes", "C1  open  is it\n          really so\nyes"),
        ("    one two three four five\n", "    one two three\n    four five\n"),
        ("  /a/path/of/many/words  its meaning\n", "  /a/path/of/many/words\n  its meaning\n"),
        ("a-word-that-is-far-too-long one", "a-word-that-is-far-too-long\none"),
        ("Next: nnsweep show runs/first\n", "Next: nnsweep show runs/first\n"),
        ('{"a": "one two three four"}\n', '{"a": "one two three four"}\n'),
        ("\x1b[1mone two three four five\n", "\x1b[1mone two three four five\n"),
        ("one two three four f\n", "one two three four f\n"),
    ],
)
def test_a_terminal_breaks_lines_between_words(text: str, shown: str) -> None:
    assert in_whole_words(text, 20) == shown


def test_a_message_is_shown_in_whole_words(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for terminal in (io.StringIO(), Terminal()):
        with monkeypatch.context() as patch:
            patch.setenv("COLUMNS", "80")
            patch.setattr("sys.stderr", terminal)
            patch.setattr("sys.argv", ["nnsweep", "run", "--set", "space.foo=3"])
            with pytest.raises(SystemExit, match="2"):
                app.main()
        lines.append(terminal.getvalue().splitlines())
    (whole,), broken = lines
    assert len(whole) > 300
    assert max(map(len, broken)) <= 80
    assert " ".join(broken) == whole
