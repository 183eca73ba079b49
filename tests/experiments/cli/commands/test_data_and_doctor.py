"""`nnsweep data` and `nnsweep doctor`: facts about data sets and the installation."""

import re
from types import SimpleNamespace

from nncore.arrays import replay


def test_data_list_fetch_and_info(nnsweep) -> None:
    assert nnsweep("data", "fetch", "digits").code == 0
    listed = nnsweep("data", "list").out
    row = next(line for line in listed.splitlines() if line.startswith("digits"))
    assert row.split()[1:5] == ["1,259", "269", "269", "yes"]
    info = nnsweep("data", "info", "digits").out
    assert "64 features, images of 8 × 8" in info
    counts = [line.split() for line in info.splitlines() if re.match(r"(\d|all) ", line)]
    assert counts[-1] == ["all", "1,259", "269", "269"]
    assert sum(int(row[1]) for row in counts[:-1]) == 1259


def test_doctor_prints_the_facts_on_which_results_depend(nnsweep) -> None:
    answer = nnsweep("doctor")
    assert answer.code == 0
    facts = ["python", "numpy", "openblas", "kernel", "cores", "step", "mnist-5k"]
    for fact in (*facts, "images per second"):
        assert fact in answer.out


def step_line(out: str) -> str:
    return next(line for line in out.splitlines() if line.startswith("step "))


def test_doctor_says_which_form_of_the_step_runs_and_why(nnsweep, monkeypatch) -> None:
    monkeypatch.delenv(replay.PURE, raising=False)
    assert step_line(nnsweep("doctor").out).split() == ["step", "compiled"]
    monkeypatch.setenv(replay.PURE, "1")
    line = step_line(nnsweep("doctor").out)
    assert "python" in line
    assert "NNSWEEP_PURE=1 is set" in line
    monkeypatch.setattr(replay, "_replay", None)
    monkeypatch.setattr(replay, "_missing", "no such module", raising=False)
    answer = nnsweep("doctor")
    assert answer.code == 0
    assert "no such module; install again where there is a C compiler" in step_line(answer.out)


def test_doctor_reports_a_compiled_step_that_gives_other_bits(nnsweep, monkeypatch) -> None:
    monkeypatch.delenv(replay.PURE, raising=False)

    class Nothing:
        """A program that trains nothing."""

        def __init__(self, operations: object, rows: object) -> None:
            pass

        def __call__(self, order: object) -> None:
            pass

    monkeypatch.setattr(replay, "_replay", SimpleNamespace(Program=Nothing))
    answer = nnsweep("doctor")
    assert answer.code == 1
    assert "PROBLEM    the compiled step must give the same bits as Python" in answer.out
