"""`nnsweep compare` as a user types it: tables, files, and what it refuses."""

import csv
from pathlib import Path

import pytest


@pytest.fixture
def two_runs(make_run, tmp_path: Path) -> None:
    for init in ("large", "scaled"):
        settings = ("sweep.replicates=2", f"training.init={init}")
        make_run(tmp_path / init, *settings, trials=3)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_two_runs_side_by_side(nnsweep, two_runs, tmp_path: Path) -> None:
    answer = nnsweep("compare", "large", "scaled")
    assert answer.code == 0
    folder = tmp_path / "compare" / "large-vs-scaled"
    budgets = {row["run"]: row for row in rows(folder / "budgets.csv")}
    for name in ("large", "scaled"):
        best = max(float(row["value"]) for row in rows(tmp_path / name / "trials.csv"))
        assert float(budgets[name]["best"]) == best
        assert f"{best:.2%}" in answer.out
    assert "at 3 trials" in answer.out
    (difference,) = rows(folder / "differences.csv")
    assert (difference["pairs"], difference["p_holm"]) == ("2", "")
    assert difference["by"] == "replicates: trials chosen on these seeds"
    assert "trials chosen on these seeds" in answer.out
    assert "large − scaled" in answer.out
    for name in ("best_so_far", "values", "best_curves", "importance", "differences"):
        assert (folder / f"{name}.png").exists()
        assert (folder / f"{name}.svg").exists()
    assert "compare/large-vs-scaled/budgets.csv" in answer.out


def test_the_same_runs_give_the_same_bytes(nnsweep, two_runs, tmp_path: Path) -> None:
    for out in ("one", "two"):
        assert nnsweep("compare", "large", "scaled", "--out", out).code == 0
    one, two = ({p.name: p.read_bytes() for p in Path(out).iterdir()} for out in ("one", "two"))
    assert one == two


def test_compare_changes_nothing_in_the_runs(nnsweep, two_runs, tmp_path: Path) -> None:
    def contents() -> dict[Path, bytes]:
        folders = (tmp_path / "large", tmp_path / "scaled")
        return {p: p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}

    before = contents()
    nnsweep("compare", "large", "scaled")
    assert contents() == before


def test_confirmations_take_the_place_of_replicates(nnsweep, two_runs, tmp_path: Path) -> None:
    for run in ("large", "scaled"):
        assert nnsweep("confirm", run, "--top", "1", "--seeds", "3", "--jobs", "1").code == 0
    assert nnsweep("compare", "large", "scaled").code == 0
    (difference,) = rows(tmp_path / "compare" / "large-vs-scaled" / "differences.csv")
    assert (difference["by"], difference["pairs"]) == ("confirmation", "3")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["large"], "`RUN` must be two or more run folders, got 1"),
        (["large", "large"], "`RUN` must be run folders that differ"),
        (["large", "nowhere"], "`nowhere` must be a run folder"),
        (["large", "scaled", "--out", "large"], "`--out` must not be a run folder, got 'large'"),
        (["large", "scaled", "--out", "file"], "`--out` must be a folder, got 'file'"),
        (["large", "other"], "compared runs must use the same data, got digits"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    nnsweep, make_run, two_runs, tmp_path: Path, words: list[str], expected: str
) -> None:
    (tmp_path / "file").write_text("")
    if "other" in words:
        make_run(tmp_path / "other", "data.name=mnist-5k", "training.epochs=1", trials=1)
    answer = nnsweep("compare", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert expected in answer.err
    assert not (tmp_path / "compare").exists()


def test_a_run_folder_with_an_odd_name_gets_a_plain_folder(nnsweep, two_runs, tmp_path) -> None:
    odd = "<script>=1 & co"
    (tmp_path / "large").rename(tmp_path / odd)
    assert nnsweep("compare", odd, "scaled").code == 0
    (folder,) = (tmp_path / "compare").iterdir()
    assert folder.name == "script_1_co-vs-scaled"
    assert odd in [row["run"] for row in rows(folder / "budgets.csv")]
