"""Completion: bash, zsh and fish, each asked with the Tab key on a terminal of its own.

The shells are those of this machine. Without one of them its test fails, as for other programs.
"""

import os
import select
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from experiments.cli import completion
from tests.support.patience import PATIENCE
from tests.support.system_programs import SHELLS

SCRIPTS = sysconfig.get_path("scripts")
START = {"bash": ("--rcfile", "~/.bashrc", "-i"), "zsh": ("-i",), "fish": ("-i",)}

TYPED = [
    ("echo rea''dy\n", "ready"),
    ("nnsweep doc\t", "doctor"),  # a command
    ("--he\t", "--help"),  # an option
    ("\n", "Check the installation and measure the training speed."),
    ("nnsweep data info --split x digi\t", "digits"),  # a data set
    ("\n", "`--split` must be three fractions"),
    ("nnsweep show runs/fi\t", "runs/first"),  # a run folder, but not the folder beside it
    ("--top 0\n", "`--top` must be a whole number >= 1, got 0"),
]
"""What is typed, and what the terminal shows then."""


class Terminal:
    """A shell at work on a terminal, in an empty home folder in which completion is installed."""

    def __init__(self, shell: str, home: Path, work: Path) -> None:
        program = shutil.which(shell)
        assert program, f"{shell} must be installed: python -m tests.support.system_programs"
        path = os.pathsep.join([SCRIPTS, os.environ["PATH"]])
        variables = {"HOME": str(home), "PATH": path, "TERM": "dumb", "SHELL": program}
        self.variables = {**os.environ, **variables}
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR", "BASH_ENV"):
            self.variables.pop(name, None)
        self.installed = subprocess.run(
            [program, "-c", "nnsweep --install-completion; true"],
            capture_output=True, text=True, env=self.variables, cwd=work, timeout=PATIENCE,
        )  # fmt: skip
        if shell == "fish":  # it would show the completion before Tab
            config = home / ".config" / "fish" / "config.fish"
            config.write_text("set -g fish_autosuggestion_enabled 0\n")
            # Without this folder, fish reads all manual pages in the background.
            (home / ".local" / "share" / "fish" / "generated_completions").mkdir(parents=True)
        options = [word.replace("~", str(home)) for word in START[shell]]
        spawn = "import pty, sys; pty.spawn(sys.argv[1:])"  # in a session of its own
        self.process = subprocess.Popen(
            [sys.executable, "-c", spawn, program, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.variables, cwd=work,
        )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self._keys, self._screen = self.process.stdin, self.process.stdout

    def press(self, keys: str) -> None:
        self._keys.write(keys.encode())
        self._keys.flush()

    def wait_for(self, text: str) -> str:
        """Return what the terminal has shown until it shows `text`."""
        shown, deadline = "", time.monotonic() + PATIENCE
        while text not in shown:
            ready, _, _ = select.select([self._screen], [], [], 1.0)
            assert time.monotonic() < deadline, shown
            if ready:
                new = os.read(self._screen.fileno(), 4096)
                assert new, shown
                shown += new.decode(errors="replace")
        return shown

    def close(self) -> None:
        self._keys.close()
        self._screen.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """The run folder runs/first, beside a folder that is none, with the files that make a run."""
    folder = tmp_path / "work" / "runs" / "first"
    folder.mkdir(parents=True)
    (folder / "sweep.toml").touch()
    (folder / "environment.json").touch()
    (folder.parent / "finished").mkdir()
    return folder


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_completes(shell: str, run_folder: Path, tmp_path: Path) -> None:
    home, work = tmp_path / "home", run_folder.parents[1]
    home.mkdir()
    terminal = Terminal(shell, home, work)
    try:
        assert f"{shell} completion installed in {home}" in terminal.installed.stdout
        for keys, answer in TYPED:
            if shell == "zsh" and keys == TYPED[1][0]:  # it loads the completion at the first Tab
                terminal.press("nnsweep \t\x15")  # Ctrl-U clears the line
            terminal.press(keys)
            terminal.wait_for(answer)
    finally:
        terminal.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_can_be_shown(shell: str) -> None:
    program = shutil.which(shell)
    assert program, f"{shell} must be installed: python -m tests.support.system_programs"
    variables = {**os.environ, "PATH": os.pathsep.join([SCRIPTS, os.environ["PATH"]])}
    done = subprocess.run(
        [program, "-c", "nnsweep --show-completion; true"],
        capture_output=True, text=True, env=variables, timeout=PATIENCE,
    )  # fmt: skip
    assert f"_NNSWEEP_COMPLETE=complete_{shell}" in done.stdout


def test_run_folders_are_found_here_and_in_runs(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run_folder.parents[1])
    assert completion.run_folders("") == ["runs/first"]
    assert completion.run_folders("r") == ["runs/first"]
    assert completion.run_folders("runs/fi") == ["runs/first"]
    assert completion.run_folders("runs/x") == []
    assert completion.run_folders(f"{run_folder.parent}/") == [str(run_folder)]
    monkeypatch.chdir(run_folder.parent)
    assert completion.run_folders("") == ["first"]


def test_settings_have_names_and_defaults() -> None:
    assert "training.epochs=30" in completion.settings("training.ep")
    assert set(completion.settings("sweep.pruner=h")) == {
        "sweep.pruner=halving",
        "sweep.pruner=hyperband",
    }
    assert completion.settings("training.nesterov") == ["training.nesterov=false"]
    assert completion.data_settings("") == completion.settings("data.")
    assert completion.data_sets("mnist") == ["mnist-5k", "mnist"]
    assert completion.names_of("init")("s") == ["scaled"]
