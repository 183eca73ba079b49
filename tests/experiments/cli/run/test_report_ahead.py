"""The report is loaded while the last trials train: once, in time, and whatever goes wrong."""

from dataclasses import replace
from threading import Event

from experiments.cli.running import report_ahead
from experiments.cli.running.report_ahead import report_loaded_ahead
from nncore.components.metrics import ACCURACY
from sweeps.progress import SweepProgress

START = SweepProgress(
    done=0,
    trials=12,
    expected=12,
    pruned=0,
    failed=0,
    repeated=0,
    epochs=0,
    epoch_budget=None,
    best_number=None,
    best_value=None,
    metric=ACCURACY,
)


def test_it_is_loaded_once_when_a_generation_is_left() -> None:
    said: list[int] = []
    loaded: list[int] = []
    ready = Event()

    def load() -> None:
        loaded.append(said[-1])
        ready.set()

    update = report_loaded_ahead(lambda progress: said.append(progress.done), 4, load)
    for done in range(13):
        if done == 9:
            assert ready.wait(60)
        update(replace(START, done=done))
    assert said == list(range(13))
    assert loaded == [8]


def test_an_error_is_left_to_the_report(monkeypatch) -> None:
    def broken(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(report_ahead, "import_module", broken)
    report_ahead._load()  # pytest would turn the error of a thread into a failure
