"""Running the command in this process, as a user would type it in an empty folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiments.cli import app
from nncore.datasets import load_dataset
from sweeps.config import load_config
from sweeps.sweep import run_sweep
from tests.support.in_process import compute_reports_in_process


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def with_figures() -> None:
    """Let `nnsweep` draw the figures of its reports, which takes seconds; else there are none."""


@pytest.fixture
def nnsweep(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Return a function that runs `nnsweep` with the given words and returns what it answered."""
    monkeypatch.chdir(tmp_path)
    compute_reports_in_process(monkeypatch)
    if "with_figures" not in request.fixturenames:
        monkeypatch.setattr("results.report.html.draw_figures", lambda *found, **wanted: [])

    def call(*words: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["nnsweep", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            app.main()
        captured = capsys.readouterr()
        return Answer(int(end.value.code or 0), captured.out, captured.err)

    return call


FIRST = Path(app.__file__).parents[1] / "sweep_files" / "first.toml"
QUICK = ("data.name=digits", "training.epochs=2")


@pytest.fixture
def make_run() -> Callable[..., Path]:
    """Return a function that makes the run folder of a quick first sweep, without its report."""

    def make(folder: Path, *settings: str, trials: int) -> Path:
        config = load_config(FIRST, [*QUICK, *settings], **{"sweep.trials": trials})
        run_sweep(config, load_dataset(config.data.source), folder)
        return folder

    return make
