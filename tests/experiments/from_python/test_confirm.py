"""`nnsweep.confirm` gives the record that the command writes, and opens the test set once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnsweep import InputError, confirm
from sweeps.errors import OutageError


def test_it_gives_what_the_command_records(
    nnsweep: Callable[..., Any], make_run: Callable[..., Path]
) -> None:
    for name in ("ours", "theirs"):
        make_run(Path(name), trials=3)
    progress: list[int] = []
    record = confirm("ours", top=2, seeds=2, on_progress=lambda now: progress.append(now.done))
    assert nnsweep("confirm", "theirs", "--top", 2, "--seeds", 2, "--jobs", 1).code == 0

    ours, theirs = (
        json.loads(Path(name, "confirmation.json").read_text("utf-8"))
        for name in ("ours", "theirs")
    )
    for opened in (ours, theirs):
        del opened["test_set"]["opened_at"], opened["history"]
    assert ours == theirs
    assert record.winner == ours["winner"]
    assert progress == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="must be opened only once"):
        confirm("ours", top=2, seeds=2)
    assert len(confirm("ours", top=2, seeds=2, again=True).history) == 2


def test_a_training_that_failed_is_told_and_the_test_set_stays_closed(
    make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "run", trials=2)
    monkeypatch.setattr(
        "experiments.from_python.confirmation.train_again", lambda *given, **wanted: []
    )
    with pytest.raises(OutageError, match="0 of 4 networks trained; the test set was not opened"):
        confirm(run, top=2, seeds=2)
    assert not (run / "confirmation.json").exists()
